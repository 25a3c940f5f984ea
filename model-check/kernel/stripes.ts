import type { Home } from '../state-set.ts';
import type { Instance } from './instance.ts';

/**
 * The segments of a state set in the kernel's memory: each has a stripe of its own, in which it grows by way of one stripe
 * more that all have in common.
 */
export class Stripes implements Home {
  readonly scale: Int32Array<ArrayBuffer>;
  readonly shift: Int32Array<ArrayBuffer>;
  readonly room: Int32Array<ArrayBuffer>;
  private readonly base: Int32Array;
  private readonly end: Int32Array;
  private readonly instance: Instance;
  /** Where the stripes begin, and how long they are, in words; the first is the one in common. */
  private readonly from: number;
  private readonly length: number;
  /** Words of it that were ever used. */
  private used = 0;

  /** @param from the word from which on the memory is theirs */
  constructor(instance: Instance, segments: number, from: number) {
    const { words, exports } = instance;
    this.instance = instance;
    this.from = from;
    this.length = Math.floor((words.length - from) / (segments + 1) / 2) * 2;
    const numbers = ({ value }: { readonly value: number }) =>
      words.subarray(value >>> 2, (value >>> 2) + segments);
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

  take(segment: number, table: Int32Array): Int32Array<ArrayBuffer> | undefined {
    if (table.length > this.length) return undefined;
    const taken = this.laid(segment, table.length);
    taken.set(table);
    return taken;
  }

  grown(segment: number, slots: number, scale: number, shift: number): Int32Array<ArrayBuffer> | undefined {
    if (2 * slots > this.length) return undefined;
    const { words, exports } = this.instance;
    const [base, end] = [this.base[segment] as number, this.end[segment] as number].map((at) => at >>> 2) as [
      number,
      number,
    ];
    words.copyWithin(this.from, base, end);
    this.used = Math.max(this.used, end - base);
    const grown = this.laid(segment, 2 * slots);
    const scratch = 4 * this.from;
    const at = grown.byteOffset;
    exports.rehash(scratch, scratch + 4 * (end - base), at, at + 8 * slots, scale, shift);
    return grown;
  }

  private laid(segment: number, length: number): Int32Array<ArrayBuffer> {
    const at = this.from + (segment + 1) * this.length;
    this.base[segment] = 4 * at;
    this.end[segment] = 4 * (at + length);
    return this.instance.words.subarray(at, at + length);
  }
}
