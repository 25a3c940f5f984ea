import type { Finder } from '../finder.ts';
import type { IntArray } from '../int-array.ts';

/** What the kernel is told of the search. All of it grows at its end only, or is filled in once. */
export interface Sources {
  readonly finder: Finder;
  /** The values that a field may have so far. */
  localsOf(field: number): number;
  readonly crashField: number;
  /** By transition: its actor, the local state it leads to, the sources that it wakes, and the look that is due after it. */
  readonly by: IntArray;
  readonly to: IntArray;
  readonly wakes: IntArray;
  readonly looks: IntArray;
  readonly lists: IntArray;
  readonly claims: {
    readonly lookCount: number;
    seenBy(look: number, localsOf: (field: number) => number): readonly (readonly [number, IntArray])[];
  };
  /** The look at all that either of two looks is at. */
  both(one: number, other: number): number;
  losable(actor: number, local: number): boolean;
}

/** Told of what the kernel finds. */
export interface Finds {
  /** So many state-changing transitions were seen. */
  transitions(count: number): void;
  /** Records of new states, in order. */
  states(records: Int32Array): void;
  /** A new state is due to be looked at. */
  look(look: number, state: Int32Array): void;
}
