import { type Home, larger, SEGMENTS } from '../state-set.ts';
import type { Instance } from './instance.ts';

/**
 * The segments of a state set in the kernel's memory: each has a stripe. It grows into a spare one, of which each thread has one, and
 * leaves its own behind as the next to be spare.
 */
export class Stripes implements Home {
  readonly scale: Int32Array;
  readonly shift: Int32Array;
  readonly room: Int32Array;
  private readonly base: Int32Array;
  private readonly end: Int32Array;
  private readonly instance: Instance;
  /** Where the segments' stripes begin at first, and the one that is spare, and how long they are, in words. */
  private readonly from: number;
  private spare: number;
  private readonly length: number;
  /** Words of the spare one that were ever used. */
  private used = 0;

  /**
   * @param from the word from which on the memory is theirs
   * @param threads how many threads there are, and the number of this one
   */
  constructor(instance: Instance, from: number, threads: number, thread: number) {
    const { words, exports } = instance;
    this.instance = instance;
    this.length = Math.floor((words.length - from) / (SEGMENTS + threads) / 2) * 2;
    this.spare = from + thread * this.length;
    this.from = from + threads * this.length;
    const numbers = ({ value }: { readonly value: number }) =>
      words.subarray(value >>> 2, (value >>> 2) + SEGMENTS);
    this.scale = numbers(exports.SCALE);
    this.shift = numbers(exports.SHIFT);
    this.room = numbers(exports.ROOM);
    this.base = numbers(exports.BASE);
    this.end = numbers(exports.END);
  }

  /** Bytes held beside the segments. */
  get bytes(): number {
    return this.used * 4;
  }

  take(segment: number, table: Int32Array): boolean {
    if (table.length > this.length) return false;
    // The sets before it have left the stripes in another order.
    const stripe = (this.base[segment] as number) >>> 2;
    this.lay(segment, stripe || this.from + segment * this.length, table.length);
    this.table(segment).set(table);
    return true;
  }

  grow(segment: number): boolean {
    const { scale, shift, slots, more } = larger(
      this.scale[segment] as number,
      this.shift[segment] as number,
    );
    if (2 * slots > this.length) return false;
    const [from, fromEnd] = [this.base[segment] as number, this.end[segment] as number];
    this.lay(segment, this.spare, 2 * slots);
    const [to, toEnd] = [this.base[segment] as number, this.end[segment] as number];
    this.instance.exports.rehash(from, fromEnd, to, toEnd, scale, shift);
    this.spare = from >>> 2;
    this.used = Math.max(this.used, (fromEnd - from) >>> 2);
    this.room[segment] = (this.room[segment] as number) + more;
    this.scale[segment] = scale;
    this.shift[segment] = shift;
    return true;
  }

  table(segment: number): Int32Array {
    return this.instance.words.subarray(
      (this.base[segment] as number) >>> 2,
      (this.end[segment] as number) >>> 2,
    );
  }

  /** Whether each segment has room for so many states more, however large it must become. */
  bears(more: number): boolean {
    return this.room.every((room, segment) => {
      let [scale, shift] = [this.scale[segment] as number, this.shift[segment] as number];
      let free = room;
      for (let next = larger(scale, shift); free < more; next = larger(scale, shift)) {
        if (2 * next.slots > this.length) break;
        free += next.more;
        ({ scale, shift } = next);
      }
      return free >= more;
    });
  }

  private lay(segment: number, at: number, length: number): void {
    this.base[segment] = 4 * at;
    this.end[segment] = 4 * (at + length);
  }
}
