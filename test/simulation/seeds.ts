import type { RuntimeMutant } from '../../src/simulation/mutants.ts';
import { planOf } from '../../src/simulation/plan.ts';
import { type Outcome, simulatePlan } from '../../src/simulation/simulate.ts';

/** Within how many seeds, from seed 1 on, each mutant is caught: measured, and about three times as many. */
export const CAUGHT_WITHIN: Readonly<Record<string, number>> = {
  'send-before-sync': 40,
  'skip-the-sync': 10,
  'reads-without-a-quorum': 10,
  'apply-over-a-gap': 10,
  'forget-sessions': 10,
};

/** What is wrong in some seeds, and how much has happened in them. */
export async function cleanSeeds(first: number, seeds: number) {
  const wrong: { seed: number; wrong: Outcome['wrong'] }[] = [];
  const count = { crashes: 0, lost: 0, duplicated: 0 };
  for (let seed = first; seed < first + seeds; seed++) {
    const outcome = await simulatePlan(planOf(seed, { operations: 100 }));
    if (outcome.wrong) wrong.push({ seed, wrong: outcome.wrong });
    for (const name of ['crashes', 'lost', 'duplicated'] as const) count[name] += outcome.count[name];
  }
  return { wrong, count };
}

/** The first seed in which a mutant goes wrong; null if it does not. */
export async function firstCaught(mutant: RuntimeMutant, within: number): Promise<number | null> {
  for (let seed = 1; seed <= within; seed++)
    if ((await simulatePlan(planOf(seed, { operations: 100 }), mutant)).wrong) return seed;
  return null;
}
