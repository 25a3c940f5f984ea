import type { Question } from '../../../src/explorer/question.ts';

/** A thing to try on a page: a check, and perhaps the same with one rule taken away. */
export interface Experiment {
  readonly title: string;
  /** With every rule in place; absent where only the broken one is of interest. */
  readonly whole?: Question;
  readonly broken?: Question;
  /** What is taken away, as a button says it. */
  readonly without?: string;
}

type Configuration = Record<string, number | number[] | boolean | string>;

const three: Configuration = { acceptors: 3, proposers: 2, ballots: 1 };
const threeWithCrash: Configuration = { ...three, crashes: 1 };
const threeBallots: Configuration = { acceptors: 3, proposers: 2, ballots: [1, 2] };

/** Paxos within these bounds, and the same with a mutant's rule in place of the right one. */
const paxosWithout = (
  mutant: string,
  configuration: Configuration,
): Pick<Experiment, 'whole' | 'broken'> => ({
  whole: { system: 'paxos', configuration },
  broken: { system: 'paxos', configuration, mutant },
});

/** What breaks only where there are too many runs to look at all of them: those that the gallery names. */
const demonstration = (mutant: string): Pick<Experiment, 'broken'> => ({
  broken: { system: 'paxos', mutant },
});

/** The log within the bounds in which a mutant shows, and the mutant there. */
const logWithout = (mutant: string, configuration: Configuration): Pick<Experiment, 'whole' | 'broken'> => ({
  whole: { system: 'multi-paxos', configuration },
  broken: { system: 'multi-paxos', configuration, mutant },
});

const aClientReads: Configuration = { acceptors: 1, leaders: 2, replicas: 2, slots: 1, clients: 'w,r' };
const neverRepaired: Configuration = { slots: 1, crashes: 1, unrepaired: true };

/** Every experiment of the site, by the name that its page calls it by. */
export const experiments = {
  paxos: {
    title: 'Paxos: three acceptors, two proposers, one ballot each',
    whole: { system: 'paxos', configuration: three },
  },
  everything: {
    title: 'Paxos with a learner and a crash',
    whole: { system: 'paxos', configuration: { ...three, learners: 1, crashes: 1 } },
  },
  'one-acceptor': {
    title: 'One acceptor, which may stop',
    broken: { system: 'docs/reading/one-acceptor.ts' },
  },
  'first-come': {
    title: 'Three acceptors, each votes once; one may stop',
    broken: { system: 'docs/reading/first-come.ts' },
  },
  'every-proposal': {
    title: 'Three acceptors that vote for every proposal; one may stop',
    broken: { system: 'docs/reading/every-proposal.ts' },
  },
  halves: {
    title: 'What makes a quorum: two acceptors',
    without: 'Half of them suffice',
    ...paxosWithout('half-is-a-quorum', { acceptors: 2, proposers: 2, ballots: 1 }),
  },
  apart: {
    title: 'Must the quorums of the two phases meet?',
    without: 'They need not',
    ...paxosWithout('quorums-apart', three),
  },
  'one-is-asked': {
    title: 'Phase 2 waits for a majority: how many must phase 1 ask?',
    without: 'Any one',
    ...paxosWithout('one-is-asked', three),
  },
  unasked: { title: 'Numbers, and nobody is asked first', broken: { system: 'docs/reading/unasked.ts' } },
  'own-value': {
    title: 'The proposer takes the value that is reported',
    without: 'It takes its own',
    ...paxosWithout('own-value', three),
  },
  'highest-value': {
    title: 'Of several values reported, that of the highest ballot',
    without: 'The first reported',
    ...paxosWithout('first-reported', threeBallots),
  },
  'most-often': { title: 'The value that is reported most often', ...demonstration('most-often-reported') },
  'keeps-promise': {
    title: 'An acceptor accepts nothing below its promise',
    without: 'It accepts anything',
    ...paxosWithout('accepts-lower', three),
  },
  'promise-durable': {
    title: 'A promise survives a crash',
    without: 'It is forgotten',
    ...paxosWithout('promise-not-durable', threeWithCrash),
  },
  'accepted-durable': {
    title: 'What was accepted survives a crash',
    without: 'It is forgotten',
    ...paxosWithout('accepted-not-durable', threeWithCrash),
  },
  'write-first': {
    title: 'First to the disk, then to the network',
    without: 'First to the network',
    ...paxosWithout('send-before-write', threeWithCrash),
  },
  'ballot-reused': {
    title: 'A proposer never uses a ballot twice',
    without: 'It counts in memory',
    ...paxosWithout('ballot-reused', threeWithCrash),
  },
  'shared-ballots': {
    title: 'A ballot belongs to one proposer',
    without: 'Two share it',
    ...paxosWithout('shared-ballots', three),
  },
  'counted-twice': {
    title: 'The proposer counts acceptors',
    without: 'It counts messages',
    ...paxosWithout('promise-counted-twice', three),
  },
  'old-promises': {
    title: 'Promises count for the ballot that they were given to',
    without: 'Old ones are kept',
    ...paxosWithout('old-promises-kept', { acceptors: 3, proposers: 2, ballots: [2, 1] }),
  },
  literal: {
    title: 'Accepting a ballot also promises it',
    without: 'It does not',
    ...paxosWithout('accepting-is-no-promise', threeBallots),
  },
  'literal-highest': {
    title: 'Accepting promises nothing, and the highest-numbered proposal is remembered',
    broken: { system: 'paxos', configuration: threeBallots, mutant: 'accepting-is-no-promise-highest' },
  },
  'believes-one': {
    title: 'A learner waits for a quorum of votes',
    without: 'One vote suffices',
    ...paxosWithout('learner-believes-one', { acceptors: 3, proposers: 2, learners: 1, ballots: 1 }),
  },
  'one-ballot': {
    title: 'A learner adds up votes of one ballot',
    without: 'Of any ballots',
    ...paxosWithout('learner-counts-values', { acceptors: 3, proposers: 2, learners: 1, ballots: 1 }),
  },
  announced: {
    title: 'A value is announced when it is chosen',
    without: 'After phase 1',
    ...paxosWithout('announced-after-phase-1', { acceptors: 3, proposers: 1, learners: 1, ballots: 1 }),
  },
  duel: { title: 'Two proposers, two ballots each', broken: { system: 'docs/reading/duel.ts' } },
  log: {
    title: 'A log of two slots, two leaders, two commands',
    whole: { system: 'multi-paxos', configuration: { acceptors: 3, leaders: 2, slots: 2, commands: 2 } },
  },
  'phase-1-once': {
    title: 'A new leader asks before it proposes',
    without: 'It just begins',
    ...logWithout('phase-1-skipped', { acceptors: 3, leaders: 2, slots: 2, commands: 2 }),
  },
  gaps: {
    title: 'Commands are applied without gaps',
    without: 'As they are decided',
    ...logWithout('gap-applied', { acceptors: 1, leaders: 1, replicas: 1, slots: 2, commands: 2 }),
  },
  twice: {
    title: 'A command takes effect once',
    without: 'As often as it is chosen',
    ...logWithout('applied-twice', { acceptors: 1, leaders: 1, replicas: 1, slots: 2, commands: 1 }),
  },
  'read-confirmed': {
    title: 'A leader asks whether it has been deposed before it serves a read',
    without: 'It trusts itself',
    ...logWithout('read-not-confirmed', aClientReads),
  },
  'read-applied': {
    title: 'A replica answers a read when it has applied the log that far',
    without: 'With what it has',
    ...logWithout('read-at-any-replica', aClientReads),
  },
  truncated: {
    title: 'An acceptor that has forgotten slots says so',
    without: 'It says "nothing accepted"',
    ...logWithout('truncated-as-new', { acceptors: 1, leaders: 2, replicas: 1, slots: 1, snapshots: true }),
  },
  'change-at-once': {
    title: 'A change of the acceptors is in force a window later',
    without: 'At once',
    ...logWithout('change-at-once', {
      acceptors: 1,
      leaders: 2,
      replicas: 1,
      slots: 3,
      window: 2,
      commands: 1,
      reconfigure: 'a2',
      learning: 'distinguished',
    }),
  },
  'decision-in-reach': {
    title: 'A crash that is never repaired: can something still be decided?',
    without: 'One server decides',
    whole: { system: 'replicated-log', configuration: { decider: 'multi-paxos', ...neverRepaired } },
    broken: { system: 'replicated-log', configuration: { decider: 'single-server', ...neverRepaired } },
  },
  'two-phase-commit': {
    title: 'Two-phase commit with a coordinator that may crash, and comes back',
    without: 'It never comes back',
    whole: { system: 'docs/examples/two-phase-commit.ts' },
    broken: { system: 'docs/examples/two-phase-commit-unrepaired.ts' },
  },
} satisfies Record<string, Experiment>;
