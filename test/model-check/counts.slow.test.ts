import { describe, expect, test } from 'vitest';
import { check } from '../../model-check/check.ts';
import { AbstractConfiguration } from '../../spec/abstract/bounds.ts';
import { lamportPaxos } from '../../spec/abstract/lamport-paxos.ts';
import { voting } from '../../spec/abstract/voting.ts';
import { PaxosConfiguration } from '../../spec/configuration.ts';
import { paxos } from '../../spec/single-decree.ts';
import { byEngine, byOracle } from './compare.ts';

describe('counts that were published or found independently', () => {
  test('lamport-paxos, 3 acceptors, 2 values, 4 ballots', async () => {
    const report = await check(lamportPaxos(AbstractConfiguration.parse({ ballots: 4 })));
    expect(report).toMatchObject({
      distinctStates: 8_220_065,
      transitions: 23_340_612,
      diameter: 32,
      verdict: 'holds',
    });
  });
});

describe('against the oracle, with more of everything', () => {
  test.each([
    { acceptors: 2, proposers: 2, ballots: [2, 1] },
    { acceptors: 2, proposers: 2, nacks: true },
    { acceptors: 2, proposers: 2, crashes: 1, learners: 1 },
    { acceptors: 2, proposers: 2, learners: 2, learning: 'distinguished' },
    { acceptors: 1, proposers: 2, ballots: [2, 1], crashes: 1, nacks: true },
    { acceptors: 3, proposers: 1, learners: 2, learning: 'distinguished', crashes: 1 },
  ])('paxos, %o', async (bounds) => {
    const system = paxos(PaxosConfiguration.parse(bounds));
    // A hundred times as slow as the engine: what has more states than this is left out.
    const { distinctStates } = await check(system, { maxStates: 30_000 });
    expect(distinctStates).toBeLessThanOrEqual(30_000);
    expect(await byEngine(system)).toEqual(byOracle(system));
  });

  test('voting, 3 acceptors, 2 values, 2 ballots', async () => {
    const system = voting(AbstractConfiguration.parse({}));
    expect(await byEngine(system)).toEqual(byOracle(system));
  });

  test('lamport-paxos, 3 acceptors, 2 values, 2 ballots', async () => {
    const system = lamportPaxos(AbstractConfiguration.parse({}));
    expect(await byEngine(system)).toEqual(byOracle(system));
  });
});
