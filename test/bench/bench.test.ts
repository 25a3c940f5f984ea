/** What the benchmark makes of its figures: ratios within a run only, tables, the picture, the page in the docs. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/input-error.ts';
import { root, start, temporaryFile } from '../cli/run.ts';
import { countedBySpin } from './native.ts';
import { picture } from './picture.ts';
import { type Row, type Run, readRun, speedTo } from './results.ts';
import { expectCounts } from './run.ts';
import { expectedOf, explorersOf, nameOf, smallestSpaces, spaces } from './spaces.ts';
import { document, filled } from './table.ts';

const MIB = 2 ** 20;
const LARGE = "Lamport's level: <large> & more";

/** A row of which each process costs the given processor seconds, and a tenth more by the clock. */
function row(tool: Row['tool'], cpu: readonly number[], more: Partial<Row> = {}): Row {
  const costs = cpu.map((cpuSeconds, at) => ({
    cpuSeconds,
    wallSeconds: cpuSeconds * 1.1,
    peakBytes: (100 + at) * MIB,
  }));
  const size = { states: 8_000_000, transitions: 24_000_000, represented: 8_000_000, tableBytes: 80_000_000 };
  const of = { run: 'one', space: LARGE, level: 'lamport', compared: true } as const;
  const synod = tool === 'synod' ? { workers: 1, symmetry: false } : {};
  return { ...of, tool, ...synod, ...size, costs, ...more };
}

const small = { space: 'small', compared: false, states: 1_000, represented: 1_000, transitions: 2_000 };
const run: Run = {
  format: 'synod-bench/1',
  id: 'one',
  date: '2026-01-02',
  machine: { system: 'Linux x64', processors: '2 x Some', memory: '8 GiB', node: 'v20.19.0', spin: 'Spin 6' },
  load: { before: 0.1, after: 1.2 },
  skipped: ['C++ search and hash table: no compiler'],
  rows: [
    row('synod', [0.1], small),
    row('spin', [0.001], small),
    row('synod', [4.5, 4, 5]),
    row('synod', [4.4], {
      workers: 2,
      costs: [{ cpuSeconds: 4.4, wallSeconds: 2.2, peakBytes: 200 * MIB }],
    }),
    row('synod', [2], { symmetry: true, states: 800_000, transitions: 2_400_000 }),
    row('spin', [8, 8.8]),
    row('search', [1]),
    row('limit', [0.5]),
  ],
};
const inFile = (path: string, content: unknown) => ({ path, text: JSON.stringify(content) });

describe('ratios', () => {
  const line = (begin: string, text: string) =>
    text
      .split('\n')
      .filter((each) => each.startsWith(`| ${begin} `))
      .map((each) => each.replaceAll(/ +/g, ' '));

  test('are of the fastest processes, for the whole space', () => {
    const text = document(run);
    expect(line('times as fast as', text)).toEqual([
      '| times as fast as | Spin, CPU | Spin, wall | C++ search, CPU | C++ search, wall | hash table, CPU | 1 worker, wall |',
    ]);
    expect(line('Synod, 1 worker', text)).toEqual([
      '| Synod, 1 worker | 8,000,000 | 24,000,000 | 4.00 | 25 % | 4.40 | 102 | 10.0 | 13.4 |',
      '| Synod, 1 worker | 2.00 M | 1.82 M | 6.00 M | 5.45 M |',
      '| Synod, 1 worker | 2.00 x | 2.00 x | 0.250 x | 0.250 x | 0.125 x | |',
    ]);
    expect(line('Synod, 2 workers', text).at(-1)).toBe(
      '| Synod, 2 workers | 1.82 x | 4.00 x | 0.227 x | 0.500 x | 0.114 x | 2.00 x |',
    );
    expect(line('Synod, symmetry, 1 worker', text)).toEqual([
      '| Synod, symmetry, 1 worker | 800,000 | 2,400,000 | 2.00 | 0 % | 2.20 | 100 | 100 | 131 |',
      '| Synod, symmetry, 1 worker | 0.400 M | 0.364 M | 1.20 M | 1.09 M |',
      '| Synod, symmetry, 1 worker | 4.00 x | 4.00 x | 0.500 x | 0.500 x | 0.250 x | |',
    ]);
    expect(line('small', text)).toEqual([
      '| small | 1,000 | 0.100 s, 0.0100 M, 104858 B | 0.00100 s, 1.00 M, 104858 B | | |',
    ]);
  });

  test('a run says what machine it is of, how busy that was, and what is missing', () => {
    const text = document(run);
    expect(text).toContain('one run, 2026-01-02: Linux x64, 2 x Some, 8 GiB, Node v20.19.0, Spin 6\n');
    expect(text).toContain('- load 0.1 when it began, 1.2 when it ended\n');
    expect(text).toContain('- SKIPPED: C++ search and hash table: no compiler\n');
    expect(document({ ...run, load: { before: 0.6, after: 1 } })).toContain('other work ran beside it');
    expect(document({ ...run, load: { before: 0, after: 2.6 } })).toContain('other work ran beside it');
  });

  test('are refused across runs and across spaces', () => {
    const [, , synod, , , spin] = run.rows as [Row, Row, Row, Row, Row, Row];
    expect(() => speedTo({ ...spin, run: 'two' }, synod, 'cpuSeconds')).toThrow(
      new InputError(
        'Synod, 1 worker to Spin: runs one and two: expected one run, since a ratio across runs says nothing',
      ),
    );
    expect(() => speedTo({ ...spin, space: 'other' }, synod, 'cpuSeconds')).toThrow(/one state space/);
    const pasted = run.rows.map((each) => (each.tool === 'spin' ? { ...each, run: 'two' } : each));
    expect(() => document({ ...run, rows: pasted })).toThrow(/across runs says nothing/);
  });

  test('a file is one run, whole', () => {
    expect(readRun([inFile('a.json', run)])).toEqual(run);
    expect(readRun([inFile('a.json', run), inFile('a.json', run)])).toEqual(run);
    const two = { ...run, id: 'two', rows: run.rows.map((each) => ({ ...each, run: 'two' })) };
    expect(() => readRun([inFile('a.json', run), inFile('b.json', two)])).toThrow(
      new InputError(
        'a.json, b.json: figures of 2 runs: expected those of one, since runs differ in machine and load, and a ratio across them says nothing',
      ),
    );
    expect(() => readRun([inFile('a.json', { ...run, id: 'two' })])).toThrow(/a\.json: figures of 2 runs/);
    expect(() => readRun([{ path: 'a.json', text: '{' }])).toThrow(/^a\.json: not JSON: expected/);
    expect(() => readRun([inFile('a.json', { ...run, date: 3 })])).toThrow(/^a\.json: date: 3: expected/);
  });
});

describe('counts', () => {
  test('a row that counts something else is no row', () => {
    const measurement = { states: 8_000_000, transitions: 24_000_000, tableBytes: 1 };
    const { costs, tableBytes, ...expected } = row('search', [1]);
    const cost = costs[0] as Row['costs'][number];
    expect(() => expectCounts(expected, { ...measurement, cost })).not.toThrow();
    for (const wrong of [{ states: 7_999_999 }, { transitions: 24_000_001 }]) {
      expect(() => expectCounts(expected, { ...measurement, ...wrong, cost })).toThrow(
        /C\+\+ search counts \d+ states and \d+ transitions: expected 8000000 and 24000000/,
      );
    }
  });

  test('what Spin prints', () => {
    const output = [
      'State-vector 60 byte, depth reached 32, errors: 0',
      '  8220065 states, stored',
      ' 23340613 transitions (= stored+matched)',
      '  620.880\tequivalent memory usage for states',
      '  568.000\tactual memory usage for states',
      '  698.500\ttotal actual memory usage',
    ].join('\n');
    const tableBytes = 698.5 * MIB;
    expect(countedBySpin(output)).toEqual({ states: 8_220_065, transitions: 23_340_612, tableBytes });
    // With -DNOCOMP it does not tell the parts.
    expect(countedBySpin(output.replace(/ {2}620[\s\S]*/, '  698.500\tmemory usage (Mbyte)'))).toMatchObject({
      tableBytes,
    });
    for (const wrong of [
      output.replace('errors: 0', 'errors: 1'),
      `Warning: Search not completed\n${output}`,
      `error: max search depth too small\n${output}`,
      output.replace('stored', ''),
    ]) {
      expect(() => countedBySpin(wrong)).toThrow(/^spin: /);
    }
  });

  test('all spaces are different, grow to 10^8 states, and those compared know their orbits', () => {
    const all = [...spaces, ...smallestSpaces];
    expect(new Set(all.map(nameOf)).size).toBe(all.length);
    const curve = spaces.filter(({ configuration }) => configuration.level === 'lamport');
    const decades = curve.map(({ size }) => Math.round(Math.log10(size.states)));
    expect([...decades].sort()).toEqual([3, 4, 5, 6, 7, 8]);
    for (const space of all) {
      for (const explorer of explorersOf(space))
        expect(expectedOf(space, explorer).states).toBeGreaterThan(0);
    }
  });
});

describe('the picture', () => {
  const svg = picture(run);
  const all = (pattern: RegExp) => [...svg.matchAll(pattern)].map((match) => match.slice(1));

  test('is well-formed, and follows the reader to the dark', () => {
    const open: string[] = [];
    for (const [, end, name, self] of svg.matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g)) {
      if (self) continue;
      if (end) expect(open.pop()).toBe(name);
      else open.push(name as string);
    }
    expect(open).toEqual([]);
    expect(svg).toContain('&lt;large> &amp; more');
    expect(svg).toContain('@media (prefers-color-scheme: dark)');
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });

  test('draws a line for each that explores all states, on logarithmic axes', () => {
    const lines = all(/<polyline class="curve ([^"]+)" points="([^"]+)"/g);
    expect(lines.map(([kind, points]) => [kind, points?.split(' ').length])).toEqual([
      ['synod', 2],
      ['spin', 2],
      ['synod many', 1],
      ['search', 1],
    ]);
    const points = (lines[0]?.[1] ?? '').split(' ').map((point) => point.split(',').map(Number));
    const spin = (lines[1]?.[1] ?? '').split(' ').map((point) => point.split(',').map(Number));
    // 10^3 and 8 * 10^6 states on an axis from 10^3 to 10^7; 10^-1 s on one from 10^-3 to 10^1 s.
    expect(points[0]?.[0]).toBe(64);
    expect(points[1]?.[0]).toBeCloseTo(64 + (640 * Math.log10(8_000)) / 4, 0);
    expect(points[0]?.[1]).toBeCloseTo(84 + 300 / 2, 0);
    expect(spin[0]?.[1]).toBeCloseTo(84 + 300, 0);
  });

  test('draws a bar for each row that is compared, as long as its figure', () => {
    const bars = all(/<rect class="([^"]+)"[^>]* width="([^"]+)"/g);
    const widths = bars.map(([, width]) => Number(width));
    expect(bars.map(([kind]) => kind)).toEqual(
      [1, 2].flatMap(() => ['synod', 'synod', 'synod', 'spin', 'search', 'limit']),
    );
    // States of the space a second: 2, 1.8, 4, 1, 8 and 16 million.
    expect(widths.slice(0, 6).map((width) => (width / 180) * 16)).toEqual(
      [2, 8 / 4.4, 4, 1, 8, 16].map((value) => expect.closeTo(value, 1)),
    );
  });
});

describe('the page', () => {
  const text = (name: string) => readFileSync(`${root}docs/benchmark.${name}`, 'utf8');

  test('shows the run that is kept beside it, and nothing else', () => {
    const kept = readRun([{ path: 'docs/benchmark.json', text: text('json') }]);
    expect(filled(text('md'), kept)).toBe(text('md'));
    expect(picture(kept)).toBe(text('svg'));
    expect(text('md')).toContain(document(kept));
  });
});

describe('npm run bench', () => {
  const bench = (...args: readonly string[]) =>
    start([process.execPath, '--import', `${root}register.mjs`, `${root}test/bench/bench.ts`, ...args]).ended;

  test('draws a run that was written, and refuses what it cannot', async () => {
    const one = temporaryFile('one.json', run);
    const two = temporaryFile('two.json', {
      ...run,
      id: 'two',
      rows: run.rows.map((each) => ({ ...each, run: 'two' })),
    });
    const [drawn, ...refused] = await Promise.all([
      bench('--from', one),
      bench('--from', one, '--from', two),
      bench('--from', `${one}.not`),
      bench('--times', 'often'),
      bench('--fast'),
    ]);
    expect(drawn).toEqual({ status: 0, stdout: `${document(run)}\n`, stderr: '' });
    for (const each of refused) expect(each).toMatchObject({ status: 2, stdout: '' });
    expect(refused.map(({ stderr }) => stderr)).toEqual([
      expect.stringMatching(/^npm run bench: .*one\.json.*two\.json: figures of 2 runs: expected .*\n$/),
      expect.stringMatching(/^npm run bench: --from: .*no such file.*: expected a file that --json wrote\n$/),
      'npm run bench: --times: often: expected a whole number from 1 to 100\n',
      expect.stringMatching(/^npm run bench: .*'--fast'.*\n$/),
    ]);
  });
});
