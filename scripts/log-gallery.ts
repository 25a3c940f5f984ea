/** The gallery of the log: each mutant of multi-paxos checked, what was found, and its shortest story. Run by gallery.ts. */
import { check, type Report } from '../model-check/index.ts';
import { type NamedMutant, type NamedSystem, systems } from '../src/systems.ts';
import { existing, publish } from './existing.ts';
import { fillTables } from './gallery-readme.ts';
import { type LogEntry, type LogSmallest, logTables } from './log-gallery-readme.ts';

type Configuration = Record<string, unknown>;

/** A configuration is searched to the end, or up to this many states. */
const BOUND = 4_000_000;

const GALLERY = new URL('../spec/log/mutants/gallery.json', import.meta.url);
const README = new URL('../spec/log/mutants/README.md', import.meta.url);

/**
 * Checks every mutant of the log, and writes the gallery, or says whether it is stale.
 *
 * @param all also the search for the smallest configurations; else its results are taken over
 */
export async function logGallery({ all, compare }: { all: boolean; compare: boolean }): Promise<void> {
  const system = systems.find(({ name }) => name === 'multi-paxos') as NamedSystem;
  const before = JSON.parse(existing(GALLERY) || '{"mutants":[]}') as { mutants: LogEntry[] };
  const entries: LogEntry[] = [];
  for (const mutant of system.mutants) {
    const known = before.mutants.find(({ name }) => name === mutant.name);
    entries.push(await entryOf(system, mutant, all ? undefined : known));
  }
  publish(
    [
      {
        file: GALLERY,
        text: `${JSON.stringify({ format: 'synod-log-gallery/1', mutants: entries }, null, 2)}\n`,
      },
      { file: README, text: fillTables(existing(README), logTables(system, entries)) },
    ],
    compare,
  );
}

/** The entry of a mutant; the search for the smallest is taken over from the entry `known`, if it is of the same configuration. */
async function entryOf(
  system: NamedSystem,
  mutant: NamedMutant,
  known: LogEntry | undefined,
): Promise<LogEntry> {
  const configuration = system.configuration.parse(mutant.smallest);
  const report = await check(mutant.build(configuration), { enough: () => false, maxStates: BOUND });
  const { distinctStates, diameter, stopped, counterexample } = report;
  const story = counterexample && {
    property: counterexample.property,
    steps: counterexample.steps.map(({ text }) => text),
    facts: counterexample.facts,
  };
  const same = JSON.stringify(known?.configuration) === JSON.stringify(configuration);
  const search = () =>
    mutant.harmless === undefined ? smallestOf(system, mutant, configuration) : undefined;
  const smallest = (same && known?.smallest) || (await search());
  return {
    name: mutant.name,
    harmless: mutant.harmless !== undefined,
    configuration,
    ended: stopped ?? 'all explored',
    distinctStates,
    steps: diameter,
    requirements: brokenBy(report, 'requirement'),
    lemmas: brokenBy(report, 'lemma'),
    ...(story ? { story } : {}),
    ...(smallest ? { smallest } : {}),
  };
}

function brokenBy({ properties }: Report, kind: 'requirement' | 'lemma'): LogEntry['lemmas'] {
  return properties
    .flatMap(({ name, kind: of, length }) => (of === kind && length !== undefined ? [{ name, length }] : []))
    .sort((a, b) => a.length - b.length);
}

/** The smallest configuration that shows it: found by taking away one thing after the other, until none can be spared. */
async function smallestOf(
  system: NamedSystem,
  mutant: NamedMutant,
  configuration: Configuration,
): Promise<LogSmallest> {
  const safe: string[] = [];
  const undecided: string[] = [];
  for (const [name, value] of Object.entries(configuration)) {
    if (typeof value !== 'number') continue;
    const less = system.configuration.safeParse({ ...configuration, [name]: value - 1 });
    if (!less.success) continue;
    const report = await check(mutant.build(less.data), { maxStates: BOUND });
    if (brokenBy(report, 'requirement').length > 0) return smallestOf(system, mutant, less.data);
    (report.frontier === 0 ? safe : undecided).push(name);
  }
  return { configuration, safe, undecided };
}
