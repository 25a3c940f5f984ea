/**
 * The programs beside our engine explore what it explores: the hand-written search in C++ counts what the engine counts in
 * every configuration, and notices a violation; and the whole benchmark runs on the smallest spaces.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { bySynod, type LamportBounds } from '../../scripts/twins-runs.ts';
import { budget } from '../budget.ts';
import {
  compileCost,
  compileLimit,
  compileSearch,
  measured,
  missingForCpp,
  missingForSpinRow,
} from './native.ts';
import { readRun } from './results.ts';
import { runBenchmark } from './run.ts';
import { explorersOf, smallestSpaces } from './spaces.ts';
import { document } from './table.ts';

const missing = { cpp: await missingForCpp(), spin: await missingForSpinRow() };
for (const what of new Set(Object.values(missing))) {
  if (what) process.stdout.write(`\nSKIPPED: programs of the benchmark are not run, because ${what}.\n`);
}

/** A folder for what is compiled. */
function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'synod-bench-test-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

let cost = '';
beforeAll(async () => {
  if (missing.cpp === undefined) cost = await compileCost(mkdtempSync(join(tmpdir(), 'synod-bench-cost-')));
});

async function searched(bounds: LamportBounds, room: number) {
  const size = { states: room, transitions: 0 };
  const command = await compileSearch(folder(), { level: 'lamport', bounds }, size);
  return measured(cost, 'search', command);
}

describe.skipIf(missing.cpp !== undefined)('the programs in C++', () => {
  test.each([
    [1, 1, 1],
    [2, 2, 3],
    [3, 1, 3],
    [3, 2, 2],
    [3, 2, 3],
    [3, 4, 2],
    [4, 2, 2],
    [4, 3, 2],
    [5, 2, 1],
  ])('the search counts what our engine counts: %i acceptors, %i values, %i ballots', async (...bounds) => {
    const [acceptors, values, ballots] = bounds;
    const configuration = { acceptors, values, ballots };
    const { distinctStates, transitions, diameter } = await bySynod({
      level: 'lamport',
      bounds: configuration,
    });
    expect(await searched(configuration, distinctStates)).toMatchObject({
      states: distinctStates,
      transitions,
      diameter,
    });
  });

  test('the search fails if two values are chosen', async () => {
    const broken = { acceptors: 2, values: 2, ballots: 2, quorum: 1 };
    await expect(searched(broken, 721)).rejects.toThrow(/two values are chosen/);
  });

  test('the search fails if there are more states than was said, or if they do not fit its words', async () => {
    const bounds = { acceptors: 3, values: 2, ballots: 2 };
    await expect(searched(bounds, 3_920)).rejects.toThrow(/more states than was said/);
    await expect(searched({ acceptors: 5, values: 5, ballots: 5 }, 1)).rejects.toThrow(/do not fit 128 bits/);
  });

  test.each([
    [1, 0],
    [5, 4],
    [5, 10],
    [3_921, 9_442],
    [100_000, 1_000_003],
  ])(
    'the bare table makes as many insertions as it should: %i states, %i transitions',
    async (states, transitions) => {
      const command = await compileLimit(folder(), { states, transitions });
      const measurement = await measured(cost, 'limit', command);
      expect(measurement).toMatchObject({ states, transitions });
      expect(measurement.cost.peakBytes).toBeGreaterThan(measurement.tableBytes);
    },
  );
});

const TIMES = budget({ ci: 1, night: 2 });

test.skipIf(TIMES === 1)('the benchmark, on the smallest spaces', async () => {
  const run = await runBenchmark(smallestSpaces, TIMES, () => {});
  const skipped = { spin: missing.spin, search: missing.cpp, limit: missing.cpp, synod: undefined };
  const expected = smallestSpaces.flatMap((space) =>
    explorersOf(space).filter(({ tool }) => skipped[tool] === undefined),
  );
  expect(run.rows).toMatchObject(expected);
  expect(run.rows.map(({ costs }) => costs.length)).toEqual(expected.map(() => TIMES));
  expect(run.skipped.length).toBe(Object.values(missing).filter((what) => what !== undefined).length);
  expect(readRun([{ path: 'run.json', text: JSON.stringify(run) }])).toEqual(run);
  expect(document(run)).toContain('spaces so small');
});
