import { rest, selected } from './check.ts';
import type { Claim } from './claims.ts';
import { toldPath } from './counterexample.ts';
import { Explorer } from './explorer.ts';
import { type SimulationReport, shownProperty } from './simulation-report.ts';
import type { Envelope, System } from './system.ts';
import { SystemError } from './terms.ts';
import { Walker } from './walk.ts';

/** A part of the walks: those whose number leaves the remainder `index` when divided by `of`. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

/** How far the walks have come. */
export interface SimulationProgress {
  readonly walked: number;
  /** Walks that this shard has to walk. */
  readonly of: number;
  readonly stepsTaken: number;
  readonly seconds: number;
  /** The properties violated so far. */
  readonly violated: readonly string[];
}

export interface SimulationOptions {
  /** Look at these properties only; all by default. */
  readonly properties?: readonly string[];
  /** From 0 to 2^53 - 1; 1 by default. The same seed gives the same walks. */
  readonly seed?: number;
  /** By default the only one. */
  readonly shard?: Shard;
  /** Walks, of all shards together; 10,000 by default. */
  readonly walks?: number;
  /** Steps after which a walk is ended; 1,000 by default. */
  readonly steps?: number;
  /** End after this many seconds. */
  readonly timeLimit?: number;
  /** Ends the run. */
  readonly signal?: AbortSignal;
  /** Called about once a second. */
  readonly onProgress?: (progress: SimulationProgress) => void;
  /** The peak memory of the process, where the platform can tell; else the bytes of the tables. */
  readonly peakMemory?: () => number;
  /** Passed on to the report. */
  readonly configuration?: SimulationReport['configuration'];
  readonly mutant?: string | null;
}

/** Steps between two looks at the clock. */
const SLICE = 256;
/** Milliseconds of work between two chances for others (a signal, a page) to run. */
const PATIENCE = 40;

/** What the walks of a shard came to. */
interface Tally {
  walked: number;
  stepsTaken: number;
  longest: number;
  deadEnds: number;
  /** By claim: the walks in which it was found, and the first of them. */
  readonly found: { walks: number; first: { walk: number; length: number } | undefined }[];
  /** By rule: the walks in which it fired. */
  readonly fired: Map<string, number>;
}

/**
 * Walks at random through a system, and reports what was met. Every walk is walked to its end, whether or not something is
 * found violated, so that the reports of all shards together say what one run would have said.
 *
 * @throws SystemError if the system breaks the checker's terms
 */
export async function simulate<S, M extends Envelope, E>(
  system: System<S, M, E>,
  options: SimulationOptions = {},
): Promise<SimulationReport> {
  const started = performance.now();
  const { seed = 1, shard = { index: 0, of: 1 }, walks = 10_000, steps = 1_000 } = options;
  refuseReachability(system, options.properties);
  const explorer = new Explorer(selected(system, options.properties), false, false);
  const walker = new Walker(explorer, seed);
  const tally: Tally = {
    walked: 0,
    stepsTaken: 0,
    longest: 0,
    deadEnds: 0,
    found: walker.claims.map(() => ({ walks: 0, first: undefined })),
    fired: new Map(),
  };
  const pause = pacing(options, started, () => ({
    walked: tally.walked,
    of: Math.max(0, Math.ceil((walks - shard.index) / shard.of)),
    stepsTaken: tally.stepsTaken,
    violated: explorer.claims.properties
      .filter((_, at) => tally.found[at]?.first !== undefined)
      .map(({ name }) => name),
  }));
  let stopped: string | null = null;
  let ticks = 0;
  for (let walk = shard.index; walk < walks && stopped === null; walk += shard.of) {
    walker.begin(walk);
    while (walker.depth < steps && stopped === null) {
      ticks += 1;
      if (ticks % SLICE === 0) stopped = await pause();
      if (walker.step() === undefined) {
        tally.deadEnds += 1;
        break;
      }
      tally.stepsTaken += 1;
    }
    count(tally, walker, walk);
  }
  return report(explorer, walker, tally, { ...options, seed, shard, walks, steps }, stopped, started);
}

function refuseReachability<S, M extends Envelope, E>(
  { properties }: System<S, M, E>,
  names: readonly string[] = [],
): void {
  const asked = properties.find(({ name, alwaysReachable }) => alwaysReachable && names.includes(name));
  if (asked)
    throw new SystemError(
      `${asked.name} is about what remains reachable, which random walks do not tell: expected no simulation of it`,
    );
}

/** Looks at the clock, tells how far it is, lets others run. Answers why the run is to end, if it is. */
function pacing(
  { timeLimit, signal, onProgress }: SimulationOptions,
  started: number,
  progress: () => Omit<SimulationProgress, 'seconds'>,
): () => Promise<string | null> {
  let rested = started;
  let told = started;
  return async () => {
    const now = performance.now();
    const seconds = (now - started) / 1000;
    if (now - told >= 1000) {
      told = now;
      onProgress?.({ ...progress(), seconds });
    }
    if (now - rested >= PATIENCE) {
      await rest();
      rested = performance.now();
    }
    if (signal?.aborted) return 'an interrupt';
    return timeLimit !== undefined && seconds > timeLimit ? `the time limit of ${timeLimit} s` : null;
  };
}

function count<S, M extends Envelope, E>(tally: Tally, walker: Walker<S, M, E>, walk: number): void {
  tally.walked += 1;
  tally.longest = Math.max(tally.longest, walker.depth);
  for (const rule of walker.rules) tally.fired.set(rule, (tally.fired.get(rule) ?? 0) + 1);
  tally.found.forEach((found, at) => {
    const length = walker.found[at] as number;
    if (length === -1) return;
    found.walks += 1;
    found.first ??= { walk, length };
  });
}

type Asked = SimulationOptions & Required<Pick<SimulationOptions, 'seed' | 'shard' | 'walks' | 'steps'>>;

function report<S, M extends Envelope, E>(
  explorer: Explorer<S, M, E>,
  walker: Walker<S, M, E>,
  { walked, stepsTaken, longest, deadEnds, found, fired }: Tally,
  { seed, shard, walks, steps, configuration, mutant, peakMemory }: Asked,
  stopped: string | null,
  started: number,
): SimulationReport {
  const { system, claims } = explorer;
  const ofClaim = (at: number) => found[at] as Tally['found'][number];
  const properties = claims.properties.map((claim, at): SimulationReport['properties'][number] => {
    const { name, kind, statement, alwaysReachable, notApplicable: tooSmall } = claims.definition(claim);
    const notApplicable = alwaysReachable ? 'a walk does not tell what remains reachable' : tooSmall;
    const { walks: violating, first } = ofClaim(at);
    return {
      name,
      kind,
      statement,
      verdict: first ? 'violated' : 'incomplete',
      ...(notApplicable === undefined || first ? {} : { notApplicable }),
      walks: violating,
      ...(first ? { first } : {}),
    };
  });
  const situations = (system.situations ?? []).map(({ name, statement, notApplicable }, at) => {
    const { walks: reaching } = ofClaim(properties.length + at);
    const tooSmall = notApplicable === undefined || reaching > 0 ? {} : { notApplicable };
    return { name, statement, walks: reaching, ...tooSmall };
  });
  const rules = [...new Set([...(system.rules ?? []), ...fired.keys()])].sort().map((name) => {
    const idle = system.idleRules?.[name];
    return { name, walks: fired.get(name) ?? 0, ...(idle === undefined ? {} : { idle }) };
  });
  const shown = shownProperty(properties);
  const counterexample = shown?.first && retold(explorer, walker, shown.name, shown.first);
  const seconds = (performance.now() - started) / 1000;
  return {
    format: 'synod-simulation/1',
    system: system.name,
    configuration: configuration ?? {},
    mutant: mutant ?? null,
    verdict: shown ? 'violated' : 'incomplete',
    covers: [...system.covers],
    ...(system.restricted === undefined ? {} : { restricted: system.restricted }),
    seed,
    walks,
    steps,
    shards: { of: shard.of, done: [shard.index] },
    stopped: stopped === null ? [] : [{ shard: shard.index, by: stopped }],
    walked,
    stepsTaken,
    longest,
    deadEnds,
    seconds,
    stepsPerSecond: Math.round(stepsTaken / Math.max(seconds, 0.001)),
    peakMemoryBytes: peakMemory?.() ?? explorer.bytes,
    properties,
    reached: situations,
    rules,
    ...(counterexample ? { counterexample } : {}),
  };
}

/** No walk is kept: the one that is shown is walked again. */
function retold<S, M extends Envelope, E>(
  explorer: Explorer<S, M, E>,
  walker: Walker<S, M, E>,
  name: string,
  { walk, length }: { walk: number; length: number },
) {
  const property = explorer.claims.properties.find((claim) => claim.name === name) as Claim;
  return toldPath(explorer, property, walker.path(walk, property, length));
}
