/** The key-value machine, against one that keeps a Map and writes to it; and replicated. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  encodeKeyValue,
  type KeyValueCommand,
  KeyValueReply,
  keyValue,
} from '../../../spec/log/key-value.ts';
import { replicaOf } from '../../../spec/log/replica.ts';
import { encodeCommand } from '../../../spec/log/state-machine.ts';
import { ACCEPTORS, actor, QUORUMS } from '../paper.ts';
import { decision, receive } from './log.ts';

type OneKey = Exclude<KeyValueCommand, { op: 'all' }>;

/** The naive way: a store that can be written to. Where a command is refused, the caller brings the old one back. */
function naive(store: Map<string, string>, command: OneKey): string | null | { refused: string } {
  const { key } = command;
  const had = store.get(key) ?? null;
  switch (command.op) {
    case 'get':
      return had;
    case 'delete':
      store.delete(key);
      return had;
    case 'set':
      if (command.if === 'absent' && store.has(key)) return { refused: 'exists' };
      if (command.if === 'present' && !store.has(key)) return { refused: 'absent' };
      store.set(key, command.value);
      return command.value;
    case 'compare-and-set':
      if (had !== command.expected) return { refused: 'differs' };
      store.set(key, command.value);
      return command.value;
    case 'increment': {
      if (had !== null && !/^(0|-?[1-9][0-9]*|-0)$/.test(had)) return { refused: 'not a number' };
      const sum = `${BigInt(had ?? 0) + BigInt(command.by)}`;
      store.set(key, sum);
      return sum;
    }
  }
}

function naively(store: Map<string, string>, command: KeyValueCommand): unknown {
  const before = [...store];
  const outcomes = (command.op === 'all' ? command.operations : [command]).map((each) => naive(store, each));
  const refusal = outcomes.find((outcome) => typeof outcome === 'object' && outcome !== null);
  if (refusal) {
    store.clear();
    for (const [key, value] of before) store.set(key, value);
    return refusal;
  }
  return command.op === 'all' ? { values: outcomes } : { value: outcomes[0] };
}

const key = fc.constantFrom('a', 'b', '__proto__', 'constructor', '');
const value = fc.constantFrom('x', '', '0', '-0', '7', '-12', '007', '9007199254740993', '1e3');
const oneKey: fc.Arbitrary<OneKey> = fc.oneof(
  fc.record({ op: fc.constant('get' as const), key }),
  fc.record({ op: fc.constant('set' as const), key, value }),
  fc.record({ op: fc.constant('set' as const), key, value, if: fc.constantFrom('absent', 'present') }),
  fc.record({ op: fc.constant('delete' as const), key }),
  fc.record({
    op: fc.constant('compare-and-set' as const),
    key,
    expected: fc.option(value, { freq: 2 }),
    value,
  }),
  fc.record({ op: fc.constant('increment' as const), key, by: fc.maxSafeInteger() }),
);
const command: fc.Arbitrary<KeyValueCommand> = fc.oneof(
  { weight: 3, arbitrary: oneKey },
  {
    weight: 1,
    arbitrary: fc.record({ op: fc.constant('all' as const), operations: fc.array(oneKey, { maxLength: 4 }) }),
  },
);

describe('the key-value machine', () => {
  test('does what a Map does that is written to, command by command', () => {
    const outcomes = new Map<string, number>();
    fc.assert(
      fc.property(fc.array(command, { maxLength: 20 }), (commands) => {
        const store = new Map<string, string>();
        let state = keyValue.initial;
        for (const each of commands) {
          const effect = keyValue.apply(state, encodeKeyValue(each));
          const reply: unknown = JSON.parse(effect.reply);
          expect(reply).toEqual(naively(store, each));
          expect(KeyValueReply.parse(reply)).toEqual(reply);
          state = effect.state;
          expect(state).toEqual([...store].sort(([a], [b]) => (a < b ? -1 : 1)));
          const kind = `${each.op}: ${(reply as { refused?: string }).refused ?? 'done'}`;
          outcomes.set(kind, (outcomes.get(kind) ?? 0) + 1);
        }
      }),
      { numRuns: 500 },
    );
    const every = ['get', 'set', 'delete', 'compare-and-set', 'increment', 'all'].map((op) => `${op}: done`);
    const refused = ['set: exists', 'set: absent', 'compare-and-set: differs', 'increment: not a number'];
    expect([...outcomes.keys()]).toEqual(expect.arrayContaining([...every, ...refused, 'all: differs']));
    for (const kind of [...every, ...refused]) expect(outcomes.get(kind), kind).toBeGreaterThan(10);
  });

  test('takes a transfer between two keys whole or not at all', () => {
    const transfer = (from: string, to: string): KeyValueCommand => ({
      op: 'all',
      operations: [
        { op: 'compare-and-set', key: from, expected: '10', value: '0' },
        { op: 'increment', key: to, by: 10 },
      ],
    });
    const start = keyValue.apply([], encodeKeyValue({ op: 'set', key: 'ann', value: '10' })).state;
    const paid = keyValue.apply(start, encodeKeyValue(transfer('ann', 'bob')));
    expect(paid).toEqual({
      state: [
        ['ann', '0'],
        ['bob', '10'],
      ],
      reply: '{"values":["0","10"]}',
    });
    const again = keyValue.apply(paid.state, encodeKeyValue(transfer('ann', 'bob')));
    expect(again).toEqual({ state: paid.state, reply: '{"refused":"differs"}' });
  });

  test('says of what is no command that it is none, and does nothing', () => {
    const state: [string, string][] = [['a', '1']];
    for (const operation of [
      '',
      'x',
      '{',
      '{}',
      '[]',
      '{"op":"get"}',
      '{"op":"increment","key":"a","by":0.5}',
    ])
      expect(keyValue.apply(state, operation)).toEqual({ state, reply: '{"refused":"not a command"}' });
    expect(() => encodeKeyValue({ op: 'increment', key: 'a', by: 0.5 })).toThrow(/int/);
  });
});

test('replicated, it has one content whatever the order in which decisions arrive, keys of all names kept', () => {
  const commands: KeyValueCommand[] = [
    { op: 'set', key: '__proto__', value: 'x' },
    { op: 'increment', key: 'n', by: 2 },
    { op: 'increment', key: 'n', by: 3 },
    { op: 'compare-and-set', key: '__proto__', expected: 'x', value: 'y' },
  ];
  const values = commands.map((each, at) =>
    encodeCommand({ client: 'c1', number: at + 1, operation: encodeKeyValue(each) }),
  );
  const machine = (order: readonly number[]) => {
    const replica = actor(replicaOf(keyValue), {
      id: 'r1',
      quorums: QUORUMS,
      announcesTo: [],
      replies: true,
      peers: ['r2'],
      acceptors: ACCEPTORS,
    });
    for (const slot of order)
      replica.takes(receive(decision('r2', ['r1'], slot, values[slot - 1] as string)));
    return replica.state;
  };
  const one = machine([1, 2, 3, 4]);
  expect(one.machine).toEqual([
    ['__proto__', 'y'],
    ['n', '5'],
  ]);
  expect(one.sessions).toEqual({ c1: { number: 4, reply: '{"value":"y"}' } });
  expect(machine([4, 2, 3, 1])).toEqual(one);
});
