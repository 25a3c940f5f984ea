/** The tables that the engine stands on, each against the plain thing that it stands for. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonical, deepFreeze } from '../../model-check/canonical.ts';
import { IntArray } from '../../model-check/int-array.ts';
import { Interner, TupleInterner } from '../../model-check/interner.ts';
import { Layout } from '../../model-check/layout.ts';
import { PairTable } from '../../model-check/pair-table.ts';
import { Recall } from '../../model-check/recall.ts';

/** Small numbers mostly, so that a grid serves, and now and then one that no grid has room for. */
const coordinate = fc.oneof(
  { weight: 20, arbitrary: fc.nat({ max: 40 }) },
  { weight: 4, arbitrary: fc.nat({ max: 3000 }) },
  { weight: 1, arbitrary: fc.nat({ max: 2 ** 31 - 1 }) },
);
const entries = fc.array(fc.tuple(coordinate, coordinate, fc.nat()), { maxLength: 300, size: 'max' });

/** A grid of more than 4 Mi cells is not kept (16 MiB). */
const GRID_BYTES = 4 << 22;

function agree(table: PairTable, map: ReadonlyMap<string, number>, row: number, column: number): void {
  const [seen, expected] = [table.get(row, column), map.get(`${row} ${column}`) ?? -1];
  if (seen !== expected) throw new Error(`(${row}, ${column}) is ${seen}, not ${expected}`);
}

describe('PairTable', () => {
  test('is a map of pairs, as a grid and as a hash table', () => {
    let hashed = 0;
    fc.assert(
      fc.property(entries, entries, (written, asked) => {
        const table = new PairTable();
        const map = new Map<string, number>();
        let wide = false;
        for (const [row, column, value] of written) {
          const key = `${row} ${column}`;
          agree(table, map, row, column);
          table.set(row, column, value);
          map.set(key, value);
          agree(table, map, row, column);
          wide ||= row > 1 << 22 || column > 1 << 22;
        }
        for (const [row, column] of [...written, ...asked]) agree(table, map, row, column);
        expect(table.bytes).toBeLessThanOrEqual(GRID_BYTES);
        if (wide) hashed += 1;
      }),
      { numRuns: 60 },
    );
    expect(hashed).toBeGreaterThan(5);
  });

  test('keeps every cell where a full grid turns into a hash table, and as that grows', () => {
    const table = new PairTable();
    const value = (row: number, column: number) => row * 1009 + column;
    for (let row = 0; row < 200; row++)
      for (let column = 0; column < 150; column++) table.set(row, column, value(row, column));
    const asGrid = table.bytes;
    expect(asGrid).toBe(4 * 256 * 256);
    table.set(3, 1 << 24, 7);
    for (let row = 200; row < 300; row++)
      for (let column = 0; column < 150; column++) table.set(row, column, value(row, column));
    for (let row = 0; row < 300; row++)
      for (let column = 0; column < 150; column++)
        if (table.get(row, column) !== value(row, column)) throw new Error(`lost (${row}, ${column})`);
    expect(table.get(3, 1 << 24)).toBe(7);
    expect(table.get(1 << 24, 3)).toBe(-1);
    expect(table.get(300, 0)).toBe(-1);
  });
});

test('IntArray is an array that grows', () => {
  const array = new IntArray();
  for (let at = 0; at < 1000; at++) expect(array.push(at * 3)).toBe(at);
  expect(array.length).toBe(1000);
  expect([...array.data.subarray(0, 1000)]).toEqual(Array.from({ length: 1000 }, (_, at) => at * 3));
});

describe('TupleInterner', () => {
  test('numbers tuples from 0 in the order in which they come, and gives them back', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }).chain((width) =>
          fc.tuple(
            fc.constant(width),
            fc.array(fc.array(coordinate, { minLength: width, maxLength: width }), {
              maxLength: 200,
              size: 'max',
            }),
          ),
        ),
        ([width, tuples]) => {
          const interner = new TupleInterner(width);
          const known = new Map<string, number>();
          for (const tuple of tuples) {
            const key = tuple.join();
            if (!known.has(key)) known.set(key, known.size);
            expect(interner.id(Int32Array.from(tuple))).toBe(known.get(key));
            expect(interner.size).toBe(known.size);
          }
          for (const [key, id] of known) expect(interner.tuple(id).join()).toBe(key);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('Interner', () => {
  test('numbers JSON values by what they say, whatever the order of their keys', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue({ maxDepth: 2 }), { maxLength: 40 }), (values) => {
        const interner = new Interner<unknown>();
        const ids = values.map((value) => interner.id(structuredClone(value)));
        values.forEach((one, a) => {
          values.forEach((other, b) => {
            expect(ids[a] === ids[b]).toBe(same(one, other));
          });
        });
        expect(new Set(ids).size).toBe(interner.values.length);
        for (const [at, value] of values.entries())
          expect(same(interner.values[ids[at] as number], value)).toBe(true);
      }),
    );
    const interner = new Interner<unknown>();
    expect(interner.id({ a: 1, b: [2, { c: 3, d: 4 }] })).toBe(interner.id({ b: [2, { d: 4, c: 3 }], a: 1 }));
    expect(interner.id([1, 2])).not.toBe(interner.id([2, 1]));
  });

  test('freezes what it keeps, through and through', () => {
    const interner = new Interner<{ list: { n: number }[] }>();
    const value = { list: [{ n: 1 }] };
    interner.id(value);
    expect(() => value.list.push({ n: 2 })).toThrow(TypeError);
    expect(() => {
      value.list[0]!.n = 2;
    }).toThrow(TypeError);
  });
});

/** Equality of JSON values, by hand. */
function same(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [one, other] = [Object.entries(a), Object.entries(b)];
  return (
    one.length === other.length &&
    one.every(([key, value]) => Object.hasOwn(b, key) && same(value, (b as Record<string, unknown>)[key]))
  );
}

describe('canonical', () => {
  test('is JSON of the same value, with the keys in order', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => {
        const text = canonical(value);
        expect(same(JSON.parse(text), value)).toBe(true);
        expect(canonical(JSON.parse(text))).toBe(text);
      }),
    );
    expect(canonical({ b: 1, a: [3, { d: null, c: 'x' }], e: undefined })).toBe(
      '{"a":[3,{"c":"x","d":null}],"b":1}',
    );
  });

  test.each<[string, unknown]>([
    ['undefined', undefined],
    ['NaN', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    ['a big integer', 1n],
    ['a Map, which JSON would take for {}', new Map([[1, 2]])],
    ['a Set', new Set([1])],
    ['a Date', new Date(0)],
    ['a typed array', new Uint8Array(2)],
    ['an instance of a class', new (class Point {})()],
    ['a hole in an array', new Array(2)],
  ])('refuses %s, also inside of others', (_name, value) => {
    expect(() => canonical(value)).toThrow(TypeError);
    expect(() => canonical([value])).toThrow(TypeError);
    if (value !== undefined) expect(() => canonical({ a: { b: value } })).toThrow(TypeError);
  });

  test('deepFreeze freezes all the way down, and gives the value back', () => {
    const value = { a: [{ b: {} }] };
    expect(deepFreeze(value)).toBe(value);
    expect(Object.isFrozen(value.a[0]?.b)).toBe(true);
  });
});

const widths = fc.array(fc.integer({ min: 1, max: 31 }), { minLength: 1, maxLength: 40, size: 'max' });

describe('Layout', () => {
  test('gives every field its bits: none shared, none across two words, the top bit of word 0 free', () => {
    fc.assert(
      fc.property(widths, (needed) => {
        const layout = new Layout(needed);
        const taken = Array.from({ length: layout.words }, () => 0n);
        needed.forEach((least, field) => {
          const width = layout.widths[field] as number;
          const shift = layout.shift[field] as number;
          const word = layout.word[field] as number;
          expect(width).toBeGreaterThanOrEqual(least);
          expect(width).toBeLessThanOrEqual(31);
          expect(shift + width).toBeLessThanOrEqual(word === 0 ? 31 : 32);
          expect(layout.mask[field]).toBe(2 ** width - 1);
          const bits = ((1n << BigInt(width)) - 1n) << BigInt(shift);
          expect((taken[word] as bigint) & bits).toBe(0n);
          taken[word] = (taken[word] as bigint) | bits;
        });
        // Not many more words than the bits fill.
        const sum = needed.reduce((total, width) => total + width, 0);
        expect(layout.words).toBeLessThanOrEqual(Math.max(2, Math.ceil(sum / 16) + 1));
      }),
      { numRuns: 300 },
    );
  });

  test('packs and unpacks what fits, at any place in an array, and touches nothing else', () => {
    const cases = widths.chain((needed) =>
      fc.tuple(
        fc.constant(new Layout(needed)),
        fc.array(fc.nat({ max: 2 ** 31 - 1 }), { minLength: needed.length, maxLength: needed.length }),
        fc.nat({ max: 5 }),
      ),
    );
    fc.assert(
      fc.property(cases, ([layout, random, from]) => {
        const values = Int32Array.from(
          random,
          (value, field) => value % 2 ** (layout.widths[field] as number),
        );
        const packed = new Int32Array(from + layout.words + 1).fill(-1);
        layout.pack(values, packed, from);
        const back = new Int32Array(values.length);
        layout.unpack(packed, from, back);
        expect(back).toEqual(values);
        expect(packed[from]! >>> 31).toBe(0);
        expect([...packed.subarray(0, from), packed[from + layout.words]].every((x) => x === -1)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe('Recall', () => {
  test('recalls what was kept of states that look the same, and nothing else', () => {
    let recalled = 0;
    const states = fc.array(fc.tuple(fc.nat({ max: 30 }), fc.nat({ max: 9 }), fc.nat({ max: 50 })), {
      minLength: 200,
      maxLength: 3000,
      size: 'max',
    });
    fc.assert(
      fc.property(states, fc.nat({ max: 5 }), (sequence, salt) => {
        // Two views of field 0, one of field 2; field 1 is not looked at.
        const view = (of: (local: number) => number) => {
          const ids = new IntArray();
          for (let local = 0; local <= 50; local++) ids.push(of(local));
          return ids;
        };
        const [low, high, third] = [view((x) => x % 3), view((x) => x >> 4), view((x) => (x + salt) % 40)];
        const recall = new Recall(
          new Map([
            [0, [low, high]],
            [2, [third]],
          ]),
        );
        const found = new Map<string, number>();
        for (const state of sequence) {
          const [a, , c] = state;
          const key = [low.data[a], high.data[a], third.data[c]].join();
          const known = recall.find(Int32Array.from(state));
          if (known !== -1) {
            recalled += 1;
            if (known !== found.get(key)) throw new Error(`${state} recalls ${known}, not ${found.get(key)}`);
            continue;
          }
          found.set(key, found.get(key) ?? found.size);
          recall.keep(found.get(key) as number);
        }
      }),
      { numRuns: 100 },
    );
    expect(recalled).toBeGreaterThan(10_000);
  });
});
