import { type IntArray, roomFor } from '../int-array.ts';

/** Words of a cache line. Two threads, one of which writes, should not be in the same. */
export const LINE = 16;

/** Thrown where the kernel's memory has no room for the tables. */
export class NoRoom extends Error {}

/** A copy of an array that grows at its end, with room for some more. */
interface Copy {
  readonly of: IntArray;
  readonly at: number;
  readonly room: number;
  done: number;
}

/** The part of the kernel's memory in which the tables lie, one after the other. Places are counted in words. */
export class Space {
  readonly words: Int32Array;
  private readonly from: number;
  private readonly end: number;
  private next: number;
  private copies: Copy[] = [];

  constructor(words: Int32Array, from: number, end: number) {
    this.words = words;
    this.from = from;
    this.end = end;
    this.next = from;
  }

  /** Bytes taken. */
  get bytes(): number {
    return 4 * this.next;
  }

  /** Gives all of it up. */
  clear(): void {
    this.next = this.from;
    this.copies = [];
  }

  /** The place of so many words, at an even one. What is in it is of no account. */
  take(words: number): number {
    const at = this.next;
    this.next += words + (words & 1);
    if (this.next > this.end) throw new NoRoom();
    return at;
  }

  /** The place of so many words that are written while other threads read what lies around them. */
  takeApart(words: number): number {
    return this.take(words + 2 * LINE) + LINE;
  }

  /** The place of so many words, all of one value. */
  filled(words: number, value: number): number {
    const at = this.take(words);
    this.words.fill(value, at, at + words);
    return at;
  }

  write(at: number, numbers: readonly number[]): void {
    for (let k = 0; k < numbers.length; k++) this.words[at + k] = numbers[k] as number;
  }

  /** The place of the numbers. */
  put(numbers: readonly number[]): number {
    const at = this.take(numbers.length);
    this.write(at, numbers);
    return at;
  }

  /** The place of a copy of an array, which `update` keeps up with it. */
  copy(of: IntArray): number {
    const known = this.copies.find((copy) => copy.of === of);
    if (known) return known.at;
    const room = roomFor(of.length);
    const copy = { of, at: this.take(room), room, done: 0 };
    this.copies.push(copy);
    this.copyNew(copy);
    return copy.at;
  }

  /** Copies what is new in the arrays; false if one has outgrown its room. */
  update(): boolean {
    if (this.copies.some(({ of, room }) => of.length > room)) return false;
    for (const copy of this.copies) this.copyNew(copy);
    return true;
  }

  private copyNew(copy: Copy): void {
    const { of, at, done } = copy;
    if (done === of.length) return;
    this.words.set(of.data.subarray(done, of.length), at + done);
    copy.done = of.length;
  }
}
