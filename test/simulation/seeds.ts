import { effectsBy } from '../../src/simulation/effects.ts';
import type { RuntimeMutant } from '../../src/simulation/mutants.ts';
import { planOf } from '../../src/simulation/plan.ts';
import { type Outcome, simulatePlan, UNDECIDED } from '../../src/simulation/simulate.ts';

/** Within how many seeds, from seed 1 on, each mutant is caught: measured, and some more. */
export const CAUGHT_WITHIN: Readonly<Record<string, number>> = {
  'send-before-sync': 120,
  'skip-the-sync': 10,
  'reads-without-a-quorum': 40,
  'apply-over-a-gap': 10,
  'forget-sessions': 10,
  'discard-at-once': 10,
  'forget-changes': 10,
};

/** So many seeds, from 1 on. */
export const firstSeeds = (count: number) => Array.from({ length: count }, (_, at) => at + 1);

/** What is wrong in some seeds, and what has come of what went wrong in them. */
export async function cleanSeeds(seeds: readonly number[]) {
  const wrong: { seed: number; wrong: Outcome['wrong'] }[] = [];
  let effects = effectsBy(() => 0);
  for (const seed of seeds) {
    const outcome = await simulatePlan(planOf(seed, { operations: 100 }));
    if (outcome.wrong) wrong.push({ seed, wrong: outcome.wrong });
    const before = effects;
    effects = effectsBy((effect) => before[effect] + outcome.effects[effect]);
  }
  return { wrong, effects };
}

/** The first seed in which a mutant is seen to go wrong; null if it is not. A history that could not be judged shows nothing. */
export async function firstCaught(mutant: RuntimeMutant, within: number, from = 1): Promise<number | null> {
  for (let seed = from; seed <= within; seed++) {
    const { wrong } = await simulatePlan(planOf(seed, { operations: 100 }), mutant);
    if (wrong && wrong.what !== UNDECIDED) return seed;
  }
  return null;
}
