import type { Report } from '../../model-check/index.ts';
import { complaints, foilEntries, mutantEntries, type SuiteEntry, soundEntries } from '../suite/entries.ts';
import { runEntries } from '../suite/pool.ts';
import { colors as pc } from './colors.ts';
import { refuseUnwritable, writeWhole } from './files.ts';
import { junitFile, type TestCase } from './junit.ts';
import { digits } from './print.ts';
import { progressLine } from './progress.ts';

interface Outcome {
  readonly entry: SuiteEntry;
  readonly report: Report | null;
  readonly complaints: readonly string[];
}

/** `synod suite`, which is `npm run check`. Returns the exit status. */
export async function runSuite({
  json = false,
  quiet = false,
  junit,
}: {
  json?: boolean;
  quiet?: boolean;
  junit?: string;
}): Promise<number> {
  if (junit !== undefined) refuseUnwritable(junit);
  const started = performance.now();
  const entries = [...soundEntries, ...mutantEntries, ...foilEntries];
  const outcomes = new Map<SuiteEntry, Outcome>();
  const line = progressLine(quiet || json);
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());
  const table = inOrder(entries, (outcome, at) => {
    line.end();
    if (json) return;
    if (at === 0)
      process.stdout.write(
        `${pc.bold('unbroken: every property holds in every reachable state')}\n${head()}\n`,
      );
    if (at === soundEntries.length)
      process.stdout.write(`\n${pc.bold('broken on purpose: would the checker notice?')}\n${head()}\n`);
    process.stdout.write(`${row(outcome)}\n`);
  });
  await runEntries(entries, interrupted.signal, (entry, answer) => {
    if (answer.kind === 'progress') {
      line.note(
        `${outcomes.size} of ${entries.length} done; ${label(entry)}: ${digits(answer.progress.states)} states`,
      );
      return;
    }
    const report = answer.kind === 'report' ? answer.report : null;
    const outcome = {
      entry,
      report,
      complaints: report ? complaints(entry, report) : [answer.kind === 'error' ? answer.message : ''],
    };
    outcomes.set(entry, outcome);
    table(entry, outcome);
  });
  line.end();
  const all = entries.flatMap((entry) => outcomes.get(entry) ?? []);
  const seconds = (performance.now() - started) / 1000;
  process.stdout.write(
    json
      ? `${JSON.stringify(asJson(all, entries.length, seconds))}\n`
      : `${summary(all, entries.length, seconds).join('\n')}\n`,
  );
  if (junit !== undefined) writeWhole(junit, junitFile('synod suite', seconds, testCases(entries, outcomes)));
  if (all.some((outcome) => outcome.complaints.length > 0)) return 1;
  return all.length < entries.length ? 3 : 0;
}

/** Passes outcomes on in the order of the entries, as soon as those before them are there. */
function inOrder(entries: readonly SuiteEntry[], show: (outcome: Outcome, at: number) => void) {
  const waiting = new Map<SuiteEntry, Outcome>();
  let next = 0;
  return (entry: SuiteEntry, outcome: Outcome) => {
    waiting.set(entry, outcome);
    for (let due = entries[next]; due && waiting.has(due); due = entries[next]) {
      show(waiting.get(due) as Outcome, next);
      next += 1;
    }
  };
}

const COLUMNS = [36, 44, 12, 13, 8] as const;

function columns(cells: readonly string[]): string {
  return cells
    .map((cell, at) => {
      const width = COLUMNS[at] ?? 0;
      return at >= 2 && at <= 4 ? cell.padStart(width) : cell.padEnd(width);
    })
    .join('  ');
}

function head(): string {
  return pc.dim(columns(['system', 'configuration', 'states', 'transitions', 'seconds', 'outcome']));
}

function row({ entry, report, complaints: wrong }: Outcome): string {
  const cells = report
    ? [digits(report.distinctStates), digits(report.transitions), report.seconds.toFixed(1)]
    : ['', '', ''];
  const outcome =
    wrong.length > 0
      ? pc.red(`✗ ${wrong.join('; ')}`)
      : `${pc.green('✓')} ${report ? told(entry, report) : ''}`;
  return columns([entry.mutant ?? entry.system, label(entry), ...cells, outcome]);
}

function told({ expected }: SuiteEntry, { properties, reached, restricted }: Report): string {
  const broken = properties.filter(({ verdict }) => verdict === 'violated');
  const list = (kind: string) =>
    broken.filter((property) => property.kind === kind).map(({ name, length }) => `${name} in ${length}`);
  const some = restricted === undefined ? '' : ', of the runs looked at';
  const lemmas = list('lemma').length > 0 ? pc.dim(` (on the way: ${list('lemma').join(', ')})`) : '';
  if (expected === 'caught') return `caught: ${list('requirement').join(', ')} steps${some}${lemmas}`;
  if (expected === 'harmless') return `harmless here: the requirements hold${lemmas}`;
  const possible = reached.filter(({ notApplicable }) => notApplicable === undefined).length;
  const said = properties.filter(({ notApplicable }) => notApplicable === undefined).length;
  return `holds: ${counted(said, 'property', 'properties')}; ${counted(possible, 'situation', 'situations')} reached`;
}

const counted = (count: number, one: string, more: string) => `${count} ${count === 1 ? one : more}`;

/** A configuration in few words: `3a 2p 1l, ballots 1, crashes 1`. */
function label({ configuration, symmetry }: SuiteEntry): string {
  const { acceptors, proposers, learners, leaders, replicas, ...rest } = configuration;
  const count = (value: unknown, letter: string) =>
    value === undefined || value === 0 ? [] : [`${String(value)}${letter}`];
  const actors = [
    ...count(acceptors, 'a'),
    ...count(proposers ?? leaders, 'p'),
    ...count(learners, 'l'),
    ...count(replicas, 'r'),
  ].join(' ');
  const others = Object.entries(rest)
    .filter(([, value]) => value !== false && value !== 0)
    .map(([name, value]) =>
      name === 'quorums' ? 'explicit quorums' : value === true ? name : `${name} ${String(value)}`,
    );
  return [...(actors ? [actors] : []), ...others, ...(symmetry ? ['by symmetry'] : [])].join(', ');
}

function summary(all: readonly Outcome[], entries: number, seconds: number): string[] {
  const states = all.reduce((sum, { report }) => sum + (report?.distinctStates ?? 0), 0);
  const failed = all.filter((outcome) => outcome.complaints.length > 0).length;
  const caught = all.filter(
    ({ entry, complaints: wrong }) =>
      entry.mutant !== null && entry.expected === 'caught' && wrong.length === 0,
  ).length;
  const missing = entries - all.length;
  return [
    '',
    `${digits(states)} states in ${seconds.toFixed(0)} s; ${all.length - failed} of ${entries} as expected, ${caught} mutants caught` +
      `${failed > 0 ? pc.red(`, ${failed} not as expected`) : ''}${missing > 0 ? pc.yellow(`, ${missing} not finished`) : ''}`,
  ];
}

function testCases(entries: readonly SuiteEntry[], outcomes: ReadonlyMap<SuiteEntry, Outcome>): TestCase[] {
  return entries.map((entry) => {
    const outcome = outcomes.get(entry);
    const test = {
      of: entry.mutant ?? entry.system,
      name: label(entry),
      seconds: outcome?.report?.seconds ?? 0,
    };
    if (!outcome) return { ...test, ended: { as: 'error', message: 'not finished' } };
    const message = outcome.complaints.join('; ');
    return message === '' ? test : { ...test, ended: { as: 'failure', message } };
  });
}

function asJson(all: readonly Outcome[], entries: number, seconds: number) {
  return {
    seconds,
    /** How many were finished, of how many; fewer if the suite was interrupted. */
    finished: all.length,
    of: entries,
    failed: all.filter((outcome) => outcome.complaints.length > 0).length,
    entries: all.map(({ entry, report, complaints: wrong }) => ({ ...entry, complaints: wrong, report })),
  };
}
