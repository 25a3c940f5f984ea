/** The tables in spec/mutants/README.md, made from what `npm run gallery` found. */
import { PaxosConfiguration, paxos } from '../spec/index.ts';
import { type Bounds, rooms, sizeOf } from '../spec/mutants/index.ts';

/** What a search of one configuration of a mutant found. */
export interface Run {
  readonly configuration: Bounds;
  readonly runs: 'all' | 'those of "hears"';
  /** `all explored`, or why the search ended before that. */
  readonly ended: string;
  readonly distinctStates: number;
  /** Steps to the states farthest from the first; of a search that ended early, the depth that was explored. */
  readonly steps: number;
  readonly requirements: readonly {
    readonly name: string;
    readonly verdict: 'broken' | 'holds' | 'not found' | 'no learners';
    readonly length?: number;
  }[];
  /** Those that break, with the lengths. */
  readonly lemmas: readonly { readonly name: string; readonly length: number }[] | 'not checked';
}

/** What was found of smaller configurations: that none shows it. */
export interface Smaller {
  readonly which: 'all that are smaller' | 'those with one thing less';
  readonly safe: number;
  readonly distinctStates: number;
  /** Those that were too large to be explored. */
  readonly undecided: readonly Bounds[];
}

export interface Entry {
  readonly name: string;
  readonly harmless: boolean;
  readonly smallest: Run;
  readonly hears?: Readonly<Record<string, readonly string[]>>;
  readonly smaller?: Smaller;
  readonly also: readonly Run[];
  readonly large: readonly Run[];
}

type Cells = readonly string[];

/** The README of the gallery with its tables made anew. */
export function fill(readme: string, entries: readonly Entry[]): string {
  return fillTables(readme, {
    rooms: () => rooms.map((room) => roomTable(room, entries)).join('\n\n'),
    'section-2-2': () => readingsTable(entries),
    others: () => othersTable(entries),
    smaller: () => smallerTable(entries),
    properties: () => propertiesTable(entries),
  });
}

/** A text with its tables made anew: whatever stands between `<!-- table NAME -->` and `<!-- end -->`. */
export function fillTables(readme: string, tables: Readonly<Record<string, () => string>>): string {
  return readme.replace(/(<!-- table ([\w-]+) -->\n)[\s\S]*?(<!-- end -->)/g, (_all, begin, name, end) => {
    const table = tables[name];
    if (!table)
      throw new Error(
        `README.md asks for a table "${name}"; expected one of ${Object.keys(tables).join(', ')}`,
      );
    return `${begin}\n${table()}\n\n${end}`;
  });
}

/** A table in Markdown. */
export function table(head: Cells, rows: readonly Cells[]): string {
  const line = (cells: Cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const find = (entries: readonly Entry[], name: string) =>
  entries.find((entry) => entry.name === name) as Entry;

/** A configuration in short: `3 acceptors, 2 proposers with 2 and 1 ballots, 1 crash`. */
export function described(bounds: Bounds): string {
  const { acceptors, proposers, learners, crashes, ballots } = sizeOf(bounds);
  const plural = (count: number, what: string, many = `${what}s`) => `${count} ${count === 1 ? what : many}`;
  const each = new Set(ballots).size === 1;
  const started = each
    ? plural(ballots[0] as number, 'ballot') + (proposers > 1 ? ' each' : '')
    : `${ballots.slice(0, -1).join(', ')} and ${ballots.at(-1)} ballots`;
  return [
    plural(acceptors, 'acceptor'),
    `${plural(proposers, 'proposer')} with ${started}`,
    ...(learners > 0 ? [plural(learners, 'learner')] : []),
    ...(crashes > 0 ? [plural(crashes, 'crash', 'crashes')] : []),
  ].join(', ');
}

/** What a run found of the requirements, in few words. */
export function verdictOf({ requirements, ended, runs, steps }: Run): string {
  const broken = requirements.filter(({ verdict }) => verdict === 'broken');
  const atMost = runs === 'all' ? '' : 'at most ';
  if (broken.length > 0) return broken.map(({ name, length }) => `${name}: ${atMost}${length}`).join('; ');
  const silent = requirements.some(({ verdict }) => verdict === 'no learners') ? ' (no learners)' : '';
  return ended === 'all explored' ? `safe${silent}` : `nothing broken in ${steps} steps; ended by ${ended}`;
}

/** The lemmas that broke in a run, each with its length. */
export function lemmasOf({ lemmas }: Run): string {
  if (lemmas === 'not checked') return lemmas;
  return lemmas.map(({ name, length }) => `${name} ${length}`).join(', ') || 'none';
}

const number = (count: number) => count.toLocaleString('en');

function roomTable(room: (typeof rooms)[number], entries: readonly Entry[]): string {
  const rows = room.mutants.map((mutant) => {
    const { smallest, large } = find(entries, mutant.name);
    const inFull = large.find((run) => described(run.configuration) === described(smallest.configuration));
    const verdict = verdictOf(inFull ?? smallest);
    return [
      `\`${mutant.name}\``,
      mutant.breaks,
      mutant.who,
      described(smallest.configuration),
      mutant.harmless ? `${verdict}; harmless` : verdict,
      `${lemmasOf(smallest)}${smallest.runs === 'all' ? '' : ' (at most)'}`,
    ];
  });
  const head = [
    'mutant',
    'what it does instead',
    'who',
    'configuration',
    'breaks, in steps',
    'lemmas, in steps',
  ];
  const harmless = room.mutants.flatMap((mutant) =>
    mutant.harmless ? [`- Why \`${mutant.name}\` is harmless: ${mutant.harmless}`] : [],
  );
  const sources = [...new Set(room.mutants.flatMap(({ source }) => source ?? []))].map((source) => {
    const known = room.mutants.filter((mutant) => mutant.source === source);
    return `- Source of ${known.map(({ name }) => `\`${name}\``).join(', ')}: ${source}.`;
  });
  const notes = [...harmless, ...sources].join('\n');
  return [`### ${room.title}`, table(head, rows), ...(notes ? [notes] : [])].join('\n\n');
}

function readingsTable(entries: readonly Entry[]): string {
  const names = rooms[0]?.mutants.map(({ name }) => name) ?? [];
  const rows = names.flatMap((name) => {
    const { smallest, also, large } = find(entries, name);
    return [smallest, ...also, ...large].map((run) => [
      `\`${name}\``,
      described(run.configuration),
      number(run.distinctStates),
      verdictOf(run),
    ]);
  });
  return table(['reading', 'configuration', 'distinct states', 'verdict'], rows);
}

function othersTable(entries: readonly Entry[]): string {
  const rows = entries.flatMap(({ name, also, large }) =>
    [...also, ...large].map((run) => [
      `\`${name}\``,
      described(run.configuration),
      number(run.distinctStates),
      verdictOf(run),
      lemmasOf(run),
    ]),
  );
  return table(['mutant', 'configuration', 'distinct states', 'breaks, in steps', 'lemmas, in steps'], rows);
}

function smallerTable(entries: readonly Entry[]): string {
  const rows = entries
    .filter(({ harmless }) => !harmless)
    .map(({ name, smallest, smaller }) => [
      `\`${name}\``,
      described(smallest.configuration),
      smaller?.which ?? 'not searched',
      smaller ? `${smaller.safe}, with ${number(smaller.distinctStates)} states` : '',
      smaller?.undecided.map(described).join('; ') || 'none',
    ]);
  return table(['mutant', 'smallest', 'searched', 'safe', 'too large to be explored'], rows);
}

function propertiesTable(entries: readonly Entry[]): string {
  const order = paxos(PaxosConfiguration.parse({})).properties.map(({ name }) => name);
  const broken = entries.flatMap(({ name, smallest }) =>
    [...smallest.requirements, ...(smallest.lemmas === 'not checked' ? [] : smallest.lemmas)].flatMap(
      ({ name: property, length }) => (length === undefined ? [] : [{ name, property, length }]),
    ),
  );
  const rows = order.map((property) => {
    const by = broken.filter((each) => each.property === property);
    const first = by.toSorted((a, b) => a.length - b.length)[0];
    return [property, `${by.length}`, first ? `\`${first.name}\`, ${first.length} steps` : 'none'];
  });
  return table(['property', 'mutants that break it', 'the shortest run'], rows);
}
