/** Runs the benchmark: compiles what is to be compiled, runs every process, and checks what each counted. */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, arch as osArch, type as osType, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Configuration } from '../../scripts/twins-runs.ts';
import type { Recipe } from '../../src/systems.ts';
import type { Job } from './measure.ts';
import {
  type Command,
  compileCost,
  compileLimit,
  compileSearch,
  compileSpin,
  type Measurement,
  measured,
  missingForCpp,
  missingForSpinRow,
  versions,
} from './native.ts';
import { type Cost, labelOf, type Row, type Run } from './results.ts';
import { type Explorer, expectedOf, explorersOf, nameOf, type Space } from './spaces.ts';

/** One row of the benchmark, ready to be run as often as it is wanted. */
interface Task {
  readonly row: Omit<Row, 'costs' | 'tableBytes'>;
  readonly times: number;
  readonly measure: () => Promise<Measurement>;
}

/**
 * Measures the spaces. Every row is a process of its own; all rows are run once before any is run again, so that a change of
 * load is no matter of one row.
 *
 * @param times how often each row is run; a large space once
 * @param say told what is going on, line by line
 * @throws Error if anything counts something else than it must
 */
export async function runBenchmark(
  spaces: readonly Space[],
  times: number,
  say: (line: string) => void,
): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), 'synod-bench-'));
  try {
    const id = randomUUID();
    const before = load();
    const missing = { cpp: await missingForCpp(), spin: await missingForSpinRow() };
    const skipped = [
      ...(missing.cpp ? [`C++ search and hash table: ${missing.cpp}`] : []),
      ...(missing.spin ? [`Spin: ${missing.spin}`] : []),
    ];
    for (const what of skipped) say(`SKIPPED: ${what}`);
    const tasks = await prepare(folder, id, spaces, times, missing);
    const rows = await measureAll(tasks, say);
    const after = load();
    const machine = { ...describeMachine(), ...(await versions()) };
    const date = new Date().toISOString().slice(0, 10);
    return { format: 'synod-bench/1', id, date, machine, load: { before, after }, skipped, rows };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function measureAll(tasks: readonly Task[], say: (line: string) => void): Promise<Row[]> {
  const found = tasks.map(() => ({ tableBytes: 0, costs: [] as Cost[] }));
  for (let round = 0; tasks.some(({ times }) => round < times); round++) {
    for (const [at, { row, times, measure }] of tasks.entries()) {
      if (round >= times) continue;
      const measurement = await measure();
      expectCounts(row, measurement);
      found[at]?.costs.push(measurement.cost);
      Object.assign(found[at] ?? {}, { tableBytes: measurement.tableBytes });
      const { cpuSeconds, wallSeconds } = measurement.cost;
      say(
        `${round + 1}/${times}  ${row.space}: ${labelOf(row)}: ${cpuSeconds.toFixed(2)} s of processor, ${wallSeconds.toFixed(2)} s`,
      );
    }
  }
  return tasks.map(({ row }, at) => ({ ...row, ...(found[at] as { tableBytes: number; costs: Cost[] }) }));
}

/** A benchmark of something else is a defect. */
export function expectCounts(row: Task['row'], { states, transitions }: Measurement): void {
  if (states === row.states && transitions === row.transitions) return;
  throw new Error(
    `${row.space}: ${labelOf(row)} counts ${states} states and ${transitions} transitions: expected ${row.states} and ${row.transitions}`,
  );
}

async function prepare(
  folder: string,
  run: string,
  spaces: readonly Space[],
  times: number,
  missing: { readonly cpp: string | undefined; readonly spin: string | undefined },
): Promise<Task[]> {
  const here = ({ tool }: Explorer) =>
    tool === 'synod' || (tool === 'spin' ? missing.spin : missing.cpp) === undefined;
  const cost = missing.cpp === undefined ? await compileCost(folder) : '';
  const tasks: Task[] = [];
  for (const [at, space] of spaces.entries()) {
    const own = join(folder, `${at}`);
    mkdirSync(own);
    for (const explorer of explorersOf(space).filter(here)) {
      tasks.push({
        row: {
          run,
          space: nameOf(space),
          level: space.configuration.level,
          compared: space.compared,
          ...explorer,
          ...expectedOf(space, explorer),
          represented: space.size.states,
        },
        times: space.large ? 1 : times,
        measure: await measureOf(own, cost, space, explorer),
      });
    }
  }
  return tasks;
}

async function measureOf(folder: string, cost: string, space: Space, explorer: Explorer) {
  const { configuration, size } = space;
  if (explorer.tool === 'synod') {
    const { workers, symmetry } = explorer;
    return async () => bySynod({ recipe: recipeOf(configuration), workers, symmetry }, size.states);
  }
  const { tool } = explorer;
  const compile: Record<typeof tool, () => Promise<Command>> = {
    spin: () => compileSpin(folder, configuration, size),
    search: () => compileSearch(folder, configuration, size),
    limit: () => compileLimit(folder, size),
  };
  const command = await compile[tool]();
  return () => measured(cost, tool, command);
}

function recipeOf({ level, bounds }: Configuration): Recipe {
  return {
    system: level === 'lamport' ? 'lamport-paxos' : 'paxos',
    configuration: { ...bounds },
    mutant: null,
  };
}

const MEASURE = fileURLToPath(new URL('measure.ts', import.meta.url));
const REGISTER = fileURLToPath(new URL('../../register.mjs', import.meta.url));

/** Our engine, in a process of its own. Its orbits must stand for all states, and agreement must hold. */
function bySynod(job: Job, all: number): Measurement {
  const output = execFileSync(process.execPath, ['--import', REGISTER, MEASURE, JSON.stringify(job)], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  const { verdict, represented, ...measurement } = JSON.parse(output);
  if (verdict !== 'holds' || represented !== all) {
    throw new Error(
      `${JSON.stringify(job)}: ${verdict}, of ${represented} states: expected holds, of ${all}`,
    );
  }
  return measurement as Measurement;
}

function load(): number {
  return Number((loadavg()[0] ?? 0).toFixed(2));
}

function describeMachine() {
  return {
    system: `${osType()} ${osArch()}`,
    processors: `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown'}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    node: process.version,
  };
}
