/** More seeds than the fast test has. */
import { expect, test } from 'vitest';
import { budget } from '../budget.ts';
import { cleanSeeds, firstSeeds } from './seeds.ts';

const SEEDS = budget({ ci: 100, night: 10_000 });

test(`nothing goes wrong in ${SEEDS} seeds`, async () => {
  expect((await cleanSeeds(firstSeeds(SEEDS))).wrong).toEqual([]);
});

// That of 183 has 41 outcomes that are unknown.
test.each([183, 313])('the history of seed %i, which was once too long to judge, is judged', async (seed) => {
  expect((await cleanSeeds([seed])).wrong).toEqual([]);
});
