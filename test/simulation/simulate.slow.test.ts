/** More seeds than the fast test has. */
import { expect, test } from 'vitest';
import { budget } from '../budget.ts';
import { cleanSeeds, firstSeeds } from './seeds.ts';

const SEEDS = budget({ ci: 100, night: 10_000 });

test(`nothing goes wrong in ${SEEDS} seeds`, async () => {
  expect((await cleanSeeds(firstSeeds(SEEDS))).wrong).toEqual([]);
});
