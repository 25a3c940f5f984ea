/** Known counts, and the systems of spec/ against the naive oracle. */
import { describe, expect, test } from 'vitest';
import { check } from '../../model-check/check.ts';
import { AbstractConfiguration } from '../../spec/abstract/bounds.ts';
import { ConsensusConfiguration, consensus } from '../../spec/abstract/consensus.ts';
import { lamportPaxos } from '../../spec/abstract/lamport-paxos.ts';
import { voting } from '../../spec/abstract/voting.ts';
import { PaxosConfiguration } from '../../spec/configuration.ts';
import { paxos } from '../../spec/single-decree.ts';
import { byEngine, byOracle } from './compare.ts';

describe('counts that were published or found independently', () => {
  test.each([
    [2, 3_921, 9_442, 16],
    [3, 185_369, 491_535, 24],
  ])('lamport-paxos, 3 acceptors, 2 values, %i ballots', async (ballots, ...counts) => {
    const report = await check(lamportPaxos(AbstractConfiguration.parse({ ballots })));
    expect([report.distinctStates, report.transitions, report.diameter]).toEqual(counts);
    expect(report.verdict).toBe('holds');
  });

  test('paxos, 3 acceptors, 2 proposers, ballots [2, 1]', async () => {
    const report = await check(paxos(PaxosConfiguration.parse({ ballots: [2, 1] })));
    expect(report).toMatchObject({ distinctStates: 119_865, verdict: 'holds', frontier: 0 });
    expect(report.properties.filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
  });

  test('paxos, 3 acceptors, 2 proposers, 1 ballot each, 1 crash', async () => {
    // 7,337 was found by an explorer to which the crashes used are not part of the state. All states without a crash are
    // among them, because the crash of an acceptor, all of whose state is durable, changes nothing else.
    const without = await check(paxos(PaxosConfiguration.parse({})));
    const report = await check(paxos(PaxosConfiguration.parse({ crashes: 1 })));
    expect(report.distinctStates - without.distinctStates).toBe(7_337);
    expect(report).toMatchObject({ distinctStates: 10_242, verdict: 'holds' });
  });
});

describe('the abstract levels against the oracle', () => {
  test.each([1, 2, 5])('consensus, %i values', async (values) => {
    const system = consensus(ConsensusConfiguration.parse({ values }));
    const counts = await byEngine(system);
    expect(counts).toEqual(byOracle(system));
    expect(counts).toMatchObject({ distinctStates: values + 1, transitions: values, diameter: 1 });
  });

  test.each([
    { acceptors: 1, values: 2, ballots: 2 },
    { acceptors: 2, values: 2, ballots: 2 },
    { acceptors: 3, values: 1, ballots: 2 },
    { acceptors: 3, values: 2, ballots: 1 },
    { acceptors: 2, ballots: 2, quorums: { phase1: [['a1']], phase2: [['a2']] }, allowDisjointQuorums: true },
  ])('voting, %o', async (bounds) => {
    const system = voting(AbstractConfiguration.parse(bounds));
    expect(await byEngine(system)).toEqual(byOracle(system));
  });

  test.each([
    { acceptors: 1, values: 2, ballots: 2 },
    { acceptors: 2, values: 2, ballots: 2 },
    { acceptors: 3, values: 2, ballots: 1 },
    { acceptors: 2, ballots: 2, quorums: { phase1: [['a1']], phase2: [['a2']] }, allowDisjointQuorums: true },
  ])('lamport-paxos, %o', async (bounds) => {
    const system = lamportPaxos(AbstractConfiguration.parse(bounds));
    expect(await byEngine(system)).toEqual(byOracle(system));
  });
});

/** Small enough for the oracle; between them they have every role, every kind of message and every fault. */
const small = [
  { acceptors: 1, proposers: 1 },
  { acceptors: 1, proposers: 1, ballots: 3, nacks: true },
  { acceptors: 1, proposers: 2, ballots: [2, 1] },
  { acceptors: 1, proposers: 2, nacks: true },
  { acceptors: 1, proposers: 2, crashes: 1 },
  { acceptors: 1, proposers: 2, learners: 1, values: 1 },
  { acceptors: 2, proposers: 1, learners: 1 },
  { acceptors: 2, proposers: 1, crashes: 1 },
  { acceptors: 2, proposers: 1, learners: 2, learning: 'distinguished' },
  { acceptors: 2, proposers: 2 },
  { acceptors: 2, proposers: 1, quorums: { phase1: [['a1', 'a2']], phase2: [['a1'], ['a2']] }, learners: 1 },
  {
    acceptors: 2,
    proposers: 2,
    quorums: { phase1: [['a1']], phase2: [['a2']] },
    allowDisjointQuorums: true,
  },
];

describe('paxos against the oracle', () => {
  test.each(small)('%o', async (bounds) => {
    const system = paxos(PaxosConfiguration.parse(bounds));
    const counts = await byEngine(system);
    expect(counts).toEqual(byOracle(system));
    expect(counts.distinctStates).toBeGreaterThan(4);
  });
});
