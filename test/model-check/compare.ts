/** The harness of the differential test: a system explored by the engine and by the oracle, and what they differ in. */
import { canonical } from '../../model-check/canonical.ts';
import { check } from '../../model-check/check.ts';
import { Explorer } from '../../model-check/explorer.ts';
import { exploreNaively, type NaiveResult } from '../../model-check/naive.ts';
import type { Report } from '../../model-check/report.ts';
import type { Envelope, System } from '../../model-check/system.ts';

/** What both must agree on. */
export interface Counts {
  readonly distinctStates: number;
  readonly transitions: number;
  readonly diameter: number;
  /** Distinct (actor, state, event): how often transition functions must be asked. */
  readonly questions: number;
  /** By property or situation: the shortest way to it. */
  readonly found: Readonly<Record<string, number>>;
  /** By property of something that is to be always reachable: from how many states it is not, and how many of these are exempt. */
  readonly outOfReach: NaiveResult['outOfReach'];
  /** By rule: the distinct (actor, local state, event) for which it fires. */
  readonly fired: Readonly<Record<string, number>>;
}

/** The engine's counts, from a run to the end. */
export async function byEngine<S, M extends Envelope, E>(system: System<S, M, E>): Promise<Counts> {
  // A broken engine may go round for ever: the faults that are put into it on purpose must end, too.
  const report = await check(system, { enough: () => false, timeLimit: 10 });
  return countsIn(report);
}

/** What a run with symmetry tells, in the oracle's words. */
export async function withSymmetry<S, M extends Envelope, E>(system: System<S, M, E>) {
  const report = await check(system, { symmetry: true, enough: () => false, timeLimit: 10 });
  const found = [...report.properties, ...report.reached].flatMap(({ name, length }) =>
    length === undefined ? [] : [[name, length]],
  );
  return {
    orbits: report.distinctStates,
    states: report.symmetry?.represented,
    diameter: report.diameter,
    found: Object.fromEntries(found),
    outOfReach: countsIn(report).outOfReach,
  };
}

/** The counts in the report of a run to the end. */
export function countsIn(report: Report): Counts {
  if (report.stopped !== null || report.frontier !== 0) throw new Error(`stopped: ${report.stopped}`);
  const { distinctStates, transitions, diameter, questions, properties, reached, rules } = report;
  const all = [...properties, ...reached];
  return {
    distinctStates,
    transitions,
    diameter,
    questions,
    found: sorted(all.flatMap(({ name, length }) => (length === undefined ? [] : [[name, length]]))),
    outOfReach: Object.fromEntries(
      properties.flatMap(({ name, outOfReach }) => (outOfReach ? [[name, outOfReach]] : [])),
    ),
    fired: sorted(rules.flatMap(({ name, tabulated }) => (tabulated === 0 ? [] : [[name, tabulated]]))),
  };
}

/** Thrown where a system has too many states for the oracle. */
export class TooLarge extends Error {}

/** The oracle's counts. */
export function byOracle<S, M extends Envelope, E>(system: System<S, M, E>, most = Infinity): Counts {
  const questions = new Set<string>();
  const fired = new Map<string, Set<string>>();
  let states = 0;
  const watched: System<S, M, E> = {
    ...system,
    actors: system.actors.map((actor) => ({
      ...actor,
      transition: (state, event) => {
        questions.add(`${actor.name} ${canonical(state)} ${canonical(event)}`);
        return actor.transition(state, event);
      },
    })),
    properties: [
      ...system.properties,
      {
        name: 'watched',
        kind: 'lemma',
        statement: 'never violated: it sees every state and every step',
        clauses: [
          {
            facts: [],
            check: () => {
              states += 1;
              if (states > most) throw new TooLarge();
              return undefined;
            },
          },
        ],
        step: ({ actor, rule, before, event }) => {
          if (rule === null) return undefined;
          const seen = fired.get(rule) ?? new Set();
          fired.set(rule, seen.add(`${actor} ${canonical(before)} ${canonical(event)}`));
          return undefined;
        },
      },
    ],
  };
  const { distinctStates, transitions, diameter, found, outOfReach } = exploreNaively(watched);
  return {
    distinctStates,
    transitions,
    diameter,
    questions: questions.size,
    found: sorted(Object.entries(found)),
    outOfReach,
    fired: sorted([...fired].map(([rule, seen]) => [rule, seen.size])),
  };
}

function sorted(entries: readonly (readonly [string, number] | (string | number)[])[]) {
  const pairs = entries.map(([name, value]) => [String(name), Number(value)] as const);
  return Object.fromEntries(pairs.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The oracle's counts, or undefined if there are more than `most` states. */
export function byOracleWithin<S, M extends Envelope, E>(
  system: System<S, M, E>,
  most: number,
): Counts | undefined {
  try {
    return byOracle(system, most);
  } catch (error) {
    if (error instanceof TooLarge) return undefined;
    throw error;
  }
}

/** The engine at the end of its exploration (or with more than `bound` states), for a look at its tables. */
export function explored<S, M extends Envelope, E>(
  system: System<S, M, E>,
  bound = Infinity,
): Explorer<S, M, E> {
  const explorer = new Explorer(system);
  while (!explorer.done && explorer.states.size <= bound) explorer.run(64);
  return explorer;
}
