import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { check } from '../../model-check/check.ts';
import { PaxosConfiguration } from '../../spec/configuration.ts';
import { mutants, mutated } from '../../spec/mutants/index.ts';
import { byOracleWithin } from './compare.ts';
import { compareCounterexamples } from './compare-counterexamples.ts';
import { build, most, Spec } from './random-system.ts';

test('counterexamples of a hundred random systems are the least of the shortest', async () => {
  let violated = 0;
  await fc.assert(
    fc.asyncProperty(Spec, async (spec) => {
      const system = build(spec);
      if (!byOracleWithin(system, most(spec, 300))) return;
      if ((await compareCounterexamples(system)) >= 0) violated += 1;
    }),
    { numRuns: 100 },
  );
  expect(violated).toBeGreaterThan(10);
});

describe('counterexamples of the gallery, as far as the oracle can follow', () => {
  test.for(mutants.map((mutant) => [mutant.name, mutant] as const))('%s', async ([, mutant], { skip }) => {
    const system = mutated(PaxosConfiguration.parse(mutant.smallest), mutant);
    const { stopped, properties } = await check(system, { maxStates: 2_500 });
    const broken = properties.filter(({ verdict }) => verdict === 'violated').map(({ name }) => name);
    // Of the others the oracle would take hours, or nothing is violated.
    if (stopped !== 'a violation was found') skip();
    const shown = { ...system, properties: system.properties.filter(({ name }) => broken.includes(name)) };
    expect(await compareCounterexamples(shown)).toBeGreaterThan(3);
  });
});
