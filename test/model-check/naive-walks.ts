/** Random walks the naive way: with whole states as text, and nothing shared with the engine but chance itself. */
import { canonical } from '../../model-check/canonical.ts';
import {
  factIn,
  initialState,
  type NaiveState,
  type NaiveStep,
  stepsFrom,
  violation,
} from '../../model-check/naive.ts';
import { RandomStream } from '../../model-check/random.ts';
import type { SimulationReport } from '../../model-check/simulation-report.ts';
import type { Envelope, LocalStep, System } from '../../model-check/system.ts';

/** One walk: the states it passes, and by property, situation and rule when it is first met. */
export interface NaiveWalk {
  /** As text, the initial one first. */
  readonly states: readonly string[];
  /** How many steps there were to choose from, at each. */
  readonly choices: readonly number[];
  /** By property or situation, the steps to the first finding. */
  readonly found: ReadonlyMap<string, number>;
  readonly rules: ReadonlySet<string>;
  /** Whether it ended because no step was left that changes the state. */
  readonly deadEnd: boolean;
}

/** The steps that change a state, by actor and then by the text of the event. */
export function choicesFrom<S, M extends Envelope, E>(
  system: System<S, M, E>,
  state: NaiveState<S, M>,
): NaiveStep<S, M, E>[] {
  const text = canonical(state);
  const order = system.actors.map(({ name }) => name);
  const key = ({ steps: [first] }: NaiveStep<S, M, E>) =>
    [order.indexOf(first?.actor ?? ''), canonical(first?.event)] as const;
  return stepsFrom(system, state)
    .filter(({ next }) => canonical(next) !== text)
    .sort((one, other) => {
      const [a, b] = [key(one), key(other)];
      return a[0] - b[0] || (a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0);
    });
}

export function walkNaively<S, M extends Envelope, E>(
  system: System<S, M, E>,
  { seed, walk, steps: most }: { seed: number; walk: number; steps: number },
): NaiveWalk {
  const random = new RandomStream(seed, walk);
  const found = new Map<string, number>();
  const rules = new Set<string>();
  const note = (name: string, depth: number, holds: boolean) => {
    if (holds && !found.has(name)) found.set(name, depth);
  };
  const lookAt = (state: NaiveState<S, M>, depth: number) => {
    for (const { name, clauses } of system.properties)
      note(name, depth, clauses?.some((clause) => violation(clause, state) !== undefined) ?? false);
    for (const { name, state: at } of system.situations ?? [])
      note(name, depth, at?.holds(...at.facts.map((fact) => factIn(fact, state))) ?? false);
  };
  const lookAtStep = (step: LocalStep<S, M, E>, depth: number) => {
    for (const { name, step: check } of system.properties) note(name, depth, check?.(step) !== undefined);
    for (const { name, step: holds } of system.situations ?? []) note(name, depth, holds?.(step) ?? false);
  };
  let state = initialState(system);
  const states = [canonical(state)];
  const counts: number[] = [];
  lookAt(state, 0);
  while (counts.length < most) {
    const depth = counts.length + 1;
    for (const { steps } of stepsFrom(system, state)) for (const step of steps) lookAtStep(step, depth);
    const choices = choicesFrom(system, state);
    if (choices.length === 0) return { states, choices: counts, found, rules, deadEnd: true };
    const taken = choices[random.below(choices.length)] as NaiveStep<S, M, E>;
    counts.push(choices.length);
    for (const { rule } of taken.steps) if (rule !== null) rules.add(rule);
    state = taken.next;
    states.push(canonical(state));
    lookAt(state, depth);
  }
  return { states, choices: counts, found, rules, deadEnd: false };
}

/** What a report says of the walks, without what depends on the clock. */
export function tallied(report: SimulationReport) {
  const { walked, stepsTaken, longest, deadEnds, properties, reached, rules } = report;
  const met = <T extends { name: string; walks: number }>(all: readonly T[]) =>
    all.filter(({ walks }) => walks > 0);
  return {
    walked,
    stepsTaken,
    longest,
    deadEnds,
    violated: met(properties).map(({ name, walks, first }) => ({ name, walks, first })),
    reached: met(reached).map(({ name, walks }) => ({ name, walks })),
    rules: met(rules).map(({ name, walks }) => ({ name, walks })),
  };
}

/** The same of walks taken the naive way. */
export function tallyNaively<S, M extends Envelope, E>(
  system: System<S, M, E>,
  { seed, walks, steps }: { seed: number; walks: number; steps: number },
): ReturnType<typeof tallied> {
  const all = Array.from({ length: walks }, (_, walk) => walkNaively(system, { seed, walk, steps }));
  const counted = (name: string) => all.filter(({ found }) => found.has(name)).length;
  const first = (name: string) => {
    const walk = all.findIndex(({ found }) => found.has(name));
    return { walk, length: all[walk]?.found.get(name) ?? -1 };
  };
  const rules = [...new Set(all.flatMap((walk) => [...walk.rules]))].sort();
  const lengths = all.map(({ choices }) => choices.length);
  return {
    walked: walks,
    stepsTaken: lengths.reduce((sum, length) => sum + length, 0),
    longest: Math.max(...lengths),
    deadEnds: all.filter(({ deadEnd }) => deadEnd).length,
    violated: system.properties
      .filter(({ name }) => counted(name) > 0)
      .map(({ name }) => ({ name, walks: counted(name), first: first(name) })),
    reached: (system.situations ?? [])
      .filter(({ name }) => counted(name) > 0)
      .map(({ name }) => ({ name, walks: counted(name) })),
    rules: rules.map((name) => ({ name, walks: all.filter((walk) => walk.rules.has(name)).length })),
  };
}
