/** Bit that marks a slot as occupied; a layout leaves it free in word 0. */
const OCCUPIED = 0x80000000;
const SEGMENT_BITS = 6;
const SEGMENTS = 1 << SEGMENT_BITS;
const FIRST_SLOTS = 16;
/** A segment that is fuller than this grows, by this much: memory counts as much as time, and doubling wastes half of it. */
const FULL = 0.7;
const GROWTH = 1.6;
/** The bits of the hash that do not choose the segment. */
const HASH_MASK = (1 << (32 - SEGMENT_BITS)) - 1;
const PER_HASH = 1 / (HASH_MASK + 1);
/** States in one chunk of the log. */
const CHUNK_BITS = 16;
const CHUNK = 1 << CHUNK_BITS;
/** States that the first chunk has room for at first: a set may be small, and there may be thousands of them. */
const FIRST = 64;

/**
 * The exact set of packed states, and the order in which they came.
 *
 * Whole states are stored and compared, so there are no odds of a collision to quote. The set is an open-addressing hash
 * table cut into segments by the top bits of the hash: a segment grows by itself, so growing never holds two copies of
 * the whole. The order is a chunked log; a level of the search is a range of it, and may be forgotten once it is expanded.
 */
export class StateSet {
  readonly words: number;
  private readonly segments: Uint32Array[] = [];
  /** For each segment: its number of slots, and how many of them are used. */
  private readonly slots = new Int32Array(SEGMENTS).fill(FIRST_SLOTS);
  private readonly used = new Int32Array(SEGMENTS);
  private readonly log: Uint32Array[] = [];
  private count = 0;
  /** Where the part of the log that is kept begins. */
  private kept = 0;
  private hashes = new Int32Array(1);
  /** Keeps the touching of slots from being optimised away. */
  protected touched = 0;

  /** @param words words of 32 bits in a state */
  constructor(words: number) {
    this.words = words;
    for (let segment = 0; segment < SEGMENTS; segment++)
      this.segments.push(new Uint32Array(FIRST_SLOTS * words));
  }

  /** The number of states. */
  get size(): number {
    return this.count;
  }

  /** Bytes held by the set and its log. */
  get bytes(): number {
    let bytes = 0;
    for (const chunk of this.log) bytes += chunk.byteLength;
    for (const segment of this.segments) bytes += segment.byteLength;
    return bytes;
  }

  /** Adds one state; tells whether it is new. */
  add(state: Uint32Array): boolean {
    return this.addAll(state, 1, ONE) === 1;
  }

  /**
   * Adds `count` states, one after the other in `states`. Writes the positions of those that are new to `fresh`, in
   * order, and returns how many there are. The slots of a whole batch are touched first: the cache misses, which are most
   * of the cost, then overlap.
   */
  addAll(states: Uint32Array, count: number, fresh: Int32Array): number {
    const { words, segments, slots } = this;
    if (this.hashes.length < count) this.hashes = new Int32Array(count);
    const hashes = this.hashes;
    let touched = 0;
    for (let k = 0; k < count; k++) {
      const hash = hashOf(states, k * words, words);
      hashes[k] = hash;
      const segment = hash >>> (32 - SEGMENT_BITS);
      touched ^= (segments[segment] as Uint32Array)[slotOf(hash, slots[segment] as number) * words] as number;
    }
    this.touched = touched;
    let added = 0;
    for (let k = 0; k < count; k++) {
      if (this.insert(states, k * words, hashes[k] as number)) fresh[added++] = k;
    }
    return added;
  }

  has(state: Uint32Array): boolean {
    const { words } = this;
    const hash = hashOf(state, 0, words);
    const table = this.segments[hash >>> (32 - SEGMENT_BITS)] as Uint32Array;
    return table[this.slot(state, 0, hash) * words] !== 0;
  }

  /** The chunk of the log that holds state number `index`; the state begins at `offset(index)` in it. */
  chunk(index: number): Uint32Array {
    return this.log[index >>> CHUNK_BITS] as Uint32Array;
  }

  offset(index: number): number {
    return (index & (CHUNK - 1)) * this.words;
  }

  /** Gives up the order of the states before number `index`, as far as whole chunks go; they stay members. */
  forget(index: number): void {
    this.kept = Math.max(this.kept, index);
    for (let chunk = (index >>> CHUNK_BITS) - 1; chunk >= 0 && this.log[chunk] !== NONE; chunk--)
      this.log[chunk] = NONE;
  }

  /**
   * The same states in the same order, in another packing; this set is given up on the way, so that the two are never
   * held whole at once. `repack` turns the state at an offset of an array into `packed`.
   */
  repacked(
    words: number,
    repack: (states: Uint32Array, offset: number) => void,
    packed: Uint32Array,
  ): StateSet {
    const result = new StateSet(words);
    for (let segment = 0; segment < SEGMENTS; segment++) {
      const table = this.segments[segment] as Uint32Array;
      this.segments[segment] = NONE;
      for (let from = 0; from < table.length; from += this.words) {
        if (table[from] === 0) continue;
        table[from] = ((table[from] as number) & ~OCCUPIED) >>> 0;
        repack(table, from);
        result.place(packed, 0, hashOf(packed, 0, words));
      }
    }
    result.kept = this.kept;
    for (let index = 0; index < this.count; index++) {
      if (index >= this.kept) repack(this.chunk(index), this.offset(index));
      result.append(packed, 0);
      if ((index & (CHUNK - 1)) === CHUNK - 1) {
        this.log[index >>> CHUNK_BITS] = NONE;
        result.forget(Math.min(index + 1, this.kept));
      }
    }
    return result;
  }

  /** The slot in its segment where a state is, or would be put. */
  private slot(states: Uint32Array, from: number, hash: number): number {
    const words = this.words;
    const segment = hash >>> (32 - SEGMENT_BITS);
    const table = this.segments[segment] as Uint32Array;
    const slots = this.slots[segment] as number;
    const first = ((states[from] as number) | OCCUPIED) >>> 0;
    for (let slot = slotOf(hash, slots); ; slot = slot + 1 === slots ? 0 : slot + 1) {
      const found = table[slot * words] as number;
      if (found === 0) return slot;
      if (found !== first) continue;
      let word = 1;
      while (word < words && table[slot * words + word] === states[from + word]) word++;
      if (word === words) return slot;
    }
  }

  private insert(states: Uint32Array, from: number, hash: number): boolean {
    if (!this.place(states, from, hash)) return false;
    this.append(states, from);
    return true;
  }

  /** Makes a state a member; tells whether it was none. */
  private place(states: Uint32Array, from: number, hash: number): boolean {
    const words = this.words;
    const segment = hash >>> (32 - SEGMENT_BITS);
    const table = this.segments[segment] as Uint32Array;
    const at = this.slot(states, from, hash) * words;
    if (table[at] !== 0) return false;
    table[at] = ((states[from] as number) | OCCUPIED) >>> 0;
    for (let word = 1; word < words; word++) table[at + word] = states[from + word] as number;
    const used = (this.used[segment] as number) + 1;
    this.used[segment] = used;
    if (used > (this.slots[segment] as number) * FULL) this.grow(segment);
    return true;
  }

  private append(states: Uint32Array, from: number): void {
    const index = this.count++;
    const at = (index & (CHUNK - 1)) * this.words;
    let chunk = this.log[index >>> CHUNK_BITS];
    if (chunk === undefined || at === chunk.length) {
      const room = index === 0 ? FIRST : index < CHUNK ? 2 * index : CHUNK;
      const longer = new Uint32Array(room * this.words);
      if (chunk) longer.set(chunk);
      this.log[index >>> CHUNK_BITS] = longer;
      chunk = longer;
    }
    for (let word = 0; word < this.words; word++) chunk[at + word] = states[from + word] as number;
  }

  private grow(segment: number): void {
    const words = this.words;
    const old = this.segments[segment] as Uint32Array;
    const slots = Math.ceil((this.slots[segment] as number) * GROWTH);
    const table = new Uint32Array(slots * words);
    for (let from = 0; from < old.length; from += words) {
      const first = old[from] as number;
      if (first === 0) continue;
      old[from] = (first & ~OCCUPIED) >>> 0;
      const hash = hashOf(old, from, words);
      let slot = slotOf(hash, slots);
      while (table[slot * words] !== 0) slot = slot + 1 === slots ? 0 : slot + 1;
      table[slot * words] = first;
      for (let word = 1; word < words; word++) table[slot * words + word] = old[from + word] as number;
    }
    this.segments[segment] = table;
    this.slots[segment] = slots;
  }
}

const ONE = new Int32Array(1);
const NONE = new Uint32Array(0);

/** The slot at which the search for a state begins: the hash's lower bits, spread over the slots. */
function slotOf(hash: number, slots: number): number {
  return ((hash & HASH_MASK) * slots * PER_HASH) | 0;
}

/** The hash of the state at `from`: of two words, which most states take, by a shorter way. */
function hashOf(states: Uint32Array, from: number, words: number): number {
  return words === 2 ? hash2(states[from] as number, states[from + 1] as number) : hashN(states, from, words);
}

function hash2(a: number, b: number): number {
  let h = Math.imul(a ^ (a >>> 15), 0x85ebca6b) ^ Math.imul(b ^ (b >>> 13), 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 16), 0x27d4eb2f);
  return Math.imul(h ^ (h >>> 15), 0x9e3779b1);
}

function hashN(states: Uint32Array, from: number, words: number): number {
  let h = 0x2545f491;
  for (let at = from; at < from + words; at++) {
    h = Math.imul(h ^ (states[at] as number), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    h ^= h >>> 16;
  }
  return Math.imul(h ^ (h >>> 15), 0x9e3779b1);
}
