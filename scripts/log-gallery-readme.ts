/** The tables and stories in spec/log/mutants/README.md, made from what `npm run gallery` found. */
import type { NamedMutant, NamedSystem } from '../src/systems.ts';
import { table } from './gallery-readme.ts';

/** A configuration that shows a mistake, and of which nothing can be spared. */
export interface LogSmallest {
  readonly configuration: Readonly<Record<string, unknown>>;
  /** With one less of these, no requirement is broken. */
  readonly safe: readonly string[];
  /** With one less of these, that is not known. */
  readonly undecided: readonly string[];
}

interface Broken {
  readonly name: string;
  readonly length: number;
}

/** What a search of a mutant's configuration found. */
export interface LogEntry {
  readonly name: string;
  readonly harmless: boolean;
  readonly configuration: Readonly<Record<string, unknown>>;
  /** `all explored`, or why the search ended before that. */
  readonly ended: string;
  readonly distinctStates: number;
  /** Steps to the states farthest from the first. */
  readonly steps: number;
  readonly requirements: readonly Broken[];
  readonly lemmas: readonly Broken[];
  /** Of the requirement that breaks first, or else the lemma: a shortest run. */
  readonly story?: { readonly property: string; readonly steps: readonly string[]; readonly facts: string };
  readonly smallest?: LogSmallest;
}

/** The tables by name. */
export function logTables(system: NamedSystem, entries: readonly LogEntry[]): Record<string, () => string> {
  const of = (name: string) => system.mutants.find((mutant) => mutant.name === name) as NamedMutant;
  return {
    mutants: () => mutantsTable(system, entries, of),
    stories: () => entries.map((entry) => storyOf(system, entry, of(entry.name))).join('\n\n'),
    smallest: () => smallestTable(system, entries),
    properties: () => propertiesTable(system, entries),
  };
}

const COUNTED = ['acceptors', 'leaders', 'replicas', 'slots', 'commands', 'crashes'];
const number = (count: number) => count.toLocaleString('en');
const lengths = (broken: readonly Broken[]) =>
  broken.map(({ name, length }) => `${name} ${length}`).join(', ');

/** One of `acceptors`: an acceptor. */
const singular = (name: string) => name.replace(/sh?es$/, (end) => end.slice(0, -2)).replace(/s$/, '');

/** A configuration in short: `1 acceptor, 2 leaders with 1 ballot each, 2 slots, 2 commands, 1 crash`. */
function described({ configuration: schema }: NamedSystem, configuration: LogEntry['configuration']): string {
  const plain = schema.parse({});
  const counted = COUNTED.flatMap((name) => {
    const count = configuration[name] as number;
    const ballots = name === 'leaders' ? ` with ${ballotsOf(configuration['ballots'], count)}` : '';
    return count === 0 ? [] : [`${count} ${count === 1 ? singular(name) : name}${ballots}`];
  });
  const others = Object.entries(configuration).flatMap(([name, value]) =>
    COUNTED.includes(name) || name === 'ballots' || JSON.stringify(value) === JSON.stringify(plain[name])
      ? []
      : [`${name} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`],
  );
  return [...counted, ...others].join(', ');
}

function ballotsOf(ballots: unknown, leaders: number): string {
  if (Array.isArray(ballots)) return `${ballots.join(' and ')} ballots`;
  return `${String(ballots)} ${ballots === 1 ? 'ballot' : 'ballots'}${leaders > 1 ? ' each' : ''}`;
}

function verdictOf({ requirements, harmless, ended, steps }: LogEntry): string {
  const broken = requirements.map(({ name, length }) => `${name}: ${length}`).join('; ');
  if (broken !== '') return broken;
  const none = ended === 'all explored' ? 'safe' : `nothing broken in ${steps} steps; ended by ${ended}`;
  return harmless ? `${none}; harmless` : none;
}

function mutantsTable(
  system: NamedSystem,
  entries: readonly LogEntry[],
  of: (name: string) => NamedMutant,
): string {
  const rows = entries.map((entry) => [
    `[\`${entry.name}\`](#${entry.name})`,
    of(entry.name).breaks,
    of(entry.name).who,
    described(system, entry.configuration),
    verdictOf(entry),
    lengths(entry.lemmas) || 'none',
  ]);
  const head = [
    'mutant',
    'what it does instead',
    'who',
    'configuration',
    'breaks, in steps',
    'lemmas, in steps',
  ];
  return table(head, rows);
}

function storyOf(system: NamedSystem, entry: LogEntry, { breaks, who, harmless }: NamedMutant): string {
  const { name, story, distinctStates, configuration } = entry;
  const where = `${described(system, configuration)}: ${number(distinctStates)} states.`;
  const told = story && [
    `\`${story.property}\` is violated in ${story.steps.length} steps; no run is shorter.`,
    story.steps.map((text, at) => `${at + 1}. ${text}`).join('\n'),
    `So ${story.facts}.`,
  ];
  return [
    `### ${name}`,
    `${breaks} *Who:* ${who}`,
    where,
    ...(harmless === undefined ? [] : [`Harmless. ${harmless}`]),
    ...(told ?? []),
    `\`npm run -s synod -- check ${system.name} --mutant ${name}\``,
  ].join('\n\n');
}

function smallestTable(system: NamedSystem, entries: readonly LogEntry[]): string {
  const rows = entries.flatMap(({ name, smallest }) =>
    smallest
      ? [
          [
            `\`${name}\``,
            described(system, smallest.configuration),
            smallest.safe.join(', ') || 'nothing is left to take away',
            smallest.undecided.join(', ') || 'none',
          ],
        ]
      : [],
  );
  return table(['mutant', 'smallest configuration', 'safe with one less of', 'not decided'], rows);
}

function propertiesTable(system: NamedSystem, entries: readonly LogEntry[]): string {
  const order = system.build(system.configuration.parse({})).properties.map(({ name }) => name);
  const broken = entries.flatMap(({ name, requirements, lemmas }) =>
    [...requirements, ...lemmas].map(({ name: property, length }) => ({ name, property, length })),
  );
  const rows = order.map((property) => {
    const by = broken.filter((each) => each.property === property);
    const first = by.toSorted((a, b) => a.length - b.length)[0];
    return [property, `${by.length}`, first ? `\`${first.name}\`, ${first.length} steps` : 'none'];
  });
  return table(['property', 'mutants that break it', 'the shortest run'], rows);
}
