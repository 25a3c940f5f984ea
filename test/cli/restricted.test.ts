/** A mutant that is shown on some of its runs only is never told to hold, and says which runs were looked at. */
import { expect, test } from 'vitest';
import { check } from '../../model-check/index.ts';
import { mutants } from '../../spec/mutants/index.ts';
import { buildSystem } from '../../src/systems.ts';

const partly = mutants.filter(({ hears }) => hears !== undefined);

test('there are such mutants', () => expect(partly.length).toBeGreaterThan(0));

test.each(partly)('$name', async ({ name, smallest }) => {
  const recipe = { system: 'paxos', configuration: smallest, mutant: name };
  const build = (demonstration: boolean) =>
    buildSystem({ ...recipe, demonstration }, (path) => path.join('.')).system;
  // P1 is not broken by it: without the restriction this would be told to hold.
  const report = await check(build(true), { properties: ['P1'] });
  expect(report).toMatchObject({ verdict: 'incomplete', frontier: 0 });
  expect(report.properties[0]?.verdict).toBe('incomplete');
  expect(report.restricted).toMatch(/only the runs/);
  expect(build(false).restricted).toBeUndefined();
});
