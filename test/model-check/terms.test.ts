/** What a system must keep to, and that it is told in one sentence, with the actor, where it does not. */
import { describe, expect, test } from 'vitest';
import { check } from '../../model-check/check.ts';
import type { Actor, Fact, System } from '../../model-check/system.ts';
import { SystemError } from '../../model-check/terms.ts';

type Any = Actor<unknown, { from: string; to: string[] }, unknown>;
type AnySystem = System<unknown, { from: string; to: string[] }, unknown>;

const quiet = (state: unknown) => ({ rule: null, state, send: [] });

/** Two actors, `ann` and `bob`; `ann` has one internal event and is otherwise as given. */
function systemOf(ann: Partial<Any>, more: Partial<AnySystem> = {}): AnySystem {
  const base = { role: 'actor', initial: { n: 0 }, transition: quiet };
  return {
    name: 'pair',
    covers: [],
    actors: [
      { ...base, name: 'ann', internal: () => [{ type: 'go' }], ...ann },
      { ...base, name: 'bob' },
    ],
    properties: [],
    ...more,
  };
}

const claiming = (
  fact: Fact<unknown, { from: string; to: string[] }>,
  check: (value: unknown) => string | undefined,
) =>
  systemOf(
    {},
    { properties: [{ name: 'p', kind: 'lemma', statement: 's', clauses: [{ facts: [fact], check }] }] },
  );
const message = { from: 'ann', to: ['bob'] };
const sends = (...messages: unknown[]) =>
  systemOf({ transition: (state) => ({ rule: 'go', state, send: messages as never[] }) });
const becomes = (state: unknown) => systemOf({ transition: () => ({ rule: 'go', state, send: [] }) });
const answers = (answer: unknown) => systemOf({ transition: () => answer as never });
const cyclic: Record<string, unknown> = {};
cyclic['self'] = cyclic;

const broken: [string, AnySystem, RegExp][] = [
  [
    'a transition that throws',
    systemOf({
      transition: () => {
        throw new Error('boom');
      },
    }),
    /^ann throws on \{"type":"go"\} in state \{"n":0\}: boom$/,
  ],
  [
    'a transition that throws what is no error',
    systemOf({
      transition: () => {
        throw 'boom';
      },
    }),
    /^ann throws on .*: boom$/,
  ],
  [
    'a transition that writes to its state',
    systemOf({
      transition: (state) => {
        (state as { n: number }).n += 1;
        return quiet(state);
      },
    }),
    /^ann throws on .*read only/,
  ],
  [
    'a transition that adds to its state',
    systemOf({
      transition: (state) => {
        Object.assign(state as object, { m: 1 });
        return quiet(state);
      },
    }),
    /^ann throws on .*not extensible/,
  ],
  [
    'a transition that writes to an internal event',
    systemOf({
      transition: (state, event) => {
        (event as { type: string }).type = 'x';
        return quiet(state);
      },
    }),
    /^ann throws on .*read only/,
  ],
  [
    'a transition that writes to the event of a receipt',
    systemOf({
      internal: (state) => ((state as { n: number }).n === 0 ? [{ type: 'go' }] : []),
      transition: (state, event) => {
        const receipt = event as { type: string; message?: unknown };
        if (receipt.type === 'go')
          return { rule: 'go', state: { n: 1 }, send: [{ from: 'ann', to: ['ann'] }] };
        receipt.message = null;
        return quiet(state);
      },
    }),
    /^ann throws on \{"message":\{"from":"ann","to":\["ann"\]\},"type":"receive"\} in state \{"n":1\}: .*read only/,
  ],
  ['a forged sender', sends({ from: 'bob', to: ['ann'] }), /^ann sends a message whose sender is "bob": /],
  ['a message without a sender', sends({ to: ['bob'] }), /^ann sends a message/],
  ['a message without recipients', sends({ from: 'ann' }), /^ann sends a message/],
  ['recipients that are no list', sends({ from: 'ann', to: 'bob' }), /^ann sends a message/],
  [
    'an unknown recipient',
    sends({ from: 'ann', to: ['bob', 'zoe'] }),
    /^a message of ann: no actor is named "zoe"$/,
  ],
  [
    'recipients named twice',
    sends({ from: 'ann', to: ['bob', 'bob'] }),
    /^ann sends a message whose recipients are not a sorted set/,
  ],
  [
    'recipients out of order',
    sends({ from: 'ann', to: ['bob', 'ann'] }),
    /^ann sends a message whose recipients are not a sorted set/,
  ],
  ['a message that is null', sends(null), /^ann /],
  ['a message with a Date', sends({ ...message, at: new Date(0) }), /^ann answers .* not a JSON value/],
  ['a state that is undefined', becomes(undefined), /^ann answers .* not a JSON value/],
  ['a state with NaN', becomes({ n: Number.NaN }), /^ann answers .* not a JSON value: NaN/],
  ['a state with a Map', becomes({ n: new Map() }), /^ann answers .* not a JSON value/],
  ['a state with a function', becomes({ n: () => 1 }), /^ann answers .* not a JSON value/],
  ['a state with a big integer', becomes({ n: 1n }), /^ann answers .* not a JSON value/],
  ['a state that holds itself', becomes(cyclic), /^ann answers /],
  ['no answer', answers(undefined), /^ann answers .*rule, state, send/],
  ['a promise of an answer', answers(Promise.resolve(quiet(0))), /^ann answers .*rule, state, send/],
  ['an answer without messages', answers({ rule: null, state: 0 }), /^ann answers .*rule, state, send/],
  [
    'a change by no rule',
    answers({ rule: null, state: { n: 1 }, send: [] }),
    /^ann answers .*expected a rule/,
  ],
  [
    'an event of its own that would pass for a crash',
    systemOf({ internal: () => [{ type: 'crash', actors: ['ann'] }] }),
    /^ann offers the event \{"actors":\["ann"\],"type":"crash"\}: expected another type/,
  ],
  [
    'an event of its own that would pass for a receipt',
    systemOf({ internal: () => [{ type: 'receive', message }] }),
    /^ann offers the event .*"type":"receive"\}: expected another type/,
  ],
  ['an answer without a rule', answers({ state: 0, send: [] }), /^ann answers .*rule, state, send/],
  [
    'internal steps that throw',
    systemOf({
      internal: () => {
        throw new Error('boom');
      },
    }),
    /ann.*boom/,
  ],
  ['internal steps that are no JSON', systemOf({ internal: () => [new Map()] }), /ann.*not a JSON value/],
  [
    'a restart that throws',
    systemOf(
      {
        restart: () => {
          throw new Error('boom');
        },
      },
      { crashes: { budget: 1 } },
    ),
    /ann.*boom/,
  ],
  [
    'a restart to what is no JSON',
    systemOf({ restart: () => undefined }, { crashes: { budget: 1 } }),
    /ann.*not a JSON value/,
  ],
  [
    'a crash group with an actor that has no restart',
    systemOf({}, { crashes: { budget: 1, groups: [['ann']] } }),
    /^ann crashes but has no restart$/,
  ],
  [
    'a crash group with a stranger',
    systemOf({}, { crashes: { budget: 1, groups: [['zoe']] } }),
    /^a crash group: no actor is named "zoe"$/,
  ],
  [
    'a crash group of nobody',
    systemOf({ restart: quiet }, { crashes: { budget: 1, groups: [['ann'], []] } }),
    /^pair: a crash group is empty: expected the names of /,
  ],
  ...[0.5, -1, Number.NaN].map((budget): [string, AnySystem, RegExp] => [
    `a crash budget of ${budget}`,
    systemOf({ restart: quiet }, { crashes: { budget } }),
    new RegExp(`^pair: the crash budget is ${budget}: expected a whole number from 0$`),
  ]),
  [
    'a property that claims nothing',
    systemOf({}, { properties: [{ name: 'p', kind: 'requirement', statement: 's' }] }),
    /^pair: the property p claims nothing: expected clauses, a step or alwaysReachable$/,
  ],
  [
    'a renaming of two names to one',
    systemOf({}, { symmetry: { permutations: [{ ann: 'bob' }], rename: (value) => value } }),
    /^pair: the renaming \{"ann":"bob"\} is not one to one: expected /,
  ],
  [
    'internal steps that are no list',
    systemOf({ internal: () => new Set([{ type: 'go' }]) as never }),
    /^the internal steps of ann in state \{"n":0\}: expected an array of events$/,
  ],
  ['an initial state that is no JSON', systemOf({ initial: new Set() }), /ann.*not a JSON value/],
  ['two actors of one name', systemOf({ name: 'bob' }), /^pair: two actors have one name$/],
  [
    'a reading by a stranger',
    systemOf(
      {},
      { readings: [{ name: 'peek', actor: 'zoe', of: ['bob'], view: () => 0, events: () => [] }] },
    ),
    /^reading "peek": no actor is named "zoe"$/,
  ],
  [
    'a reading of nobody',
    systemOf({}, { readings: [{ name: 'peek', actor: 'ann', of: [], view: () => 0, events: () => [] }] }),
    /^reading "peek": it reads no actor$/,
  ],
  [
    'a reading that throws',
    systemOf(
      {},
      {
        readings: [
          {
            name: 'peek',
            actor: 'ann',
            of: ['bob'],
            view: () => 0,
            events: () => {
              throw new Error('boom');
            },
          },
        ],
      },
    ),
    /^reading "peek".*boom/,
  ],
  [
    'a fact about a stranger',
    claiming({ name: 'f', of: ['zoe'], view: () => 0, combine: () => 0 }, () => undefined),
    /^fact "f": no actor is named "zoe"$/,
  ],
  [
    'a check that writes to what a fact has told, which others read as well',
    claiming({ name: 'f', of: ['ann'], view: () => 0, combine: () => [{ n: 1 }] }, (list) => {
      (list as { n: number }[]).pop();
      return undefined;
    }),
    /^p: Cannot .*/,
  ],
  [
    'an observer with the name of an actor',
    systemOf({}, { observers: [{ name: 'bob', initial: 0, label: () => undefined, observe: () => 0 }] }),
    /^pair: .*"?bob"?/,
  ],
  [
    'two observers of one name',
    systemOf(
      {},
      {
        observers: [1, 2].map((initial) => ({
          name: 'o',
          initial,
          label: () => undefined,
          observe: () => 0,
        })),
      },
    ),
    /^pair: .*"?o"?/,
  ],
];

describe('a system that breaks the terms', () => {
  test.each(broken)('%s', async (_name, system, sentence) => {
    const error = await check(system).then(
      () => 'no error',
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(SystemError);
    expect((error as Error).message).toMatch(sentence);
    expect((error as Error).message).not.toContain('\n');
  });

  test('or is asked for none of its properties', async () => {
    await expect(check(systemOf({}), { properties: [] })).rejects.toThrow(
      /^pair: expected at least one property to check$/,
    );
  });

  test('is told the cause as well', async () => {
    const cause = new Error('boom');
    const system = systemOf({
      transition: () => {
        throw cause;
      },
    });
    await expect(check(system)).rejects.toMatchObject({ name: 'SystemError', cause });
  });
});

describe('a system that keeps to the terms', () => {
  test('may use all of JSON', async () => {
    const states = [0, 'text', null, true, [1, [2]], { a: { b: [] } }, -1.5, Object.create(null) as object];
    for (const initial of states) {
      const report = await check(systemOf({ initial }));
      expect(report).toMatchObject({ verdict: 'holds', distinctStates: 1, questions: 1 });
    }
  });

  test('may have a property that says of itself that it says nothing', async () => {
    const silent = { name: 'p', kind: 'lemma', statement: 's', notApplicable: 'needs three' } as const;
    const report = await check(systemOf({}, { properties: [silent] }));
    expect(report.properties).toMatchObject([{ verdict: 'holds', notApplicable: 'needs three' }]);
  });

  test('is asked no question twice, and is given back equal objects for equal states', async () => {
    const asked: string[] = [];
    const system = systemOf({
      internal: (state) => ((state as { n: number }).n < 3 ? [{ type: 'go' }, { type: 'back' }] : []),
      transition: (state, event) => {
        asked.push(JSON.stringify([state, event]));
        const n = (state as { n: number }).n;
        const go = (event as { type: string }).type === 'go';
        return {
          rule: 'count',
          state: { n: go ? n + 1 : 0 },
          send: go && n === 1 ? [message, { ...message, to: ['ann'] }] : [],
        };
      },
    });
    const report = await check(system);
    expect(new Set(asked).size).toBe(asked.length);
    expect(report.questions).toBeGreaterThanOrEqual(asked.length);
    expect(report.distinctStates).toBe(6);
  });

  test('may hold objects that were frozen by themselves only: what they hold is frozen as well', async () => {
    const initial = Object.freeze({ list: [] as number[] });
    const system = systemOf({
      initial,
      internal: () => [{ type: 'go' }],
      transition: (state) => {
        (state as { list: number[] }).list.push(1);
        return { rule: 'push', state, send: [] };
      },
    });
    await expect(check(system)).rejects.toThrow(/^ann throws on .*not extensible/);
  });
});
