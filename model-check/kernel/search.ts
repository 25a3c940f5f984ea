import type { Finder } from '../finder.ts';
import type { IntArray } from '../int-array.ts';

/** The symmetries that are made use of. */
export interface Renamings {
  /** How many they are, the identity included. */
  readonly order: number;
  /** The fields that are renamed: the first ones. */
  readonly actors: number;
  /** By symmetry and field: the field that its renamed value comes from. */
  readonly sources: readonly Int32Array[];
  /** What a symmetry makes of an actor's local state plus 1, or 0 where that was not asked yet. */
  known(symmetry: number, actor: number, local: number): number;
  /** To be called when a symmetry is asked about a local state of an actor for the first time. */
  onAsked: ((symmetry: number, actor: number, local: number) => void) | null;
  /** Writes the representative of a state's orbit to `into`; returns how many states the orbit has. */
  canonise(locals: Int32Array, into: Int32Array): number;
}

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
  readonly renamings: Renamings | null;
}

/** Told of what the kernel finds. */
export interface Finds {
  /** So many state-changing transitions were seen. */
  transitions(count: number): void;
  /** Records of new states, in order, and how many states they stand for. */
  states(records: Int32Array, represented: number): void;
  /** A new state, at an offset among others, is due to be looked at. */
  look(look: number, states: Int32Array, offset: number): void;
}
