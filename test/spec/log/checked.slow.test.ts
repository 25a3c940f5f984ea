import { describe, expect, test } from 'vitest';
import { check } from '../../../model-check/check.ts';
import { MultiPaxosConfiguration } from '../../../spec/log/configuration.ts';
import { multiPaxos } from '../../../spec/log/multi-paxos.ts';
import { byEngine, byOracle } from '../../model-check/compare.ts';

describe('Multi-Paxos against the oracle, with more of everything', () => {
  test.each([
    [{ acceptors: 2, leaders: 2, slots: 1, nacks: true }, 763],
    [{ acceptors: 1, leaders: 2, replicas: 2, slots: 2, window: 1, learning: 'distinguished' }, 1_123],
    [{ acceptors: 1, leaders: 2, replicas: 2, slots: 2, crashes: 1 }, 1_844],
    [{ acceptors: 1, leaders: 2, replicas: 1, slots: 3 }, 985],
  ] as const)('%o', async (bounds, states) => {
    const system = multiPaxos(MultiPaxosConfiguration.parse(bounds));
    const counts = await byEngine(system);
    expect(counts).toEqual(byOracle(system));
    expect(counts.distinctStates).toBe(states);
  });
});

describe('Multi-Paxos, 3 acceptors, 2 leaders, 2 slots, 2 commands, 1 crash', () => {
  test('without replicas, every state and one of each orbit', async () => {
    const system = multiPaxos(MultiPaxosConfiguration.parse({ crashes: 1 }));
    const plain = await check(system);
    expect(plain).toMatchObject({ distinctStates: 405_554, verdict: 'holds', frontier: 0 });
    const reduced = await check(system, { symmetry: true });
    expect(reduced).toMatchObject({ distinctStates: 72_464, verdict: 'holds' });
    expect(reduced.symmetry?.represented).toBe(plain.distinctStates);
  });

  test('and 3 replicas', async () => {
    const system = multiPaxos(MultiPaxosConfiguration.parse({ replicas: 3, crashes: 1 }));
    const report = await check(system, { symmetry: true, passive: true });
    expect(report).toMatchObject({ distinctStates: 72_464, verdict: 'holds', frontier: 0 });
    expect(report.passive?.represented).toBe(104_974_651_362);
    expect(report.reached.filter(({ length, notApplicable }) => !length && !notApplicable)).toEqual([]);
  });
});
