/** AssemblyScript. What a state is, and where in the memory what lies. */

/** A state: word 0 is the lower half. */
export type State = u64;
export const WORD: usize = 4;
/** The parts of the state set: see `StateSet`. */
const SEGMENTS: usize = 64;
export const BATCH: u32 = 256;
/** A record of the log: a state and the sources asleep in it; with symmetry, the size of its orbit. */
export const RECORD: usize = 12;
/** Successors of one state at most, and states in each of the windows. */
export const STEPS: u32 = 512;
const IN: u32 = 1024;
export const OUT: u32 = STEPS + BATCH + 4096;

/**
 * A successor in the batch: the state to be added, the sources asleep in it, and the look that is due if it is new; then the state that
 * is to be looked at. With symmetry the first is the representative of the second, and instead of sources there is the size of its orbit.
 */
export const SUCCESSOR: usize = 24;
export const LOOK_DUE: usize = 12;
export const LOOKED_AT: usize = 16;
/** A look that is due: the state that is to be looked at, and the look. */
export const LOOK: usize = 16;

/** By segment: its address and that of its end, its scale and shift, and how many more states it takes before it grows. */
export const BASE: usize = 1024;
export const END: usize = BASE + WORD * SEGMENTS;
export const SCALE: usize = END + WORD * SEGMENTS;
export const SHIFT: usize = SCALE + WORD * SEGMENTS;
export const ROOM: usize = SHIFT + WORD * SEGMENTS;
/** The successors that are not yet added to the set, with room for those of one state more; their hashes, and their slots. */
export const BATCHED: usize = ROOM + WORD * SEGMENTS;
export const HASHES: usize = BATCHED + SUCCESSOR * (BATCH + STEPS);
export const SLOTS: usize = HASHES + WORD * BATCH;
/** The records to be expanded, those of the states found, and the looks that are due. */
export const SOURCE: usize = SLOTS + WORD * BATCH;
export const FOUND: usize = SOURCE + RECORD * IN;
export const DUE: usize = FOUND + RECORD * OUT;
/**
 * New successors that wait for the look that is due at them: the address of each, that of an entry of what was looked at lately, and what is
 * seen. No more wait than there are new states at a time.
 */
export const WAITING: usize = DUE + LOOK * OUT;
export const WAIT: usize = 16;
/** Members of a segment on the way into a larger one: each, and the address at which the search for its slot begins. */
export const MOVED: usize = WAITING + WAIT * OUT;
export const MOVE: usize = 16;
/** Slots whose members are on the way at a time. */
export const SLOTS_MOVED: u32 = 256;
/** Where the tables begin. */
export const TABLES: usize = MOVED + MOVE * SLOTS_MOVED;
export const WINDOW: u32 = IN;

/** How far from those of the main thread this instance has its own hashes, slots, records, and what waits and is moved. */
export let mine: usize = 0;

// @ts-ignore: decorator
@inline export function word(array: usize, at: u32): u32 {
  return load<u32>(array + ((<usize>at) << 2));
}

/** The bit at which a field begins in a state, and its mask. */
@unmanaged export class Field {
  shift: u64;
  mask: u32;
}

// @ts-ignore: decorator
@inline export function valueIn(state: State, field: Field): u32 {
  return <u32>(state >>> field.shift) & field.mask;
}

// @ts-ignore: decorator
@inline export function replaced(state: State, field: Field, value: u32): State {
  return (state & ~((<u64>field.mask) << field.shift)) | ((<u64>value) << field.shift);
}
