import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonical } from '../../model-check/canonical.ts';
import { check } from '../../model-check/check.ts';
import { PaxosConfiguration } from '../../spec/configuration.ts';
import { findMutant, mutated } from '../../spec/mutants/index.ts';
import { byOracleWithin } from './compare.ts';
import { compareCounterexamples } from './compare-counterexamples.ts';
import { build, most, Spec } from './random-system.ts';
import { flaw } from './shortest.ts';

describe('counterexamples of random systems', () => {
  test('are the least of the shortest, and replay through the transition functions', async () => {
    const lengths: number[] = [];
    await fc.assert(
      fc.asyncProperty(Spec, async (spec) => {
        const system = build(spec);
        if (byOracleWithin(system, most(spec, 120))) lengths.push(await compareCounterexamples(system));
      }),
      { numRuns: 100 },
    );
    expect(lengths.filter((length) => length >= 0).length).toBeGreaterThan(8);
    expect(lengths.filter((length) => length > 1).length).toBeGreaterThan(1);
  }, 90_000);
});

describe('counterexamples of broken Paxos', () => {
  test.each([
    'promise-not-durable',
    'accepted-not-durable',
    'send-before-write',
    'own-value',
    'old-promises-counted',
    'half-is-a-quorum',
    'quorums-apart',
    'shared-ballots',
    'accepts-lower',
    'learner-believes-one',
    'announced-after-phase-1',
  ])('%s, for every property that it breaks', async (name) => {
    const mutant = findMutant(name);
    if (!mutant) throw new Error(`no mutant ${name}`);
    const system = mutated(PaxosConfiguration.parse(mutant.smallest), mutant);
    expect(await compareCounterexamples(system)).toBeGreaterThan(3);
  });
});

describe('what a replay notices', () => {
  test('every single change to the steps of a counterexample', async () => {
    const mutant = findMutant('promise-not-durable');
    if (!mutant) throw new Error('no such mutant');
    const system = mutated(PaxosConfiguration.parse({ acceptors: 1, proposers: 2, crashes: 1 }), mutant);
    const { counterexample: right } = await check(system, { properties: ['agreement'] });
    if (!right) throw new Error('no counterexample');
    expect(flaw(system, right)).toBeUndefined();
    const { steps } = right;
    for (const at of steps.keys()) {
      const without = steps.filter((_, other) => other !== at);
      expect(flaw(system, { ...right, steps: without }), `without step ${at + 1}`).toBeDefined();
      expect(flaw(system, { ...right, steps: without, length: without.length })).toBeDefined();
      const sent = steps.with(at, { ...steps[at]!, sent: [...steps[at]!.sent, { type: 'prepare' }] });
      expect(flaw(system, { ...right, steps: sent })).toBeDefined();
      const changed = steps.with(at, { ...steps[at]!, changed: steps[at]!.changed.slice(1) });
      if (canonical(changed) !== canonical(steps))
        expect(flaw(system, { ...right, steps: changed })).toBeDefined();
    }
    expect(flaw(system, { ...right, facts: 'something else' })).toBeDefined();
    expect(flaw(system, { ...right, property: 'validity' })).toBeDefined();
  });
});
