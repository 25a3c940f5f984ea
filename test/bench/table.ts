/** A run of the benchmark as Markdown, which is read in a terminal as well. */
import { best, labelOf, peak, type Row, type Run, speedTo, spread } from './results.ts';

const whole = (value: number) => value.toLocaleString('en-US');
/** Three digits. */
const short = (value: number) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));
const millions = (value: number) => `${short(value / 1e6)} M`;

/** What the run says of itself, in lines: the machine, the load, what is missing. */
export function preface({ date, machine, load, skipped, rows }: Run): string[] {
  const { system, processors, memory, node, compiler, spin } = machine;
  const times = Math.max(...rows.map(({ costs }) => costs.length));
  const own = Math.max(...rows.map(({ workers }) => workers ?? 1));
  const busy = load.before > 0.5 || load.after > own + 0.5;
  return [
    `- one run, ${date}: ${system}, ${processors}, ${memory}, Node ${node}${[compiler, spin].map((what) => (what ? `, ${what}` : '')).join('')}`,
    `- load ${load.before} when it began, ${load.after} when it ended${busy ? ': other work ran beside it, so trust processor seconds and not wall seconds' : ''}`,
    `- the best of ${times === 1 ? 'one process' : `${times} processes`} for each row${rows.some(({ costs }) => costs.length < times) ? ', of one where the space is large' : ''}`,
    ...(rows.every(({ represented }) => represented < 100_000)
      ? ['- spaces so small that the figures say nothing of speed']
      : []),
    ...skipped.map((what) => `- SKIPPED: ${what}`),
  ];
}

/**
 * All of a run: what it says of itself, for each space that is compared tables of measures, rates and ratios, and the growth.
 *
 * @throws InputError if a ratio would be across runs
 */
export function document(run: Run): string {
  const compared = spacesOf(run.rows.filter((row) => row.compared)).map((rows) =>
    [`### ${rows[0]?.space}`, table(measures(rows)), table(rates(rows)), table(ratios(rows))].join('\n\n'),
  );
  const growth = spacesOf(run.rows.filter((row) => row.level === 'lamport'));
  return [
    preface(run).join('\n'),
    ...compared,
    ...(growth.length > 1 ? ['### Growth', table(growthTable(growth))] : []),
  ].join('\n\n');
}

/** A page with its tables made anew: what stands between `<!-- run -->` and `<!-- end -->`. */
export function filled(page: string, run: Run): string {
  return page.replace(
    /(<!-- run -->\n)[\s\S]*?(<!-- end -->)/,
    (_all, begin, end) => `${begin}\n${document(run)}\n\n${end}`,
  );
}

/** The rows by space, spaces in the order in which they come. */
export function spacesOf(rows: readonly Row[]): Row[][] {
  const names = new Set(rows.map(({ space }) => space));
  return [...names].map((name) => rows.filter(({ space }) => space === name));
}

function measures(rows: readonly Row[]): string[][] {
  const memory = ['peak MiB', 'bytes a state', 'peak bytes a state'];
  return [
    ['', 'distinct states', 'transitions', 'CPU s', 'spread', 'wall s', ...memory],
    ...rows.map((row) => [
      labelOf(row),
      whole(row.states),
      whole(row.transitions),
      short(best(row, 'cpuSeconds')),
      `${(spread(row) * 100).toFixed(0)} %`,
      short(best(row, 'wallSeconds')),
      (peak(row) / 2 ** 20).toFixed(0),
      ...[row.tableBytes, peak(row)].map((bytes) => short(bytes / row.states)),
    ]),
  ];
}

/** What was counted a second. */
function rates(rows: readonly Row[]): string[][] {
  const columns = (['states', 'transitions'] as const).flatMap((what) => [
    { head: `${what} / CPU s`, of: (row: Row) => row[what] / best(row, 'cpuSeconds') },
    { head: `${what} / wall s`, of: (row: Row) => row[what] / best(row, 'wallSeconds') },
  ]);
  return [
    ['', ...columns.map(({ head }) => head)],
    ...rows.map((row) => [labelOf(row), ...columns.map(({ of }) => millions(of(row)))]),
  ];
}

/** How many times faster each row was through with the whole space than those that it is compared with. */
function ratios(rows: readonly Row[]): string[][] {
  const to = (tool: Row['tool'], measure: 'cpuSeconds' | 'wallSeconds') => () =>
    ({ base: rows.find((row) => row.tool === tool), measure }) as const;
  /** The same with one worker. */
  const alone = (row: Row) => ({
    base: rows.find((each) => row.workers !== 1 && each.workers === 1 && each.symmetry === row.symmetry),
    measure: 'wallSeconds' as const,
  });
  const columns = [
    { head: 'Spin, CPU', of: to('spin', 'cpuSeconds') },
    { head: 'Spin, wall', of: to('spin', 'wallSeconds') },
    { head: 'C++ search, CPU', of: to('search', 'cpuSeconds') },
    { head: 'C++ search, wall', of: to('search', 'wallSeconds') },
    { head: 'hash table, CPU', of: to('limit', 'cpuSeconds') },
    { head: '1 worker, wall', of: alone },
  ];
  const cell = (
    row: Row,
    of: (row: Row) => { base: Row | undefined; measure: 'cpuSeconds' | 'wallSeconds' },
  ) => {
    const { base, measure } = of(row);
    return base ? `${short(speedTo(base, row, measure))} x` : '';
  };
  const shown = columns.filter(({ of }) => rows.some((row) => of(row).base));
  return [
    ['times as fast as', ...shown.map(({ head }) => head)],
    ...rows.map((row) => [labelOf(row), ...shown.map(({ of }) => cell(row, of))]),
  ];
}

/** Who is in the growth curve: everybody who explores all states, one by one. */
export function growthLines(rows: readonly Row[]): string[] {
  return [...new Set(rows.filter((row) => row.tool !== 'limit' && !row.symmetry).map(labelOf))];
}

function growthTable(spaces: readonly Row[][]): string[][] {
  const lines = growthLines(spaces.flat());
  const cell = (row: Row | undefined) => {
    if (!row) return '';
    const cpu = best(row, 'cpuSeconds');
    return `${short(cpu)} s, ${millions(row.states / cpu)}, ${short(peak(row) / row.states)} B`;
  };
  return [
    ['', 'distinct states', ...lines.map((line) => `${line}: CPU s, states / CPU s, peak bytes a state`)],
    ...spaces.map((rows) => [
      rows[0]?.space.replace("Lamport's level: ", '') ?? '',
      whole(rows[0]?.represented ?? 0),
      ...lines.map((line) => cell(rows.find((row) => labelOf(row) === line))),
    ]),
  ];
}

/** A Markdown table, in columns: the first to the left, the others, which are figures, to the right. */
function table(rows: readonly string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    `| ${widths.map((width, column) => (column === 0 ? (row[column] ?? '').padEnd(width) : (row[column] ?? '').padStart(width))).join(' | ')} |`;
  const rule = widths.map((width, column) =>
    column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  const [head = [], ...body] = rows;
  return [line(head), line(rule), ...body.map(line)].join('\n');
}
