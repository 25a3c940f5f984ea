/** States in one chunk of the log. */
const CHUNK_BITS = 16;
const CHUNK = 1 << CHUNK_BITS;

/** A chunk of a shared log, as it is sent to workers. */
export interface SharedChunk {
  readonly number: number;
  readonly data: Int32Array;
}

/** A `StateLog` that threads share: all append to it, each at a place of its own. */
export class SharedLog {
  /** Words of 32 bits in a record: those of a packed state, then the note. */
  readonly record: number;
  private readonly chunks = new Map<number, Int32Array>();
  /** Chunks that were given up and can be used again. */
  private readonly spare: Int32Array[] = [];

  /** @param words words of 32 bits in a state */
  constructor(words: number) {
    this.record = words + 1;
  }

  get bytes(): number {
    return [...this.chunks.values(), ...this.spare].reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /** The chunk that holds state number `index`; its record begins at `offset(index)` in it. */
  chunk(index: number): Int32Array {
    return this.chunks.get(index >>> CHUNK_BITS) as Int32Array;
  }

  offset(index: number): number {
    return (index & (CHUNK - 1)) * this.record;
  }

  /** Makes room for the states `from` to `end`, not included; tells which chunks are new. */
  extend(from: number, end: number): SharedChunk[] {
    const added: SharedChunk[] = [];
    for (let number = from >>> CHUNK_BITS; number * CHUNK < end; number++) {
      if (this.chunks.has(number)) continue;
      const data = this.spare.pop() ?? new Int32Array(new SharedArrayBuffer(4 * CHUNK * this.record));
      this.chunks.set(number, data);
      added.push({ number, data });
    }
    return added;
  }

  put({ number, data }: SharedChunk): void {
    this.chunks.set(number, data);
  }

  /** Gives up the states before number `index`, as far as whole chunks go; `keep` keeps their memory for others. */
  forget(index: number, keep: boolean): void {
    for (const [number, data] of this.chunks) {
      if (number >= index >>> CHUNK_BITS) continue;
      this.chunks.delete(number);
      if (keep) this.spare.push(data);
    }
  }
}
