import { expect } from 'vitest';
import { check } from '../../model-check/check.ts';
import type { Envelope, System } from '../../model-check/system.ts';
import { flaw, leastShortest, pathOf } from './shortest.ts';

/**
 * Asks the engine for a counterexample of each violated property, and holds it against the naive one. Returns the length
 * of the longest, -1 if all properties hold.
 */
export async function compareCounterexamples<S, M extends Envelope, E>(system: System<S, M, E>) {
  let longest = -1;
  for (const property of system.properties) {
    const { verdict, counterexample, distinctStates } = await check(system, { properties: [property.name] });
    if (!counterexample) {
      // That it holds is for the differential test to compare.
      expect(verdict).toBe('holds');
      continue;
    }
    const expected = leastShortest(system, property) ?? [];
    expect(verdict).toBe('violated');
    expect(counterexample.property).toBe(property.name);
    expect(counterexample.length).toBe(expected.length);
    expect(flaw(system, counterexample)).toBeUndefined();
    expect(pathOf(system, counterexample)).toEqual(expected);
    // The same one, wherever the run ends.
    const whole = await check(system, { properties: [property.name], enough: () => false });
    expect(whole.distinctStates).toBeGreaterThanOrEqual(distinctStates);
    expect(whole.counterexample).toEqual(counterexample);
    longest = Math.max(longest, expected.length);
  }
  return longest;
}
