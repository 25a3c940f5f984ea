/**
 * The twins: independent texts of the specification, checked by Spin, must have the same number of states and transitions, the
 * same diameter and, where a rule is broken, the same shortest violation as our engine finds. TWINS=large also compares the
 * configurations that take a minute.
 */
import { describe, expect, test } from 'vitest';
import { bySpin, bySynod, configurations, described, missingForSpin } from '../../scripts/twins-runs.ts';

const missing = await missingForSpin();
if (missing) process.stdout.write(`\nSKIPPED: the twins are not compared with Spin, because ${missing}.\n`);

const large = process.env['TWINS'] === 'large';
const cases = configurations
  .filter((configuration) => large || !configuration.large)
  .map((configuration) => [described(configuration), configuration] as const);

describe.skipIf(missing !== undefined)('Spin counts what our engine counts', () => {
  test.each(cases)('%s', async (_name, configuration) => {
    expect(await bySpin(configuration)).toEqual(await bySynod(configuration));
  });
});

test('the comparison covers broken rules whose violation is found, and one that is not', async () => {
  const broken = configurations.filter((configuration) => 'mutant' in configuration);
  const lengths = (await Promise.all(broken.map(bySynod))).map(({ shortest }) => shortest);
  expect(lengths).toContain(null);
  expect(new Set(lengths).size).toBeGreaterThanOrEqual(4);
});
