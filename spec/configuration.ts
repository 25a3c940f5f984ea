import { z } from 'zod';
import type { ActorId, Ballot } from './ballot.ts';
import { majorities, QuorumSystem, quorumProblem } from './quorum.ts';

const many = (what: string) => (what.endsWith('sh') ? `${what}es` : `${what}s`);

/** So many of them: `1 crash`, `2 crashes`. */
export function plural(count: number, what: string): string {
  return `${count} ${count === 1 ? what : many(what)}`;
}

/** A whole number of `what`, within bounds; what is wrong is said in these words. */
export const count = (what: string, least: number, most: number) =>
  z
    .int({ error: `expected a whole number of ${many(what)}` })
    .min(least, { error: `expected at least ${plural(least, what)}` })
    .max(most, { error: `expected at most ${plural(most, what)}` });

/** A bounded configuration of single-decree Paxos: how many of each, and what may go wrong. */
export const PaxosConfiguration = z
  .strictObject({
    acceptors: count('acceptor', 1, 9).default(3),
    proposers: count('proposer', 1, 9).default(2),
    learners: count('learner', 0, 9).default(0),
    /** Each proposer starts at most so many ballots: those of rounds 1 to this number. One for all, or one for each proposer. */
    ballots: z
      .union([count('ballot', 1, 99), z.array(count('ballot', 1, 99))], {
        error: 'expected a whole number of ballots, or one for each proposer',
      })
      .default(1),
    /** How many values there are; proposer number i (from 0) proposes value number i modulo this. Default: one each. */
    values: count('value', 1, 9).optional(),
    /** How many crashes, of any process, there may be in one run. */
    crashes: count('crash', 0, 9).default(0),
    /** Majorities if absent. */
    quorums: QuorumSystem.optional(),
    /** To demonstrate what goes wrong: phase 1 and phase 2 quorums that need not meet. */
    allowDisjointQuorums: z.boolean().default(false),
    /** Whether acceptors tell every learner, or the distinguished ones, which tell the rest. */
    learning: z.enum(['all', 'distinguished']).default('all'),
    /** With `learning: "distinguished"`: how many of the learners are; 1 if absent. */
    distinguished: count('distinguished learner', 1, 9).optional(),
    /** Whether acceptors answer requests that they refuse. */
    nacks: z.boolean().default(false),
  })
  .check(({ value, issues }) => {
    // What is malformed has been told of; there is no sense in asking whether such quorums meet.
    if (issues.length > 0) return;
    const problem = (path: (string | number)[], input: unknown, message: string) =>
      issues.push({ code: 'custom', path, input, message });
    if (Array.isArray(value.ballots) && value.ballots.length !== value.proposers) {
      problem(['ballots'], value.ballots, `expected one number for each of the ${value.proposers} proposers`);
    }
    if (value.learning === 'all' && value.distinguished !== undefined) {
      problem(
        ['distinguished'],
        value.distinguished,
        'expected none, since learning is "all": learners are distinguished where learning is "distinguished"',
      );
    }
    const distinguished = value.distinguished ?? 1;
    if (value.learning === 'distinguished' && distinguished > value.learners) {
      problem(
        ['learners'],
        value.learners,
        `expected at least ${plural(distinguished, 'learner')}, as many as are distinguished`,
      );
    }
    const { quorums, acceptors, allowDisjointQuorums } = value;
    const wrong = quorums && quorumProblem(quorums, names('a', acceptors), allowDisjointQuorums);
    if (wrong) problem(['quorums', ...wrong.path], wrong.input, wrong.message);
  });
export type PaxosConfiguration = z.infer<typeof PaxosConfiguration>;

/** A configuration spelled out: the actors by name, and who proposes what. */
export interface Cast {
  readonly acceptors: readonly ActorId[];
  readonly proposers: readonly ActorId[];
  readonly learners: readonly ActorId[];
  readonly quorums: QuorumSystem;
  /** The learners that acceptors tell of their votes. */
  readonly toldOfVotes: readonly ActorId[];
  /** By proposer: the value it would like to have chosen, and the highest round in which it may start a ballot. */
  readonly values: Readonly<Record<ActorId, string>>;
  readonly bounds: Readonly<Record<ActorId, number>>;
  /** Every ballot that may be started, from the lowest. */
  readonly ballots: readonly Ballot[];
}

/** The actors of a configuration: a1, a2, ...; p1, p2, ...; l1, l2, ...; values v1, v2, ... */
export function castOf(configuration: PaxosConfiguration): Cast {
  const acceptors = names('a', configuration.acceptors);
  const proposers = names('p', configuration.proposers);
  const learners = names('l', configuration.learners);
  const values = configuration.values ?? configuration.proposers;
  const { ballots } = configuration;
  const bound = (at: number) => (typeof ballots === 'number' ? ballots : (ballots[at] ?? 0));
  const rounds = Math.max(...proposers.map((_, at) => bound(at)));
  return {
    acceptors,
    proposers,
    learners,
    quorums: configuration.quorums ?? majorities(acceptors),
    toldOfVotes:
      configuration.learning === 'all' ? learners : learners.slice(0, configuration.distinguished ?? 1),
    values: Object.fromEntries(proposers.map((id, at) => [id, `v${(at % values) + 1}`])),
    bounds: Object.fromEntries(proposers.map((id, at) => [id, bound(at)])),
    ballots: Array.from({ length: rounds }, (_, at) => at + 1).flatMap((round) =>
      proposers.filter((_, at) => round <= bound(at)).map((proposer) => ({ round, proposer })),
    ),
  };
}

/** `count` names: a1, a2, ... */
export function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, at) => `${prefix}${at + 1}`);
}
