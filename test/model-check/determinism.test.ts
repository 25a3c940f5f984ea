import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { check } from '../../model-check/check.ts';
import type { Envelope, System } from '../../model-check/system.ts';
import { PaxosConfiguration } from '../../spec/configuration.ts';
import { findMutant, mutated } from '../../spec/mutants/index.ts';
import { byEngine, explored } from './compare.ts';
import { build, Spec } from './random-system.ts';

/** A report without what depends on the clock. */
async function timeless<S, M extends Envelope, E>(system: System<S, M, E>) {
  const { seconds, statesPerSecond, ...rest } = await check(system);
  expect(seconds).toBeGreaterThanOrEqual(0);
  expect(statesPerSecond).toBeGreaterThanOrEqual(0);
  return rest;
}

const small = Spec.filter((spec) => explored(build(spec), 500).done);

describe('a report', () => {
  test('is the same for every run of one system, but for times', async () => {
    await fc.assert(
      fc.asyncProperty(small, async (spec) => {
        expect(await timeless(build(spec))).toEqual(await timeless(build(spec)));
      }),
      { numRuns: 40 },
    );
  });

  test('of broken Paxos as well, to the last word', async () => {
    const mutant = findMutant('promise-not-durable');
    if (!mutant) throw new Error('no such mutant');
    const configuration = PaxosConfiguration.parse({ acceptors: 2, proposers: 2, crashes: 1 });
    const run = async () => JSON.stringify(await timeless(mutated(configuration, mutant)));
    expect(await run()).toBe(await run());
  });
});

describe('counts do not depend on the order in which a system is written', () => {
  test('of actors, readings, observers, crash groups, properties and situations', async () => {
    await fc.assert(
      fc.asyncProperty(small, fc.infiniteStream(fc.nat()), async (spec, rolls) => {
        const shuffled = <T>(items: readonly T[]): T[] =>
          items
            .map((item) => ({ item, roll: rolls.next().value }))
            .sort((a, b) => a.roll - b.roll)
            .map(({ item }) => item);
        const system = build(spec);
        const { budget = 0, groups } = system.crashes ?? {};
        const other = {
          ...system,
          actors: shuffled(system.actors),
          readings: shuffled(system.readings ?? []),
          observers: shuffled(system.observers ?? []),
          crashes: groups ? { budget, groups: shuffled(groups) } : { budget },
          properties: shuffled(system.properties),
          situations: shuffled(system.situations ?? []),
        };
        expect(await byEngine(other)).toEqual(await byEngine(system));
      }),
      { numRuns: 60 },
    );
  });

  test('nor do the verdict, the lengths and the shortest length shown of Paxos', async () => {
    const mutant = findMutant('half-is-a-quorum');
    if (!mutant) throw new Error('no such mutant');
    const system = mutated(PaxosConfiguration.parse({ acceptors: 2, proposers: 2 }), mutant);
    const forwards = await timeless(system);
    const backwards = await timeless({ ...system, actors: [...system.actors].reverse() });
    expect(backwards.counterexample?.length).toBe(forwards.counterexample?.length);
    expect({ ...backwards, counterexample: undefined, rules: [] }).toEqual({
      ...forwards,
      counterexample: undefined,
      rules: [],
      peakMemoryBytes: backwards.peakMemoryBytes,
    });
  });
});
