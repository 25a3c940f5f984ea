import { type Checkpoint, checkpoint, recorded, resumed, type SavedRun } from './checkpoint.ts';
import type { Claim } from './claims.ts';
import { counterexample, toldPath } from './counterexample.ts';
import { type Bounds, expectedStates } from './estimate.ts';
import { Explorer } from './explorer.ts';
import type { Crew } from './parallel/mail.ts';
import { ParallelExplorer } from './parallel/parallel-explorer.ts';
import { checkApart } from './passive-check.ts';
import { Reachability } from './reachability.ts';
import type { Counterexample, Report, Verdict } from './report.ts';
import type { Envelope, System } from './system.ts';
import { SystemError } from './terms.ts';

/** How far a run has come. */
export interface Progress {
  readonly states: number;
  readonly transitions: number;
  /** Steps from the initial state to the states being expanded. */
  readonly depth: number;
  /** States found and not yet expanded. */
  readonly frontier: number;
  readonly seconds: number;
  readonly statesPerSecond: number;
  /** How many states there may be in all, where that can be told. */
  readonly expected?: Bounds;
}

export interface CheckOptions {
  /** Check these properties only; all by default. */
  readonly properties?: readonly string[];
  /** Explore one state of each orbit of the system's symmetries only. */
  readonly symmetry?: boolean;
  /** Look at passive actors apart: those that send nothing and that nobody reads are computed. */
  readonly passive?: boolean;
  /** End the run, `incomplete`, when there are more distinct states than this. */
  readonly maxStates?: number;
  /** End the run, `incomplete`, after this many seconds. */
  readonly timeLimit?: number;
  /** End the run, `incomplete`, when the tables of the search take more bytes than this. */
  readonly maxMemory?: number;
  /** Ends the run, `incomplete`. */
  readonly signal?: AbortSignal;
  /** Makes checkpoints: from time to time, and when a limit or a signal ends the run. */
  readonly checkpoints?: {
    /** Seconds between two of them. */
    readonly every: number;
    readonly save: (checkpoint: Checkpoint) => void;
  };
  /** Goes on with the run of a checkpoint. It says which properties are checked, and whether with symmetry. */
  readonly resume?: SavedRun;
  /** Threads that help: the report is the same with and without them. */
  readonly crew?: Crew;
  /** Called about once a second. */
  readonly onProgress?: (progress: Progress) => void;
  /** The peak memory of the process, where the platform can tell; else the bytes of the tables that grow with the states. */
  readonly peakMemory?: () => number;
  /**
   * Whether to end the run, at the end of a level in which something was found violated. By default it ends when a
   * requirement is violated, or when every property is.
   */
  readonly enough?: (violated: readonly string[]) => boolean;
  /** Passed on to the report. */
  readonly configuration?: Report['configuration'];
  readonly mutant?: string | null;
}

/** States expanded between two looks at the clock. */
const SLICE = 1024;
/** Milliseconds of work between two chances for others (a signal, a page) to run. */
const PATIENCE = 40;

/** The crews that help with a check at present. */
const helping = new WeakSet<Crew>();

/**
 * Checks a system: explores every interleaving within its bounds, and reports.
 *
 * @throws SystemError if the system breaks the checker's terms, or if the crew helps with another check
 */
export async function check<S, M extends Envelope, E>(
  system: System<S, M, E>,
  options: CheckOptions = {},
): Promise<Report> {
  const { crew } = options;
  if (!crew) return await checked(system, options);
  if (helping.has(crew))
    throw new SystemError('the crew helps with another check: expected one check of a crew at a time');
  helping.add(crew);
  try {
    return await checked(system, options);
  } finally {
    helping.delete(crew);
  }
}

async function checked<S, M extends Envelope, E>(
  system: System<S, M, E>,
  options: CheckOptions,
): Promise<Report> {
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000 + (options.resume?.position.seconds ?? 0);
  const chosen = selected(system, propertiesOf(options));
  if (!options.passive) return await shown(chosen, options, seconds);
  if (options.checkpoints || options.resume)
    throw new SystemError(
      'what is known of passive actors is not saved: expected no checkpoints with them apart',
    );
  return await checkApart(chosen, {
    apart: (reduced) => explored(reduced, { ...options, enough: () => true }, seconds),
    whole: () => shown(chosen, options, seconds),
  });
}

/** A report of all states, with a counterexample if there is one. */
async function shown<S, M extends Envelope, E>(
  system: System<S, M, E>,
  options: CheckOptions,
  seconds: () => number,
): Promise<Report> {
  const { report: summary, explorer, decided } = await explored(system, options, seconds);
  const found = worst(explorer);
  if (!found) return summary;
  const reachability = decided.get(found);
  if (reachability) return { ...summary, counterexample: toldPath(explorer, found, reachability.path()) };
  explorer.release();
  const story = await shownCounterexample(explorer, found, options);
  return story ? { ...summary, counterexample: story } : summary;
}

/** Explores a system until the run ends, and sums it up. */
async function explored<S, M extends Envelope, E>(
  system: System<S, M, E>,
  options: CheckOptions,
  seconds: () => number,
) {
  const started = performance.now();
  const sitting = () => (performance.now() - started) / 1000;
  const explorer = explorerFor(system, options);
  const enough = options.enough ?? ((violated) => enoughByDefault(explorer, violated));
  let stopped: string | null = null;
  const decided: Decided<S, M, E> = new Map();
  let rested = started;
  let told = started;
  let saved = started;
  // What the level that is being expanded has led to is looked at when it is complete.
  let known = explorer.violated.filter(({ depth }) => depth <= explorer.depth).length;
  const save = () => {
    options.checkpoints?.save(checkpoint(explorer, seconds(), propertiesOf(options)));
    saved = performance.now();
  };
  if (known > 0 && enough(explorer.violated.map(({ name }) => name))) stopped = 'a violation was found';
  const remains = remaining(explorer, decided);
  while (stopped === null && !remains.done) {
    const levelComplete = remains.run(SLICE);
    const now = performance.now();
    if (levelComplete && !explorer.done && explorer.violated.length > known) {
      known = explorer.violated.length;
      if (enough(explorer.violated.map(({ name }) => name))) stopped = 'a violation was found';
    }
    if (stopped === null && !remains.done) {
      stopped = limitReached(explorer, remains, options, sitting());
      if (stopped !== null || now - saved >= (options.checkpoints?.every ?? Infinity) * 1000) save();
    }
    if (now - told >= 1000 && options.onProgress) {
      told = now;
      options.onProgress(progressOf(explorer, seconds()));
    }
    if (now - rested >= PATIENCE) {
      await rest();
      rested = performance.now();
    }
  }
  return { report: report(explorer, decided, options, stopped, seconds()), explorer, decided };
}

/** By property of something that is to be always reachable: the search that has decided it. */
type Decided<S, M extends Envelope, E> = Map<Claim, Reachability<S, M, E>>;

/** What there is to do: all states are explored, and then what is to be always reachable is decided, one after the other. */
function remaining<S, M extends Envelope, E>(explorer: Explorer<S, M, E>, decided: Decided<S, M, E>) {
  // Where only some of the runs are looked at, it may be reachable by others.
  const claims = explorer.system.restricted === undefined ? [...explorer.claims.goals.keys()] : [];
  let search: Reachability<S, M, E> | undefined;
  return {
    get done() {
      return explorer.done && decided.size === claims.length;
    },
    get bytes() {
      return explorer.bytes + (search?.bytes ?? 0);
    },
    run(count: number): boolean {
      if (!explorer.done) return explorer.run(count);
      const claim = claims[decided.size] as Claim;
      search ??= new Reachability(explorer, claim);
      if (!search.run(count)) return false;
      decided.set(claim, search);
      search = undefined;
      return true;
    },
  };
}

function explorerFor<S, M extends Envelope, E>(system: System<S, M, E>, options: CheckOptions) {
  const { checkpoints, resume, crew, symmetry = false } = options;
  if (crew && (checkpoints || resume))
    throw new SystemError('a run of several threads is not saved: expected no workers with checkpoints');
  const asked = system.properties.find(({ alwaysReachable }) => alwaysReachable);
  if (crew && asked)
    throw new SystemError(
      `what is always reachable (${asked.name}) is decided by one thread: expected no workers with it`,
    );
  if (crew) return new ParallelExplorer(system, symmetry, crew);
  if (resume) return resumed(system, resume);
  return checkpoints ? recorded(system, symmetry) : new Explorer(system, symmetry, false);
}

function propertiesOf({ resume, properties }: CheckOptions): readonly string[] | undefined {
  return resume ? resume.position.properties : properties;
}

/** The system with the properties of these names only; all by default. */
export function selected<S, M extends Envelope, E>(
  system: System<S, M, E>,
  names: readonly string[] | undefined,
) {
  const claims = [...system.properties, ...(system.situations ?? [])].map(({ name }) => name);
  const twice = claims.find((name, at) => claims.indexOf(name) !== at);
  if (twice !== undefined)
    throw new SystemError(`${system.name}: two properties or situations are named "${twice}"`);
  if (!names) return system;
  if (names.length === 0) throw new SystemError(`${system.name}: expected at least one property to check`);
  for (const name of names) {
    if (system.properties.some((property) => property.name === name)) continue;
    const known = system.properties.map((property) => property.name).join(', ');
    throw new SystemError(`${system.name} has no property "${name}"; expected one of ${known}`);
  }
  return { ...system, properties: system.properties.filter(({ name }) => names.includes(name)) };
}

function enoughByDefault<S, M extends Envelope, E>(
  { claims }: Explorer<S, M, E>,
  violated: readonly string[],
): boolean {
  const isRequirement = (claim: Claim) => claims.definition(claim).kind === 'requirement';
  return (
    violated.length === claims.properties.length ||
    claims.properties.some((claim) => claim.depth !== -1 && isRequirement(claim))
  );
}

function limitReached<S, M extends Envelope, E>(
  explorer: Explorer<S, M, E>,
  tables: { readonly bytes: number },
  { maxStates, timeLimit, maxMemory, signal }: CheckOptions,
  seconds: number,
): string | null {
  if (signal?.aborted) return 'an interrupt';
  if (maxStates !== undefined && explorer.size > maxStates) return `the bound of ${maxStates} states`;
  if (timeLimit !== undefined && seconds > timeLimit) return `the time limit of ${timeLimit} s`;
  if (maxMemory !== undefined && tables.bytes > maxMemory) return `the memory bound of ${maxMemory} bytes`;
  return null;
}

function progressOf<S, M extends Envelope, E>(explorer: Explorer<S, M, E>, seconds: number): Progress {
  const { transitions, depth, frontier, levels } = explorer;
  const states = explorer.size;
  const expected = expectedStates(levels.slice(1).map((end, at) => end - (levels[at] as number)));
  return {
    states,
    transitions,
    depth,
    frontier,
    seconds,
    statesPerSecond: Math.round(states / seconds),
    ...(expected ? { expected } : {}),
  };
}

function report<S, M extends Envelope, E>(
  explorer: Explorer<S, M, E>,
  decided: Decided<S, M, E>,
  options: CheckOptions,
  stopped: string | null,
  seconds: number,
): Report {
  const { system, claims, tabulation } = explorer;
  const undecided = [...claims.goals.keys()].some((claim) => !decided.has(claim));
  const end =
    stopped ??
    (system.restricted === undefined ? null : 'its restriction to some of the runs') ??
    (undecided ? 'a search that was not made' : null);
  const otherwise: Verdict = end === null ? 'holds' : 'incomplete';
  const verdictOf = ({ depth }: Claim): Verdict => (depth === -1 ? otherwise : 'violated');
  const properties = claims.properties.map((claim) => {
    const { name, kind, statement, notApplicable } = claims.definition(claim);
    const found =
      claim.depth === -1 ? (notApplicable === undefined ? {} : { notApplicable }) : { length: claim.depth };
    const search = decided.get(claim);
    const outOfReach = search && { states: search.states, exempt: search.exempt };
    return {
      name,
      kind,
      statement,
      verdict: verdictOf(claim),
      ...found,
      ...(outOfReach ? { outOfReach } : {}),
    };
  });
  return {
    format: 'synod-report/1',
    system: system.name,
    configuration: options.configuration ?? {},
    mutant: options.mutant ?? null,
    verdict: explorer.violated.length > 0 ? 'violated' : otherwise,
    stopped: end,
    covers: [...system.covers],
    ...(system.restricted === undefined ? {} : { restricted: system.restricted }),
    distinctStates: explorer.size,
    ...(explorer.symmetry
      ? { symmetry: { order: explorer.symmetry.order, represented: explorer.represented } }
      : {}),
    transitions: explorer.transitions,
    diameter: explorer.depth,
    frontier: explorer.frontier,
    seconds,
    statesPerSecond: Math.round(explorer.size / Math.max(seconds, 0.001)),
    peakMemoryBytes: options.peakMemory?.() ?? explorer.bytes,
    questions: tabulation.questions,
    properties,
    reached: claims.situations.map(({ name, depth }, at) => {
      const { statement, notApplicable } = system.situations?.[at] ?? { statement: '' };
      return {
        name,
        statement,
        reached: depth !== -1,
        ...(depth === -1 ? {} : { length: depth }),
        ...(notApplicable === undefined || depth !== -1 ? {} : { notApplicable }),
      };
    }),
    rules: rulesOf(explorer),
  };
}

/**
 * The search is repeated up to the violation with its levels kept: only a run that finds something pays for them. None if
 * it is interrupted on the way, or needs more memory than there may be.
 */
async function shownCounterexample<S, M extends Envelope, E>(
  { system, symmetry }: Explorer<S, M, E>,
  { name, depth }: Claim,
  { signal, maxMemory }: CheckOptions,
): Promise<Counterexample | undefined> {
  const again = new Explorer(system, symmetry !== null);
  const interrupted = signal?.aborted;
  let rested = performance.now();
  while (again.depth < depth && !again.done) {
    again.run(SLICE);
    if (maxMemory !== undefined && again.bytes > maxMemory) return undefined;
    if (performance.now() - rested < PATIENCE) continue;
    await rest();
    if (signal?.aborted && !interrupted) return undefined;
    rested = performance.now();
  }
  return counterexample(again, again.claims.properties.find((claim) => claim.name === name) as Claim);
}

/** Lets others run: a signal, a page. */
export function rest(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** The violated property that is shown: a requirement before a lemma, then the one violated in the fewest steps. */
function worst<S, M extends Envelope, E>({ claims, violated }: Explorer<S, M, E>): Claim | undefined {
  const rank = (claim: Claim) => (claims.definition(claim).kind === 'requirement' ? 0 : 1);
  return [...violated].sort((a, b) => rank(a) - rank(b) || a.depth - b.depth)[0];
}

function rulesOf<S, M extends Envelope, E>({
  system,
  tabulation: { fired },
}: Explorer<S, M, E>): Report['rules'] {
  const names = new Set([...(system.rules ?? []), ...fired.keys()]);
  return [...names].map((name) => {
    const idle = system.idleRules?.[name];
    return { name, tabulated: fired.get(name) ?? 0, ...(idle === undefined ? {} : { idle }) };
  });
}
