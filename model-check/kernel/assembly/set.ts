/**
 * AssemblyScript. The state set, `StateSet.addAll`, for states of two words, which are here one of 64 bits. Its segments lie where
 * `../stripes.ts` has put them.
 */
import {
  BASE,
  BATCHED,
  END,
  HASHES,
  mine,
  MOVE,
  MOVED,
  ROOM,
  SCALE,
  SHIFT,
  SLOTS,
  SLOTS_MOVED,
  State,
  SUCCESSOR,
  WORD,
} from './state';

/** The bit of word 0 that marks an occupied slot. */
const OCCUPIED: u64 = 0x80000000;
/** The bits of a hash below the number of its segment. */
export const HASH_BITS: u32 = 26;
const HASH_MASK: u32 = (1 << HASH_BITS) - 1;

/** Keeps the touching of slots from being optimised away. */
export let touched: u32 = 0;

/** Whether a segment is fuller than it should be, and cannot grow. */
export let crowded: bool = false;

/** Makes a segment of the state set larger; false if it cannot be. */
// @ts-ignore: decorator
@external("env", "grow")
declare function grow(segment: u32): bool;

/** Hashes the states of the batch, and reads the slot at which the search for each begins: with nothing else in the loop, the cache misses overlap. */
export function touch(count: u32): void {
  for (let k: u32 = 0; k < count; k++) {
    const hash = hashOf(load<u64>(BATCHED + SUCCESSOR * k));
    store<u32>(HASHES + mine + WORD * k, hash);
    store<u32>(SLOTS + mine + WORD * k, <u32>slotOf(hash));
  }
  readSlots(count);
}

export function readSlots(count: u32): void {
  let all: u32 = 0;
  for (let k: u32 = 0; k < count; k++) all ^= load<u32>(<usize>load<u32>(SLOTS + mine + WORD * k));
  touched = all;
}

// @ts-ignore: decorator
@inline export function hashOf(state: State): u32 {
  const a = <u32>state;
  const b = <u32>(state >>> 32);
  let h = ((a ^ (a >>> 15)) * 0x85ebca6b) ^ ((b ^ (b >>> 13)) * 0xc2b2ae35);
  h = (h ^ (h >>> 16)) * 0x27d4eb2f;
  return (h ^ (h >>> 15)) * 0x9e3779b1;
}

// @ts-ignore: decorator
@inline export function slotOf(hash: u32): usize {
  const segment: usize = (hash >>> HASH_BITS) << 2;
  return load<u32>(BASE + segment) + offsetOf(hash, load<u32>(SCALE + segment), load<u32>(SHIFT + segment));
}

/** How far from its beginning the slot of a hash lies in a segment of that scale and shift. */
// @ts-ignore: decorator
@inline function offsetOf(hash: u32, scale: u32, shift: u32): usize {
  return (<usize>(((hash & HASH_MASK) * scale) >>> shift)) << 3;
}

/** Makes state number `k` of a batch a member; tells whether it was none. */
// @ts-ignore: decorator
@inline export function place(state: State, k: u32, count: u32): bool {
  const segment: usize = (load<u32>(HASHES + mine + WORD * k) >>> HASH_BITS) << 2;
  const end = load<u32>(END + segment);
  const member = state | OCCUPIED;
  let at: usize = load<u32>(SLOTS + mine + WORD * k);
  for (let there = load<u64>(at); there != 0; there = load<u64>(at)) {
    if (there == member) return false;
    at += 8;
    if (at == end) at = load<u32>(BASE + segment);
  }
  store<u64>(at, member);
  const room = load<i32>(ROOM + segment) - 1;
  store<i32>(ROOM + segment, room);
  if (room < 0) enlarge(<u32>(segment >>> 2), k + 1, count);
  return true;
}

/** Makes a segment larger, and finds the slots of the rest of the batch anew. */
function enlarge(segment: u32, from: u32, count: u32): void {
  if (!grow(segment)) crowded = true;
  for (let k = from; k < count; k++)
    store<u32>(SLOTS + mine + WORD * k, <u32>slotOf(load<u32>(HASHES + mine + WORD * k)));
}

/**
 * Puts what is in one table of slots into another, which is cleared first; scale and shift are those of the other. Which slots are empty cannot
 * be foreseen. So of some slots at a time all are hashed, without a branch: what is empty is written over. Then the members are put down.
 */
export function rehash(from: usize, fromEnd: usize, to: usize, toEnd: usize, scale: u32, shift: u32): void {
  const moved = MOVED + mine;
  memory.fill(to, 0, toEnd - to);
  while (from < fromEnd) {
    const end = min<usize>(from + 8 * SLOTS_MOVED, fromEnd);
    let last = moved;
    for (; from < end; from += 8) {
      const member = load<u64>(from);
      store<u64>(last, member);
      store<u32>(last, <u32>(to + offsetOf(hashOf(member & ~OCCUPIED), scale, shift)), 8);
      last += MOVE * usize(member != 0);
    }
    for (let move = moved; move < last; move += MOVE) {
      let at: usize = load<u32>(move, 8);
      while (load<u64>(at) != 0) {
        at += 8;
        if (at == toEnd) at = to;
      }
      store<u64>(at, load<u64>(move));
    }
  }
}
