import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Offers } from '../../model-check/offers.ts';
import { byEngine, byOracleWithin } from './compare.ts';
import { build, most, Spec } from './random-system.ts';
import { statisticsOf } from './statistics.ts';

describe('engine against the naive oracle, on random systems', () => {
  test('they agree on states, transitions, diameter, questions, rules, and every shortest length', async () => {
    await fc.assert(
      fc.asyncProperty(Spec, async (spec) => {
        const system = build(spec);
        const expected = byOracleWithin(system, most(spec, 240));
        if (expected) expect(await byEngine(system)).toEqual(expected);
      }),
      { numRuns: 160 },
    );
  }, 90_000);

  test('the same with every look-up compiled from the first state on', async () => {
    const { patience } = Offers;
    Offers.patience = 0;
    onTestFinished(() => {
      Offers.patience = patience;
    });
    await fc.assert(
      fc.asyncProperty(Spec, async (spec) => {
        const system = build(spec);
        const expected = byOracleWithin(system, most(spec, 120));
        if (expected) expect(await byEngine(system)).toEqual(expected);
      }),
      { numRuns: 80 },
    );
  }, 90_000);

  test('the random systems are not trivial', async () => {
    const { compared, shares } = await statisticsOf(fc.sample(Spec, { seed: 20010401, numRuns: 150 }), 240);
    expect(compared).toBeGreaterThan(80);
    const least: Record<keyof typeof shares, number> = {
      'more than 20 states': 0.4,
      'more than 100 states': 0.07,
      'a property violated at a depth above 2': 0.1,
      'a state property violated at a depth above 1': 0.05,
      'a property that holds': 0.3,
      'a step property violated by a self-loop only': 0.02,
      'a crash that changes the counts': 0.25,
      'a group of several that crashes': 0.05,
      'a write lost in a crash': 0.03,
      'a step of a reading that is taken': 0.3,
      'observers that multiply the states': 0.1,
      'an observer that notices a self-loop': 0.05,
      'a message to its own sender': 0.4,
      'a layout that was widened in mid-run': 0.03,
      'a layout of three words or more': 0.02,
      'something reachable at first, and not always': 0.03,
      'something that is not at once, and always reachable': 0.02,
      'something out of reach, and all of it exempt': 0.02,
    };
    for (const [what, share] of Object.entries(least)) {
      expect(shares[what as keyof typeof shares], what).toBeGreaterThanOrEqual(share);
    }
  });
});
