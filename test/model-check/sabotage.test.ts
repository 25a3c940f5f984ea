/** The comparison can fail: each fault, put into one side only, must be seen on some of a fixed list of random systems. */
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { canonical } from '../../model-check/canonical.ts';
import type { Explorer } from '../../model-check/explorer.ts';
import { Finder } from '../../model-check/finder.ts';
import type { IntArray } from '../../model-check/int-array.ts';
import { TupleInterner } from '../../model-check/interner.ts';
import { initialState, type NaiveState, type NaiveStep, stepsFrom } from '../../model-check/naive.ts';
import { Offers } from '../../model-check/offers.ts';
import { PairTable } from '../../model-check/pair-table.ts';
import { PairTree } from '../../model-check/pair-tree.ts';
import { Reachability } from '../../model-check/reachability.ts';
import { Recall } from '../../model-check/recall.ts';
import { type Source, Sources } from '../../model-check/sources.ts';
import { StateSet } from '../../model-check/state-set.ts';
import { byEngine, byOracleWithin, type Counts } from './compare.ts';
import { build, type Event, type Msg, most, type RandomSystem, Spec, type State } from './random-system.ts';

const systems = fc.sample(Spec, { seed: 1998, numRuns: 180 }).flatMap((spec) => {
  const system = build(spec);
  const expected = byOracleWithin(system, most(spec, 120));
  return expected ? [{ system, expected }] : [];
});

const mapActors = (
  system: RandomSystem,
  change: (actor: RandomSystem['actors'][number], at: number) => RandomSystem['actors'][number],
): RandomSystem => ({ ...system, actors: system.actors.map(change) });

/** What is private of `Reachability`. */
interface Search {
  found: boolean;
  readonly way: { readonly place: number; readonly next: number[] }[];
  sweep(): boolean;
  markWay(): boolean;
  readonly explorer: Explorer<State, Msg, Event>;
  forEachSuccessor(locals: Int32Array, visit: (successor: Int32Array) => void): void;
}

type Goal = NonNullable<RandomSystem['properties'][number]['alwaysReachable']>;

const mapGoals = (system: RandomSystem, change: (goal: Goal) => Goal): RandomSystem => ({
  ...system,
  properties: system.properties.map(({ alwaysReachable: goal, ...property }) =>
    goal ? { ...property, alwaysReachable: change(goal) } : property,
  ),
});

const idle = (state: State) => ({ rule: null, state, send: [] });

/** Faults in the system that the engine is given. */
const faults: Record<string, (system: RandomSystem) => RandomSystem> = {
  'deliveries to one actor are dropped': (system) =>
    mapActors(system, (actor) => ({
      ...actor,
      transition: (state, event) =>
        actor.name === 'c' && event.type === 'receive' ? idle(state) : actor.transition(state, event),
    })),
  'a message of one kind is never sent': (system) =>
    mapActors(system, (actor) => ({
      ...actor,
      transition: (state, event) => {
        const outcome = actor.transition(state, event);
        return { ...outcome, send: outcome.send.filter(({ kind }) => kind !== 1) };
      },
    })),
  'no actor receives what it sent itself': (system) =>
    mapActors(system, (actor) => ({
      ...actor,
      transition: (state, event) =>
        event.type === 'receive' && event.message.from === actor.name
          ? idle(state)
          : actor.transition(state, event),
    })),
  'the second internal event is overlooked': (system) =>
    mapActors(system, (actor) => ({
      ...actor,
      internal: (state) => actor.internal?.(state).slice(0, 1) ?? [],
    })),
  'one crash too many': (system) => ({
    ...system,
    crashes: { ...system.crashes, budget: (system.crashes?.budget ?? 0) + 1 },
  }),
  'one crash too few': (system) => ({
    ...system,
    crashes: { ...system.crashes, budget: Math.max(0, (system.crashes?.budget ?? 0) - 1) },
  }),
  'groups crash one actor at a time': (system) => {
    const groups = system.crashes?.groups?.flatMap((group) => group.map((name) => [name]));
    return groups ? { ...system, crashes: { budget: system.crashes?.budget ?? 0, groups } } : system;
  },
  'a crash loses nothing': (system) =>
    mapActors(system, (actor) => (actor.restart ? { ...actor, restart: (state) => state } : actor)),
  'no write is ever lost': (system) => mapActors(system, (actor) => ({ ...actor, writeBehind: false })),
  'observers notice nothing': (system) => ({
    ...system,
    observers: system.observers?.map((observer) => ({ ...observer, label: () => undefined })) ?? [],
  }),
  'observers overlook self-loops': (system) => ({
    ...system,
    observers:
      system.observers?.map((observer) => ({
        ...observer,
        label: (step) =>
          canonical(step.before) === canonical(step.after) ? undefined : observer.label(step),
      })) ?? [],
  }),
  'readings see the views of the first time': (system) => ({
    ...system,
    readings:
      system.readings?.map((reading) => {
        const first = new Map<string, readonly unknown[]>();
        return {
          ...reading,
          events: (self, views) => {
            const key = canonical(self);
            if (!first.has(key)) first.set(key, views);
            return reading.events(self, first.get(key) as readonly unknown[]);
          },
        };
      }) ?? [],
  }),
  'the guard of readings is ignored': (system) => ({
    ...system,
    readings: system.readings?.map(({ when: _, ...reading }) => reading) ?? [],
  }),
  'the first clause of each property is dropped': (system) => ({
    ...system,
    properties: system.properties.map((property) =>
      property.clauses ? { ...property, clauses: property.clauses.slice(1) } : property,
    ),
  }),
  'facts see the first of their actors only': (system) => ({
    ...system,
    properties: system.properties.map((property) => ({
      ...property,
      ...(property.clauses
        ? {
            clauses: property.clauses.map((clause) => ({
              ...clause,
              facts: clause.facts.map((fact) => ({
                ...fact,
                view: (local, name) => (name === fact.of[0] ? fact.view(local, name) : 0),
              })),
            })),
          }
        : {}),
    })),
  }),
  'nothing is exempt from what is always reachable': (system) =>
    mapGoals(system, ({ unless: _, ...goal }) => goal),
  'what is exempt from it is a goal, too': (system) =>
    mapGoals(system, (goal) => {
      const { facts, holds, unless = goal } = goal;
      const either = (...values: readonly unknown[]) =>
        holds(...values.slice(0, facts.length)) || unless.holds(...values.slice(facts.length));
      return { ...goal, facts: [...facts, ...unless.facts], holds: either };
    }),
  'step properties are not asked about self-loops': (system) => ({
    ...system,
    properties: system.properties.map((property) =>
      property.step
        ? {
            ...property,
            step: (step) =>
              canonical(step.before) === canonical(step.after) ? undefined : property.step?.(step),
          }
        : property,
    ),
  }),
};

/** The first of the systems on which a run differs from what the oracle found, or undefined. */
async function firstSeen(run: (system: RandomSystem) => Promise<unknown>): Promise<number | undefined> {
  for (const [at, { system, expected }] of systems.entries()) {
    const seen = await run(system).catch((error: Error) => error.message);
    if (canonical(seen) !== canonical(expected)) return at;
  }
  return undefined;
}

describe('what the differential test would notice', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test('with no fault, nothing', async () => {
    expect(systems.length).toBeGreaterThanOrEqual(80);
    expect(await firstSeen(byEngine)).toBeUndefined();
  });

  test.each(Object.entries(faults))('a system given otherwise: %s', async (_name, fault) => {
    expect(await firstSeen((system) => byEngine(fault(system)))).toBeDefined();
  });

  const variants: Record<string, Parameters<typeof exploreOtherwise>[1]> = {
    'a message is consumed by its delivery': ({ steps: [step], next }) =>
      step?.event.type === 'receive' ? withoutMessage(next, step.event.message) : next,
    'a crash also takes back what was sent': ({ steps, next }) =>
      steps[0]?.event.type === 'crash'
        ? withSent(
            next,
            steps.map(({ actor }) => actor),
            () => [],
          )
        : next,
    'a crash is not counted': ({ next }) => ({ ...next, crashes: 0 }),
  };

  test.each(Object.entries(variants))('an oracle of other semantics: %s', async (_name, variant) => {
    const differ = systems.filter(
      ({ system, expected }) => exploreOtherwise(system, variant) !== expected.distinctStates,
    );
    expect(differ.length).toBeGreaterThan(0);
    const same = systems.filter(
      ({ system, expected }) => exploreOtherwise(system, ({ next }) => next) !== expected.distinctStates,
    );
    expect(same).toEqual([]);
  });

  test('tables that confuse distant columns', async () => {
    const { get, set } = PairTable.prototype;
    vi.spyOn(PairTable.prototype, 'get').mockImplementation(function (this: PairTable, row, column) {
      return get.call(this, row, column % 8);
    });
    vi.spyOn(PairTable.prototype, 'set').mockImplementation(function (this: PairTable, row, column, value) {
      set.call(this, row, column % 8, value);
    });
    expect(await firstSeen(byEngine)).toBeDefined();
  });

  test('joint views that leave out the last of several', async () => {
    const { id } = TupleInterner.prototype;
    vi.spyOn(TupleInterner.prototype, 'id').mockImplementation(function (this: TupleInterner, tuple) {
      const shorter = tuple.slice();
      if (shorter.length > 1) shorter[shorter.length - 1] = 0;
      return id.call(this, shorter);
    });
    expect(await firstSeen(byEngine)).toBeDefined();
  });

  test('a set that loses the last state of a batch', async () => {
    const { addAll } = StateSet.prototype;
    vi.spyOn(StateSet.prototype, 'addAll').mockImplementation(function (
      this: StateSet,
      states,
      count,
      fresh,
    ) {
      return addAll.call(this, states, count > 4 ? count - 1 : count, fresh);
    });
    expect(await firstSeen(byEngine)).toBeDefined();
  });

  test.each([
    ['a source sleeps on though a step has brought it something', ~0, 0, 0],
    ['a source sleeps on though its own actor has stepped', 0, ~0, 0],
    ['a source is put to sleep by a step that comes before it', 0, 0, ~0],
  ])('sleep sets: %s', async (_fault, wakes, keeps, before) => {
    vi.spyOn(Finder.prototype, 'asleepAfter').mockImplementation(function (
      this: { tables: { wakes: IntArray } },
      asleep: number,
      source: Source,
      transition: number,
    ) {
      const earlier = source.before | before;
      return (
        (asleep | earlier) &
        (source.keeps | keeps) &
        ~((this.tables.wakes.data[transition] as number) & ~wakes)
      );
    } as unknown as Finder['asleepAfter']);
    expect(await firstSeen(byEngine)).toBeDefined();
  });

  test('sleep sets: what a reading reads is not independent of it', async () => {
    const { add } = Sources.prototype;
    vi.spyOn(Sources.prototype, 'add').mockImplementation(function (this: Sources, actor, rank) {
      return add.call(this, actor, rank);
    });
    expect(await firstSeen(byEngine)).toBeDefined();
  });

  test('findings recalled of states that differ in one actor', async () => {
    const { find } = Recall.prototype;
    vi.spyOn(Recall.prototype, 'find').mockImplementation(function (this: Recall, locals) {
      return find.call(
        this,
        Int32Array.from(locals, (local, field) => (field === 1 ? 0 : local)),
      );
    });
    expect(await firstSeen(byEngine)).toBeDefined();
  });

  test('look-ups that forget the last of the deliveries', async () => {
    const { find } = Offers.prototype;
    vi.spyOn(Offers.prototype, 'find').mockImplementation(function (this: Offers, locals) {
      find.call(this, locals);
      if (this.found.length > 4) this.found[this.found.length - 1] = 0;
    });
    expect(await firstSeen(byEngine)).toBeDefined();
  });

  test.each([
    ['no crash', false, 0],
    ['no step that comes first', true, 1],
  ])('always reachable, taking %s', async (_fault, crashes, first) => {
    vi.spyOn(Reachability.prototype as unknown as Search, 'forEachSuccessor').mockImplementation(function (
      this: Search,
      locals,
      visit,
    ) {
      const { explorer } = this;
      let met = 0;
      explorer.steps.visit(locals, crashes ? explorer.crashesIn(locals) : Infinity, {
        local: (transition) => {
          met += 1;
          if (met > first) visit(explorer.successor(locals, [transition]));
        },
        crash: (transitions) => visit(explorer.successor(locals, transitions)),
      });
    });
    expect(await firstSeen(byEngine)).toBeDefined();
  });

  test.each<[string, 'sweep' | 'markWay', (search: Search) => void]>([
    [
      'a sweep is never repeated',
      'sweep',
      (search) => {
        search.found = false;
      },
    ],
    [
      'what branches off the way is taken to lead there, too',
      'markWay',
      ({ way }) => {
        way.push(...way.flatMap(({ next }) => next.map((place) => ({ place, next: [] }))));
      },
    ],
  ])('always reachable: %s', async (_fault, method, change) => {
    const real = (Reachability.prototype as unknown as Search)[method];
    vi.spyOn(Reachability.prototype as unknown as Search, method).mockImplementation(function (this: Search) {
      change(this);
      return real.call(this);
    });
    expect(await firstSeen(byEngine)).toBeDefined();
  });

  test('pairs of words that differ in a bit are taken for one', async () => {
    const { fold } = PairTree.prototype;
    vi.spyOn(PairTree.prototype, 'fold').mockImplementation(function (this: PairTree, states, first, count) {
      const roots = fold.call(this, states, first, count);
      return roots.map((word, at) => (at % 2 === 1 ? word & ~1 : word));
    });
    expect(await firstSeen(byEngine)).toBeDefined();
  });

  test('a repacking that turns a bit', async () => {
    const { repacked } = StateSet.prototype;
    const spy = vi.spyOn(StateSet.prototype, 'repacked');
    spy.mockImplementation(function (this: StateSet, words, repack, packed) {
      const turned = (chunk: Int32Array, offset: number) => {
        repack(chunk, offset);
        packed[1] = (packed[1] as number) ^ 1;
      };
      return repacked.call(this, words, turned, packed);
    });
    expect(await firstSeen(byEngine)).toBeDefined();
  });
});

type Naive = NaiveState<State, Msg>;

function withSent(
  state: Naive,
  names: readonly string[],
  change: (sent: readonly Msg[]) => readonly Msg[],
): Naive {
  const actors = Object.fromEntries(
    Object.entries(state.actors).map(([name, local]) => [
      name,
      names.includes(name) ? { ...local, sent: change(local.sent) } : local,
    ]),
  );
  return { ...state, actors };
}

function withoutMessage(state: Naive, message: Msg): Naive {
  return withSent(state, [message.from], (sent) =>
    sent.filter((other) => canonical(other) !== canonical(message)),
  );
}

/** The number of states where steps lead on to something else. */
function exploreOtherwise(
  system: RandomSystem,
  change: (step: NaiveStep<State, Msg, Event>) => Naive,
  bound = 500,
): Counts['distinctStates'] {
  const first = initialState(system);
  const seen = new Set([canonical(first)]);
  const waiting = [first];
  for (let state = waiting.pop(); state && seen.size <= bound; state = waiting.pop()) {
    for (const step of stepsFrom(system, state)) {
      const next = change(step);
      const text = canonical(next);
      if (seen.has(text)) continue;
      seen.add(text);
      waiting.push(next);
    }
  }
  return seen.size;
}
