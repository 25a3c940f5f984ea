/** Counterexamples the naive way: by walking forward only, with whole states as text. */
import { canonical } from '../../model-check/canonical.ts';
import {
  initialState,
  isOfKind,
  leadsTo,
  type NaiveState,
  type NaiveStep,
  OUT_OF_REACH,
  stepsFrom,
  violation,
} from '../../model-check/naive.ts';
import type { Counterexample } from '../../model-check/report.ts';
import type { Envelope, Property, System } from '../../model-check/system.ts';

/** A step as counterexamples are ordered by: the number of its actor, then the text of its event. */
type Key = readonly [actor: number, event: string];
type Path = readonly Key[];

function compare(a: Path, b: Path): number {
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const [[actor, event], [otherActor, otherEvent]] = [a[at] as Key, b[at] as Key];
    if (actor !== otherActor) return actor - otherActor;
    if (event !== otherEvent) return event < otherEvent ? -1 : 1;
  }
  return a.length - b.length;
}

const lesser = (a: Path | undefined, b: Path): Path => (a === undefined || compare(b, a) < 0 ? b : a);

function isViolatedIn<S, M extends Envelope, E>(
  system: System<S, M, E>,
  { clauses, alwaysReachable }: Property<S, M, E>,
  state: NaiveState<S, M>,
) {
  if (!alwaysReachable) return clauses?.some((clause) => violation(clause, state) !== undefined) ?? false;
  const { unless } = alwaysReachable;
  if (unless && isOfKind(unless, state)) return false;
  return !leadsTo(system, state, alwaysReachable, Infinity)?.leads;
}

function isViolatedBy<S, M extends Envelope, E>(property: Property<S, M, E>, { steps }: NaiveStep<S, M, E>) {
  return steps.some((step) => property.step?.(step) !== undefined);
}

/**
 * Of the shortest counterexamples of a property, the lexicographically least, or undefined if it holds. For each state
 * of a level the least of the paths to it is kept: with the length given, the least path to a state begins with the
 * least path to the state before it.
 */
export function leastShortest<S, M extends Envelope, E>(
  system: System<S, M, E>,
  property: Property<S, M, E>,
): Path | undefined {
  const order = new Map(system.actors.map(({ name }, at) => [name, at]));
  const first = initialState(system);
  if (isViolatedIn(system, property, first)) return [];
  const seen = new Set([canonical(first)]);
  let level = new Map<string, { state: NaiveState<S, M>; path: Path }>([
    [canonical(first), { state: first, path: [] }],
  ]);
  while (level.size > 0) {
    const next: typeof level = new Map();
    let best: Path | undefined;
    for (const { state, path } of level.values()) {
      for (const step of stepsFrom(system, state)) {
        const [{ actor = '', event = null } = {}] = step.steps;
        const longer: Path = [...path, [order.get(actor) ?? -1, canonical(event)]];
        const text = canonical(step.next);
        if (isViolatedBy(property, step)) best = lesser(best, longer);
        if (seen.has(text)) continue;
        next.set(text, { state: step.next, path: lesser(next.get(text)?.path, longer) });
        if (isViolatedIn(system, property, step.next)) best = lesser(best, longer);
      }
    }
    if (best) return best;
    for (const text of next.keys()) seen.add(text);
    level = next;
  }
  return undefined;
}

/** The steps of a counterexample, as they are ordered by. */
export function pathOf<S, M extends Envelope, E>(system: System<S, M, E>, { steps }: Counterexample): Path {
  return steps.map(({ actor, event }) => [
    system.actors.findIndex(({ name }) => name === actor),
    canonical(event),
  ]);
}

/**
 * Replays a counterexample through the transition functions, by the oracle. Returns what is wrong with it: a step that is
 * not enabled, that sends or changes something else than is told, or an end at which the property is not violated.
 */
export function flaw<S, M extends Envelope, E>(
  system: System<S, M, E>,
  { property: name, steps, length, facts }: Counterexample,
): string | undefined {
  const property = system.properties.find((each) => each.name === name) as Property<S, M, E>;
  let state = initialState(system);
  let last: NaiveStep<S, M, E> | undefined;
  if (steps.length !== length) return `length ${length} with ${steps.length} steps`;
  for (const [at, told] of steps.entries()) {
    const taken = stepsFrom(system, state).find(
      ({ steps: [step] }) => step?.actor === told.actor && canonical(step.event) === canonical(told.event),
    );
    if (!taken) return `step ${at + 1} is not enabled: ${canonical(told)}`;
    const before = (actor: string) => state.actors[actor]?.sent.map(canonical) ?? [];
    const sent = taken.steps.flatMap((step) =>
      step.after.sent.map(canonical).filter((message) => !before(step.actor).includes(message)),
    );
    if (canonical([...sent].sort()) !== canonical(told.sent.map((message) => canonical(message)).sort()))
      return `step ${at + 1} sends ${sent}, not ${canonical(told.sent)}`;
    if (told.number !== at + 1) return `step ${at + 1} is numbered ${told.number}`;
    if (told.rule !== (taken.steps[0]?.rule ?? null)) return `step ${at + 1} is of rule ${told.rule}`;
    for (const step of taken.steps) {
      const changed = told.changed.filter(({ actor }) => actor === step.actor);
      const patched: Record<string, unknown> = { ...(step.before.state as object) };
      for (const { field, from, to } of changed) {
        if (canonical(from ?? null) !== canonical(patched[field] ?? null))
          return `step ${at + 1}: ${field} was not ${canonical(from ?? null)}`;
        patched[field] = to;
      }
      if (canonical(patched) !== canonical(step.after.state))
        return `step ${at + 1} leads to ${canonical(step.after.state)}, not to ${canonical(patched)}`;
    }
    last = taken;
    state = taken.next;
  }
  const sentences = [
    ...(last?.steps.map((step) => property.step?.(step)) ?? []),
    ...(property.clauses?.map((clause) => violation(clause, state)) ?? []),
    property.alwaysReachable && isViolatedIn(system, property, state) ? OUT_OF_REACH : undefined,
  ].filter((sentence) => sentence !== undefined);
  if (sentences.length === 0) return `${name} is not violated at the end`;
  return sentences.includes(facts) ? undefined : `it says "${facts}", and not ${canonical(sentences)}`;
}
