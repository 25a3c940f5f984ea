/**
 * Runs in the Informal Trace Format (Apalache's ADR-015), which Apalache, Quint, and viewers and test drivers made for them read: the
 * states of a run one after the other, each with the value of every variable.
 */
import {
  canonical,
  type Envelope,
  initialState,
  type NaiveState,
  type System,
  stepsFrom,
} from '../model-check/index.ts';

/** A value as ITF writes it: whole numbers as `#bigint`, sets as `#set`, objects with keys that it keeps for itself as `#map`. */
type ItfValue = string | boolean | readonly ItfValue[] | { readonly [key: string]: ItfValue };

export interface ItfTrace {
  readonly '#meta': Readonly<Record<string, string>>;
  readonly vars: readonly string[];
  readonly states: readonly ({ readonly '#meta': { readonly index: number } } & Readonly<
    Record<string, unknown>
  >)[];
}

/** A step of a run, as it is told. */
export interface ItfStep {
  readonly actor: string;
  readonly event: unknown;
  readonly text: string;
}

/**
 * A run of a system: the variables are the state of each actor, by its name, the set of `messages` sent, the number of `crashes`, and the
 * `action` that led to the state.
 *
 * @throws Error if the run is none of this system
 */
export function itfOf<S, M extends Envelope, E>(
  system: System<S, M, E>,
  steps: readonly ItfStep[],
  description: string,
): ItfTrace {
  const names = system.actors.map(({ name }) => name);
  const observed = (system.observers ?? []).map(({ name }) => name);
  let state: NaiveState<S, M> = initialState(system);
  const states = [stateOf(state, 0, 'init')];
  for (const { actor, event, text } of steps) {
    const key = canonical(event);
    const taken = stepsFrom(system, state).find(
      ({ steps: [first] }) => first?.actor === actor && canonical(first.event) === key,
    );
    if (!taken) throw new Error(`"${text}" is no step of ${system.name}`);
    state = taken.next;
    states.push(stateOf(state, states.length, text));
  }
  return {
    '#meta': {
      format: 'ITF',
      'format-description': 'https://apalache-mc.org/docs/adr/015adr-trace.html',
      source: system.name,
      description,
    },
    vars: ['action', ...names, 'messages', 'crashes', ...observed],
    states,
  };
}

function stateOf<S, M extends Envelope>(
  state: NaiveState<S, M>,
  index: number,
  action: string,
): ItfTrace['states'][number] {
  const actors = Object.entries(state.actors).map(([name, local]) => [name, itfValue(local.state)] as const);
  const records = Object.entries(state.records).map(([name, record]) => [name, itfValue(record)] as const);
  const sent = Object.values(state.actors).flatMap((local) => local.sent);
  return {
    '#meta': { index },
    action,
    ...Object.fromEntries(actors),
    messages: { '#set': sent.map(itfValue) },
    crashes: itfValue(state.crashes),
    ...Object.fromEntries(records),
  };
}

/** A JSON value in ITF. What is absent (null) is the variant None, as Quint writes it. */
export function itfValue(value: unknown): ItfValue {
  if (value === null) return { tag: 'None', value: { '#tup': [] } };
  if (typeof value === 'number')
    return Number.isInteger(value)
      ? { '#bigint': BigInt(value).toString() }
      : { '#unserializable': `${value}` };
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map(itfValue);
  const entries = Object.entries(value as object).map(([key, item]) => [key, itfValue(item)] as const);
  // Names that begin so are ITF's own.
  if (entries.some(([key]) => key.startsWith('#'))) return { '#map': entries };
  return Object.fromEntries(entries);
}
