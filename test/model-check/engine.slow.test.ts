import fc from 'fast-check';
import { expect, test } from 'vitest';
import { budget } from '../budget.ts';
import { byEngine, byOracleWithin } from './compare.ts';
import { build, most, Spec } from './random-system.ts';

test('engine and oracle agree on hundreds of random systems', async () => {
  const runs = budget({ ci: 120, night: 2000 });
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(Spec, async (spec) => {
      const system = build(spec);
      const expected = byOracleWithin(system, most(spec, 800));
      if (!expected) return;
      compared += 1;
      expect(await byEngine(system)).toEqual(expected);
    }),
    { numRuns: runs },
  );
  // The others have more states than the oracle is given time for.
  expect(compared).toBeGreaterThan(0.7 * runs);
});
