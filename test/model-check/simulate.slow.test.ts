/** Random walks through the gallery of broken variants. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { simulate } from '../../model-check/simulate.ts';
import { demonstration, type Mutant, mutants } from '../../spec/mutants/index.ts';
import { root } from '../cli/run.ts';
import { flaw } from './shortest.ts';

/** Whether walks from seed 1 catch a mutant: a requirement is violated, and the walk that is shown says so. */
async function caught(mutant: Mutant, walks: number): Promise<boolean> {
  const system = demonstration(mutant);
  const { properties, counterexample } = await simulate(system, { walks });
  if (counterexample) expect(flaw(system, counterexample)).toBeUndefined();
  return properties.some(({ kind, first }) => kind === 'requirement' && first);
}

test('walks catch as many of the unsafe variants as docs/random-walks.md says, and none that is harmless', async () => {
  const unsafe = mutants.filter(({ harmless }) => !harmless);
  const numbers: number[] = [];
  for (const walks of [300, 3_000]) {
    let count = 0;
    for (const mutant of mutants) {
      const found = await caught(mutant, walks);
      if (mutant.harmless) expect({ name: mutant.name, found }).toEqual({ name: mutant.name, found: false });
      else if (found) count += 1;
    }
    numbers.push(count);
  }
  const page = readFileSync(join(root, 'docs/random-walks.md'), 'utf8').replaceAll(/\s+/g, ' ');
  expect(page).toContain(
    `Of the ${unsafe.length} unsafe variants in [the gallery](../spec/mutants/README.md), each in its smallest configuration,` +
      ` 300 walks from seed 1 catch ${numbers[0]}, and 3,000 catch ${numbers[1]};`,
  );
});
