import { IntArray } from './int-array.ts';

/** Entries at first, and at most. */
const FEWEST = 1 << 8;
const MOST = 1 << 15;

/**
 * What was found in states in which a number of views were the same: a cache, which forgets an entry when another needs its
 * place. It compares all of what is seen, so that what it recalls is right.
 */
export class Recall {
  private readonly fields: Int32Array;
  /** By field: what is seen of it, by one or more views. */
  readonly sees: ReadonlyMap<number, readonly IntArray[]>;
  private readonly views: readonly (readonly IntArray[])[];
  /** By field and local state: the number of all that is seen of it together. */
  private readonly seen: readonly IntArray[];
  private readonly numbers: readonly Map<string, number>[];
  /** What is seen of each field, then what was found; -1 where there is no entry. */
  private entries: Int32Array;
  private size = FEWEST;
  private misses = 0;
  /** What was sought last, and where it belongs. */
  private readonly key: Int32Array;
  private at = 0;

  /** @param views by field, the views that are taken of it: for each of its local states, what is seen */
  constructor(views: ReadonlyMap<number, readonly IntArray[]>) {
    this.sees = views;
    this.fields = Int32Array.from(views.keys());
    this.views = [...views.values()];
    this.seen = this.views.map(() => new IntArray());
    this.numbers = this.views.map(() => new Map());
    this.key = new Int32Array(views.size);
    this.entries = new Int32Array(this.size * (views.size + 1)).fill(-1);
  }

  /** What was found in a global state that looks the same, or -1. */
  find(locals: Int32Array): number {
    const { fields, seen, key, entries } = this;
    const width = key.length;
    let hash = 0;
    for (let k = 0; k < width; k++) {
      const local = locals[fields[k] as number] as number;
      const { data, length } = seen[k] as IntArray;
      const number = local < length ? (data[local] as number) : this.see(k, local);
      key[k] = number;
      hash = Math.imul(hash ^ number, 0x85ebca6b);
      hash ^= hash >>> 15;
    }
    const at = (hash & (this.size - 1)) * (width + 1);
    this.at = at;
    for (let k = 0; k < width; k++) if (entries[at + k] !== key[k]) return -1;
    return entries[at + width] as number;
  }

  /** Keeps what was found in the state that was sought last. */
  keep(found: number): void {
    const { key, entries, at } = this;
    for (let k = 0; k < key.length; k++) entries[at + k] = key[k] as number;
    entries[at + key.length] = found;
    this.misses += 1;
    if (this.misses < 2 * this.size || this.size === MOST) return;
    this.size *= 2;
    this.misses = 0;
    this.entries = new Int32Array(this.size * (key.length + 1)).fill(-1);
  }

  /** By field, the numbers of all that is seen of so many of its local states together. */
  numbered(localsOf: (field: number) => number): readonly (readonly [number, IntArray])[] {
    return this.seen.map((seen, k) => {
      const field = this.fields[k] as number;
      this.see(k, localsOf(field) - 1);
      return [field, seen];
    });
  }

  /** Bytes held by what grows with the number of states. */
  get bytes(): number {
    return this.entries.byteLength;
  }

  /** Numbers what is seen of a field's local states, up to one. */
  private see(k: number, upTo: number): number {
    const seen = this.seen[k] as IntArray;
    const numbers = this.numbers[k] as Map<string, number>;
    const views = this.views[k] as readonly IntArray[];
    while (seen.length <= upTo) {
      const local = seen.length;
      const text = views.map(({ data }) => data[local]).join();
      if (!numbers.has(text)) numbers.set(text, numbers.size);
      seen.push(numbers.get(text) as number);
    }
    return seen.data[upTo] as number;
  }
}
