/** Chance: the generator is the published one, and what is drawn from it is uniform. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { philox, RandomStream } from '../../model-check/random.ts';
import { chiSquare, isUniform } from './chi-square.ts';

const words = (hex: string) => hex.split(' ').map((word) => Number.parseInt(word, 16));
const hex = (block: Uint32Array) => [...block].map((word) => word.toString(16).padStart(8, '0')).join(' ');

describe('Philox4x32-10', () => {
  // Random123, tests/kat_vectors: the lines of philox4x32 10.
  test.each([
    ['00000000 00000000 00000000 00000000', '00000000 00000000', '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
    ['ffffffff ffffffff ffffffff ffffffff', 'ffffffff ffffffff', '408f276d 41c83b0e a20bc7c6 6d5451fd'],
    ['243f6a88 85a308d3 13198a2e 03707344', 'a4093822 299f31d0', 'd16cfe09 94fdcceb 5001e420 24126ea1'],
  ])('of counter %s and key %s', (counter, key, expected) => {
    const block = Uint32Array.from(words(counter));
    philox(block, words(key) as [number, number]);
    expect(hex(block)).toBe(expected);
  });

  test('agrees with whole-number arithmetic on any counter and key', () => {
    const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    fc.assert(
      fc.property(fc.array(word, { minLength: 6, maxLength: 6 }), (all) => {
        const block = Uint32Array.from(all.slice(0, 4));
        philox(block, all.slice(4) as [number, number]);
        expect([...block]).toEqual(plainPhilox(all));
      }),
    );
  });
});

/** The generator as the paper states it, in arithmetic that does not wrap by itself. */
function plainPhilox([a = 0, b = 0, c = 0, d = 0, ...key]: readonly number[]): number[] {
  const low = (value: bigint) => value & 0xffffffffn;
  let [w, x, y, z] = [a, b, c, d].map(BigInt) as [bigint, bigint, bigint, bigint];
  const [k, l] = key.map(BigInt) as [bigint, bigint];
  for (let round = 0n; round < 10n; round++) {
    const [one, other] = [w * 0xd2511f53n, y * 0xcd9e8d57n];
    [w, x, y, z] = [
      (other >> 32n) ^ x ^ low(k + round * 0x9e3779b9n),
      low(other),
      (one >> 32n) ^ z ^ low(l + round * 0xbb67ae85n),
      low(one),
    ];
  }
  return [w, x, y, z].map(Number);
}

const drawn = (random: RandomStream, count: number, times: number) =>
  Array.from({ length: times }, () => random.below(count));

describe('a stream', () => {
  test('draws the words of its counters, in order', () => {
    const random = new RandomStream(7 + 2 ** 32 * 9, 5 + 2 ** 32 * 3);
    const blocks = [0, 1, 2].flatMap((at) => plainPhilox([at, 0, 5, 3, 7, 9]));
    expect(drawn(random, 2 ** 32, 12)).toEqual(blocks);
  });

  test('depends on every bit of the seed and of its number', () => {
    const seen = new Map<string, string>();
    const bits = Array.from({ length: 53 }, (_, at) => 2 ** at);
    for (const [seed, stream] of [[0, 0], ...bits.flatMap((bit) => [[bit, 0] as const, [0, bit] as const])]) {
      const text = drawn(new RandomStream(seed as number, stream as number), 2 ** 32, 4).join();
      expect(seen.get(text)).toBeUndefined();
      seen.set(text, `${seed} ${stream}`);
    }
  });

  test.each([1, 2, 3, 7, 10, 64])('below %d: each as often as the others', (count) => {
    const times = new Array<number>(count).fill(0);
    for (const value of drawn(new RandomStream(2001, count), count, 20_000)) times[value]! += 1;
    expect(isUniform(times)).toBe(true);
  });

  test('across streams as well: the first of each', () => {
    const times = new Array<number>(6).fill(0);
    for (let stream = 0; stream < 12_000; stream++) times[new RandomStream(1, stream).below(6)]! += 1;
    expect(isUniform(times)).toBe(true);
  });

  test('where the remainder is large, the small ones are not favoured', () => {
    const count = 3 * 2 ** 30;
    const thirds = [0, 0, 0];
    for (const value of drawn(new RandomStream(1, 1), count, 30_000))
      thirds[Math.floor(value / 2 ** 30)]! += 1;
    expect(isUniform(thirds)).toBe(true);
  });

  test('what is not uniform is noticed', () => {
    expect(isUniform([5000, 5000, 5000, 5000])).toBe(true);
    expect(isUniform([5300, 4900, 4900, 4900])).toBe(false);
    expect(isUniform([20_000, 10_000, 10_000])).toBe(false);
    expect(chiSquare([10, 20])).toBeCloseTo(10 / 3);
  });
});
