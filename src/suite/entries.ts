import type { Report } from '../../model-check/index.ts';
import { unreached } from '../../model-check/index.ts';
import { quorumSystemOf } from '../../spec/index.ts';
import { type Recipe, systems } from '../systems.ts';

/** One line of the suite: what to check, and what must come of it. */
export interface SuiteEntry extends Recipe {
  /**
   * `holds`: every property, every situation that is possible is reached, every rule that can fire does. `caught`: a
   * requirement is violated. `harmless`: every requirement holds, whatever becomes of the lemmas.
   */
  readonly expected: 'holds' | 'caught' | 'harmless';
  /** Whether one state of each orbit is explored only. */
  readonly symmetry?: boolean;
}

const holds = (system: string, configuration: Record<string, unknown>): SuiteEntry => ({
  system,
  configuration,
  mutant: null,
  expected: 'holds',
});

/** The unbroken systems, in configurations that are each there for a reason. */
export const soundEntries: readonly SuiteEntry[] = [
  holds('consensus', { values: 2 }),
  holds('voting', { acceptors: 3, values: 2, ballots: 3 }),
  holds('lamport-paxos', { acceptors: 3, values: 2, ballots: 2 }),
  holds('lamport-paxos', { acceptors: 3, values: 2, ballots: 3 }),
  // One acceptor, and the smallest even number: majorities are all of them.
  holds('paxos', { acceptors: 1, proposers: 2, learners: 1, ballots: 2, crashes: 1 }),
  holds('paxos', { acceptors: 2, proposers: 2, learners: 1, ballots: [2, 1], crashes: 1 }),
  holds('paxos', { acceptors: 3, proposers: 2, learners: 1, ballots: 1, crashes: 1 }),
  holds('paxos', { acceptors: 3, proposers: 2, learners: 2, ballots: 1, learning: 'distinguished' }),
  holds('paxos', { acceptors: 3, proposers: 2, ballots: 1, crashes: 2 }),
  holds('paxos', { acceptors: 3, proposers: 2, ballots: 1, crashes: 1, nacks: true }),
  holds('paxos', { acceptors: 3, proposers: 2, ballots: [2, 1] }),
  holds('paxos', { acceptors: 3, proposers: 3, ballots: 1 }),
  holds('paxos', { acceptors: 4, proposers: 2, ballots: 1 }),
  // Phase 2 quorums smaller than a majority, paid for by phase 1 quorums of all.
  holds('paxos', {
    acceptors: 3,
    proposers: 2,
    ballots: 1,
    quorums: { phase1: [['a1', 'a2', 'a3']], phase2: [['a1'], ['a2'], ['a3']] },
  }),
  holds('paxos', { acceptors: 5, proposers: 2, ballots: 1 }),
  // A grid of two rows and two columns; an acceptor that counts for two.
  holds('paxos', {
    acceptors: 4,
    proposers: 2,
    ballots: 1,
    quorums: quorumSystemOf({
      grid: [
        ['a1', 'a2'],
        ['a3', 'a4'],
      ],
    }),
  }),
  holds('multi-paxos', {
    acceptors: 3,
    leaders: 2,
    slots: 1,
    quorums: quorumSystemOf({ weights: { a1: 2, a2: 1, a3: 1 }, phase2: 2 }),
  }),
  holds('paxos', { acceptors: 3, proposers: 2, ballots: 2 }),
  // By symmetry: 8,220,065 states, and 4 acceptors with a learner and a crash.
  { ...holds('lamport-paxos', { acceptors: 3, values: 2, ballots: 4 }), symmetry: true },
  { ...holds('paxos', { acceptors: 4, proposers: 2, learners: 1, ballots: 1, crashes: 1 }), symmetry: true },
  // The log: two leaders and a crash; a replica; a window that moves, and leaders that hear that they are deposed.
  { ...holds('multi-paxos', { acceptors: 3, leaders: 2, slots: 2, crashes: 1 }), symmetry: true },
  holds('multi-paxos', { acceptors: 2, leaders: 2, replicas: 1, slots: 2 }),
  holds('multi-paxos', {
    acceptors: 1,
    leaders: 2,
    replicas: 2,
    slots: 2,
    window: 1,
    learning: 'distinguished',
    nacks: true,
    crashes: 1,
  }),
  // Clients that wait for answers, and histories that have to be linearizable: reads by index, and by the log.
  holds('multi-paxos', { acceptors: 1, replicas: 2, slots: 2, clients: 'wr,w' }),
  holds('multi-paxos', { acceptors: 1, replicas: 2, slots: 1, clients: 'w,r', crashes: 1, nacks: true }),
  holds('multi-paxos', { acceptors: 1, replicas: 2, slots: 2, clients: 'w,r', crashes: 1, reads: 'log' }),
  // Leaders that need more than one acceptor to confirm them.
  holds('multi-paxos', {
    acceptors: 2,
    replicas: 1,
    slots: 1,
    clients: 'w,r',
    quorums: { phase1: [['a1'], ['a2']], phase2: [['a1', 'a2']] },
  }),
  // A log that is truncated: with replicas that are behind, with a crash where one acceptor decides, with clients.
  holds('multi-paxos', { acceptors: 1, replicas: 2, slots: 2, snapshots: true }),
  holds('multi-paxos', { acceptors: 3, replicas: 1, slots: 1, snapshots: true }),
  holds('multi-paxos', {
    acceptors: 2,
    replicas: 1,
    slots: 2,
    snapshots: true,
    crashes: 1,
    quorums: { phase1: [['a1', 'a2']], phase2: [['a1'], ['a2']] },
  }),
  holds('multi-paxos', { acceptors: 1, replicas: 2, slots: 1, snapshots: true, clients: 'w,r' }),
  // Who leads, by heartbeats and time-outs; and replicas that get from one another what they lack.
  holds('multi-paxos', {
    acceptors: 1,
    slots: 1,
    ballots: [2, 1],
    crashes: 1,
    nacks: true,
    election: 'timely',
  }),
  holds('multi-paxos', {
    acceptors: 1,
    replicas: 1,
    slots: 2,
    learning: 'distinguished',
    nacks: true,
    election: 'asynchronous',
  }),
  holds('multi-paxos', { acceptors: 1, leaders: 1, replicas: 2, slots: 2, snapshots: true, catchUp: true }),
  // The same log over whatever decides; what the foil cannot do, Paxos can: go on without a process that never comes back.
  holds('replicated-log', { decider: 'single-server', replicas: 2, crashes: 1 }),
  holds('replicated-log', { decider: 'single-decree', acceptors: 1, replicas: 1, crashes: 1 }),
  holds('replicated-log', { decider: 'multi-paxos', acceptors: 2, replicas: 1, crashes: 1 }),
  ...(['single-decree', 'multi-paxos'] as const).map((decider) => ({
    ...holds('replicated-log', {
      decider,
      acceptors: 3,
      replicas: 1,
      slots: 1,
      crashes: 1,
      unrepaired: true,
    }),
    symmetry: true,
  })),
];

/** The broken variants, each in its smallest configuration. */
export const mutantEntries: readonly SuiteEntry[] = systems.flatMap(({ name: system, mutants }) =>
  mutants.map(({ name, harmless, smallest }) => ({
    system,
    configuration: smallest,
    mutant: name,
    demonstration: true,
    expected: harmless === undefined ? 'caught' : 'harmless',
  })),
);

/** No rule of it is broken, but one crash that is never repaired ends it. */
export const foilEntries: readonly SuiteEntry[] = [
  {
    ...holds('replicated-log', { decider: 'single-server', replicas: 1, crashes: 1, unrepaired: true }),
    expected: 'caught',
  },
];

/** What is wrong with the outcome of an entry; nothing if all is as expected. */
export function complaints({ expected }: SuiteEntry, report: Report): string[] {
  const requirements = report.properties.filter(({ kind }) => kind === 'requirement');
  const broken = report.properties.filter(({ verdict }) => verdict === 'violated');
  if (expected === 'caught') {
    const caught = requirements.some(({ verdict }) => verdict === 'violated');
    return caught ? [] : ['no requirement is found violated: the checker would not notice this mistake'];
  }
  const wrong = expected === 'harmless' ? broken.filter(({ kind }) => kind === 'requirement') : broken;
  // A harmless mutant may break a lemma, so that its verdict does not tell whether the rest was looked at.
  const undecided =
    report.stopped !== null && wrong.length === 0 ? [`not finished: ended by ${report.stopped}`] : [];
  const missed = expected === 'harmless' ? [] : unreached(report);
  return [...undecided, ...wrong.map(({ name }) => `${name} is violated`), ...missed];
}
