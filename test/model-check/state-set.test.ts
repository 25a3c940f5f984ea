import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StateSet } from '../../model-check/state-set.ts';

/** States of some words in a small space, so that many are the same or differ in one word only. */
const statesOf = (words: number) =>
  fc.array(
    fc.tuple(
      ...Array.from({ length: words }, (_, word) =>
        fc.constantFrom(0, 1, 2, word === 0 ? 2 ** 31 - 1 : 2 ** 32 - 1, 77),
      ),
    ),
    { maxLength: 300, size: 'max' },
  );

describe('StateSet', () => {
  test.each([1, 2, 3, 4])('is the set of the states of %i words, and their order', (words) => {
    fc.assert(
      fc.property(statesOf(words), fc.integer({ min: 1, max: 64 }), (states, size) => {
        const set = new StateSet(words);
        const expected: string[] = [];
        for (let at = 0; at < states.length; at += size) {
          const batch = states.slice(at, at + size);
          const fresh = new Int32Array(batch.length);
          const added = set.addAll(Uint32Array.from(batch.flat()), batch.length, fresh);
          const isNew = batch.map((state, k) => {
            const text = state.join();
            const known = expected.includes(text);
            if (!known) expected.push(text);
            return known ? -1 : k;
          });
          expect([...fresh.subarray(0, added)]).toEqual(isNew.filter((k) => k >= 0));
        }
        expect(logOf(set)).toEqual(expected);
        for (const state of states) expect(set.has(Uint32Array.from(state))).toBe(true);
        expect(set.has(new Uint32Array(words).fill(5))).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  test.each([1, 2, 3, 4])('grows to 200,000 states of %i words, and is repacked', (words) => {
    const set = new StateSet(words);
    const state = new Uint32Array(words);
    const fill = (target: Uint32Array, n: number) => {
      for (let word = 0; word < target.length; word++)
        target[word] = word === 0 ? (n * 7) % 100_003 : word === target.length - 1 ? n : 3;
    };
    const total = words === 1 ? 100_003 : 200_000;
    for (let n = 0; n < total; n++) {
      fill(state, n);
      if (!set.add(state) || set.add(state)) throw new Error(`state ${n}`);
    }
    expect(set.size).toBe(total);
    expect(set.bytes).toBeLessThan(total * words * 4 * 5 + (1 << 20) * words);
    const packed = new Uint32Array(words + 1);
    const repacked = set.repacked(
      words + 1,
      (chunk, offset) => {
        packed[0] = chunk[offset] as number;
        for (let word = 0; word < words; word++)
          packed[word + 1] = (chunk[offset + word] as number) ^ 0x80000000;
      },
      packed,
    );
    expect(repacked.size).toBe(total);
    for (let n = 0; n < total; n++) {
      fill(state, n);
      const chunk = repacked.chunk(n);
      const offset = repacked.offset(n);
      for (let word = 0; word < words; word++)
        if (((chunk[offset + word + 1] as number) ^ 0x80000000) >>> 0 !== state[word])
          throw new Error(`order at ${n}`);
      packed.set([state[0] as number, ...[...state].map((word) => word ^ 0x80000000)]);
      if (!repacked.has(packed) || repacked.add(packed)) throw new Error(`state ${n} is lost`);
    }
  });
});

function logOf(set: StateSet): string[] {
  return Array.from({ length: set.size }, (_, index) => {
    const from = set.offset(index);
    return set
      .chunk(index)
      .subarray(from, from + set.words)
      .join();
  });
}
