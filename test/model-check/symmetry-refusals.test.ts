/** That the declared renamings are symmetries is checked; what is not symmetric is refused, and can be checked without. */
import { describe, expect, test } from 'vitest';
import { canonical } from '../../model-check/canonical.ts';
import { check } from '../../model-check/check.ts';
import type {
  Actor,
  Envelope,
  Fact,
  Permutation,
  Property,
  Reading,
  System,
} from '../../model-check/system.ts';
import { SystemError } from '../../model-check/terms.ts';
import { permutationsAmong, renameAll } from './symmetric-system.ts';

type State = number | null;
interface Msg extends Envelope {
  readonly kind: string;
}
interface Event {
  readonly type: string;
}
type Twins = System<State, Msg, Event>;
type Twin = Actor<State, Msg, Event>;

const names = ['a', 'b', 'c'];
const at = (of: readonly string[]): Fact<State, Msg> => ({
  name: `where ${of} are`,
  of,
  view: ({ state }) => state,
  combine: (views) => views,
});

/** Three actors that count to three, and tell the others at two, who take note. */
function counting(change: (actor: Twin, name: string) => Partial<Twin> = () => ({})): Twins {
  const actor = (name: string): Twin => ({
    name,
    role: 'twin',
    initial: 0,
    internal: (state) => ((state ?? 0) < 3 ? [{ type: 'on' }] : []),
    transition: (state, event) => {
      if (event.type === 'receive') return { rule: state === 0 ? 'note' : null, state: state || 1, send: [] };
      const next = (state ?? 0) + 1;
      const to = names.filter((other) => other !== name);
      return { rule: 'on', state: next, send: next === 2 ? [{ from: name, to, kind: 'two' }] : [] };
    },
    restart: (state) => (state === 3 ? 2 : state),
  });
  return {
    name: 'counting',
    covers: [],
    actors: names.map((name) => ({ ...actor(name), ...change(actor(name), name) })),
    crashes: { budget: 1 },
    symmetry: { permutations: permutationsAmong(names), rename: renameAll },
    properties: [],
  };
}

const property = (more: Partial<Property<State, Msg, Event>>): Property<State, Msg, Event> => ({
  name: 'some-property',
  kind: 'requirement',
  statement: 'it is so',
  ...more,
});

async function refused(system: Twins, says: RegExp) {
  const error = await check(system, { symmetry: true, enough: () => false }).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(SystemError);
  expect((error as Error).message).toMatch(says);
  expect((error as Error).message).not.toMatch(/\n/);
  expect((await check(system, { enough: () => false })).frontier).toBe(0);
}

test('a symmetric one is not refused', async () => {
  const [full, reduced] = [await check(counting()), await check(counting(), { symmetry: true })];
  expect(reduced.symmetry).toEqual({ order: 6, represented: full.distinctStates });
  expect(reduced.distinctStates).toBeLessThan(full.distinctStates / 3);
});

test('a renaming is asked about the permutations that are given, and of no other', async () => {
  const permutations = [
    { a: 'b', b: 'a', c: 'c' },
    { a: 'a', b: 'c', c: 'b' },
  ];
  const asked = new Set<string>();
  const rename = (value: unknown, permutation: Permutation) => {
    asked.add(canonical(permutation));
    return renameAll(value, permutation);
  };
  const reduced = await check({ ...counting(), symmetry: { permutations, rename } }, { symmetry: true });
  expect(reduced.symmetry).toEqual((await check(counting(), { symmetry: true })).symmetry);
  expect([...asked].sort()).toEqual(permutations.map(canonical).sort());
});

describe('what actors do', () => {
  test.each(names)('a transition of %s leads elsewhere', async (odd) => {
    const system = counting((actor, name) => ({
      transition: (state, event) =>
        name === odd && event.type === 'on' && state === 2
          ? { rule: 'on', state: 7, send: [] }
          : actor.transition(state, event),
      internal: (state) => (state !== null && state < 3 ? [{ type: 'on' }] : []),
    }));
    await refused(system, /not symmetric/);
  });

  test.each(names)('%s sends another message', async (odd) => {
    const system = counting((actor, name) => ({
      transition: (state, event) => {
        const outcome = actor.transition(state, event);
        return name === odd
          ? { ...outcome, send: outcome.send.map((sent) => ({ ...sent, kind: 'odd' })) }
          : outcome;
      },
    }));
    await refused(system, /not symmetric/);
  });

  /** Who goes first alone goes on, and is told at once: the others' rows are met when all stand alike only. */
  test.each(names)('a transition of %s that few canonical states enable leads elsewhere', async (odd) => {
    const system = counting((actor, name) => ({
      transition: (state, event) =>
        name === odd && event.type === 'receive' && state === 1
          ? { rule: 'note', state: 9, send: [] }
          : actor.transition(state, event),
    }));
    await refused(system, /not symmetric/);
  });

  test.each(names)('%s has another rule of which a property speaks', async (odd) => {
    const system = counting((actor, name) => ({
      transition: (state, event) => {
        const outcome = actor.transition(state, event);
        return name === odd && outcome.rule ? { ...outcome, rule: 'odd' } : outcome;
      },
    }));
    const properties = [property({ step: ({ rule }) => (rule === 'odd' ? 'odd' : undefined) })];
    await refused({ ...system, properties }, /not symmetric/);
  });

  test.each(names)('%s restarts otherwise', async (odd) => {
    await refused(
      counting((actor, name) => (name === odd ? { restart: () => 0 } : actor)),
      /not symmetric/,
    );
  });

  test.each(names)('%s restarts otherwise from a write that was lost', async (odd) => {
    const system = counting((actor, name) => ({
      ...actor,
      writeBehind: true,
      restart: (state) => (name === odd && state === 1 ? 0 : state),
    }));
    await refused(system, /not symmetric/);
  });

  test.each(names)('%s writes behind', async (odd) => {
    await refused(
      counting((_, name) => (name === odd ? { writeBehind: true } : {})),
      /not symmetric/,
    );
  });

  test.each(names)('%s alone never crashes', async (odd) => {
    const system = counting();
    const groups = names.filter((name) => name !== odd).map((name) => [name]);
    await refused({ ...system, crashes: { budget: 1, groups } }, /not symmetric/);
  });

  test.each(names)('the internal steps of %s end sooner', async (odd) => {
    await refused(
      counting((actor, name) => ({
        internal: (state) => (name === odd && state === 2 ? [] : (actor.internal?.(state) ?? [])),
      })),
      /not symmetric/,
    );
  });

  const readings = (odd: string): Reading<State, Msg, Event>[] =>
    names.map((actor) => ({
      name: `of ${actor}`,
      actor,
      of: names,
      view: ({ state }) => state,
      events: (_, views) => (views.every((view) => view === 1) && actor !== odd ? [{ type: 'on' }] : []),
    }));

  test('readings alike are not refused', async () => {
    const system = {
      ...counting(() => ({ internal: (state) => (state === 0 ? [{ type: 'on' }] : []) })),
      readings: readings(''),
    };
    const [full, reduced] = [await check(system), await check(system, { symmetry: true })];
    expect(reduced.symmetry).toEqual({ order: 6, represented: full.distinctStates });
  });

  test.each(names)('a reading of %s enables less', async (odd) => {
    const system = counting(() => ({ internal: (state) => (state === 0 ? [{ type: 'on' }] : []) }));
    await refused({ ...system, readings: readings(odd) }, /not symmetric/);
  });

  test.each(names)('a reading of %s has another guard', async (odd) => {
    const system = counting(() => ({ internal: (state) => (state === 0 ? [{ type: 'on' }] : []) }));
    const guarded = readings('').map((each) => ({ ...each, when: () => each.actor !== odd }));
    await refused({ ...system, readings: guarded }, /not symmetric/);
  });

  test.each(names)('%s begins elsewhere', async (odd) => {
    await refused(
      counting((_, name) => (name === odd ? { initial: 1 } : {})),
      /initial state is not symmetric/,
    );
  });

  test('a renaming changes the initial state', async () => {
    const rename = (value: unknown, { a }: Readonly<Record<string, string>>) =>
      value === 0 && a !== 'a' ? null : value;
    const symmetry = { permutations: permutationsAmong(names), rename };
    await refused({ ...counting(), symmetry }, /initial state is not symmetric/);
  });

  test('a renaming of an actor to none', async () => {
    const symmetry = { permutations: [{ a: 'z', z: 'a' }], rename: renameAll };
    await refused({ ...counting(), symmetry }, /to no actor/);
  });

  test('no symmetries, and observers', async () => {
    const { symmetry: _, ...plain } = counting();
    await refused(plain, /names no symmetries/);
    const observers = [{ name: 'o', initial: 0, label: () => undefined, observe: () => 0 }];
    await refused({ ...counting(), observers }, /observers/);
  });
});

/** Only one actor ever goes on from 1: the others stay behind it. */
function leading(): Twins {
  const system = counting(() => ({ internal: () => [] }));
  const readings = names.map(
    (actor): Reading<State, Msg, Event> => ({
      name: `of ${actor}`,
      actor,
      of: names,
      view: ({ state }) => state,
      events: ({ state }, views) =>
        state !== null &&
        state < 3 &&
        views.filter((view) => view === 0).length >= 2 &&
        (state > 0 || views.every((view) => view === 0))
          ? [{ type: 'on' }]
          : [],
    }),
  );
  const actors = system.actors.map((actor) => ({
    ...actor,
    transition: (state: State, event: Event) =>
      event.type === 'on'
        ? { rule: 'on', state: (state ?? 0) + 1, send: [] }
        : { rule: null, state, send: [] },
  }));
  return { ...system, actors, readings };
}

describe('what is claimed', () => {
  const never = (name: string) => ({
    facts: [at([name])],
    check: (where: unknown) => ((where as State[])[0] === 3 ? `${name} is at 3` : undefined),
  });
  const systems = { counting: counting(), leading: leading() };

  test.each(Object.entries(systems))('%s: a clause for each actor is symmetric', async (_, system) => {
    const properties = [property({ clauses: names.map(never) })];
    const [full, reduced] = [
      await check({ ...system, properties }),
      await check({ ...system, properties }, { symmetry: true }),
    ];
    expect(full.verdict).toBe('violated');
    expect(reduced.counterexample).toEqual(full.counterexample);
    expect(reduced.properties).toEqual(full.properties);
  });

  for (const [title, system] of Object.entries(systems)) {
    describe(title, () => {
      test.each(names)('a property of %s alone', async (odd) => {
        await refused(
          { ...system, properties: [property({ clauses: [never(odd)] })] },
          /some-property is not symmetric/,
        );
      });

      test.each(names)('a property of all that singles out %s', async (odd) => {
        const check = (where: unknown) =>
          (where as State[])[names.indexOf(odd)] === 3 ? 'it is at 3' : undefined;
        await refused(
          { ...system, properties: [property({ clauses: [{ facts: [at(names)], check }] })] },
          /some-property is not symmetric/,
        );
      });

      test.each(names)('a fact of all that hides that %s is singled out', async (odd) => {
        const fact = {
          ...at(names),
          combine: (views: readonly unknown[]) => views[names.indexOf(odd)] === 3,
        };
        const check = (where: unknown) => (where ? 'it is at 3' : undefined);
        await refused(
          { ...system, properties: [property({ clauses: [{ facts: [fact], check }] })] },
          /some-property is not symmetric/,
        );
      });

      test.each(names)('a property of the steps of %s', async (odd) => {
        const step = ({ actor, after }: { actor: string; after: { state: State } }) =>
          actor === odd && after.state === 3 ? 'three' : undefined;
        await refused({ ...system, properties: [property({ step })] }, /some-property is not symmetric/);
      });

      test.each(names)('a situation of %s alone', async (odd) => {
        const state = { facts: [at([odd])], holds: (where: unknown) => (where as State[])[0] === 3 };
        const situations = [{ name: 'some-situation', statement: 'it is so', state }];
        await refused({ ...system, situations }, /some-situation is not symmetric/);
      });

      test.each(names)('a situation of the steps of %s', async (odd) => {
        const step = ({ actor, after }: { actor: string; after: { state: State } }) =>
          actor === odd && after.state === 3;
        const situations = [{ name: 'some-situation', statement: 'it is so', step }];
        await refused({ ...system, situations }, /some-situation is not symmetric/);
      });
    });
  }
});
