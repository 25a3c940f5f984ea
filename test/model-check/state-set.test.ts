import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StateLog } from '../../model-check/state-log.ts';
import { StateSet } from '../../model-check/state-set.ts';

/** States of some words in a small space, so that many are the same or differ in one word only. */
const statesOf = (words: number) =>
  fc.array(
    fc.tuple(
      ...Array.from({ length: words }, (_, word) =>
        fc.constantFrom(0, 1, 2, word === 0 ? 2 ** 31 - 1 : -1, 77),
      ),
    ),
    { maxLength: 300, size: 'max' },
  );

describe('StateSet', () => {
  test.each([2, 3, 4, 5, 7])('is the set of the states of %i words', (words) => {
    fc.assert(
      fc.property(statesOf(words), fc.integer({ min: 1, max: 64 }), (states, size) => {
        const set = new StateSet(words);
        const expected: string[] = [];
        for (let at = 0; at < states.length; at += size) {
          const batch = states.slice(at, at + size);
          const fresh = new Int32Array(batch.length);
          const added = set.addAll(Int32Array.from(batch.flat()), batch.length, fresh);
          const isNew = batch.map((state, k) => {
            const text = state.join();
            const known = expected.includes(text);
            if (!known) expected.push(text);
            return known ? -1 : k;
          });
          expect([...fresh.subarray(0, added)]).toEqual(isNew.filter((k) => k >= 0));
        }
        expect(set.size).toBe(expected.length);
        for (const state of states) expect(set.has(Int32Array.from(state))).toBe(true);
        expect(set.has(new Int32Array(words).fill(5))).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  test.each([2, 3, 4, 5, 7])('grows to 200,000 states of %i words, and is repacked', (words) => {
    const set = new StateSet(words);
    const state = new Int32Array(words);
    const fill = (target: Int32Array, n: number) => {
      for (let word = 0; word < target.length; word++)
        target[word] = word === 0 ? (n * 7) % 100_003 : word === target.length - 1 ? n : 3;
    };
    const total = 200_000;
    for (let n = 0; n < total; n++) {
      fill(state, n);
      if (!set.add(state) || set.add(state)) throw new Error(`state ${n}`);
    }
    expect(set.size).toBe(total);
    expect(set.bytes).toBeLessThan(total * words * 4 * 5 + (1 << 20) * words);
    const packed = new Int32Array(words + 1);
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
      packed.set([state[0] as number, ...[...state].map((word) => word ^ 0x80000000)]);
      if (!repacked.has(packed) || repacked.add(packed)) throw new Error(`state ${n} is lost`);
    }
  });
});

describe('states of more than two words', () => {
  /** Counters in four words: two that count far, and two that hardly count. */
  const state = (n: number) => Int32Array.of(n % 500, n & 1, Math.floor(n / 500), n & 2);

  test('take little more room than those of two, where many pairs are the same', () => {
    const [wide, narrow] = [new StateSet(4), new StateSet(2)];
    for (let n = 0; n < 200_000; n++) {
      wide.add(state(n));
      narrow.add(Int32Array.of(n, 7));
    }
    expect(wide.size).toBe(200_000);
    expect(wide.bytes).toBeLessThan(1.2 * narrow.bytes);
  });

  test('of which no pair is known are no members, and are not made known by asking', () => {
    const set = new StateSet(4);
    set.add(state(1));
    const { bytes } = set;
    for (let n = 2; n < 100_000; n++) expect(set.has(state(n))).toBe(false);
    expect(set.bytes).toBe(bytes);
    expect([...set.pieces()].map((piece) => [...piece])).toEqual([[...state(1)]]);
    const read = new Int32Array(4);
    expect(set.stateAt(set.placeOf(state(1)), read)).toBe(true);
    expect(read).toEqual(state(1));
  });
});

describe('StateLog', () => {
  test.each([2, 3])(
    'keeps a million states of %i words in order, with their notes, and is repacked',
    (words) => {
      const log = new StateLog(words);
      const total = 1_000_000;
      const wordOf = (n: number, word: number) => Math.imul(n + 1, 0x9e3779b1 + word);
      for (let n = 0; n < total; n++) {
        const padded = Int32Array.from({ length: words + 1 }, (_, word) => wordOf(n, word - 1));
        log.append(padded, 1, ~n);
      }
      expect(log.size).toBe(total);
      const kept = 950_000;
      log.forget(kept);
      // A few chunks wait to be used again.
      expect(log.bytes).toBeLessThan((total - kept + 10 * (1 << 16)) * (words + 1) * 4);
      const packed = new Int32Array(words + 1);
      const repack = (states: Int32Array, offset: number) => {
        for (let word = 0; word <= words; word++)
          packed[word] = word === 0 ? 7 : (states[offset + word - 1] as number);
      };
      const wider = log.repacked(words + 1, repack, packed);
      expect(wider.size).toBe(total);
      for (let n = kept; n < total; n++) {
        const at = wider.offset(n);
        const record = wider.chunk(n).subarray(at, at + wider.record);
        const expected = [7, ...Array.from({ length: words }, (_, word) => wordOf(n, word)), ~n];
        if (record.join() !== expected.join()) throw new Error(`state ${n}: ${record.join()}`);
      }
    },
  );

  test('uses the room of what it has forgotten again, and keeps what it has not', () => {
    const log = new StateLog(2);
    const [chunk, kept] = [1 << 16, 10_000];
    const wrong: number[] = [];
    for (let n = 0; n < 5 * chunk; n++) {
      log.append(Int32Array.of(n, ~n), 0, -n);
      if (n % 1000 !== 0 || n < kept) continue;
      log.forget(n - kept);
      for (const at of [n - kept, n - kept + 1, n]) {
        const record = log.chunk(at).subarray(log.offset(at), log.offset(at) + log.record);
        if (record.join() !== [at, ~at, -at].join()) wrong.push(at);
      }
    }
    expect(wrong).toEqual([]);
    expect(log.bytes).toBeLessThanOrEqual(2 * chunk * log.record * 4);
  });
});
