import fc from 'fast-check';
import { expect, test } from 'vitest';
import { check } from '../../model-check/check.ts';
import { AbstractConfiguration } from '../../spec/abstract/bounds.ts';
import { lamportPaxos } from '../../spec/abstract/lamport-paxos.ts';
import { PaxosConfiguration } from '../../spec/configuration.ts';
import { paxos } from '../../spec/single-decree.ts';
import { explored } from './compare.ts';
import { buildSymmetric, exploreOrbits, permutationsAmong, SymmetricSpec } from './symmetric-system.ts';

test('lamport-paxos, 4 ballots: as many orbits as TLC finds with Permutations', async () => {
  const report = await check(lamportPaxos(AbstractConfiguration.parse({ ballots: 4 })), { symmetry: true });
  expect(report).toMatchObject({
    distinctStates: 710_709,
    symmetry: { order: 12, represented: 8_220_065 },
    diameter: 32,
    verdict: 'holds',
    frontier: 0,
  });
});

test.each([
  [119_865, { ballots: [2, 1] }],
  [4_990_041, { ballots: 2 }],
])('paxos: the orbits stand for %i states', async (represented, bounds) => {
  const report = await check(paxos(PaxosConfiguration.parse(bounds)), { symmetry: true });
  expect(report).toMatchObject({ symmetry: { order: 6, represented }, verdict: 'holds', frontier: 0 });
  expect(report.distinctStates).toBeLessThan(represented / 5);
});

test('hundreds of random symmetric systems', async () => {
  const runs = 250;
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(SymmetricSpec, async (spec) => {
      const system = buildSymmetric(spec);
      if (explored(system, 300).states.size > 300) return;
      const group = permutationsAmong(Object.keys(system.symmetry?.permutations[0] ?? {}));
      const naive = exploreOrbits(system, group);
      const report = await check(system, { symmetry: true, enough: () => false });
      expect(report.distinctStates).toBe(naive?.orbits);
      expect(report.symmetry?.represented).toBe(naive?.states);
      expect(report.diameter).toBe(naive?.diameter);
      for (const { name, length } of [...report.properties, ...report.reached]) {
        expect([name, length]).toEqual([name, naive?.found[name]]);
      }
      compared += 1;
    }),
    { numRuns: runs },
  );
  expect(compared).toBeGreaterThan(0.25 * runs);
});
