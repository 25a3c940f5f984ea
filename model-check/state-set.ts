import { hashOf } from './hash.ts';
import { PairTree } from './pair-tree.ts';

/** Bit that marks a slot as occupied; a layout leaves it free in word 0. */
const OCCUPIED = 0x80000000 | 0;
const SEGMENT_BITS = 6;
export const SEGMENTS = 1 << SEGMENT_BITS;
/** The bits of the hash that do not choose the segment. */
const HASH_BITS = 32 - SEGMENT_BITS;
const HASH_MASK = (1 << HASH_BITS) - 1;
/** A segment that is fuller than this grows. */
const FULL = 0.7;
/** By how much: a large one by less, since memory counts as much as time, and doubling wastes half of it. */
const GROWTH = 1.5;
const LARGE = 1 << 17;

/** States in a piece. */
const PIECE = 1 << 14;

/** How large the segments of a set are. States that are added in the order of their slots need the room beforehand. */
export interface Shape {
  readonly scale: readonly number[];
  readonly shift: readonly number[];
}

/** Where the segments of a set may lie so that others add to them as well, and make them larger. */
export interface Home {
  /** By segment: its scale, shift and room. */
  readonly scale: Int32Array;
  readonly shift: Int32Array;
  readonly room: Int32Array;
  /** Takes a segment in, as it is; false if it is too large. */
  take(segment: number, table: Int32Array): boolean;
  /** Makes a segment as large as `larger` says; false if there is no room for it. */
  grow(segment: number): boolean;
  table(segment: number): Int32Array;
}

/** The next larger size of a segment: its scale and shift, its slots, and how many more states it takes then before it grows again. */
export function larger(oldScale: number, oldShift: number) {
  const before = slotsOf(oldScale, oldShift);
  let scale = Math.ceil(oldScale * (before < LARGE ? 2 : GROWTH));
  let shift = oldShift;
  if (scale > 31) {
    scale = (scale + 1) >> 1;
    shift -= 1;
  }
  const slots = slotsOf(scale, shift);
  return { scale, shift, slots, more: Math.floor(slots * FULL) - Math.floor(before * FULL) };
}

/** The slots of a segment of that scale and shift. */
function slotsOf(scale: number, shift: number): number {
  return scale * (1 << (HASH_BITS - shift));
}

/**
 * The exact set of packed states.
 *
 * Whole states are stored and compared, so there are no odds of a collision to quote. The set is an open-addressing hash
 * table of two words a slot, cut into segments by the top bits of the hash: a segment grows by itself, so growing never holds
 * two copies of the whole. In the place of a state of more than two words lies the root that a `PairTree` gives it.
 */
export class StateSet {
  /** An empty set of this shape. */
  static shaped(words: number, { scale, shift }: Shape): StateSet {
    const set = new StateSet(words);
    for (let segment = 0; segment < SEGMENTS; segment++) {
      set.scale[segment] = scale[segment] as number;
      set.shift[segment] = shift[segment] as number;
      const slots = slotsOf(scale[segment] as number, shift[segment] as number);
      set.segments[segment] = new Int32Array(2 * slots);
      set.room[segment] = Math.floor(slots * FULL);
    }
    return set;
  }

  readonly words: number;
  private readonly tree: PairTree | null;
  private readonly segments: Int32Array[] = [];
  /** A segment has `scale << (HASH_BITS - shift)` slots, `scale` being 16 to 31: the first slot of a hash is then found by a product and a shift. */
  private scale = new Int32Array(SEGMENTS).fill(16);
  private shift = new Int32Array(SEGMENTS).fill(HASH_BITS);
  /** For each segment: how many more states it takes before it grows. */
  private room = new Int32Array(SEGMENTS).fill(Math.floor(16 * FULL));
  private count = 0;
  private home: Home | null = null;
  /** Whether a segment is as large as may be in its home, and should be larger. */
  private crowded = false;
  private hashes = new Int32Array(1);
  /** Keeps the touching of slots from being optimised away. */
  protected touched = 0;

  /** @param words words of 32 bits in a state, two or more */
  constructor(words: number) {
    this.words = words;
    this.tree = words > 2 ? new PairTree(words) : null;
    for (let segment = 0; segment < SEGMENTS; segment++) this.segments.push(new Int32Array(2 * 16));
  }

  /** The number of states. */
  get size(): number {
    return this.count;
  }

  /** Bytes held. */
  get bytes(): number {
    return this.segments.reduce((sum, segment) => sum + segment.byteLength, this.tree?.bytes ?? 0);
  }

  get shape(): { scale: number[]; shift: number[] } {
    return { scale: [...this.scale], shift: [...this.shift] };
  }

  /** All states, in pieces; the array is used again for the next. */
  *pieces(): Generator<Int32Array> {
    const { words } = this;
    const piece = new Int32Array(PIECE * words);
    let filled = 0;
    for (const table of this.segments) {
      for (let from = 0; from < table.length; from += 2) {
        if (!this.read(table, from, piece, filled)) continue;
        filled += words;
        if (filled < piece.length) continue;
        yield piece;
        filled = 0;
      }
    }
    yield piece.subarray(0, filled);
  }

  /** Moves into a home; false, and nothing is changed, if it is too large for it. States of two words only. */
  settle(home: Home): boolean {
    if (!this.segments.every((table, segment) => home.take(segment, table))) return false;
    home.scale.set(this.scale);
    home.shift.set(this.shift);
    home.room.set(this.room);
    const { scale, shift, room } = home;
    Object.assign(this, { home, scale, shift, room });
    this.visit();
    return true;
  }

  /** Whether it is in a home; it leaves one by itself when that is too small. */
  get settled(): boolean {
    return this.home !== null;
  }

  /** Hears of states that were added by others; those may have found it crowded. */
  hear(added: number): void {
    this.count += added;
    if (this.crowded) this.leave();
  }

  /** Hears that others may have made segments larger, at home. */
  visit(): void {
    const { home, segments } = this;
    if (!home) return;
    for (let segment = 0; segment < SEGMENTS; segment++) segments[segment] = home.table(segment);
  }

  /** Adds one state; tells whether it is new. */
  add(state: Int32Array): boolean {
    return this.addAll(state, 1, ONE) === 1;
  }

  /**
   * Adds `count` states, one after the other in `states`, from number `first` on. Writes the places of those that are new to
   * `fresh`, counted from the first, in order, and returns how many there are. The slots of a whole batch are touched first:
   * the cache misses, which are most of the cost, then overlap.
   */
  addAll(states: Int32Array, count: number, fresh: Int32Array, first = 0): number {
    const roots = this.tree ? this.tree.fold(states, first, count) : states;
    const from = this.tree ? 0 : first;
    if (this.hashes.length < count) this.hashes = new Int32Array(count);
    this.touch(roots, from, count);
    let added = 0;
    for (let k = 0; k < count; k++) {
      const at = 2 * (from + k);
      if (this.place(roots[at] as number, roots[at + 1] as number, this.hashes[k] as number))
        fresh[added++] = k;
    }
    this.hear(added);
    return added;
  }

  has(state: Int32Array): boolean {
    return this.placeOf(state) !== -1;
  }

  /** One more than the greatest place. The states keep their places until one is added. */
  get places(): number {
    return SEGMENTS * Math.max(...this.segments.map((table) => table.length / 2));
  }

  /** The place of a state, or -1 if it is no member. */
  placeOf(state: Int32Array): number {
    const root = this.tree ? this.tree.find(state) : state;
    if (root === undefined) return -1;
    const [a, b] = [root[0] as number, root[1] as number];
    const hash = hashOf(a, b);
    const segment = hash >>> HASH_BITS;
    const slot = this.slot(a, b, hash);
    const isMember = (this.segments[segment] as Int32Array)[2 * slot] !== 0;
    return isMember ? slot * SEGMENTS + segment : -1;
  }

  /** Writes the state at a place to `into`; tells whether there is one. */
  stateAt(place: number, into: Int32Array): boolean {
    const table = this.segments[place % SEGMENTS] as Int32Array;
    return this.read(table, 2 * Math.floor(place / SEGMENTS), into, 0);
  }

  /**
   * The same states in another packing; this set is given up on the way, so that the two are never held whole at once.
   * `repack` turns the state at an offset of an array into `packed`.
   */
  repacked(
    words: number,
    repack: (states: Int32Array, offset: number) => void,
    packed: Int32Array,
  ): StateSet {
    const result = new StateSet(words);
    const state = new Int32Array(this.words);
    for (let segment = 0; segment < SEGMENTS; segment++) {
      const table = this.segments[segment] as Int32Array;
      this.segments[segment] = NONE;
      for (let from = 0; from < table.length; from += 2) {
        if (!this.read(table, from, state, 0)) continue;
        repack(state, 0);
        result.take(packed);
      }
    }
    result.count = this.count;
    return result;
  }

  /** Makes a state a member, and does not count it. */
  private take(state: Int32Array): void {
    const root = this.tree ? this.tree.fold(state, 0, 1) : state;
    const [a, b] = [root[0] as number, root[1] as number];
    this.place(a, b, hashOf(a, b));
  }

  /** Writes the state in a slot to `into` at `to`; tells whether there is one. */
  private read(table: Int32Array, from: number, into: Int32Array, to: number): boolean {
    const first = table[from] ?? 0;
    if (first === 0) return false;
    if (this.tree) this.tree.unfold(first & ~OCCUPIED, table[from + 1] as number, into, to);
    else {
      into[to] = first & ~OCCUPIED;
      into[to + 1] = table[from + 1] as number;
    }
    return true;
  }

  /** Hashes roots, and reads the slot at which the search for each begins. */
  private touch(roots: Int32Array, first: number, count: number): void {
    const { segments, scale, shift, hashes } = this;
    let touched = 0;
    for (let k = 0; k < count; k++) {
      const at = 2 * (first + k);
      const hash = hashOf(roots[at] as number, roots[at + 1] as number);
      hashes[k] = hash;
      const segment = hash >>> HASH_BITS;
      const slot = slotOf(hash, scale[segment] as number, shift[segment] as number);
      touched ^= (segments[segment] as Int32Array)[2 * slot] as number;
    }
    this.touched = touched;
  }

  /** The slot in its segment where a root is, or would be put. */
  private slot(a: number, b: number, hash: number): number {
    const segment = hash >>> HASH_BITS;
    const table = this.segments[segment] as Int32Array;
    const first = a | OCCUPIED;
    let at = slotOf(hash, this.scale[segment] as number, this.shift[segment] as number) << 1;
    for (let found = table[at] as number; found !== 0; found = table[at] as number) {
      if (found === first && table[at + 1] === b) break;
      at += 2;
      if (at === table.length) at = 0;
    }
    return at >> 1;
  }

  /** Makes a root a member; tells whether it was none. */
  private place(a: number, b: number, hash: number): boolean {
    const segment = hash >>> HASH_BITS;
    const table = this.segments[segment] as Int32Array;
    const at = this.slot(a, b, hash) << 1;
    if (table[at] !== 0) return false;
    table[at] = a | OCCUPIED;
    table[at + 1] = b;
    this.fill(segment);
    return true;
  }

  /** Counts a slot of a segment as filled. */
  private fill(segment: number): void {
    const left = (this.room[segment] as number) - 1;
    this.room[segment] = left;
    if (left < 0) this.grow(segment);
  }

  /** Moves out of its home. */
  leave(): void {
    this.segments.forEach((table, segment) => {
      this.segments[segment] = table.slice();
    });
    this.scale = this.scale.slice();
    this.shift = this.shift.slice();
    this.room = this.room.slice();
    this.home = null;
    this.crowded = false;
  }

  /** Makes a segment larger; false if its home has no room for it. */
  grow(segment: number): boolean {
    const { home } = this;
    if (home) {
      this.crowded ||= !home.grow(segment);
      this.segments[segment] = home.table(segment);
      return !this.crowded;
    }
    const old = this.segments[segment] as Int32Array;
    const { scale, shift, slots, more } = larger(
      this.scale[segment] as number,
      this.shift[segment] as number,
    );
    this.segments[segment] = regrown(old, slots, scale, shift);
    this.room[segment] = (this.room[segment] as number) + more;
    this.scale[segment] = scale;
    this.shift[segment] = shift;
    return true;
  }
}

const ONE = new Int32Array(1);
const NONE = new Int32Array(0);

/** The roots of a segment in a larger one. */
function regrown(old: Int32Array, slots: number, scale: number, shift: number): Int32Array {
  const table = new Int32Array(2 * slots);
  for (let from = 0; from < old.length; from += 2) {
    const first = old[from] as number;
    if (first === 0) continue;
    const second = old[from + 1] as number;
    let at = slotOf(hashOf(first & ~OCCUPIED, second), scale, shift) << 1;
    while (table[at] !== 0) {
      at += 2;
      if (at === table.length) at = 0;
    }
    table[at] = first;
    table[at + 1] = second;
  }
  return table;
}

/** The slot at which the search for a root begins: the hash's lower bits, spread over the slots. */
function slotOf(hash: number, scale: number, shift: number): number {
  return Math.imul(hash & HASH_MASK, scale) >>> shift;
}
