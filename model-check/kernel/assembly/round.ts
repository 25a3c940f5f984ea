/**
 * AssemblyScript. What one thread does in a round: see `../hand.ts`. The states of a block are expanded into a *region* of its own,
 * where they wait for those who own the segments of the set that they belong to.
 */
import { batched, into, record, taken } from './batch';
import { successors } from './kernel';
import { HASH_BITS, hashOf, place, readSlots, slotOf } from './set';
import { BATCH, HASHES, LOOK, mine, RECORD, SLOTS, SOURCE, STEPS, SUCCESSOR, WORD } from './state';
import { lookAtAll, wait } from './view';

/** States in a block, and successors of a block at most. */
export const BLOCK: u32 = 256;
export const MOST: u32 = 4096;
/** A hole: the number of a state that was left out, how many successors there are before it, and how many transitions were seen. */
const HOLE: usize = 12;
/**
 * In a region: whether the block is done, which others see to; how many of its states are, how many successors, transitions, holes and
 * looks there are, and how many states the new ones stand for; then the holes, the successors and their hashes, and the looks.
 */
export const STATES: usize = WORD;
export const COUNT: usize = 2 * WORD;
export const SEEN: usize = 3 * WORD;
export const LEFT: usize = 4 * WORD;
export const LOOKED: usize = 5 * WORD;
export const STOOD: usize = 6 * WORD;
export const HOLES: usize = 8 * WORD;
export const SUCCESSORS: usize = HOLES + HOLE * BLOCK;
export const HASHED: usize = SUCCESSORS + SUCCESSOR * (MOST + STEPS);
export const LOOKS: usize = HASHED + WORD * (MOST + STEPS);
export const REGION: usize = LOOKS + LOOK * MOST;

/**
 * Expands some records into a region; a state of which something is not known leaves a hole. It stops before the first that would make them
 * more than `room`.
 */
export function expandBlock(records: usize, count: u32, region: usize, room: u32): void {
  into(region + SUCCESSORS, region + HASHED);
  let seen: u32 = 0;
  let left: usize = 0;
  let at: u32 = 0;
  for (; at < count; at++) {
    const passed = successors(load<u64>(records + RECORD * at), load<u32>(records + RECORD * at, 8));
    if (passed < 0) {
      const hole = region + HOLES + HOLE * left;
      store<u32>(hole, at);
      store<u32>(hole, batched, 4);
      store<u32>(hole, seen, 8);
      left += 1;
    } else {
      if (batched + taken > room) break;
      seen += passed + taken;
      batched += taken;
    }
  }
  store<u32>(region + STATES, at);
  store<u32>(region + COUNT, batched);
  store<u32>(region + SEEN, seen);
  store<u32>(region + LEFT, <u32>left);
}

/** Works out the hashes of all successors in a region: others have been put among them. */
export function hashBlock(region: usize): void {
  const count = load<u32>(region + COUNT);
  for (let k: u32 = 0; k < count; k++)
    store<u32>(region + HASHED + WORD * k, hashOf(load<u64>(region + SUCCESSOR * k, SUCCESSORS)));
}

/**
 * Adds the successors in a region that lie in `width` segments of the set from number `segment` on; in the order in which they are
 * there. Marks those that are new, by a bit each, and tells how many they are.
 */
export function addBlock(region: usize, marks: usize, segment: u32, width: u32): u32 {
  const count = load<u32>(region + COUNT);
  memory.fill(marks, 0, ((count + 31) >>> 5) << 2);
  const numbers = SOURCE + mine;
  const hashes = HASHES + mine;
  const slots = SLOTS + mine;
  let fresh: u32 = 0;
  for (let k: u32 = 0; k < count; ) {
    let owned: u32 = 0;
    for (; k < count && owned < BATCH; k++) {
      const hash = load<u32>(region + WORD * k, HASHED);
      store<u32>(hashes + WORD * owned, hash);
      store<u32>(numbers + WORD * owned, k);
      owned += u32((hash >>> HASH_BITS) - segment < width);
    }
    for (let at: u32 = 0; at < owned; at++)
      store<u32>(slots + WORD * at, <u32>slotOf(load<u32>(hashes + WORD * at)));
    readSlots(owned);
    for (let at: u32 = 0; at < owned; at++) {
      const number = load<u32>(numbers + WORD * at);
      const state = load<u64>(region + SUCCESSOR * number, SUCCESSORS);
      if (!place(state, at, owned)) continue;
      const mark = marks + ((number >>> 5) << 2);
      store<u32>(mark, load<u32>(mark) | (1 << (number & 31)));
      fresh += 1;
    }
  }
  return fresh;
}

/**
 * Puts down the successors in a region that are marked as new by one of `owners`, whose marks lie `stride` bytes apart: their records at
 * `found`, and beside the region the looks that are due.
 */
export function putDown(region: usize, marks: usize, owners: u32, stride: usize, found: usize): void {
  const count = load<u32>(region + COUNT);
  let put: u32 = 0;
  let waiting: u32 = 0;
  let stood: u32 = 0;
  for (let from: u32 = 0; from < count; from += 32, marks += WORD) {
    let bits: u32 = 0;
    for (let owner: u32 = 0; owner < owners; owner++) bits |= load<u32>(marks + stride * owner);
    for (; bits != 0; bits &= bits - 1) {
      const successor = region + SUCCESSORS + SUCCESSOR * (from + ctz(bits));
      stood += record(successor, found + RECORD * put);
      waiting += wait(successor, waiting);
      put += 1;
    }
  }
  store<u32>(region + LOOKED, lookAtAll(waiting, region + LOOKS));
  store<u32>(region + STOOD, stood);
}
