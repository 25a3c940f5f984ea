/** A crew of worker threads for tests, which are asked to help with the smallest levels. */
import { afterAll, beforeAll } from 'vitest';
import { check } from '../../model-check/check.ts';
import { Explorer } from '../../model-check/explorer.ts';
import { Board } from '../../model-check/parallel/board.ts';
import { ParallelExplorer } from '../../model-check/parallel/parallel-explorer.ts';
import type { Report } from '../../model-check/report.ts';
import type { Envelope, System } from '../../model-check/system.ts';
import { type HiredCrew, hireCrew } from '../../src/workers/crew.ts';
import { type Counts, countsIn } from './compare.ts';
import { Spec } from './random-system.ts';

/** Crews of these sizes, hired before the tests of a file and dismissed after them. */
export function crews(...sizes: readonly number[]): () => readonly HiredCrew[] {
  let hired: HiredCrew[] = [];
  const { many } = ParallelExplorer;
  beforeAll(async () => {
    ParallelExplorer.many = 1;
    hired = await Promise.all(sizes.map(readyCrew));
  });
  afterAll(async () => {
    ParallelExplorer.many = many;
    await Promise.all(hired.map((crew) => crew.dismiss()));
  });
  return () => hired;
}

/** A crew that listens. */
export async function readyCrew(size: number): Promise<HiredCrew> {
  const crew = hireCrew(size);
  const board = new Board(crew.words, crew.desks);
  while (board.get('listening') < size) await new Promise((resolve) => setTimeout(resolve, 5));
  return crew;
}

/** The counts of a run to the end with the help of a crew. */
export async function byCrew<S, M extends Envelope, E>(
  system: System<S, M, E>,
  crew: HiredCrew,
): Promise<Counts> {
  return countsIn(await check(system, { crew, enough: () => false, timeLimit: 10 }));
}

/** A report without what depends on the clock, or on how memory is laid out. */
export async function timeless<S, M extends Envelope, E>(system: System<S, M, E>, crew: HiredCrew | null) {
  const report: Report = await check(system, crew ? { crew } : {});
  return { ...report, seconds: 0, statesPerSecond: 0, peakMemoryBytes: 0 };
}

/** What an explorer finds, to the end: with a crew, or alone. */
export function outcome<S, M extends Envelope, E>(
  system: System<S, M, E>,
  symmetric: boolean,
  crew: HiredCrew | null,
) {
  const explorer = crew
    ? new ParallelExplorer(system, symmetric, crew)
    : new Explorer(system, symmetric, false);
  while (!explorer.done) explorer.run(1000);
  const { size, transitions, depth, represented, claims } = explorer;
  const found = [...claims.properties, ...claims.situations].map((claim) => claim.depth);
  explorer.release();
  return { size, transitions, depth, represented, found };
}

/** Random systems without what one thread alone looks at: observers, and what is to be always reachable. */
export const unobserved = Spec.map((spec) => ({
  ...spec,
  observers: [],
  reachable: [],
  ballast: { ...spec.ballast, observers: 0 },
}));
