/** The gallery of single-decree mutants, played by other programs: the same verdicts, in as many steps. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Entry } from '../../scripts/gallery-readme.ts';
import { mutants } from '../../spec/mutants/index.ts';
import { budget } from '../budget.ts';
import { foreignMutant, type Kind } from './foreign.ts';

const gallery = new URL('../../spec/mutants/gallery.json', import.meta.url);
const { mutants: entries } = JSON.parse(readFileSync(gallery, 'utf8')) as { mutants: Entry[] };

/** The requirements broken, each in so many steps, as far as steps go. */
const brokenIn = (requirements: readonly { name: string; length?: number | undefined }[], most = Infinity) =>
  requirements.flatMap(({ name, length }) =>
    length === undefined || length > most ? [] : [{ name, length }],
  );

/** So many of the kinds for each mutant: in CI they take turns. */
const KINDS = budget({ ci: 1, night: 2 });

/** The mutants, as programs of one kind. The kinds are in files of their own, so that they run side by side. */
export function testMutants(kind: Kind): void {
  describe(`as ${kind} programs, the mutants`, () => {
    const asked = mutants.filter((_, at) => KINDS === 2 || at % 2 === (kind === 'stateful' ? 0 : 1));
    test.each(asked.map((mutant) => ({ name: mutant.name, mutant })))('$name', async ({ name, mutant }) => {
      const { smallest } = entries.find((entry) => entry.name === name) as Entry;
      const properties = smallest.requirements.map((requirement) => requirement.name);
      const report = await foreignMutant(mutant, kind, { properties });
      const found = report.properties.filter((property) => properties.includes(property.name));
      // The run ends with the first that is broken.
      const first = Math.min(...brokenIn(found).map(({ length }) => length));
      expect(brokenIn(found)).toEqual(brokenIn(smallest.requirements, first));
      expect(report.foreign?.flatMap(({ findings }) => findings)).toEqual([]);
      if (mutant.harmless === undefined) expect(report.verdict).toBe('violated');
      else expect([report.verdict, report.distinctStates]).toEqual(['holds', smallest.distinctStates]);
    });
  });
}
