/** More seeds than the fast test has. Nightly: `npm run -s synod -- simulate --seeds 10000`. */
import { expect, test } from 'vitest';
import { cleanSeeds } from './seeds.ts';

test('nothing goes wrong in 100 seeds', async () => {
  expect((await cleanSeeds(1, 100)).wrong).toEqual([]);
});
