import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hashOf } from '../../model-check/hash.ts';
import { KERNEL } from '../../model-check/kernel/module.ts';
import { larger } from '../../model-check/state-set.ts';
import { beside, FREE, instanceOf } from './instances.ts';

/** A table of slots for members of two words each, the naive way: a hash chooses a part of the table, in proportion. */
function table(members: readonly (readonly [number, number])[], slots: number): Int32Array {
  const words = new Int32Array(2 * slots);
  for (const [first, second] of members) {
    const part = (hashOf(first & 0x7fffffff, second) & (2 ** 26 - 1)) / 2 ** 26;
    let slot = Math.floor(part * slots);
    while (words[2 * slot] !== 0) slot = (slot + 1) % slots;
    words.set([first, second], 2 * slot);
  }
  return words;
}

/** The members of a table, slot by slot. */
function membersOf(words: Int32Array): (readonly [number, number])[] {
  const members: (readonly [number, number])[] = [];
  for (let at = 0; at < words.length; at += 2)
    if (words[at] !== 0) members.push([words[at] as number, words[at + 1] as number]);
  return members;
}

describe('a segment of the state set', () => {
  const sizes = [{ scale: 16, shift: 26, slots: 16 }];
  while ((sizes.at(-1)?.slots as number) < 600_000) {
    const { scale, shift } = sizes.at(-1) as (typeof sizes)[number];
    sizes.push(larger(scale, shift));
  }

  test('is doubled as long as it is small, then it grows by half, but for rounding', () => {
    const factors = sizes.slice(1).map(({ slots }, at) => slots / (sizes[at]?.slots as number));
    expect(factors.slice(0, 13)).toEqual(Array(13).fill(2));
    expect(factors.slice(13)).toEqual([1.5, 1.5, 1.5, 14 / 9]);
    for (const { scale } of sizes) expect(scale).toBeGreaterThanOrEqual(16);
    for (const { scale } of sizes) expect(scale).toBeLessThan(32);
  });

  test('holds in the kernel, when it has grown, what it held, where the naive way puts it', () => {
    const { words, exports } = instanceOf(KERNEL);
    const from = FREE >>> 2;
    const property = fc.property(
      fc.integer({ min: 0, max: sizes.length - 2 }),
      fc.integer({ min: 0, max: 70 }),
      fc.integer(),
      (number, fullness, seed) => {
        const [before, after] = sizes.slice(number, number + 2) as [(typeof sizes)[0], (typeof sizes)[0]];
        const count = Math.floor((before.slots * fullness) / 100);
        const members = Array.from(
          { length: count },
          (_, at) => [Math.imul(at + 1, 0x9e3779b1) | 0x80000000, Math.imul(at ^ seed, 0x85ebca6b)] as const,
        );
        const old = table(members, before.slots);
        const to = from + 2 * before.slots;
        words.set(old, from);
        words.fill(-1, to, to + 2 * after.slots);
        exports.rehash(4 * from, 4 * to, 4 * to, 4 * (to + 2 * after.slots), after.scale, after.shift);
        const grown = words.slice(to, to + 2 * after.slots);
        expect(
          Buffer.compare(Buffer.from(grown.buffer), Buffer.from(table(membersOf(old), after.slots).buffer)),
        ).toBe(0);
      },
    );
    fc.assert(property, { numRuns: 60 });
  });
});

test('an instance of the kernel keeps to its own among what another has', () => {
  expect(beside(KERNEL)).toEqual({ moved: 512, looks: 1, intrudes: false });
});
