/** The gallery of the log has every mutant, as it is. That its figures are current is for `npm run gallery -- --check` to say. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { check } from '../../../model-check/check.ts';
import { fillTables } from '../../../scripts/gallery-readme.ts';
import { type LogEntry, logTables } from '../../../scripts/log-gallery-readme.ts';
import { systems } from '../../../src/systems.ts';

const folder = new URL('../../../spec/log/mutants/', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, folder), 'utf8');
const Gallery = z.object({ mutants: z.array(z.custom<LogEntry>()) });
const { mutants: entries } = Gallery.parse(JSON.parse(read('gallery.json')));
const system = systems.find(({ name }) => name === 'multi-paxos');
if (!system) throw new Error('no system multi-paxos');

describe('the gallery of the log', () => {
  test('has every mutant, in the configuration in which it is checked', () => {
    expect(entries.map(({ name, configuration, harmless }) => ({ name, configuration, harmless }))).toEqual(
      system.mutants.map(({ name, smallest, harmless }) => ({
        name,
        configuration: system.configuration.parse(smallest),
        harmless: harmless !== undefined,
      })),
    );
  });

  test('is what its page shows, with who makes the mistake and a story of each', () => {
    const page = read('README.md');
    expect(fillTables(page, logTables(system, entries))).toBe(page);
    for (const { who, breaks } of system.mutants) {
      expect(page).toContain(who);
      expect(page).toContain(breaks);
    }
    for (const { story, harmless, requirements } of entries) {
      expect(requirements.length > 0).toBe(!harmless);
      if (!harmless) expect(story?.property).toBe(requirements[0]?.name);
      for (const text of story?.steps ?? []) expect(page).toContain(`. ${text}\n`);
    }
  });

  test('a page whose figures are others is noticed', () => {
    const page = read('README.md');
    const [first, ...others] = entries as [LogEntry, ...LogEntry[]];
    const changed = [{ ...first, distinctStates: first.distinctStates + 1 }, ...others];
    expect(fillTables(page, logTables(system, changed))).not.toBe(page);
    expect(() => fillTables('<!-- table stray -->\n<!-- end -->', {})).toThrow('a table "stray"');
  });

  test('of the smallest configurations nothing can be spared', async () => {
    const [{ name, smallest }] = entries as [LogEntry];
    const mutant = system.mutants.find((each) => each.name === name);
    expect(smallest?.safe.length).toBeGreaterThan(0);
    for (const spared of smallest?.safe ?? []) {
      const { configuration = {} } = smallest ?? {};
      const less = { ...configuration, [spared]: (configuration[spared] as number) - 1 };
      const report = await check((mutant as NonNullable<typeof mutant>).build(less));
      expect(
        report.properties.filter(({ kind, verdict }) => kind === 'requirement' && verdict === 'violated'),
      ).toEqual([]);
    }
    expect(entries.filter((entry) => entry.smallest === undefined).every(({ harmless }) => harmless)).toBe(
      true,
    );
  });
});
