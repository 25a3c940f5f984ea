import { hashOf } from './hash.ts';

const CHUNK_BITS = 14;
/** Pairs in a chunk. */
const CHUNK = 1 << CHUNK_BITS;
/** The index is larger than this many times the number of pairs. */
const SPARE = 1.5;

/**
 * States of more than two words as roots of two: neighbouring words make pairs, which are numbered; the numbers make pairs again, until two
 * are left. It is exact, since a number stands for one pair; and pairs are few, since states that are one step apart differ in few
 * words. (Laarman, van de Pol, Weber: Parallel Recursive State Compression for Free, SPIN 2011.)
 */
export class PairTree {
  private readonly words: number;
  private readonly line: Int32Array;
  private roots = new Int32Array(2);
  /** The pairs, by number: in chunks, so that they are not copied when they grow. */
  private readonly chunks: Int32Array[] = [];
  private count = 0;
  /** A hash table of numbers, each plus one. */
  private index = new Int32Array(1024);

  /** @param words words of 32 bits in a state, of which the first has its top bit free; so has the first of a root */
  constructor(words: number) {
    this.words = words;
    this.line = new Int32Array(words);
  }

  /** Bytes held. */
  get bytes(): number {
    return this.index.byteLength + this.chunks.length * CHUNK * 8;
  }

  /** The roots of `count` states, one after the other, from number `first` on. The array is used again for the next. */
  fold(states: Int32Array, first: number, count: number): Int32Array {
    const { words, line } = this;
    if (this.roots.length < 2 * count) this.roots = new Int32Array(2 * count);
    for (let k = 0; k < count; k++) {
      const from = (first + k) * words;
      for (let word = 0; word < words; word++) line[word] = states[from + word] as number;
      this.foldLine(true);
      this.roots[2 * k] = line[0] as number;
      this.roots[2 * k + 1] = line[1] as number;
    }
    return this.roots;
  }

  /** The root of a state; undefined if a pair of it is not known, so that no root can have been its. */
  find(state: Int32Array): Int32Array | undefined {
    this.line.set(state.subarray(0, this.words));
    return this.foldLine(false) ? this.line : undefined;
  }

  /** Writes the state that has a root to `into` at `to`. */
  unfold(a: number, b: number, into: Int32Array, to: number): void {
    const { words, line } = this;
    line[0] = a;
    line[1] = b;
    this.unfoldLine(words);
    for (let word = 0; word < words; word++) into[to + word] = line[word] as number;
  }

  /** Of an odd number of words the first is left alone. False if a pair is not known, and none is to be added. */
  private foldLine(adding: boolean): boolean {
    const { line } = this;
    for (let width = this.words; width > 2; ) {
      let to = width & 1;
      for (let from = to; from < width; from += 2) {
        const number = this.number(line[from] as number, line[from + 1] as number, adding);
        if (number === -1) return false;
        line[to++] = number;
      }
      width = to;
    }
    return true;
  }

  /** Turns the numbers of pairs that make so many words into these. */
  private unfoldLine(width: number): void {
    if (width === 2) return;
    const odd = width & 1;
    let from = (width + odd) >> 1;
    this.unfoldLine(from);
    for (let to = width; to > odd; to -= 2) {
      const number = this.line[--from] as number;
      const chunk = this.chunkOf(number);
      const at = placeOf(number);
      this.line[to - 2] = chunk[at] as number;
      this.line[to - 1] = chunk[at + 1] as number;
    }
  }

  /** The number of a pair; if there is none, a new one, or -1. */
  private number(a: number, b: number, adding: boolean): number {
    const slot = this.slotOf(a, b);
    const entry = this.index[slot] as number;
    if (entry !== 0) return entry - 1;
    if (!adding) return -1;
    const number = this.count++;
    const at = placeOf(number);
    if (at === 0) this.chunks.push(new Int32Array(2 * CHUNK));
    const chunk = this.chunkOf(number);
    chunk[at] = a;
    chunk[at + 1] = b;
    this.index[slot] = number + 1;
    if (this.count * SPARE > this.index.length) this.growIndex();
    return number;
  }

  /** The slot in the index where the number of a pair is, or would be put. */
  private slotOf(a: number, b: number): number {
    const { index } = this;
    const mask = index.length - 1;
    let slot = hashOf(a, b) & mask;
    for (let entry = index[slot] as number; entry !== 0; entry = index[slot] as number) {
      const chunk = this.chunkOf(entry - 1);
      const at = placeOf(entry - 1);
      if (chunk[at] === a && chunk[at + 1] === b) break;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  /** The old index is given up first: the pairs say all. */
  private growIndex(): void {
    const size = 2 * this.index.length;
    this.index = NONE;
    this.index = new Int32Array(size);
    for (let number = 0; number < this.count; number++) {
      const chunk = this.chunkOf(number);
      const at = placeOf(number);
      this.index[this.slotOf(chunk[at] as number, chunk[at + 1] as number)] = number + 1;
    }
  }

  private chunkOf(number: number): Int32Array {
    return this.chunks[number >> CHUNK_BITS] as Int32Array;
  }
}

const NONE = new Int32Array(0);

/** Where in its chunk a pair lies. */
function placeOf(number: number): number {
  return 2 * (number & (CHUNK - 1));
}
