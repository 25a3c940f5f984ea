import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeReplies,
  encodeCommands,
  perform,
  type StoreCommand,
  store,
} from '../../src/node/store/machine.ts';
import {
  differences,
  entriesOf,
  isMap,
  lookUp,
  mapOf,
  type StringMap,
  sizeOf,
  withValue,
} from '../../src/node/store/map.ts';

// Few keys, so that they meet; and some whose hashes are equal (FNV-1a of 32 bits), so that the tree ends.
const SAME_HASH = ['costarring', 'liquid', 'declinate', 'macallums', 'altarage', 'zinke'];
const key = fc.oneof(
  fc.constantFrom(...SAME_HASH, '__proto__', '', '\u00ff'),
  fc.integer({ max: 200, min: 0 }).map(String),
);
const edits = fc.array(fc.tuple(key, fc.option(fc.string(), { freq: 3 })), { maxLength: 300 });
const edited = (changes: readonly (readonly [string, string | null])[]) =>
  changes.reduce<StringMap>((map, [name, value]) => withValue(map, name, value), null);

/** All places in a value where there is another. */
function placesIn(value: unknown): [object, string][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.keys(value).flatMap((field): [object, string][] => [
    [value, field],
    ...placesIn((value as Record<string, unknown>)[field]),
  ]);
}

/** What may be a map, made again of all the pairs of strings in it. */
function rebuilt(value: unknown): StringMap {
  const pairs = [value, ...placesIn(value).map(([holder, field]) => Reflect.get(holder, field))].filter(
    isPair,
  );
  return mapOf(new Map(pairs));
}

function isPair(value: unknown): value is [string, string] {
  return Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === 'string');
}

describe('the map of the store', () => {
  test('holds what a Map holds, and its shape depends on that alone', () => {
    fc.assert(
      fc.property(edits, (changes) => {
        const expected = new Map<string, string>();
        for (const [name, value] of changes)
          value === null ? expected.delete(name) : expected.set(name, value);
        const map = edited(changes);
        expect(new Map(entriesOf(map))).toEqual(expected);
        expect(sizeOf(map)).toBe(expected.size);
        for (const [name] of changes) expect(lookUp(map, name)).toBe(expected.get(name) ?? null);
        expect(map).toEqual(mapOf(expected));
      }),
      { numRuns: 200 },
    );
  });

  test('is known from what is none, or not in its shape, whatever a bit of it is replaced by', () => {
    const other = fc.oneof(fc.jsonValue(), fc.constantFrom(...[0, 1, 17, null, [], {}, { entries: [] }]));
    fc.assert(
      fc.property(edits, fc.nat(), other, (changes, at, value) => {
        const map = edited(changes);
        expect(isMap(map)).toBe(true);
        const copy = { map: structuredClone(map) as unknown };
        const [holder, field] = placesIn(copy)[at % placesIn(copy).length] as [
          Record<string, unknown>,
          string,
        ];
        holder[field] = value;
        expect(isMap(copy.map)).toBe(isDeepStrictEqual(copy.map, rebuilt(copy.map)));
      }),
      { numRuns: 500 },
    );
  });

  test('has one shape: no other is known for a map', () => {
    const names = Array.from({ length: 100 }, (_, at) => `k${at}`);
    const whole = edited(names.map((name) => [name, 'v'])) as Extract<StringMap, { size: number }>;
    const { size, children } = whole;
    const lone = children.map((child, at) => (at === 0 ? child : null));
    const others = {
      'a size that it has not': { size: size + 1, children },
      'pieces where their hashes do not belong': { size, children: children.toReversed() },
      'a tree of what is a list': { size: sizeOf(children[0] ?? null), children: lone },
      'a list of what is a tree': { entries: [...entriesOf(whole)].sort(([a], [b]) => (a < b ? -1 : 1)) },
      'a field more': { ...whole, more: null },
      'a field more in a list': { ...(edited([['k', 'v']]) as object), size: 1 },
      'an empty list': { entries: [] },
      'nothing at all': undefined,
    };
    expect(isMap(whole)).toBe(true);
    for (const [what, other] of Object.entries(others)) expect(isMap(other), what).toBe(false);
  });

  test('tells exactly what differs', () => {
    fc.assert(
      fc.property(edits, edits, (first, more) => {
        const before = edited(first);
        const after = more.reduce<StringMap>((map, [name, value]) => withValue(map, name, value), before);
        const found = new Map(differences(before, after));
        const names = new Set([...entriesOf(before), ...entriesOf(after)].map(([name]) => name));
        const expected = [...names].filter((name) => lookUp(before, name) !== lookUp(after, name));
        expect([...found.keys()].sort()).toEqual(expected.sort());
        for (const [name, value] of found) expect(value).toBe(lookUp(after, name));
      }),
      { numRuns: 200 },
    );
  });
});

describe('the commands of the store', () => {
  const run = (...commands: StoreCommand[]) =>
    decodeReplies(store.apply(null, encodeCommands(commands)).reply);
  const set = (value: string, more: object = {}): StoreCommand => ({ op: 'set', key: 'k', value, ...more });
  const get: StoreCommand = { op: 'get', key: 'k' };

  test('set with its conditions, and with the value before', () => {
    expect(run(set('1', { if: 'present' }), get)).toEqual([null, null]);
    expect(run(set('1', { if: 'absent' }), set('2', { if: 'absent' }), get)).toEqual([
      { ok: true },
      null,
      '1',
    ]);
    expect(run(set('1'), set('2', { if: 'absent', get: true }), get)).toEqual([{ ok: true }, '1', '1']);
    expect(run(set('1'), set('2', { get: true }), get)).toEqual([{ ok: true }, '1', '2']);
  });

  test('several keys in one command', () => {
    const pairs: [string, string][] = [
      ['a', '1'],
      ['b', '2'],
      ['a', '3'],
    ];
    const keys = ['a', 'b', 'b', 'c'];
    expect(
      run({ op: 'mset', pairs }, { op: 'mget', keys }, { op: 'exists', keys }, { op: 'del', keys }),
    ).toEqual([{ ok: true }, ['3', '2', '2', null], 3, 2]);
  });

  test('numbers are of 64 bits', () => {
    const incr: StoreCommand = { op: 'incr', key: 'k' };
    const refused = { error: 'ERR value is not an integer or out of range' };
    expect(run(incr, incr, set('-1'), incr, set('9223372036854775806'), incr, incr)).toEqual([
      '1',
      '2',
      { ok: true },
      '0',
      { ok: true },
      '9223372036854775807',
      refused,
    ]);
    for (const value of ['', 'x', '1.5', '01', '-0', ' 1', '99999999999999999999'])
      expect(run(set(value), incr)[1]).toEqual(refused);
  });

  test('a query changes nothing, whatever it asks for', () => {
    const { state } = store.apply(null, encodeCommands([set('1')]));
    expect(store.query?.(state, encodeCommands([set('2'), get]))).toBe('[{"ok":true},"1"]');
    expect(perform(state, get).reply).toBe('1');
  });

  test('what encodes no commands does nothing', () => {
    for (const operation of ['', 'x', '{}', '[{"op":"flush"}]', '[{"op":"get"}]'])
      expect(store.apply(null, operation)).toEqual({ state: null, reply: '[]' });
  });
});
