import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { check } from '../../model-check/check.ts';
import type { Envelope, System } from '../../model-check/system.ts';
import { AbstractConfiguration } from '../../spec/abstract/bounds.ts';
import { lamportPaxos } from '../../spec/abstract/lamport-paxos.ts';
import { voting } from '../../spec/abstract/voting.ts';
import { PaxosConfiguration } from '../../spec/configuration.ts';
import { findMutant, type Mutant, mutated } from '../../spec/mutants/index.ts';
import { paxos } from '../../spec/single-decree.ts';
import { explored, withSymmetry } from './compare.ts';
import { buildSymmetric, exploreOrbits, permutationsAmong, SymmetricSpec } from './symmetric-system.ts';

/** What must be the same with and without symmetry, from runs to the end. */
async function bothWays<S, M extends Envelope, E>(system: System<S, M, E>) {
  const told = async (symmetry: boolean) => {
    const report = await check(system, { symmetry, enough: () => false });
    const { verdict, stopped, diameter, properties, reached, counterexample } = report;
    return { report, same: { verdict, stopped, diameter, properties, reached, counterexample } };
  };
  const [without, reduced] = [await told(false), await told(true)];
  expect(reduced.same).toEqual(without.same);
  expect(reduced.report.symmetry?.represented).toBe(without.report.distinctStates);
  expect(reduced.report.rules.map(({ tabulated }) => tabulated > 0)).toEqual(
    without.report.rules.map(({ tabulated }) => tabulated > 0),
  );
  return { without: without.report, reduced: reduced.report };
}

describe('known counts', () => {
  test.each([
    [2, 443, 3_921],
    [3, 17_153, 185_369],
  ])('lamport-paxos, 3 acceptors, 2 values, %i ballots', async (ballots, orbits, states) => {
    const { without, reduced } = await bothWays(lamportPaxos(AbstractConfiguration.parse({ ballots })));
    expect(reduced).toMatchObject({ distinctStates: orbits, symmetry: { order: 12, represented: states } });
    expect(without.distinctStates).toBe(states);
  });

  test('voting, 3 ballots', async () => {
    const { reduced } = await bothWays(voting(AbstractConfiguration.parse({ ballots: 3 })));
    expect(reduced).toMatchObject({ symmetry: { order: 12, represented: 6_752 } });
    expect(reduced.distinctStates).toBeLessThan(6_752 / 8);
  });
});

/** With the number of symmetries, which the quorums and the way of learning decide. */
const configurations: [order: number, bounds: Parameters<typeof PaxosConfiguration.parse>[0]][] = [
  [6, {}],
  [6, { crashes: 1, proposers: 1, ballots: 2 }],
  [2, { acceptors: 2, nacks: true }],
  [4, { acceptors: 2, proposers: 1, learners: 2 }],
  [6, { learners: 1, proposers: 1, ballots: 1 }],
  [2, { acceptors: 2, proposers: 1, learners: 2, learning: 'distinguished' }],
  [4, { acceptors: 2, proposers: 1, learners: 3, learning: 'distinguished' }],
  [4, { acceptors: 2, proposers: 1, learners: 3, learning: 'distinguished', distinguished: 2 }],
  [2, { acceptors: 2, proposers: 1, learners: 1, crashes: 1 }],
  [
    2,
    {
      quorums: {
        phase1: [
          ['a1', 'a2'],
          ['a1', 'a3'],
        ],
        phase2: [['a1'], ['a2', 'a3']],
      },
      proposers: 2,
    },
  ],
  [1, { quorums: { phase1: [['a1', 'a2']], phase2: [['a1'], ['a2', 'a3']] } }],
  [24, { acceptors: 4, proposers: 1 }],
];

describe('paxos is told the same with symmetry', () => {
  test.each(configurations)('%i symmetries: %o', async (order, bounds) => {
    const { without, reduced } = await bothWays(paxos(PaxosConfiguration.parse(bounds)));
    expect(reduced.symmetry?.order).toBe(order);
    if (order === 1) expect(reduced.distinctStates).toBe(without.distinctStates);
    else expect(reduced.distinctStates).toBeLessThan(without.distinctStates * 0.8);
  });

  test.each([
    ['half-is-a-quorum', undefined],
    ['promise-counted-twice', undefined],
    ['value-recomputed', undefined],
    ['one-is-asked', undefined],
    ['learner-counts-values', undefined],
    ['learner-believes-one', { acceptors: 3, proposers: 1, learners: 2 }],
    ['shared-ballots', { acceptors: 3, proposers: 2 }],
    ['promise-not-durable', { acceptors: 2, proposers: 2, crashes: 1 }],
    ['send-before-write', { acceptors: 2, proposers: 2, crashes: 1 }],
  ])('the mutant %s', async (name, bounds) => {
    const mutant = findMutant(name) as Mutant;
    const system = mutated(PaxosConfiguration.parse(bounds ?? mutant.smallest), mutant);
    const { reduced, without } = await bothWays(system);
    expect(reduced.verdict).toBe('violated');
    expect(reduced.counterexample?.length).toBeGreaterThan(2);
    expect(reduced.distinctStates).toBeLessThan(without.distinctStates);
  });
});

function orbitsWithin(spec: SymmetricSpec, most: number) {
  const system = buildSymmetric(spec);
  if (explored(system, most).states.size > most) return undefined;
  const group = permutationsAmong(Object.keys(system.symmetry?.permutations[0] ?? {}));
  const found = exploreOrbits(system, group, most);
  if (!found) throw new Error('the engine finds fewer states than the oracle');
  const { largest, ...expected } = found;
  return { system, expected, full: largest === group.length };
}

const violations = ({ found }: { found: object }) =>
  Object.keys(found).filter((name) => name.includes('prop'));

describe('random symmetric systems', () => {
  test('orbits, states, depths and lengths are those of the naive canonicaliser', async () => {
    await fc.assert(
      fc.asyncProperty(SymmetricSpec, async (spec) => {
        const naive = orbitsWithin(spec, 120);
        if (naive) expect(await withSymmetry(naive.system)).toEqual(naive.expected);
      }),
      { numRuns: 80 },
    );
  });

  test('that a look is checked to be symmetric leaves the rest of the look as it was', async () => {
    const tell = { to: 1, send: [{ kind: 0, to: 'others', about: 'nobody' }], peer: 'keep' } as const;
    const note = { ...tell, to: 2 };
    const row = (at: number, cell: typeof tell | typeof note) =>
      Array.from({ length: 12 }, (_, column) => (column === at ? { ...cell, send: [...cell.send] } : null));
    const idle = Array.from({ length: 12 }, () => null);
    const twin = { cells: [row(0, tell), row(7, note), idle], picks: 0, restart: null };
    const naive = orbitsWithin(
      {
        twins: 3,
        twin: { ...twin, forgets: false, writeBehind: false, reading: null },
        singles: [],
        place: 0,
        crashes: 0,
        groups: 'each',
        properties: [{ of: 'each', modulus: 9, salt: 54 }],
        situations: [{ of: 'each', modulus: 9, salt: 81 }],
        steps: [],
        stepSituations: [],
        reachable: [],
      },
      400,
    );
    expect(naive?.expected.found).toEqual({ 'state property 0': 0, 'situation 0': 3 });
    expect(naive && (await withSymmetry(naive.system))).toEqual(naive?.expected);
  });

  test('counterexamples are those of a run without symmetry', async () => {
    let compared = 0;
    for (const spec of fc.sample(SymmetricSpec, { seed: 4, numRuns: 150 })) {
      const system = buildSymmetric(spec);
      if (explored(system, 400).states.size > 400) continue;
      for (const { name } of system.properties) {
        const [reduced, without] = [
          await check(system, { symmetry: true, properties: [name] }),
          await check(system, { properties: [name] }),
        ];
        expect(reduced.counterexample).toEqual(without.counterexample);
        expect(reduced.properties).toEqual(without.properties);
        if ((without.counterexample?.length ?? 0) > 1) compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(20);
  });

  test('they are not trivial', () => {
    const compared = fc
      .sample(SymmetricSpec, { seed: 1998, numRuns: 90 })
      .flatMap((spec) => ({ spec, ...(orbitsWithin(spec, 160) ?? []) }))
      .filter(({ expected }) => expected !== undefined);
    const share = (of: (each: (typeof compared)[number]) => boolean) =>
      compared.filter(of).length / compared.length;
    const states = (each: (typeof compared)[number]) => each.expected?.states ?? 0;
    expect(compared.length).toBeGreaterThan(25);
    expect(share((each) => states(each) > 20)).toBeGreaterThan(0.2);
    expect(share((each) => states(each) > 20 && each.full === true)).toBeGreaterThan(0.15);
    expect(share((each) => violations(each.expected ?? { found: {} }).length > 0)).toBeGreaterThan(0.2);
    expect(share(({ spec }) => spec.twin.reading !== null)).toBeGreaterThan(0.3);
    expect(share(({ spec }) => spec.crashes > 0 && spec.twin.restart !== null)).toBeGreaterThan(0.2);
  });
});
