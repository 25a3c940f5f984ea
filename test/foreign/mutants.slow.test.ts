import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Entry } from '../../scripts/gallery-readme.ts';
import { mutants } from '../../spec/mutants/index.ts';
import { foreignMutant, type Kind } from './foreign.ts';

const gallery = new URL('../../spec/mutants/gallery.json', import.meta.url);
const { mutants: entries } = JSON.parse(readFileSync(gallery, 'utf8')) as { mutants: Entry[] };

/** The requirements broken, each in so many steps, as far as steps go. */
const brokenIn = (requirements: readonly { name: string; length?: number | undefined }[], most = Infinity) =>
  requirements.flatMap(({ name, length }) =>
    length === undefined || length > most ? [] : [{ name, length }],
  );

// Every third mutant, as a program of one kind or of the other by turns: each takes two processes.
describe.each<Kind>(['stateless', 'stateful'])('as %s programs, the mutants', (kind) => {
  const turn = kind === 'stateless' ? 0 : 3;
  const some = mutants.filter((_, at) => at % 6 === turn).map((mutant) => ({ name: mutant.name, mutant }));
  test.each(some)('$name', async ({ name, mutant }) => {
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
