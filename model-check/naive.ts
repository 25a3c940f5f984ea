/**
 * The oracle: the same system explored the naive way, with objects and JSON text, nothing interned and nothing packed.
 * It shares no code with the engine but the text of a value, and is meant to be read in one sitting.
 */
import { canonical } from './canonical.ts';
import {
  type Clause,
  CRASHES,
  type Crash,
  type Envelope,
  type Fact,
  type Local,
  type LocalStep,
  type Predicate,
  type System,
} from './system.ts';

interface NaiveActor<S, M> extends Local<S, M> {
  /** The state before the last write, where that write may be lost. */
  readonly unsynced?: S;
}

/** A global state, plainly: by actor its local state and sent messages, by observer its record, and the crashes used. */
export interface NaiveState<S, M> {
  readonly actors: Readonly<Record<string, NaiveActor<S, M>>>;
  readonly records: Readonly<Record<string, unknown>>;
  readonly crashes: number;
}

export interface NaiveStep<S, M, E> {
  /** The local steps it is made of: one, but for the crash of a group. */
  readonly steps: readonly LocalStep<S, M, E>[];
  readonly next: NaiveState<S, M>;
}

export function initialState<S, M extends Envelope, E>(system: System<S, M, E>): NaiveState<S, M> {
  return {
    actors: Object.fromEntries(
      system.actors.map(({ name, initial }) => [name, { state: initial, sent: [] }]),
    ),
    records: Object.fromEntries((system.observers ?? []).map(({ name, initial }) => [name, initial])),
    crashes: 0,
  };
}

/** Every step that a global state enables, those that change nothing included. */
export function stepsFrom<S, M extends Envelope, E>(
  system: System<S, M, E>,
  from: NaiveState<S, M>,
): NaiveStep<S, M, E>[] {
  const local = (name: string) => from.actors[name] as NaiveActor<S, M>;
  const network = Object.values(from.actors).flatMap(({ sent }) => sent);
  const found: NaiveStep<S, M, E>[] = [];
  const take = (
    changes: readonly { step: LocalStep<S, M, E>; after: NaiveActor<S, M> }[],
    crashed: boolean,
  ) => {
    const records: Record<string, unknown> = { ...from.records };
    for (const observer of system.observers ?? []) {
      for (const { step } of changes) {
        const label = observer.label(step);
        if (label !== undefined) records[observer.name] = observer.observe(records[observer.name], label);
      }
    }
    const actors = {
      ...from.actors,
      ...Object.fromEntries(changes.map(({ step, after }) => [step.actor, after])),
    };
    found.push({
      steps: changes.map(({ step }) => step),
      next: { actors, records, crashes: from.crashes + (crashed ? 1 : 0) },
    });
  };
  for (const actor of system.actors) {
    const { name, role } = actor;
    const before = local(name);
    const received = network.filter(({ to }) => !actor.stub && to.includes(name));
    const readings = (system.readings ?? []).filter(
      (reading) => reading.actor === name && (reading.when?.(before) ?? true),
    );
    const events = [
      ...(actor.internal?.(before.state) ?? []),
      ...received.map((message) => ({ type: 'receive' as const, message })),
      ...readings.flatMap((reading) =>
        reading.events(
          before,
          reading.of.map((of) => reading.view(local(of), of)),
        ),
      ),
    ];
    const distinct = new Map(events.map((event) => [canonical(event), event]));
    for (const event of distinct.values()) {
      const { state, send, rule } = actor.transition(before.state, event);
      const changed = canonical(state) !== canonical(before.state);
      const undo = actor.writeBehind ? (changed ? { unsynced: before.state } : pickUnsynced(before)) : {};
      const after = { state, sent: union(before.sent, send), ...undo };
      take([{ step: { actor: name, role, event, rule, before, after }, after }], false);
    }
  }
  if (from.crashes < (system.crashes?.budget ?? 0)) {
    const each = system.actors.filter(({ restart }) => restart).map(({ name }) => [name]);
    for (const group of system.crashes?.groups ?? each) {
      const losable = group.some((name) => 'unsynced' in local(name));
      for (const lost of losable ? [false, true] : [false]) {
        const event: Crash = { type: 'crash', actors: group, ...(lost ? { lost: true as const } : {}) };
        const changes = group.map((name) => {
          const actor = system.actors.find((candidate) => candidate.name === name);
          const before = local(name);
          const kept = lost && 'unsynced' in before ? (before.unsynced as S) : before.state;
          const after = { state: actor?.restart?.(kept) as S, sent: before.sent };
          return {
            step: { actor: name, role: actor?.role ?? '', event, rule: 'crash', before, after },
            after,
          };
        });
        take(changes, true);
      }
    }
  }
  return found;
}

function pickUnsynced<S, M>(actor: NaiveActor<S, M>) {
  return 'unsynced' in actor ? { unsynced: actor.unsynced as S } : {};
}

function union<M>(sent: readonly M[], more: readonly M[]): readonly M[] {
  const all = new Map([...sent, ...more].map((message) => [canonical(message), message]));
  return [...all.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, message]) => message);
}

/** A fact in a global state. */
export function factIn<S, M>(fact: Fact<S, M>, state: NaiveState<S, M>): unknown {
  return fact.combine(
    fact.of.map((name) => {
      const record = name === CRASHES ? state.crashes : state.records[name];
      const local = state.actors[name] ?? { state: record as S, sent: [] };
      return fact.view({ state: local.state, sent: local.sent }, name);
    }),
  );
}

/** What is wrong with a clause in a global state, or undefined. */
export function violation<S, M>(clause: Clause<S, M>, state: NaiveState<S, M>): string | undefined {
  return clause.check(...clause.facts.map((fact) => factIn(fact, state)));
}

/** What is wrong in a state from which something that is to be always reachable is not. */
export const OUT_OF_REACH = 'from here no such state can be reached any more';

/** Whether a global state is of a kind. */
export function isOfKind<S, M>({ facts, holds }: Predicate<S, M>, state: NaiveState<S, M>): boolean {
  return holds(...facts.map((fact) => factIn(fact, state)));
}

/**
 * Whether a state of a kind can be reached from a state: all that can follow is gone through, until one is met.
 *
 * @returns undefined if more than `most` states were met, and none of that kind; else also how many were met
 */
export function leadsTo<S, M extends Envelope, E>(
  system: System<S, M, E>,
  from: NaiveState<S, M>,
  kind: Predicate<S, M>,
  most: number,
): { readonly leads: boolean; readonly met: number } | undefined {
  const seen = new Set([canonical(from)]);
  const open = [from];
  for (let state = open.pop(); state; state = open.pop()) {
    if (isOfKind(kind, state)) return { leads: true, met: seen.size };
    if (seen.size > most) return undefined;
    for (const { next } of stepsFrom(system, state)) {
      if (seen.size < seen.add(canonical(next)).size) open.push(next);
    }
  }
  return { leads: false, met: seen.size };
}

/** All states with what can follow each in one step, as texts. */
type Graph<S, M> = Map<string, { state: NaiveState<S, M>; depth: number; next: Set<string> }>;

/**
 * Notes of each property of something that is to be always reachable the least depth from which it is not.
 *
 * @returns by property, from how many states it is not reachable, and how many of these are exempt
 */
function noteOutOfReach<S, M extends Envelope, E>(
  system: System<S, M, E>,
  graph: Graph<S, M>,
  note: (name: string, depth: number, holds: boolean) => void,
): NaiveResult['outOfReach'] {
  const counts: Record<string, { states: number; exempt: number }> = {};
  for (const { name, alwaysReachable } of system.properties) {
    if (!alwaysReachable) continue;
    const { unless } = alwaysReachable;
    const goals = new Set(
      [...graph].filter(([, { state }]) => isOfKind(alwaysReachable, state)).map(([text]) => text),
    );
    const count = { states: 0, exempt: 0 };
    counts[name] = count;
    for (const [text, { state, depth }] of graph) {
      const seen = new Set([text]);
      for (const each of seen) for (const next of graph.get(each)?.next ?? []) seen.add(next);
      if ([...seen].some((each) => goals.has(each))) continue;
      const exempt = unless !== undefined && isOfKind(unless, state);
      count.states += 1;
      if (exempt) count.exempt += 1;
      note(name, depth, !exempt);
    }
  }
  return counts;
}

export interface NaiveResult {
  readonly distinctStates: number;
  readonly transitions: number;
  readonly diameter: number;
  /** By property, the length of its shortest counterexample; by situation, of the shortest way to it. Absent if none. */
  readonly found: Readonly<Record<string, number>>;
  /** By property of something that is to be always reachable: from how many states it is not, and how many of these are exempt. */
  readonly outOfReach: Readonly<Record<string, { readonly states: number; readonly exempt: number }>>;
}

/** Explores everything, breadth first. For small systems. */
export function exploreNaively<S, M extends Envelope, E>(system: System<S, M, E>): NaiveResult {
  const found: Record<string, number> = {};
  const note = (name: string, depth: number, holds: boolean) => {
    if (holds) found[name] ??= depth;
  };
  const look = (state: NaiveState<S, M>, depth: number) => {
    for (const { name, clauses } of system.properties) {
      note(name, depth, clauses?.some((clause) => violation(clause, state) !== undefined) ?? false);
    }
    for (const { name, state: situation } of system.situations ?? []) {
      note(name, depth, situation?.holds(...situation.facts.map((fact) => factIn(fact, state))) ?? false);
    }
  };
  const first = initialState(system);
  const seen = new Set([canonical(first)]);
  const graph: Graph<S, M> = new Map();
  const remembers = system.properties.some(({ alwaysReachable }) => alwaysReachable);
  let level = [first];
  let transitions = 0;
  let depth = 0;
  look(first, 0);
  for (;;) {
    const nextLevel: NaiveState<S, M>[] = [];
    for (const state of level) {
      const text = canonical(state);
      const following = new Set<string>();
      if (remembers) graph.set(text, { state, depth, next: following });
      for (const { steps, next } of stepsFrom(system, state)) {
        for (const step of steps) {
          for (const { name, step: check } of system.properties)
            note(name, depth + 1, check?.(step) !== undefined);
          for (const { name, step: holds } of system.situations ?? [])
            note(name, depth + 1, holds?.(step) ?? false);
        }
        const key = canonical(next);
        if (key === text) continue;
        following.add(key);
        transitions += 1;
        if (seen.has(key)) continue;
        seen.add(key);
        look(next, depth + 1);
        nextLevel.push(next);
      }
    }
    if (nextLevel.length === 0) break;
    level = nextLevel;
    depth += 1;
  }
  const outOfReach = noteOutOfReach(system, graph, note);
  return { distinctStates: seen.size, transitions, diameter: depth, found, outOfReach };
}
