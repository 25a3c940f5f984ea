import { type Apart, apart, notPassive, type Weight } from './passive.ts';
import { NotPassive, type PassiveActor } from './passive-actor.ts';
import type { Report } from './report.ts';
import type { Envelope, Permutation, System } from './system.ts';
import type { Tally } from './tally.ts';
import { SystemError } from './terms.ts';

/** A run, and what is read off its tables. */
interface Run {
  readonly report: Report;
  readonly explorer: { readonly tally: Tally | null; readonly depth: number };
}

interface Ways<S, M extends Envelope, E> {
  /** Explores a system until a violation is found. */
  apart(system: System<S, M, E>): Promise<Run>;
  /** Checks the system as it is. */
  whole(): Promise<Report>;
}

/**
 * Checks a system with its passive actors looked at apart.
 *
 * Which actors are passive is found out: all are taken to be, but those of which it is plain that they are not; the run
 * ends when one of them sends something, and begins again with that one in the product.
 *
 * What is violated is shown by a run of the whole system, and so is what is wrong with the system itself.
 */
export async function checkApart<S, M extends Envelope, E>(
  system: System<S, M, E>,
  ways: Ways<S, M, E>,
): Promise<Report> {
  const others = notPassive(system);
  for (;;) {
    const names = system.actors.map(({ name }) => name).filter((name) => !others.has(name));
    if (names.length === 0) return without(await ways.whole(), others);
    const reduced = apart(system, names);
    const run = await ways.apart(reduced.system).catch(problem);
    if (run instanceof NotPassive) {
      for (const name of withImages(system, run.actor)) others.set(name, run.because);
      continue;
    }
    // The engine is to tell what is wrong, at the place to which the run of all actors comes first.
    if (run instanceof SystemError) return without(await ways.whole(), others, run.message);
    if (run.report.verdict !== 'violated') return told(run, reduced, others);
    const report = await ways.whole();
    // A bound may have kept the violation from being found again: it is one all the same.
    if (report.verdict !== 'violated') return unshown(report, told(run, reduced, others));
    return without(report, others, 'what is violated is shown with all actors');
  }
}

/** A problem with the system; another error is thrown. */
function problem(error: unknown): SystemError {
  if (error instanceof SystemError) return error;
  throw error;
}

/** An actor, and those that the symmetries turn it into. */
function withImages<S, M extends Envelope, E>({ symmetry }: System<S, M, E>, actor: string): Set<string> {
  const images = new Set([actor]);
  const image = (permutation: Permutation, name: string) => permutation[name] ?? name;
  for (const name of images) {
    for (const permutation of symmetry?.permutations ?? []) images.add(image(permutation, name));
  }
  return images;
}

/** A report of a run in which no actor was looked at apart. */
function without(report: Report, others: ReadonlyMap<string, string>, undone?: string): Report {
  const passive = {
    actors: [],
    represented: report.symmetry?.represented ?? report.distinctStates,
    others: Object.fromEntries(others),
  };
  return { ...report, passive: undone === undefined ? passive : { ...passive, undone } };
}

/** A report that something is violated, but not how soon: the run that was to show it was cut short. */
function unshown(whole: Report, reduced: Report): Report {
  if (whole.stopped === null)
    throw new Error(
      `${whole.system}: looked at apart, passive actors violate what they do not in the product`,
    );
  return { ...reduced, properties: reduced.properties.map(({ length: _, ...property }) => property) };
}

/** The report of a run without the passive actors, put in terms of the whole system. */
function told<S, M extends Envelope, E>(
  { report, explorer: { tally, depth } }: Run,
  { passive, system }: Apart<S, M, E>,
  others: ReadonlyMap<string, string>,
): Report {
  let represented = 0;
  let farthest = 0;
  tally?.forEach((value, states, greatest) => {
    const weight = value as Weight;
    represented += states * weight.states;
    farthest = Math.max(farthest, greatest + weight.farthest);
  });
  const finished = report.frontier === 0;
  return {
    ...report,
    passive: { actors: passive.map(({ name }) => name), represented, others: Object.fromEntries(others) },
    diameter: finished ? farthest : report.diameter,
    questions: report.questions + passive.reduce((sum, { questions }) => sum + questions, 0),
    reached: report.reached.map(({ length, ...situation }) => {
      // What is met later may be nearer, in a run that did not come to its end.
      const least = length !== undefined && (finished || length <= depth + 1);
      return { ...situation, ...(least ? { length } : {}) };
    }),
    rules: withFired(report.rules, passive, system.idleRules ?? {}),
  };
}

function withFired<S, M extends Envelope, E>(
  rules: Report['rules'],
  passive: readonly PassiveActor<S, M, E>[],
  idle: Readonly<Record<string, string>>,
): Report['rules'] {
  const names = new Set([
    ...rules.map(({ name }) => name),
    ...passive.flatMap(({ fired }) => [...fired.keys()]),
  ]);
  return [...names].map((name) => {
    const known = rules.find((rule) => rule.name === name);
    const theirs = passive.reduce((sum, { fired }) => sum + (fired.get(name) ?? 0), 0);
    const because = idle[name];
    return {
      name,
      tabulated: (known?.tabulated ?? 0) + theirs,
      ...(because === undefined ? {} : { idle: because }),
    };
  });
}
