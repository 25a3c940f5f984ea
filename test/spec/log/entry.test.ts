import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Decided, entriesAfter, hasEntry, withEntry } from '../../../spec/log/entry.ts';

const entry = fc.record({ slot: fc.integer({ min: 1, max: 12 }), value: fc.constantFrom('a', 'b', 'c') });
const log = fc
  .uniqueArray(entry, { selector: ({ slot }) => slot })
  .map((list) => list.sort((a, b) => a.slot - b.slot));

test('a list with one more entry is what sorting makes of it, and the first is as it was', () => {
  fc.assert(
    fc.property(log, entry, (list: readonly Decided[], added) => {
      const before = [...list];
      const sorted = [...list.filter(({ slot }) => slot !== added.slot), added].sort(
        (a, b) => a.slot - b.slot,
      );
      expect(withEntry(list, added)).toEqual(sorted);
      expect(list).toEqual(before);
    }),
  );
});

test('what comes after a slot, and whether there is an entry of a slot, is what a look at all entries tells', () => {
  fc.assert(
    fc.property(log, fc.integer({ min: 0, max: 13 }), (list: readonly Decided[], slot) => {
      expect(entriesAfter(list, slot)).toEqual(list.filter((each) => each.slot > slot));
      expect(hasEntry(list, slot)).toBe(list.some((each) => each.slot === slot));
    }),
  );
});
