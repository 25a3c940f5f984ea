import { type Counterexample, type Report, unreached } from '../../model-check/index.ts';
import type { AnySystem } from '../systems.ts';
import { colors as pc } from './colors.ts';

/** A whole number as people read it. */
export const digits = (count: number): string => count.toLocaleString('en-US');

export const steps = (length: number | undefined): string =>
  length === 1 ? '1 step' : `${length ?? '?'} steps`;

/** A report for a person to read. */
export function printReport(report: Report, system: AnySystem): string {
  const claim = report.restricted ? '; of the runs looked at, none is shorter' : '; no run is shorter';
  return [
    heading(report),
    ...figures(report),
    '',
    ...table('properties', report.properties.map(propertyRow)),
    ...table(
      'situations',
      report.reached.map((row) => situationRow(row, report.frontier > 0)),
    ),
    ...table(
      'rules',
      report.rules.map((row) => ruleRow(row, report.frontier > 0)),
    ),
    ...(report.counterexample ? [...printCounterexample(report.counterexample, system, claim), ''] : []),
    ...conclusion(report),
  ].join('\n');
}

/** The system, and what is asked of it. */
export function heading({
  system,
  mutant,
  configuration,
}: Pick<Report, 'system' | 'mutant' | 'configuration'>): string {
  const options = Object.entries(configuration)
    .filter(([, value]) => value !== false)
    .map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : value}`);
  return (
    pc.bold(`${system}${mutant ? ` with the mutant ${mutant}` : ''}`) + pc.dim(`  ${options.join(', ')}`)
  );
}

function figures(report: Report): string[] {
  const {
    symmetry,
    passive,
    frontier,
    distinctStates,
    transitions,
    diameter,
    seconds,
    statesPerSecond,
    peakMemoryBytes,
    questions,
  } = report;
  return [
    `${digits(distinctStates)} distinct states, ${digits(transitions)} transitions, ` +
      (frontier > 0 ? `explored to depth ${diameter} and no further` : `diameter ${diameter}`),
    ...(symmetry
      ? [
          `each state stands for its orbit under ${digits(symmetry.order)} ${symmetry.order === 1 ? 'symmetry' : 'symmetries'}: ${digits(symmetry.represented)} states in all`,
        ]
      : []),
    ...(passive ? [apart(passive)] : []),
    `${seconds.toFixed(1)} s, ${digits(statesPerSecond)} states a second, ${digits(Math.round(peakMemoryBytes / 2 ** 20))} MiB ` +
      `at the peak; ${digits(questions)} questions asked of the transition functions`,
    ...(report.foreign ?? []).map(asked),
  ];
}

type Foreign = NonNullable<Report['foreign']>[number];

/** What was asked of another program. */
function asked({ command, actors, questions, repeated, otherWays }: Foreign): string {
  const again = repeated === questions ? 'each' : `${digits(repeated)} of them`;
  const ways = otherWays
    ? `; ${otherWays.asked === otherWays.of ? 'all' : `${digits(otherWays.asked)} of`} ${digits(otherWays.of)} after another way to the same state`
    : '';
  return `${command} (${actors.join(', ')}): ${digits(questions)} questions, ${again} asked once more${ways}`;
}

/** What came of looking at passive actors apart. */
function apart({ actors, represented, undone }: NonNullable<Report['passive']>): string {
  if (actors.length > 0)
    return `${actors.join(', ')} looked at apart, since the others hear nothing from there: ${digits(represented)} states in all`;
  return undone === undefined ? 'no actor is passive' : `no actor is looked at apart: ${undone}`;
}

export type Row = readonly [mark: string, name: string, text: string];

export const good = () => pc.green('✓');
export const bad = () => pc.red('✗');
export const open = () => pc.yellow('?');

/** Rows under a title, each marked; none if there are no rows. */
export function table(title: string, rows: readonly Row[]): string[] {
  if (rows.length === 0) return [];
  const width = Math.max(...rows.map(([, name]) => name.length));
  const indent = ' '.repeat(width + 6);
  const line = ([mark, name, text]: Row) =>
    `  ${mark} ${name.padEnd(width)}  ${wrapped(text, COLUMNS - width - 6).join(`\n${indent}`)}`;
  return [pc.bold(title), ...rows.map(line), ''];
}

/** Columns that a report takes. */
const COLUMNS = 110;

/** A text in lines of a width, broken at spaces. */
function wrapped(text: string, width: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines[lines.length - 1] as string;
    if (line !== '' && line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines;
}

function propertyRow({
  name,
  verdict,
  statement,
  length,
  kind,
  notApplicable,
  outOfReach,
}: Report['properties'][number]): Row {
  if (notApplicable) return ['-', name, pc.dim(`says nothing here: ${notApplicable}`)];
  const mark = { holds: good, violated: bad, incomplete: open }[verdict]();
  const told = verdict === 'violated' ? `violated in ${steps(length)}: ` : '';
  const remarks = [
    ...(kind === 'requirement' ? ['requirement'] : []),
    ...(outOfReach && outOfReach.states > 0 ? [lost(outOfReach)] : []),
  ];
  return [mark, name, `${told}${statement}${remarks.length > 0 ? pc.dim(` (${remarks.join('; ')})`) : ''}`];
}

/** From how many states what is to be always reachable is not. */
function lost({ states, exempt }: NonNullable<Report['properties'][number]['outOfReach']>): string {
  const from = `out of reach from ${digits(states)} state${states === 1 ? '' : 's'}`;
  return exempt === 0 ? from : `${from}, of which ${exempt === states ? 'all' : digits(exempt)} are exempt`;
}

function situationRow(
  { name, statement, reached, length, notApplicable }: Report['reached'][number],
  unfinished: boolean,
): Row {
  if (reached) return [good(), name, `${statement} (after ${steps(length)})`];
  return notApplicable
    ? ['-', name, pc.dim(`not applicable: ${notApplicable}`)]
    : [open(), name, `not reached${unfinished ? ' so far' : ''}: ${statement}`];
}

function ruleRow({ name, tabulated, idle }: Report['rules'][number], unfinished: boolean): Row {
  if (tabulated > 0)
    return [good(), name, `fires in ${digits(tabulated)} local situation${tabulated === 1 ? '' : 's'}`];
  return idle
    ? ['-', name, pc.dim(`not applicable: ${idle}`)]
    : [open(), name, unfinished ? 'has not fired so far' : 'never fires'];
}

/** A counterexample as a story: numbered steps in words, only what changed, and the offending facts at the end. */
export function printCounterexample(
  { property, statement, length, steps: told, facts }: Counterexample,
  system: Pick<AnySystem, 'show'>,
  claim: string,
): string[] {
  const show = (value: unknown) =>
    value === undefined ? 'nothing' : (system.show?.(value) ?? JSON.stringify(value));
  const width = String(length).length;
  return [
    `${pc.bold(pc.red(`${property} is violated`))} in ${steps(length)}${claim}. ${pc.dim(statement)}`,
    '',
    ...told.flatMap(({ number, text, changed }) => [
      `  ${String(number).padStart(width)}  ${text}`,
      ...changed.map(({ actor, field, from, to }) =>
        pc.dim(
          `  ${' '.repeat(width)}    ${field === '' ? actor : `${actor}.${field}`}: ${show(from)} -> ${show(to)}`,
        ),
      ),
    ]),
    '',
    `  ${pc.bold(pc.red('=>'))} ${facts}`,
  ];
}

/** Of a report that holds, the lemmas that do not: its programs differ from our roles, and are as safe. */
function lemmasBroken({ properties }: Report): string[] {
  const broken = properties.filter(({ verdict }) => verdict === 'violated').map(({ name }) => name);
  return broken.length === 0
    ? []
    : [
        `  - ${broken.join(', ')} ${broken.length === 1 ? 'is' : 'are'} broken, without harm here: no requirement is`,
      ];
}

/** What a verdict of `holds` rests on besides what was looked at. */
function assuming({ foreign = [] }: Report): string {
  const trusted = foreign.filter(({ kind }) => kind === 'stateful');
  if (trusted.length === 0) return '';
  const who = trusted.flatMap(({ actors }) => actors).join(', ');
  return `(assuming that what ${who} will do depends on nothing but the state told) `;
}

function conclusion(report: Report): string[] {
  const { verdict, stopped, covers, frontier, diameter, mutant, restricted } = report;
  const covered = covers.map((line) => `  - ${line}`);
  if (verdict === 'violated') {
    const broken = report.properties
      .filter((property) => property.verdict === 'violated')
      .map(({ name }) => name);
    const open = report.properties.some((property) => property.verdict === 'incomplete');
    return [
      `${bad()} ${pc.bold('violated')}: ${broken.join(', ')}${mutant ? ` (by the mutant ${mutant})` : ''}`,
      ...(open ? [`  The run ended there; what is marked ? was not decided.`] : []),
      ...(report.counterexample ? [] : ['  The search for the counterexample was cut short.']),
    ];
  }
  if (verdict === 'incomplete') {
    return [
      `${open()} ${pc.bold('incomplete')}: ended by ${stopped}. No violation within ${diameter} steps of the initial state` +
        `${frontier > 0 ? `; ${digits(frontier)} states found were not expanded` : ''}. Of${restricted ? ` ${restricted}, within` : ''}:`,
      ...covered,
    ];
  }
  return [
    `${good()} ${pc.bold('holds')} ${assuming(report)}in every reachable state, for:`,
    ...covered,
    ...lemmasBroken(report),
    ...unreached(report).map(
      (problem) => `${open()} ${pc.yellow(`but ${problem}, so that this may say less than it seems`)}`,
    ),
  ];
}
