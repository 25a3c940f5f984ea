import { z } from 'zod';
import type { ActorId, Ballot } from '../ballot.ts';
import { count, names, plural } from '../configuration.ts';
import { majorities, QuorumSystem, quorumProblem } from '../quorum.ts';
import type { Slot } from './entry.ts';
import { READ } from './journal.ts';
import type { Asked } from './linearizability.ts';
import { encodeCommand } from './state-machine.ts';

/** Clients and what each asks for, one thing after the other. */
const Scripts = z.string().regex(/^[wr]+(,[wr]+){0,8}$/, {
  error: 'expected for 1 to 9 clients w for each command and r for each read, such as wr,r',
});

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
    /** Clients that wait for answers: "wr,r" is one that asks for a command and then reads, and one that reads. Without them, leaders are simply asked. */
    clients: Scripts.optional(),
    /** How clients' reads are answered: by a leader that is confirmed and a replica, or by commands in the log that change nothing. */
    reads: z.enum(['index', 'log']).default('index'),
    /** Whether replicas truncate the log, at any time, and acceptors with them. */
    snapshots: z.boolean().default(false),
    /** Leaders send heartbeats; if timely, no time-out is taken where one would be heard. No heartbeats if absent. */
    election: z.enum(['asynchronous', 'timely'], { error: 'expected asynchronous or timely' }).optional(),
    /** Whether replicas ask one another, at any time, for what they lack. */
    catchUp: z.boolean().default(false),
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
    const { ballots, leaders, learning, replicas, quorums, acceptors, allowDisjointQuorums, clients } = value;
    if (value.catchUp && replicas < 2)
      problem(['replicas'], replicas, 'expected at least 2 replicas, one of which asks the other');
    if (value.snapshots && replicas === 0)
      problem(['replicas'], replicas, 'expected at least 1 replica, which truncates the log');
    if (clients && replicas === 0)
      problem(['replicas'], replicas, 'expected at least 1 replica, which answers the clients');
    if (clients && clients.replaceAll(/[^w]/g, '').length > LETTERS.length)
      problem(['clients'], clients, `expected at most ${LETTERS.length} commands in all`);
    if (Array.isArray(ballots) && ballots.length !== leaders)
      problem(['ballots'], ballots, `expected one number for each of the ${plural(leaders, 'leader')}`);
    if (learning === 'distinguished' && replicas === 0)
      problem(['replicas'], replicas, 'expected at least 1 replica, the distinguished one');
    const wrong = quorums && quorumProblem(quorums, names('a', acceptors), allowDisjointQuorums);
    if (wrong) problem(['quorums', ...wrong.path], wrong.input, wrong.message);
  });
export type MultiPaxosConfiguration = z.infer<typeof MultiPaxosConfiguration>;

/** Each command writes another of these. */
const LETTERS = 'xyzuvwabc';

/** A client and what it asks for, in order. */
export interface ClientScript {
  readonly id: ActorId;
  readonly asks: readonly Asked[];
}

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
  /** The clients that wait for answers; if there are none, leaders are asked for commands out of nowhere. */
  readonly clients: readonly ClientScript[];
  /** The clients' commands, encoded. */
  readonly commands: readonly string[];
  readonly slots: readonly Slot[];
  readonly window: number;
  /** Whether the log is truncated. */
  readonly snapshots: boolean;
  /** Whether there are heartbeats, and what they say about time-outs. */
  readonly election: 'asynchronous' | 'timely' | undefined;
  readonly catchUp: boolean;
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
  const clients = scriptsOf(configuration);
  const commands = configuration.clients
    ? clients.flatMap(commandsOf)
    : names('c', configuration.commands).map((client, at) =>
        encodeCommand({ client, number: 1, operation: LETTERS[at] as string }),
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
    clients,
    commands,
    slots: Array.from({ length: slots }, (_, at) => at + 1),
    window: configuration.window ?? slots,
    snapshots: configuration.snapshots,
    election: configuration.election,
    catchUp: configuration.catchUp,
    bounds: Object.fromEntries(leaders.map((id, at) => [id, bound(at)])),
    ballots: Array.from({ length: rounds }, (_, at) => at + 1).flatMap((round) =>
      leaders.filter((_, at) => round <= bound(at)).map((proposer) => ({ round, proposer })),
    ),
    asked: (leader, slot) =>
      requests === 'any' || configuration.clients ? commands : [inTurn(leader, slot)],
  };
}

/** The clients of a configuration: each command writes a letter of its own, and a read by the log is a command as well. */
function scriptsOf({ clients, reads }: MultiPaxosConfiguration): ClientScript[] {
  const scripts = clients?.split(',') ?? [];
  const letters = [...LETTERS];
  const read: Asked = { kind: reads === 'log' ? 'command' : 'query', operation: READ };
  return names('c', scripts.length).map((id, at) => ({
    id,
    asks: [...(scripts[at] as string)].map((what) =>
      what === 'r' ? read : { kind: 'command', operation: letters.shift() as string },
    ),
  }));
}

function commandsOf({ id, asks }: ClientScript): string[] {
  return asks.flatMap(({ kind, operation }, at) =>
    kind === 'command' ? [encodeCommand({ client: id, number: at + 1, operation })] : [],
  );
}
