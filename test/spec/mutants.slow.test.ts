import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { check } from '../../model-check/check.ts';
import type { Entry } from '../../scripts/gallery-readme.ts';
import { PaxosConfiguration } from '../../spec/index.ts';
import { mutants, mutated, sizeOf, smallerThan, total } from '../../spec/mutants/index.ts';
import { budget } from '../budget.ts';

const file = new URL('../../spec/mutants/gallery.json', import.meta.url);
const entries = (JSON.parse(readFileSync(file, 'utf8')) as { mutants: Entry[] }).mutants;
const requirements = ['validity', 'agreement', 'learned-is-chosen'];

describe('the smallest configuration', () => {
  const searched = mutants.filter(({ name }) =>
    entries.some((entry) => entry.name === name && entry.smaller?.which === 'all that are smaller'),
  );

  test('is searched for wherever that can be done', () => {
    const unsafe = mutants.filter(({ harmless }) => harmless === undefined);
    expect(searched).toEqual(unsafe.filter(({ hears }) => hears === undefined));
  });

  // Where there is more to search, `npm run gallery -- --all` does it.
  const quickly = searched.filter(({ name }) =>
    entries.some((entry) => entry.name === name && (entry.smaller?.distinctStates ?? 0) < 600_000),
  );

  test.each(quickly)('of $name: none that is smaller shows it', async (mutant) => {
    let distinctStates = 0;
    for (const size of smallerThan(mutant.smallest)) {
      const configuration = PaxosConfiguration.parse({ ...size, ballots: [...size.ballots] });
      const report = await check(mutated(configuration, mutant), { properties: requirements });
      expect(report.verdict, JSON.stringify(size)).toBe('holds');
      distinctStates += report.distinctStates;
    }
    expect(total(sizeOf(mutant.smallest))).toBeLessThanOrEqual(8);
    expect(distinctStates).toBe(entries.find(({ name }) => name === mutant.name)?.smaller?.distinctStates);
  });
});

// The largest, with five acceptors, takes more memory than a test should: npm run gallery -- --all.
describe('configurations of some ten million states', () => {
  const large = mutants.flatMap((mutant) =>
    (mutant.large ?? []).map((bounds, at) => ({ mutant, name: mutant.name, bounds, at })),
  );

  // At night one of them: the other, and the largest, are for `npm run gallery -- --all`.
  const some = large.filter(({ bounds }) => bounds.acceptors === 3).slice(0, 1);
  test.skipIf(budget({ ci: 0, night: 1 }) === 0).each(some)(
    '$name, $bounds',
    async ({ mutant, bounds, at }) => {
      const report = await check(mutated(PaxosConfiguration.parse(bounds), mutant), {
        properties: requirements,
        symmetry: true,
      });
      const recorded = entries.find(({ name }) => name === mutant.name)?.large[at];
      expect(report.verdict).toBe('holds');
      expect(report.symmetry?.represented).toBe(recorded?.distinctStates);
    },
  );
});
