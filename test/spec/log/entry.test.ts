import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Decided, withEntry } from '../../../spec/log/entry.ts';

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
