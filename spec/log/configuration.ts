import { z } from 'zod';
import type { ActorId, Ballot } from '../ballot.ts';
import { count, names, plural } from '../configuration.ts';
import { majorities, QuorumSystem, quorumProblem } from '../quorum.ts';
import type { Slot } from './entry.ts';
import { encodeCommand } from './state-machine.ts';

/** A bounded configuration of Multi-Paxos: how many of each, and what may go wrong. */
export const MultiPaxosConfiguration = z
  .strictObject({
    acceptors: count('acceptor', 1, 9).default(3),
    leaders: count('leader', 1, 9).default(2),
    replicas: count('replica', 0, 9).default(0),
    /** Clients' commands are proposed in slots 1 to this one. */
    slots: count('slot', 1, 9).default(2),
    /** Each of a client of its own. */
    commands: count('command', 1, 9).default(2),
    /** Each leader starts at most so many ballots: one number for all, or one for each leader. */
    ballots: z
      .union([count('ballot', 1, 99), z.array(count('ballot', 1, 99))], {
        error: 'expected a whole number of ballots, or one for each leader',
      })
      .default(1),
    /** The paper's alpha; as many as there are slots if absent. */
    window: count('slot', 1, 9).optional(),
    /** Which command a leader is asked for when it has a slot free: one of them by turns, or any. */
    requests: z.enum(['in-turn', 'any']).default('in-turn'),
    /** How many crashes, of any process, there may be in one run. */
    crashes: count('crash', 0, 9).default(0),
    /** Majorities if absent. */
    quorums: QuorumSystem.optional(),
    /** To demonstrate what goes wrong: phase 1 and phase 2 quorums that need not meet. */
    allowDisjointQuorums: z.boolean().default(false),
    /** Whether acceptors tell every replica, or the first, which tells the others and the leaders. */
    learning: z.enum(['all', 'distinguished']).default('all'),
    /** Whether acceptors answer requests that they refuse. */
    nacks: z.boolean().default(false),
  })
  .check(({ value, issues }) => {
    if (issues.length > 0) return;
    const problem = (path: (string | number)[], input: unknown, message: string) =>
      issues.push({ code: 'custom', path, input, message });
    const { ballots, leaders, learning, replicas, quorums, acceptors, allowDisjointQuorums } = value;
    if (Array.isArray(ballots) && ballots.length !== leaders)
      problem(['ballots'], ballots, `expected one number for each of the ${plural(leaders, 'leader')}`);
    if (learning === 'distinguished' && replicas === 0)
      problem(['replicas'], replicas, 'expected at least 1 replica, the distinguished one');
    const wrong = quorums && quorumProblem(quorums, names('a', acceptors), allowDisjointQuorums);
    if (wrong) problem(['quorums', ...wrong.path], wrong.input, wrong.message);
  });
export type MultiPaxosConfiguration = z.infer<typeof MultiPaxosConfiguration>;

/** A configuration spelled out: the actors by name, and who is asked for what. */
export interface LogCast {
  readonly acceptors: readonly ActorId[];
  readonly leaders: readonly ActorId[];
  readonly replicas: readonly ActorId[];
  readonly quorums: QuorumSystem;
  /** The replicas that acceptors tell of their votes. */
  readonly toldOfVotes: readonly ActorId[];
  /** Who is told by a distinguished replica. */
  readonly toldOfDecisions: readonly ActorId[];
  /** The clients' commands, encoded. */
  readonly commands: readonly string[];
  readonly slots: readonly Slot[];
  readonly window: number;
  /** By leader: the highest round in which it may start a ballot. */
  readonly bounds: Readonly<Record<ActorId, number>>;
  /** Every ballot that may be started, from the lowest. */
  readonly ballots: readonly Ballot[];
  /** The commands that a leader may be asked for while this is its next slot. */
  readonly asked: (leader: ActorId, slot: Slot) => readonly string[];
}

/** The actors of a configuration: a1, a2, ...; p1, p2, ...; r1, r2, ...; commands c1:1:x, c2:1:y, ... */
export function logCastOf(configuration: MultiPaxosConfiguration): LogCast {
  const acceptors = names('a', configuration.acceptors);
  const leaders = names('p', configuration.leaders);
  const replicas = names('r', configuration.replicas);
  const commands = names('c', configuration.commands).map((client, at) =>
    encodeCommand({ client, number: 1, operation: 'xyzuvwabc'[at] as string }),
  );
  const { ballots, learning, requests, slots } = configuration;
  const bound = (at: number) => (typeof ballots === 'number' ? ballots : (ballots[at] ?? 0));
  const rounds = Math.max(...leaders.map((_, at) => bound(at)));
  const inTurn = (leader: ActorId, slot: Slot) =>
    commands[(slot - 1 + leaders.indexOf(leader)) % commands.length] as string;
  return {
    acceptors,
    leaders,
    replicas,
    quorums: configuration.quorums ?? majorities(acceptors),
    toldOfVotes: learning === 'all' ? replicas : replicas.slice(0, 1),
    toldOfDecisions: learning === 'all' ? [] : [...leaders, ...replicas.slice(1)],
    commands,
    slots: Array.from({ length: slots }, (_, at) => at + 1),
    window: configuration.window ?? slots,
    bounds: Object.fromEntries(leaders.map((id, at) => [id, bound(at)])),
    ballots: Array.from({ length: rounds }, (_, at) => at + 1).flatMap((round) =>
      leaders.filter((_, at) => round <= bound(at)).map((proposer) => ({ round, proposer })),
    ),
    asked: (leader, slot) => (requests === 'any' ? commands : [inTurn(leader, slot)]),
  };
}
