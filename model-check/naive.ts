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

export interface NaiveResult {
  readonly distinctStates: number;
  readonly transitions: number;
  readonly diameter: number;
  /** By property, the length of its shortest counterexample; by situation, of the shortest way to it. Absent if none. */
  readonly found: Readonly<Record<string, number>>;
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
  let level = [first];
  let transitions = 0;
  let depth = 0;
  look(first, 0);
  for (;;) {
    const nextLevel: NaiveState<S, M>[] = [];
    for (const state of level) {
      const text = canonical(state);
      for (const { steps, next } of stepsFrom(system, state)) {
        for (const step of steps) {
          for (const { name, step: check } of system.properties)
            note(name, depth + 1, check?.(step) !== undefined);
          for (const { name, step: holds } of system.situations ?? [])
            note(name, depth + 1, holds?.(step) ?? false);
        }
        const key = canonical(next);
        if (key === text) continue;
        transitions += 1;
        if (seen.has(key)) continue;
        seen.add(key);
        look(next, depth + 1);
        nextLevel.push(next);
      }
    }
    if (nextLevel.length === 0) return { distinctStates: seen.size, transitions, diameter: depth, found };
    level = nextLevel;
    depth += 1;
  }
}
