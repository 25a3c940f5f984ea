/** Random small actor systems, as tables: what the differential test gives to the engine and to the oracle. */
import fc from 'fast-check';
import { canonical } from '../../model-check/canonical.ts';
import type { Actor, Fact, Local, LocalStep, Observer, Reading, System } from '../../model-check/system.ts';

export interface State {
  readonly at: number;
}
export interface Msg {
  readonly from: string;
  readonly to: readonly string[];
  readonly kind: number;
}
export type Event =
  | { readonly type: 'do'; readonly k: number }
  | { readonly type: 'read'; readonly reading: number; readonly k: number };
export type RandomSystem = System<State, Msg, Event>;
type Step = LocalStep<State, Msg, Event>;

/** The order of the actors is not that of their names. */
const NAMES = ['c', 'a', 'd', 'b'];
const STATES = 4;
const KINDS = 3;

/** One cell of a transition table: the state it leads to, and which of the actor's messages it sends. */
const Cell = fc.record({
  to: fc.nat({ max: STATES - 1 }),
  send: fc.oneof(
    { weight: 3, arbitrary: fc.constant<number[]>([]) },
    { weight: 2, arbitrary: fc.subarray([0, 1, 2], { minLength: 1, maxLength: 2 }) },
  ),
  named: fc.boolean(),
});
type Of<A> = A extends fc.Arbitrary<infer T> ? T : never;
type Cell = Of<typeof Cell>;

const rows = <T>(cell: fc.Arbitrary<T>, columns: number) =>
  fc.array(fc.array(cell, { minLength: columns, maxLength: columns }), {
    minLength: STATES,
    maxLength: STATES,
  });
const actorsAmong = (minLength: number) => fc.shuffledSubarray([0, 1, 2, 3], { minLength });
const flag = (oneIn: number) => fc.nat({ max: oneIn - 1 }).map((roll) => roll === oneIn - 1);

const ActorSpec = fc.record({
  states: fc.integer({ min: 2, max: STATES }),
  messages: fc.array(fc.record({ kind: fc.nat({ max: KINDS - 1 }), to: actorsAmong(0) }), {
    maxLength: 3,
    size: 'max',
  }),
  internal: rows(fc.option(Cell, { freq: 3 }), 2),
  receive: rows(fc.option(Cell, { freq: 4 }), KINDS),
  read: rows(Cell, 2),
  restart: fc.option(fc.array(fc.nat({ max: STATES - 1 }), { minLength: STATES, maxLength: STATES }), {
    freq: 6,
  }),
  writeBehind: flag(3),
});
type ActorSpec = Of<typeof ActorSpec>;

const ReadingSpec = fc.record({
  actor: fc.nat({ max: 3 }),
  of: actorsAmong(1),
  view: fc.nat({ max: 5 }),
  when: fc.option(fc.nat({ max: 15 }), { freq: 2 }),
  salt: fc.nat({ max: 99 }),
  /** Events of its own, or of those that other readings or the actor itself may offer at the same time. */
  as: fc.constantFrom('own', 'own', 'shared', 'internal'),
});

const ObserverSpec = fc.record({
  initial: fc.nat({ max: 2 }),
  /** By actor and kind of event: how much the record grows; 0 is not noticed, 4 is noticed and changes nothing. */
  labels: fc.array(fc.nat({ max: 4 }), { minLength: 16, maxLength: 16 }),
  only: fc.constantFrom('every step', 'self-loops', 'changes'),
  limit: fc.integer({ min: 2, max: 5 }),
});

const FactSpec = fc.record({
  of: fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 1 }),
  view: fc.nat({ max: 5 }),
  combine: fc.nat({ max: 3 }),
});
const Predicate = fc.record({
  facts: fc.array(fc.nat({ max: 2 }), { maxLength: 3, size: 'max' }),
  modulus: fc.constantFrom(5, 12, 30, 90),
  salt: fc.nat({ max: 99 }),
});
/** Few states, or most. */
const Kind = fc.record({ predicate: Predicate, most: fc.boolean() });
const StepPredicate = fc.record({
  only: fc.constantFrom('every step', 'self-loops', 'changes', 'crashes'),
  modulus: fc.constantFrom(3, 15, 60),
  salt: fc.nat({ max: 99 }),
});

export const Spec = fc.record({
  actors: fc.array(ActorSpec, { minLength: 2, maxLength: 4, size: 'max' }),
  readings: fc.array(ReadingSpec, { maxLength: 2, size: 'max' }),
  observers: fc.oneof(
    { weight: 2, arbitrary: fc.constant<Of<typeof ObserverSpec>[]>([]) },
    { weight: 1, arbitrary: fc.array(ObserverSpec, { minLength: 1, maxLength: 2, size: 'max' }) },
  ),
  crashes: fc.nat({ max: 2 }),
  groups: fc.option(fc.array(actorsAmong(1), { minLength: 1, maxLength: 2 }), { freq: 2 }),
  facts: fc.array(FactSpec, { minLength: 3, maxLength: 3 }),
  clauses: fc.array(fc.array(Predicate, { maxLength: 3, size: 'max' }), { maxLength: 3, size: 'max' }),
  steps: fc.array(StepPredicate, { maxLength: 2, size: 'max' }),
  situations: fc.array(Predicate, { maxLength: 2, size: 'max' }),
  stepSituations: fc.array(StepPredicate, { maxLength: 2, size: 'max' }),
  /** Inert actors and observers, which do nothing but take bits of the packed state. */
  ballast: fc.oneof(
    { weight: 6, arbitrary: fc.constant({ actors: 0, observers: 0 }) },
    { weight: 1, arbitrary: fc.record({ actors: fc.nat({ max: 20 }), observers: fc.constant(0) }) },
    {
      weight: 1,
      arbitrary: fc.record({ actors: fc.nat({ max: 8 }), observers: fc.integer({ min: 20, max: 60 }) }),
    },
  ),
  reachable: fc.array(fc.record({ goal: Kind, unless: fc.option(Kind) }), { maxLength: 2, size: 'max' }),
});
export type Spec = Of<typeof Spec>;

/** How many states of such a system the oracle is given time for: it writes them all out, the inert parts as well. */
export function most({ ballast }: Spec, states: number): number {
  return ballast.actors + ballast.observers > 0 ? states / 4 : states;
}

/** A number from any JSON value, the same each time. */
function dice(...values: readonly unknown[]): number {
  let h = 0x811c9dc5;
  for (const char of canonical(values)) h = Math.imul(h ^ char.charCodeAt(0), 0x01000193);
  return (h ^ (h >>> 15)) >>> 0;
}

/** What is seen of one local state; an observer's record, a bare number, is seen as a state. */
function see(kind: number, { state, sent }: Local<State, Msg>, name: string): unknown {
  const at = typeof state === 'number' ? state : state.at;
  switch (kind) {
    case 0:
      return at;
    case 1:
      return sent.length;
    case 2:
      return [at, sent.length];
    case 3:
      return { name, kinds: sent.map((message) => message.kind) };
    case 4:
      return at % 2 === 0 ? null : name;
    default:
      return { at, sent: sent.map(({ to }) => to) };
  }
}

/** The system that a specification describes. */
export function build(spec: Spec): RandomSystem {
  const count = spec.actors.length;
  const names = NAMES.slice(0, count);
  const nameOf = (at: number) => names[at % count] as string;
  const set = (members: readonly number[]) => [...new Set(members.map(nameOf))];
  const actors = spec.actors.map((table, at) => buildActor(table, names, at, set));
  const observers = spec.observers.map((observer, at) => buildObserver(observer, `o${at}`, names));
  const ballast = Array.from({ length: spec.ballast.actors }, (_, at) => inert(`z${at}`));
  const inertObservers = Array.from({ length: spec.ballast.observers }, (_, at) => ({
    name: `i${at}`,
    initial: 0,
    label: () => undefined,
    observe: (record: unknown) => record,
  }));
  const known = [...names, ...observers.map(({ name }) => name)];
  const facts = spec.facts.map(
    ({ of, view, combine }, at): Fact<State, Msg> => ({
      name: `fact ${at}`,
      of: [...new Set(of.map((member) => known[member % known.length] as string))],
      view: (local, name) => see(view, local, name),
      combine: (views) => [views, { views }, dice(views) % 5, views.map((each) => dice(each) % 2)][combine],
    }),
  );
  const factsOf = (of: readonly number[]) => of.map((at) => facts[at] as Fact<State, Msg>);
  const hits = ({ modulus, salt }: { modulus: number; salt: number }, values: readonly unknown[]) =>
    dice(salt, values) % modulus === 0;
  const kindOf = ({ predicate, most }: Of<typeof Kind>) => ({
    facts: factsOf(predicate.facts),
    holds: (...values: readonly unknown[]) => hits(predicate, values) !== most,
  });
  const restartable = (group: readonly string[]) =>
    group.every((name) => actors.find((actor) => actor.name === name)?.restart);
  const groups = spec.groups?.map(set).filter(restartable);
  return {
    name: 'random',
    covers: ['tables of chance'],
    // Inert actors between the others, so that the fields of a state are not those of the actors in order.
    actors: [...ballast.slice(0, 5), ...actors, ...ballast.slice(5)],
    readings: spec.readings.map((reading, at): Reading<State, Msg, Event> => {
      const { actor, of, view, when, salt, as } = reading;
      return {
        name: `reading ${at}`,
        actor: nameOf(actor),
        of: set(of),
        view: (local, name) => see(view, local, name),
        events: ({ state }, views) =>
          [0, 1]
            .filter((k) => dice(salt, k, salt % 2 ? state.at : 0, views) % 4 === 0)
            .map((k) =>
              as === 'internal' ? { type: 'do', k } : { type: 'read', reading: as === 'own' ? at : 9, k },
            ),
        ...(when === null ? {} : { when: ({ state }) => ((when >> state.at) & 1) === 1 }),
      };
    }),
    observers: [...observers, ...inertObservers],
    crashes: { budget: spec.crashes, ...(groups ? { groups } : {}) },
    properties: [
      ...spec.clauses.map((predicates, at) => ({
        name: `state property ${at}`,
        kind: at % 2 === 0 ? ('requirement' as const) : ('lemma' as const),
        statement: 'something of chance does not happen',
        clauses: predicates.map((predicate) => ({
          facts: factsOf(predicate.facts),
          check: (...values: readonly unknown[]) =>
            hits(predicate, values) ? `it happens: ${canonical(values)}` : undefined,
        })),
      })),
      ...spec.steps.map((predicate, at) => ({
        name: `step property ${at}`,
        kind: 'lemma' as const,
        statement: 'no step of chance is taken',
        step: (step: Step) => (hitsStep(predicate, step) ? `it is taken: ${step.actor}` : undefined),
      })),
      ...spec.reachable.map(({ goal, unless }, at) => ({
        name: `reachable ${at}`,
        kind: 'lemma' as const,
        statement: 'something of chance is always reachable',
        alwaysReachable: { ...kindOf(goal), ...(unless ? { unless: kindOf(unless) } : {}) },
      })),
    ],
    situations: [
      ...spec.situations.map((predicate, at) => ({
        name: `situation ${at}`,
        statement: 'something of chance happens',
        state: {
          facts: factsOf(predicate.facts),
          holds: (...values: readonly unknown[]) => hits(predicate, values),
        },
      })),
      ...spec.stepSituations.map((predicate, at) => ({
        name: `step situation ${at}`,
        statement: 'a step of chance is taken',
        step: (step: Step) => hitsStep(predicate, step),
      })),
    ],
  };
}

function buildActor(
  table: ActorSpec,
  names: readonly string[],
  at: number,
  set: (members: readonly number[]) => string[],
): Actor<State, Msg, Event> {
  const name = names[at] as string;
  const messages = table.messages.map(({ kind, to }): Msg => ({ from: name, to: set(to).sort(), kind }));
  const cell = (state: State, event: Event | { type: 'receive'; message: Msg }): Cell | null => {
    if (event.type === 'do') return table.internal[state.at]?.[event.k] ?? null;
    if (event.type === 'read') return table.read[state.at]?.[event.k] ?? null;
    return (
      table.receive[state.at]?.[(event.message.kind + names.indexOf(event.message.from)) % KINDS] ?? null
    );
  };
  const { restart, writeBehind } = table;
  const actor: Actor<State, Msg, Event> = {
    name,
    role: at % 2 === 0 ? 'even' : 'odd',
    initial: { at: 0 },
    internal: ({ at: state }) =>
      [0, 1].filter((k) => table.internal[state]?.[k]).map((k) => ({ type: 'do' as const, k })),
    transition: (state, event) => {
      const found = cell(state, event);
      if (!found) return { rule: null, state, send: [] };
      const send = found.send.flatMap((index) => messages[index] ?? []);
      const to = found.to % table.states;
      // No rule, where nothing comes of it; else two, so that rules are counted apart.
      const rule = found.named ? `${event.type} of ${name}` : `another ${event.type}`;
      return { rule: to === state.at && send.length === 0 ? null : rule, state: { at: to }, send };
    },
    ...(restart ? { restart: (state: State) => ({ at: (restart[state.at] as number) % table.states }) } : {}),
    ...(restart && writeBehind ? { writeBehind: true } : {}),
  };
  return actor;
}

function inert(name: string): Actor<State, Msg, Event> {
  return {
    name,
    role: 'inert',
    initial: { at: 0 },
    transition: (state) => ({ rule: null, state, send: [] }),
  };
}

const isSelfLoop = ({ before, after }: Step) =>
  before.state.at === after.state.at && before.sent.length === after.sent.length;

function hitsStep({ only, modulus, salt }: { only: string; modulus: number; salt: number }, step: Step) {
  if (only === 'self-loops' && !isSelfLoop(step)) return false;
  if (only === 'changes' && isSelfLoop(step)) return false;
  if (only === 'crashes' && step.event.type !== 'crash') return false;
  const { actor, event, before, after } = step;
  return dice(salt, actor, event, before.state, after.state, before.sent.length) % modulus === 0;
}

function buildObserver(
  { initial, labels, only, limit }: Of<typeof ObserverSpec>,
  name: string,
  names: readonly string[],
): Observer<State, Msg, Event> {
  return {
    name,
    initial: initial % limit,
    label: (step) => {
      if (only !== 'every step' && (only === 'self-loops') !== isSelfLoop(step)) return undefined;
      const kind = ['do', 'read', 'receive', 'crash'].indexOf(step.event.type);
      const label = labels[names.indexOf(step.actor) * 4 + kind] ?? 0;
      return label === 0 ? undefined : label === 4 ? null : label;
    },
    observe: (record, label) => ((record as number) + ((label as number | null) ?? 0)) % limit,
  };
}
