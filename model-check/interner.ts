import { canonical, deepFreeze } from './canonical.ts';
import { IntArray } from './int-array.ts';
import { PairTable } from './pair-table.ts';

/** Gives every distinct JSON value a small integer, in the order in which they come. */
export class Interner<T> {
  readonly values: T[] = [];
  /** By number, the canonical text. */
  readonly texts: string[] = [];
  private readonly ids = new Map<string, number>();

  id(value: T): number {
    const key = canonical(value);
    const known = this.ids.get(key);
    if (known !== undefined) return known;
    this.ids.set(key, this.values.length);
    this.texts.push(key);
    return this.values.push(deepFreeze(value)) - 1;
  }
}

/** Gives every distinct tuple of small integers, all of one length, a small integer: a chain of look-ups in tables. */
export class TupleInterner {
  readonly width: number;
  private readonly tables: PairTable[] = [];
  private readonly counts: number[] = [];
  /** The tuples by number, each of `width` integers. */
  private readonly members = new IntArray();

  /** @param width integers in a tuple, at least 1 */
  constructor(width: number) {
    this.width = width;
    for (let at = 0; at < width; at++) {
      this.tables.push(new PairTable());
      this.counts.push(0);
    }
  }

  get size(): number {
    return this.members.length / this.width;
  }

  /** The number of the tuple in `tuple`; equal tuples have equal numbers. */
  id(tuple: Int32Array): number {
    let prefix = 0;
    for (let at = 0; at < this.width; at++) {
      const value = tuple[at] as number;
      const table = this.tables[at] as PairTable;
      let next = table.get(prefix, value);
      if (next === -1) {
        next = this.counts[at] as number;
        this.counts[at] = next + 1;
        table.set(prefix, value, next);
        if (at === this.width - 1) for (let k = 0; k < this.width; k++) this.members.push(tuple[k] as number);
      }
      prefix = next;
    }
    return prefix;
  }

  /** The tuple with number `id`. */
  tuple(id: number): number[] {
    return Array.from(this.members.data.subarray(id * this.width, (id + 1) * this.width));
  }

  get bytes(): number {
    return this.tables.reduce((sum, table) => sum + table.bytes, this.members.data.byteLength);
  }
}
