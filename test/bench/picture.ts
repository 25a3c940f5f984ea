/** A run of the benchmark as a picture: the growth curve, and bars for speed and memory. Light or dark as the reader's page is. */
import { best, labelOf, peak, type Row, type Run } from './results.ts';
import { growthLines, spacesOf } from './table.ts';

const WIDTH = 920;
const MARGIN = 16;
/** The plot of the growth curve, and where bars begin beneath it. */
const PLOT = { left: 64, top: 84, width: 640, height: 300 };
const BARS = { top: PLOT.top + PLOT.height + 72, line: 20, label: 172, length: 180 };

const STYLE = `
  svg { background: #ffffff; font: 13px system-ui, sans-serif; fill: #1f2328; }
  .title { font-size: 16px; font-weight: 600; } .head { font-weight: 600; } .faint { fill: #59636e; font-size: 12px; }
  .grid { stroke: #d1d9e0; stroke-width: 1; } .curve { fill: none; stroke-width: 2; }
  .synod { fill: #0969da; } .spin { fill: #bc4c00; } .search { fill: #1a7f37; } .limit { fill: #818b98; }
  .curve.synod { stroke: #0969da; } .curve.spin { stroke: #bc4c00; } .curve.search { stroke: #1a7f37; }
  .curve.many { stroke-dasharray: 5 4; } polyline.curve { fill: none; }
  @media (prefers-color-scheme: dark) {
    svg { background: #0d1117; fill: #f0f6fc; } .faint { fill: #9198a1; } .grid { stroke: #3d444d; }
    .synod { fill: #4493f8; } .spin { fill: #f0883e; } .search { fill: #3fb950; } .limit { fill: #9198a1; }
    .curve.synod { stroke: #4493f8; } .curve.spin { stroke: #f0883e; } .curve.search { stroke: #3fb950; }
  }`;

/** The picture, as SVG. */
export function picture(run: Run): string {
  const { machine, load, date } = run;
  const compared = spacesOf(run.rows.filter((row) => row.compared));
  const bars = [
    barChart(compared, MARGIN, 'Million states of the space a CPU second', (row) => ({
      value: row.represented / best(row, 'cpuSeconds') / 1e6,
      digits: 2,
    })),
    barChart(compared, WIDTH / 2 + MARGIN / 2, 'Peak memory, bytes a state of the space', (row) => ({
      value: peak(row) / row.represented,
      digits: 0,
    })),
  ];
  const lines = compared.reduce((sum, rows) => sum + rows.length + 2, 0);
  const height = BARS.top + lines * BARS.line + 24;
  const where = `one run, ${date}: ${machine.processors}, ${machine.system}, Node ${machine.node}, load ${load.before} to ${load.after}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="Benchmark: the growth of time with the number of states, speed, and memory">`,
    `<style>${STYLE}\n</style>`,
    text(MARGIN, 28, 'Exhaustive exploration of the same state spaces', 'title'),
    text(MARGIN, 48, where, 'faint'),
    ...growth(run.rows.filter((row) => row.level === 'lamport')),
    ...bars.flat(),
    '</svg>',
    '',
  ].join('\n');
}

/** Processor seconds over distinct states, both logarithmic. */
function growth(rows: readonly Row[]): string[] {
  const lines = growthLines(rows).map((label) =>
    rows.filter((row) => labelOf(row) === label).sort((a, b) => a.states - b.states),
  );
  const drawn = lines.flat();
  const x = axis(
    drawn.map(({ states }) => states),
    PLOT.left,
    PLOT.left + PLOT.width,
  );
  const y = axis(
    drawn.map((row) => best(row, 'cpuSeconds')),
    PLOT.top + PLOT.height,
    PLOT.top,
  );
  const right = PLOT.left + PLOT.width;
  const bottom = PLOT.top + PLOT.height;
  return [
    text(MARGIN, PLOT.top - 12, "CPU seconds, by distinct states (Lamport's level)", 'head'),
    ...x.decades.flatMap((power) => [
      rule(x.at(10 ** power), PLOT.top, x.at(10 ** power), bottom),
      tick(x.at(10 ** power), bottom + 18, power, 'middle'),
    ]),
    ...y.decades.flatMap((power) => [
      rule(PLOT.left, y.at(10 ** power), right, y.at(10 ** power)),
      tick(PLOT.left - 8, y.at(10 ** power) + 4, power, 'end'),
    ]),
    ...lines.flatMap((line) => {
      const points = line.map((row) => [x.at(row.states), y.at(best(row, 'cpuSeconds'))] as const);
      const [last] = points.slice(-1);
      const [row] = line;
      if (!last || !row) return [];
      const many = (row.workers ?? 1) > 1 ? ' many' : '';
      return [
        `<polyline class="curve ${row.tool}${many}" points="${points.map((point) => point.map(round).join(',')).join(' ')}"/>`,
        ...points.map(
          ([px, py]) => `<circle class="${row.tool}" cx="${round(px)}" cy="${round(py)}" r="3.5"/>`,
        ),
      ];
    }),
    ...legend(lines),
  ];
}

/** The lines' names, those that end highest first. */
function legend(lines: readonly Row[][]): string[] {
  const last = (line: readonly Row[]) => line.at(-1) as Row;
  return [...lines]
    .filter((line) => line.length > 0)
    .sort((a, b) => best(last(b), 'cpuSeconds') - best(last(a), 'cpuSeconds'))
    .flatMap((line, at) => {
      const y = PLOT.top + 16 + at * 22;
      const left = PLOT.left + PLOT.width + 24;
      const many = (last(line).workers ?? 1) > 1 ? ' many' : '';
      return [
        `<line class="curve ${last(line).tool}${many}" x1="${left}" y1="${y - 4}" x2="${left + 28}" y2="${y - 4}"/>`,
        text(left + 36, y, labelOf(last(line))),
      ];
    });
}

/** A logarithmic axis over whole decades. */
function axis(values: readonly number[], from: number, to: number) {
  const low = Math.floor(Math.log10(Math.min(...values)) + 1e-9);
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values)) - 1e-9));
  return {
    at: (value: number) => from + ((Math.log10(value) - low) / (high - low)) * (to - from),
    decades: Array.from({ length: high - low + 1 }, (_, at) => low + at),
  };
}

/** Bars for each row of each space, all to one scale. */
function barChart(
  spaces: readonly Row[][],
  left: number,
  title: string,
  of: (row: Row) => { value: number; digits: number },
): string[] {
  const most = Math.max(...spaces.flat().map((row) => of(row).value));
  let y = BARS.top;
  const output = [text(left, y - 20, title, 'head')];
  for (const rows of spaces) {
    output.push(text(left, y + 6, rows[0]?.space ?? '', 'faint'));
    for (const row of rows) {
      y += BARS.line;
      const { value, digits } = of(row);
      const length = Math.max(1, (value / most) * BARS.length);
      const bar = left + BARS.label;
      output.push(
        text(left, y + 6, labelOf(row)),
        `<rect class="${row.tool}" x="${bar}" y="${y - 6}" width="${round(length)}" height="14" rx="2"/>`,
        text(bar + length + 6, y + 6, value.toFixed(digits), 'faint'),
      );
    }
    y += 2 * BARS.line;
  }
  return output;
}

function text(x: number, y: number, content: string, kind = ''): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${round(x)}" y="${round(y)}"${kind && ` class="${kind}"`}>${escaped}</text>`;
}

function tick(x: number, y: number, power: number, anchor: 'middle' | 'end'): string {
  return `<text x="${round(x)}" y="${round(y)}" class="faint" text-anchor="${anchor}">10<tspan dy="-5" font-size="9">${power}</tspan></text>`;
}

function rule(x1: number, y1: number, x2: number, y2: number): string {
  return `<line class="grid" x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}"/>`;
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}
