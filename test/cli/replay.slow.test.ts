/** The counterexamples of the larger mutants, replayed. */
import { expect, test } from 'vitest';
import { mutants } from '../../spec/mutants/index.ts';
import { reportIn, synod, temporaryFile } from './run.ts';

const larger = mutants.filter(({ harmless, smallest }) => !harmless && (smallest.acceptors ?? 3) > 2);

test.each(larger)('$name', async ({ name }) => {
  const found = await synod('check', '--mutant', name, '--json');
  const { counterexample } = reportIn(found);
  const told = await synod('replay', temporaryFile('found.json', found.stdout), '--json');
  expect(told).toMatchObject({ status: 1, stderr: '' });
  expect(JSON.parse(told.stdout)).toEqual({
    replayed: counterexample?.length,
    violated: counterexample?.property,
    facts: counterexample?.facts,
  });
});
