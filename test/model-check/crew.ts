/** A crew of worker threads for tests, which are asked to help with the smallest levels; and what is asked of it with a kernel and without. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect } from 'vitest';
import { check } from '../../model-check/check.ts';
import { Explorer } from '../../model-check/explorer.ts';
import { ParallelExplorer } from '../../model-check/parallel/parallel-explorer.ts';
import type { Report } from '../../model-check/report.ts';
import type { Envelope, System } from '../../model-check/system.ts';
import { PaxosConfiguration } from '../../spec/index.ts';
import { findMutant, mutated } from '../../spec/mutants/index.ts';
import { type HiredCrew, hireCrew } from '../../src/workers/crew.ts';
import { listening } from '../listening.ts';
import { byOracleWithin, type Counts, countsIn } from './compare.ts';
import { counters, expected } from './counters.ts';
import { build, most, type RandomSystem, Spec } from './random-system.ts';

/** Crews of these sizes, hired before the tests of a file and dismissed after them. */
export function crews(...sizes: readonly number[]): () => readonly HiredCrew[] {
  let hired: HiredCrew[] = [];
  const { many } = ParallelExplorer;
  beforeAll(async () => {
    ParallelExplorer.many = 1;
    hired = await Promise.all(sizes.map((size) => readyCrew(size)));
  });
  afterAll(async () => {
    ParallelExplorer.many = many;
    await Promise.all(hired.map((crew) => crew.dismiss()));
  });
  return () => hired;
}

type Mail = Parameters<HiredCrew['post']>[1];

/** A crew that listens. Its mail may be changed on the way. */
export async function readyCrew(size: number, change = (mail: Mail) => mail): Promise<HiredCrew> {
  const crew = hireCrew(size);
  await listening(crew);
  return { ...crew, post: (worker, mail) => crew.post(worker, change(mail)) };
}

/** The counts of a run to the end with the help of a crew, which is to take so many seconds at most. */
export async function byCrew<S, M extends Envelope, E>(
  system: System<S, M, E>,
  crew: HiredCrew,
  timeLimit = 10,
): Promise<Counts> {
  return countsIn(await check(system, { crew, enough: () => false, timeLimit }));
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

/** A random system, with what the oracle counts in it. */
interface Counted {
  readonly system: RandomSystem;
  readonly counted: Counts;
}

/** If it has so many states at most. */
function countedWithin(spec: Spec, states: number): Counted | undefined {
  const system = build(spec);
  const counted = byOracleWithin(system, most(spec, states));
  return counted && { system, counted };
}

/** Compares something with what the oracle counts in random systems of so many states at most. Returns of how many systems and states. */
export async function compareRandom(
  { runs, states }: { readonly runs: number; readonly states: number },
  compare: (of: Counted) => Promise<void>,
): Promise<{ readonly systems: number; readonly states: number }> {
  const compared = { systems: 0, states: 0 };
  await fc.assert(
    fc.asyncProperty(unobserved, async (spec) => {
      const of = countedWithin(spec, states);
      if (!of) return;
      compared.systems += 1;
      compared.states += of.counted.distinctStates;
      await compare(of);
    }),
    { numRuns: runs },
  );
  return compared;
}

/** Small random systems, in which faults are to be noticed. */
export function smallRandom(): readonly Counted[] {
  return fc
    .sample(unobserved, { seed: 2001, numRuns: 60 })
    .flatMap((spec) => countedWithin(spec, 120) ?? [])
    .filter(({ counted }) => counted.distinctStates > 8);
}

/** Whether some system is counted otherwise than the oracle counts it. With a fault a run may go on for ever; without, it takes a fiftieth of a second. */
export async function isMiscounted(systems: readonly Counted[], crew: HiredCrew): Promise<boolean> {
  for (const { system, counted } of systems) {
    const counts = await byCrew(system, crew, 3).catch(() => undefined);
    if (JSON.stringify(counts) !== JSON.stringify(counted)) return true;
  }
  return false;
}

/** Expects the report of one thread, so many times, with one crew after the other. `begin` is called before the first of them. */
export async function expectReport<S, M extends Envelope, E>(
  system: System<S, M, E>,
  crews: readonly HiredCrew[],
  { times = crews.length, begin = () => {} } = {},
) {
  const alone = await timeless(system, null);
  begin();
  for (let run = 0; run < times; run++)
    expect(await timeless(system, crews[run % crews.length] as HiredCrew)).toEqual(alone);
  return alone;
}

/** Expects the report of one thread on a mutant's smallest configuration, to the last word of the counterexample. */
export async function expectCounterexample(name: string, crews: readonly HiredCrew[], begin?: () => void) {
  const mutant = findMutant(name);
  if (!mutant) throw new Error(`no mutant ${name}`);
  const system = mutated(PaxosConfiguration.parse(mutant.smallest), mutant);
  const { verdict } = await expectReport(system, crews, begin && { begin });
  expect(verdict).toBe('violated');
}

/** Expects the counts of counters by formula; their states outgrow their fields in mid-run. */
export async function expectCounted(limits: readonly number[], inert: number, crews: readonly HiredCrew[]) {
  for (const crew of crews)
    expect(await check(counters(limits, inert), { crew, enough: () => false })).toMatchObject(
      expected(limits),
    );
}

/** Expects a run to end with the words of a function that throws, and the crew to help with the next. */
export async function expectItsOwnWords(crew: HiredCrew) {
  const system = counters([40, 40], 2);
  const actors = system.actors.map((actor) => ({
    ...actor,
    internal: (count: number) => {
      if (count === 30) throw new Error('thirty is too much');
      return actor.internal?.(count) ?? [];
    },
  }));
  await expect(check({ ...system, actors }, { crew })).rejects.toThrow(/thirty is too much/);
  await expectCounted([40, 40], 2, [crew]);
}
