/** Random systems with interchangeable actors, and their orbits found the naive way: whole states, as text. */
import fc from 'fast-check';
import { canonical } from '../../model-check/canonical.ts';
import {
  exploreNaively,
  initialState,
  type NaiveResult,
  type NaiveState,
  stepsFrom,
} from '../../model-check/naive.ts';
import type {
  Actor,
  Clause,
  Envelope,
  Fact,
  Local,
  LocalStep,
  Permutation,
  Reading,
  System,
} from '../../model-check/system.ts';

/** A local state may hold the name of another actor. */
export interface State {
  readonly at: number;
  readonly peer: string | null;
}
export interface Msg {
  readonly from: string;
  readonly to: readonly string[];
  readonly kind: number;
  /** An actor that the message is about. */
  readonly about: string | null;
}
export type Event =
  | { readonly type: 'do'; readonly k: number }
  | { readonly type: 'pick'; readonly whom: string }
  | { readonly type: 'read'; readonly k: number }
  | { readonly type: 'point'; readonly whom: string };
export type SymmetricSystem = System<State, Msg, Event>;
type Step = LocalStep<State, Msg, Event>;

const STATES = 3;
const KINDS = 2;
/** Columns of a table: two of `do`, then `pick`, `point`, two of `read`, then by kind and sender the messages received. */
const COLUMNS = 6 + 3 * KINDS;

type Of<A> = A extends fc.Arbitrary<infer T> ? T : never;

const Sending = fc.record({
  kind: fc.nat({ max: KINDS - 1 }),
  to: fc.constantFrom('all', 'twins', 'others', 'one', 'one', 'singles'),
  about: fc.constantFrom('nobody', 'nobody', 'self', 'peer', 'whom'),
});
const Cell = fc.record({
  to: fc.nat({ max: STATES - 1 }),
  send: fc.oneof(
    { weight: 7, arbitrary: fc.constant<Of<typeof Sending>[]>([]) },
    { weight: 2, arbitrary: fc.array(Sending, { minLength: 1, maxLength: 1 }) },
  ),
  peer: fc.constantFrom('keep', 'keep', 'keep', 'whom', 'clear'),
});

type Cell = Of<typeof Cell>;

const Table = fc.record({
  cells: fc.array(fc.array(fc.option(Cell, { freq: 3 }), { minLength: COLUMNS, maxLength: COLUMNS }), {
    minLength: STATES,
    maxLength: STATES,
  }),
  picks: fc.nat({ max: 2 }),
  restart: fc.option(fc.array(fc.nat({ max: STATES - 1 }), { minLength: STATES, maxLength: STATES }), {
    freq: 4,
  }),
  forgets: fc.boolean(),
  writeBehind: fc.boolean(),
  reading: fc.option(fc.record({ salt: fc.nat({ max: 99 }), when: fc.nat({ max: 7 }), fine: fc.boolean() }), {
    freq: 2,
  }),
});

const Predicate = fc.record({
  of: fc.constantFrom('each', 'pairs', 'all'),
  modulus: fc.constantFrom(4, 9, 30),
  salt: fc.nat({ max: 99 }),
});
type Predicate = Of<typeof Predicate>;
const StepPredicate = fc.record({ modulus: fc.constantFrom(5, 20), salt: fc.nat({ max: 99 }) });

export const SymmetricSpec = fc.record({
  twins: fc.constantFrom(2, 2, 3, 3, 3, 4),
  twin: Table,
  singles: fc.array(Table, { maxLength: 1 }),
  /** Where the first single stands among the twins. */
  place: fc.nat({ max: 3 }),
  crashes: fc.constantFrom(0, 0, 1, 2),
  groups: fc.constantFrom('each', 'each', 'all', 'pairs'),
  properties: fc.array(Predicate, { maxLength: 3, size: 'max' }),
  situations: fc.array(Predicate, { maxLength: 2, size: 'max' }),
  steps: fc.array(StepPredicate, { maxLength: 2, size: 'max' }),
  stepSituations: fc.array(StepPredicate, { maxLength: 1, size: 'max' }),
  reachable: fc.array(fc.record({ goal: Predicate, most: fc.boolean(), unless: fc.option(Predicate) }), {
    maxLength: 1,
    size: 'max',
  }),
});
export type SymmetricSpec = Of<typeof SymmetricSpec>;

/** A number from any JSON value, the same each time. */
function dice(...values: readonly unknown[]): number {
  let h = 0x811c9dc5;
  for (const char of canonical(values)) h = Math.imul(h ^ char.charCodeAt(0), 0x01000193);
  return (h ^ (h >>> 15)) >>> 0;
}

/** All orders of some names. */
export function ordersOf(names: readonly string[]): string[][] {
  if (names.length === 0) return [[]];
  return names.flatMap((name) =>
    ordersOf(names.filter((other) => other !== name)).map((rest) => [name, ...rest]),
  );
}

/** All renamings of some names, the identity first. */
export function permutationsAmong(names: readonly string[]): Permutation[] {
  return ordersOf(names).map((order) =>
    Object.fromEntries(names.map((name, at) => [name, order[at] as string])),
  );
}

/** A state, message or event of such a system with its names replaced. */
export function renameAll(value: unknown, permutation: Permutation): unknown {
  if (typeof value === 'string') return permutation[value] ?? value;
  if (Array.isArray(value)) return value.map((item) => renameAll(item, permutation)).sort();
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, renameAll(item, permutation)]));
}

/** The system that a specification describes. */
export function buildSymmetric(spec: SymmetricSpec): SymmetricSystem {
  // The order of the actors is not that of their names.
  const twins = ['c', 'a', 'd', 'b'].slice(0, spec.twins);
  const singles = spec.singles.map((_, at) => `${'xy'[at]}`);
  const first = Math.min(spec.place, twins.length);
  const names = [...twins.slice(0, first), ...singles, ...twins.slice(first)];
  const tableOf = (name: string) => spec.singles[singles.indexOf(name)] ?? spec.twin;
  const isTwin = (name: string) => twins.includes(name);
  /** What is said of an actor without its name, by an actor. */
  const kindOf = (name: string | null, self: string) =>
    name === null ? 'none' : name === self ? 'self' : isTwin(name) ? 'twin' : name;
  const see = (local: Local<State, Msg>, self: string) => [
    local.state.at,
    kindOf(local.state.peer, self),
    local.sent.map(({ kind, to, about }) => canonical([kind, to.length, kindOf(about, self)])).sort(),
  ];

  const actors = names.map((name): Actor<State, Msg, Event> => {
    const table = tableOf(name);
    const role = isTwin(name) ? 'twin' : 'single';
    const cellOf = ({ at }: State, event: Parameters<Actor<State, Msg, Event>['transition']>[1]) => {
      const row = table.cells[at] as (Cell | null)[];
      if (event.type === 'do') return row[event.k] ?? null;
      if (event.type === 'pick') return row[2] ?? null;
      if (event.type === 'point') return row[3] ?? null;
      if (event.type === 'read') return row[4 + event.k] ?? null;
      const { from, kind, about } = event.message;
      const sender = from === name ? 0 : isTwin(from) ? 1 : 2;
      return row[6 + 3 * ((kind + (about === name ? 1 : 0)) % KINDS) + sender] ?? null;
    };
    const whomOf = (event: Parameters<Actor<State, Msg, Event>['transition']>[1]) =>
      event.type === 'receive'
        ? (event.message.about ?? event.message.from)
        : 'whom' in event
          ? event.whom
          : null;
    const sets: Record<string, readonly string[]> = {
      all: names,
      twins,
      singles,
      others: names.filter((other) => other !== name),
    };
    return {
      name,
      role,
      initial: { at: 0, peer: null },
      internal: ({ at }) => [
        ...[0, 1].filter((k) => table.cells[at]?.[k]).map((k) => ({ type: 'do' as const, k })),
        ...(at === table.picks && table.cells[at]?.[2]
          ? twins.filter((whom) => whom !== name).map((whom) => ({ type: 'pick' as const, whom }))
          : []),
      ],
      transition: (state, event) => {
        const cell = cellOf(state, event);
        if (!cell) return { rule: null, state, send: [] };
        const whom = whomOf(event);
        const about = { nobody: null, self: name, peer: state.peer, whom };
        const one = [whom ?? state.peer ?? name];
        return {
          rule: event.type,
          state: { at: cell.to, peer: { keep: state.peer, whom, clear: null }[cell.peer] },
          send: cell.send.map((message) => ({
            from: name,
            to: [...(sets[message.to] ?? one)].sort(),
            kind: message.kind,
            about: about[message.about],
          })),
        };
      },
      ...(table.restart
        ? {
            restart: ({ at, peer }: State) => ({
              at: table.restart?.[at] as number,
              peer: table.forgets ? null : peer,
            }),
            ...(table.writeBehind ? { writeBehind: true } : {}),
          }
        : {}),
    };
  });

  const readings = names.flatMap((self): Reading<State, Msg, Event>[] => {
    const { reading } = tableOf(self);
    if (!reading) return [];
    const { salt, when, fine } = reading;
    return [
      {
        name: `of ${self}`,
        actor: self,
        of: names,
        when: ({ state }) => ((when >> state.at) & 1) === 1,
        view: (local, name) => (fine ? see(local, name) : [local.state.at]),
        events: ({ state }, views) => {
          const view = (name: string) => views[names.indexOf(name)];
          const all = [
            ...twins.map((name) => canonical([name === self, view(name)])).sort(),
            singles.map(view),
          ];
          return [
            ...[0, 1]
              .filter((k) => dice(salt, k, state.at, all) % 5 === 0)
              .map((k) => ({ type: 'read' as const, k })),
            ...twins
              .filter((whom) => dice(salt, whom === self, view(whom)) % 6 === 0)
              .map((whom) => ({ type: 'point' as const, whom })),
          ];
        },
      },
    ];
  });

  const facts = (of: readonly string[]): Fact<State, Msg> => ({
    name: `fact of ${of}`,
    of,
    view: (local, name) => ({ saw: see(local, name), peer: local.state.peer }),
    combine: (views) => {
      const seen = views as { saw: unknown; peer: string | null }[];
      const told = seen.map(({ saw, peer }) =>
        canonical([saw, of.length === 2 && of.includes(String(peer))]),
      );
      return of.length > 2
        ? [
            told.filter((_, at) => isTwin(of[at] as string)).sort(),
            told.filter((_, at) => !isTwin(of[at] as string)),
          ]
        : told;
    },
  });
  const families: Record<Predicate['of'], Fact<State, Msg>[]> = {
    each: twins.map((name) => facts([name])),
    pairs: twins.flatMap((name) =>
      twins.filter((other) => other !== name).map((other) => facts([name, other])),
    ),
    all: [facts(names.length > 2 ? names : [])],
  };
  const hits = ({ modulus, salt }: Predicate, value: unknown) => dice(salt, value) % modulus === 0;
  const clausesOf = (predicate: Predicate): Clause<State, Msg>[] =>
    families[predicate.of].map((fact) => ({
      facts: [fact],
      check: (value) => (hits(predicate, value) ? `it happens: ${canonical(value)}` : undefined),
    }));
  const hitsStep = ({ modulus, salt }: { modulus: number; salt: number }, step: Step) => {
    const { role, actor, event, before, after } = step;
    const about = event.type === 'receive' ? kindOf(event.message.from, actor) : null;
    return dice(salt, role, event.type, about, see(before, actor), see(after, actor)) % modulus === 0;
  };
  const kind = (predicate: Predicate, most: boolean) => ({
    facts: families[predicate.of],
    holds: (...values: readonly unknown[]) => values.some((value) => hits(predicate, value)) !== most,
  });
  const all = { each: twins.map((name) => [name]), all: [twins], pairs: pairsOf(twins) }[spec.groups];
  const own = singles.filter((name) => tableOf(name).restart).map((name) => [name]);
  return {
    name: 'symmetric',
    covers: ['tables of chance'],
    actors,
    readings,
    crashes: {
      budget: spec.crashes,
      ...(spec.groups === 'each' ? {} : { groups: [...(spec.twin.restart ? all : []), ...own] }),
    },
    symmetry: { permutations: permutationsAmong(twins), rename: renameAll },
    properties: [
      ...spec.properties.map((predicate, at) => ({
        name: `state property ${at}`,
        kind: at % 2 === 0 ? ('requirement' as const) : ('lemma' as const),
        statement: 'something of chance does not happen',
        clauses: clausesOf(predicate),
      })),
      ...spec.steps.map((predicate, at) => ({
        name: `step property ${at}`,
        kind: 'lemma' as const,
        statement: 'no step of chance is taken',
        step: (step: Step) => (hitsStep(predicate, step) ? `it is taken: ${step.actor}` : undefined),
      })),
      ...spec.reachable.map(({ goal, most, unless }, at) => ({
        name: `reachable ${at}`,
        kind: 'lemma' as const,
        statement: 'something of chance is always reachable',
        alwaysReachable: { ...kind(goal, most), ...(unless ? { unless: kind(unless, false) } : {}) },
      })),
    ],
    situations: [
      ...spec.situations.map((predicate, at) => ({
        name: `situation ${at}`,
        statement: 'something of chance happens',
        state: {
          facts: families[predicate.of],
          holds: (...values: readonly unknown[]) => values.some((value) => hits(predicate, value)),
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

function pairsOf(names: readonly string[]): string[][] {
  return names.flatMap((name, at) => names.slice(at + 1).map((other) => [name, other]));
}

/** What symmetry is held against. */
export interface Orbits {
  readonly orbits: number;
  readonly states: number;
  readonly diameter: number;
  readonly found: Readonly<Record<string, number>>;
  readonly outOfReach: NaiveResult['outOfReach'];
  /** The greatest orbit. */
  readonly largest: number;
}

/** A global state with its names replaced, as text. */
function image<S, M extends Envelope, E>(
  { symmetry }: System<S, M, E>,
  state: NaiveState<S, M>,
  permutation: Permutation,
): string {
  const rename = (value: unknown) => symmetry?.rename(value, permutation);
  const actors = Object.entries(state.actors).map(([name, local]) => [
    permutation[name] ?? name,
    {
      state: rename(local.state),
      sent: local.sent.map((message) => canonical(rename(message))).sort(),
      ...('unsynced' in local ? { unsynced: rename(local.unsynced) } : {}),
    },
  ]);
  return canonical({ ...state, actors: Object.fromEntries(actors) });
}

/**
 * All states and their orbits, under all of `group`; undefined if there are more than `most` states. Each orbit is the
 * least of the texts of all its images, and no state is left out on its account.
 */
export function exploreOrbits<S, M extends Envelope, E>(
  system: System<S, M, E>,
  group: readonly Permutation[],
  most = Infinity,
): Orbits | undefined {
  const first = initialState(system);
  const seen = new Set([canonical(first)]);
  const sizes = new Map<string, number>();
  const waiting = [first];
  for (let state = waiting.pop(); state; state = waiting.pop()) {
    const [at, least] = [
      state,
      group.map((permutation) => image(system, state as NaiveState<S, M>, permutation)),
    ];
    const text = least.sort()[0] as string;
    sizes.set(text, (sizes.get(text) ?? 0) + 1);
    for (const { next } of stepsFrom(system, at)) {
      const key = canonical(next);
      if (seen.has(key)) continue;
      seen.add(key);
      if (seen.size > most) return undefined;
      waiting.push(next);
    }
  }
  const { diameter, found, outOfReach } = exploreNaively(system);
  const largest = Math.max(...sizes.values());
  return { orbits: sizes.size, states: seen.size, diameter, found, outOfReach, largest };
}
