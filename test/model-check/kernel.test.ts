import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { check } from '../../model-check/check.ts';
import { recorded } from '../../model-check/checkpoint.ts';
import { Explorer } from '../../model-check/explorer.ts';
import { Kernel } from '../../model-check/kernel/kernel.ts';
import { Tables } from '../../model-check/kernel/tables.ts';
import { StateSet } from '../../model-check/state-set.ts';
import type { Envelope, System } from '../../model-check/system.ts';
import { PaxosConfiguration, paxos } from '../../spec/index.ts';
import type { AnySystem } from '../../src/systems.ts';
import { byEngine, byOracleWithin, withSymmetry } from './compare.ts';
import { alike, counters, expected, expectedAlike } from './counters.ts';
import { again, everything, familiar, kernelWork, lamport, little, withKernel } from './kernels.ts';
import { compareApart, countsApart } from './passive-system.ts';
import { build, most, Spec } from './random-system.ts';
import { buildSymmetric, exploreOrbits, SymmetricSpec } from './symmetric-system.ts';

/** A system explored to the end, with or without the kernel, in slices of so many states. */
function explored<S, M extends Envelope, E>(
  system: System<S, M, E>,
  least: number,
  { slice = 1000, states = Infinity, symmetric = false } = {},
) {
  Kernel.least = least;
  const explorer = recorded(system, symmetric);
  while (!explorer.done && explorer.size < states) explorer.run(slice);
  return explorer;
}

describe('the kernel', () => {
  test('agrees with the naive oracle on random systems', async () => {
    withKernel(little);
    const work = kernelWork();
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(Spec, async (spec) => {
        const system = build({ ...spec, observers: [] });
        const expected = byOracleWithin(system, most(spec, 120));
        if (!expected) return;
        Kernel.least = 1;
        expect(await byEngine(system)).toEqual(expected);
        const known = again(system, 1);
        expect(known).toEqual(again(system, Infinity));
        expect(known).toMatchObject({ size: expected.distinctStates, transitions: expected.transitions });
        compared += expected.distinctStates;
      }),
      { numRuns: 40 },
    );
    expect(work.states).toBeGreaterThan(0.7 * compared);
  }, 90_000);

  test('agrees with the naive canonicaliser on random systems with symmetries', async () => {
    withKernel(little);
    const work = kernelWork();
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(SymmetricSpec, async (spec) => {
        const system = buildSymmetric({ ...spec, reachable: [] });
        const naive = exploreOrbits(system, system.symmetry?.permutations ?? [], 150);
        if (!naive) return;
        const { largest: _, ...expected } = naive;
        Kernel.least = 1;
        expect(await withSymmetry(system)).toEqual(expected);
        const known = again(system, 1, Infinity, new Explorer(system, true));
        expect(known).toEqual(again(system, Infinity, Infinity, new Explorer(system, true)));
        expect(known).toMatchObject({ size: naive.orbits, represented: naive.states });
        compared += naive.orbits;
      }),
      { numRuns: 100 },
    );
    expect(compared).toBeGreaterThan(200);
    expect(work.states).toBeGreaterThan(0.7 * compared);
  }, 90_000);

  test('counts what passive actors stand for as the naive oracle does', async () => {
    withKernel(little);
    const work = kernelWork();
    const { explored } = await compareApart(60, 150);
    expect(work.states).toBeGreaterThan(0.1 * explored);
  }, 90_000);

  test('notices where they are not counted', async () => {
    withKernel(little);
    const system = paxos(PaxosConfiguration.parse({ acceptors: 2, learners: 1 }));
    const { counts } = await countsApart(system);
    expect(counts.distinctStates).toBe((await check(system)).distinctStates);
    const count = vi.spyOn(Explorer.prototype as unknown as { count(): void }, 'count');
    count.mockImplementation(() => {});
    expect((await countsApart(system)).counts).not.toEqual(counts);
    count.mockRestore();
  });

  test.each<[string, boolean, AnySystem]>([
    ...familiar,
    ['paxos with symmetry', true, paxos(PaxosConfiguration.parse({ learners: 1 }))],
    [
      'paxos with quorums that leave one symmetry',
      true,
      paxos(
        PaxosConfiguration.parse({ quorums: { phase1: [['a1', 'a2']], phase2: [['a1'], ['a2', 'a3']] } }),
      ),
    ],
  ])('%s: does what is done without it, to the last word', (_name, symmetric, system) => {
    withKernel(little, Tables.recalled);
    const work = kernelWork();
    for (const slice of [97, 5000]) {
      const before = work.states;
      const without = everything(explored(system, Infinity, { slice, symmetric }));
      expect(work.states).toBe(before);
      expect(everything(explored(system, 1, { slice, symmetric }))).toEqual(without);
      expect(work.states).toBeGreaterThan(before + without.size / 2);
    }
  });

  test('begins in mid-run, and is left when its memory is too small', () => {
    withKernel({ ...little, most: little.tables + 65 * 2 ** 12 });
    const work = kernelWork();
    const system = lamport(3);
    const whole = 70_000;
    const without = everything(explored(system, Infinity, { states: whole }));
    const explorer = explored(system, 5000, { states: whole });
    expect(everything(explorer)).toEqual(without);
    expect(explorer.states.settled).toBe(false);
    expect(work.states).toBeGreaterThan(1000);
    expect(work.states).toBeLessThan(whole / 2);
  });

  test.each([
    { limits: [600, 20], inert: 50 },
    { limits: [600, 20], inert: 30 },
    { limits: [25, 25, 25], inert: 45 },
  ])(
    '$limits counters beside $inert inert actors: goes on after states are packed anew',
    ({ limits, inert }) => {
      withKernel({ ...little, tables: 2 ** 23, most: 2 ** 23 + 65 * 2 ** 16 });
      const work = kernelWork();
      const { states, transitions, depth } = explored(counters(limits, inert), 1);
      expect({ distinctStates: states.size, transitions, diameter: depth }).toEqual(expected(limits));
      expect(work.states).toBeGreaterThan(2000);
    },
  );

  test.each([
    { count: 2, limit: 60, inert: 45 },
    { count: 3, limit: 40, inert: 40 },
    { count: 4, limit: 20, inert: 40 },
  ])('$count counters that are alike, whose fields get too narrow', ({ count, limit, inert }) => {
    withKernel({ ...little, tables: 2 ** 23, most: 2 ** 23 + 65 * 2 ** 16 });
    const work = kernelWork();
    const system = alike(count, limit, inert);
    const widen = vi.spyOn(Explorer.prototype as unknown as { widen(): void }, 'widen');
    const { size, represented } = explored(system, 1, { symmetric: true });
    expect(widen).toHaveBeenCalled();
    expect({ size, represented }).toEqual(expectedAlike(count, limit));
    expect(work.states).toBeGreaterThan(size / 2);
    widen.mockRestore();
  });

  const refusing = class {
    constructor() {
      throw new Error('refused by a content security policy');
    }
  };
  const platform = (globalThis as { WebAssembly?: Record<'Memory' | 'Instance' | 'Module', unknown> })
    .WebAssembly;

  test.each([
    ['there is no WebAssembly', undefined],
    ['no memory may be shared', { Memory: refusing, Instance: platform?.Instance, Module: platform?.Module }],
    [
      'compiling is not allowed',
      { Memory: platform?.Memory, Instance: platform?.Instance, Module: refusing },
    ],
  ])('is done without where %s', (_name, platform) => {
    withKernel(little);
    const work = kernelWork();
    const without = everything(explored(lamport(2), Infinity));
    vi.stubGlobal('WebAssembly', platform);
    expect(everything(explored(lamport(2), 1))).toEqual(without);
    vi.unstubAllGlobals();
    expect(work.states).toBe(0);
  });

  test.each(familiar)(
    '%s: is left in mid-run when the tables have no more room',
    (_name, symmetric, system) => {
      withKernel({ ...little, tables: 2 ** 18 + 2 ** 13 });
      const leave = vi.spyOn(StateSet.prototype, 'leave');
      const work = kernelWork();
      const without = everything(explored(system, Infinity, { symmetric }));
      expect(everything(explored(system, 1, { symmetric }))).toEqual(without);
      expect(work.states).toBeGreaterThan(0);
      expect(leave).toHaveBeenCalled();
      leave.mockRestore();
    },
  );

  test('is done without where the tables have no room', () => {
    withKernel({ ...little, tables: 2 ** 16 });
    const work = kernelWork();
    const without = everything(explored(lamport(2), Infinity));
    expect(everything(explored(lamport(2), 1))).toEqual(without);
    expect(work.states).toBe(0);
  });

  test('is no part of an explorer with observers', () => {
    withKernel(little);
    const work = kernelWork();
    const spec = fc
      .sample(Spec, { seed: 7, numRuns: 100 })
      .find(({ observers }) => observers.length > 0) as Spec;
    const explorer = new Explorer(build(spec));
    for (let slice = 0; slice < 5; slice++) explorer.run(100);
    expect(explorer.size).toBeGreaterThan(1);
    expect(work.states).toBe(0);
  });
});
