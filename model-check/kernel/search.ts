import type { Finder } from '../finder.ts';
import type { IntArray } from '../int-array.ts';

/** What the kernel is told of the search. All of it grows at its end only, or is filled in once. */
export interface Sources {
  readonly finder: Finder;
  /** The values that a field may have so far. */
  localsOf(field: number): number;
  readonly crashField: number;
  /** By transition: the local state it leads to, the sources that it wakes, and the look that is due after it. */
  readonly to: IntArray;
  readonly wakes: IntArray;
  readonly looks: IntArray;
  readonly lists: IntArray;
  readonly claims: {
    readonly lookCount: number;
    seenBy(look: number, localsOf: (field: number) => number): readonly (readonly [number, IntArray])[];
    both(one: number, other: number): number;
  };
  losable(actor: number, local: number): boolean;
}
