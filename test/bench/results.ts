/** What a run of the benchmark gives, and what may be concluded from it. */
import { z } from 'zod';
import { InputError, inputError } from '../../src/input-error.ts';

const seconds = z.number().min(0);
const count = z.int().min(0);

/** What one process has cost. Processor seconds are of all its threads, user and system. */
export const Cost = z.strictObject({ wallSeconds: seconds, cpuSeconds: seconds, peakBytes: count });
export type Cost = z.infer<typeof Cost>;

export const Row = z.strictObject({
  /** The run that it was measured in. */
  run: z.string(),
  /** The space in words. */
  space: z.string(),
  level: z.enum(['lamport', 'roles']),
  compared: z.boolean(),
  tool: z.enum(['synod', 'spin', 'search', 'limit']),
  /** Of Synod. */
  workers: z.int().min(1).optional(),
  symmetry: z.boolean().optional(),
  /** Distinct states, or orbits. */
  states: z.int().min(1),
  transitions: count,
  /** The number of states of the space: more than `states` where those are orbits. */
  represented: z.int().min(1),
  /** Bytes of the tables when all is explored, as the explorer says. */
  tableBytes: count,
  /** One for each process. */
  costs: z.array(Cost).min(1),
});
export type Row = z.infer<typeof Row>;

export const Run = z.strictObject({
  format: z.literal('synod-bench/1'),
  id: z.string(),
  /** Year, month, day. */
  date: z.string(),
  machine: z.strictObject({
    system: z.string(),
    processors: z.string(),
    memory: z.string(),
    node: z.string(),
    /** First line of what the compiler and Spin say of themselves; absent if they are not there. */
    compiler: z.string().optional(),
    spin: z.string().optional(),
  }),
  /** Processes that were running or waited to, on average over a minute: before the run, and after it. */
  load: z.strictObject({ before: z.number(), after: z.number() }),
  /** What was not measured, and why. */
  skipped: z.array(z.string()),
  rows: z.array(Row),
});
export type Run = z.infer<typeof Run>;

/**
 * Reads the one run that the files hold.
 *
 * @param files the path and the text of each
 * @throws InputError if a file is no run, or if there is more than one run
 */
export function readRun(files: readonly { readonly path: string; readonly text: string }[]): Run {
  const runs = files.map(({ path, text }) => {
    const input = parseJson(path, text);
    const parsed = Run.safeParse(input);
    if (!parsed.success) throw inputError(parsed.error, input, (place) => [path, place.join('.')].join(': '));
    return parsed.data;
  });
  const [run] = runs;
  const ids = new Set(runs.flatMap(({ id, rows }) => [id, ...rows.map((row) => row.run)]));
  if (!run || ids.size !== 1) {
    const paths = files.map(({ path }) => path).join(', ');
    throw new InputError(
      `${paths}: figures of ${ids.size} runs: expected those of one, since runs differ in machine and load, and a ratio across them says nothing`,
    );
  }
  return run;
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InputError(`${path}: not JSON: expected what npm run bench -- --json wrote`);
  }
}

/** The least of the processes, for times are made longer by what else runs and never shorter. */
export function best({ costs }: Row, measure: 'cpuSeconds' | 'wallSeconds'): number {
  return Math.max(Math.min(...costs.map((cost) => cost[measure])), 1e-4);
}

/** The greatest of the processes. */
export function peak({ costs }: Row): number {
  return Math.max(...costs.map(({ peakBytes }) => peakBytes));
}

/** How much more processor time the slowest process took than the fastest, as a fraction. */
export function spread(row: Row): number {
  return Math.max(...row.costs.map(({ cpuSeconds }) => cpuSeconds)) / best(row, 'cpuSeconds') - 1;
}

/**
 * How many times faster than `base` a row was through with the same space.
 *
 * @throws InputError if they are not of one run
 */
export function speedTo(base: Row, row: Row, measure: 'cpuSeconds' | 'wallSeconds'): number {
  if (base.run !== row.run) {
    throw new InputError(
      `${labelOf(row)} to ${labelOf(base)}: runs ${row.run} and ${base.run}: expected one run, since a ratio across runs says nothing`,
    );
  }
  if (base.space !== row.space) {
    throw new InputError(
      `${labelOf(row)} to ${labelOf(base)}: ${row.space} and ${base.space}: expected one state space`,
    );
  }
  return best(base, measure) / best(row, measure);
}

const NAMES: Readonly<Record<Row['tool'], string>> = {
  synod: 'Synod',
  spin: 'Spin',
  search: 'C++ search',
  limit: 'C++ hash table alone',
};

/** A row in words. */
export function labelOf({ tool, workers, symmetry }: Pick<Row, 'tool' | 'workers' | 'symmetry'>): string {
  return [
    NAMES[tool],
    ...(symmetry ? ['symmetry'] : []),
    ...(workers === undefined ? [] : [`${workers} worker${workers === 1 ? '' : 's'}`]),
  ].join(', ');
}
