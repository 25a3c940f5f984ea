/** States in one chunk of the log. */
const CHUNK_BITS = 16;
const CHUNK = 1 << CHUNK_BITS;
/** States that the first chunk has room for at first: a log may be short, and there may be thousands of them. */
const FIRST = 64;
/** Chunks kept for others at most: as many as are given up at once where several threads expand states. */
const SPARES = 8;
const NONE = new Int32Array(0);

/**
 * The states in the order in which they were found, in chunks. A level of a breadth-first search is a range of it, and
 * may be forgotten once it is expanded. Each record is a packed state and one word more, a note.
 */
export class StateLog {
  /** Words of 32 bits in a record: those of a packed state, then the note. */
  readonly record: number;
  private readonly chunks: Int32Array[] = [];
  private count = 0;
  /** Where the part of the log that is kept begins. */
  private kept = 0;
  /** Chunks that were given up, for the next that are needed: a page that is touched for the first time costs more than the states in it. */
  private readonly spares: Int32Array[] = [];

  /** @param words words of 32 bits in a state */
  constructor(words: number) {
    this.record = words + 1;
  }

  /** A log of which the part before number `index` was given up. */
  static from(words: number, index: number): StateLog {
    const log = new StateLog(words);
    log.count = index;
    log.kept = index;
    return log;
  }

  /** The records from number `index` on, in pieces. */
  *records(index: number): Generator<Int32Array> {
    for (let at = index; at < this.count; at = ((at >>> CHUNK_BITS) + 1) * CHUNK) {
      const end = Math.min(this.count, ((at >>> CHUNK_BITS) + 1) * CHUNK) - 1;
      yield this.chunk(at).subarray(this.offset(at), this.offset(end) + this.record);
    }
  }

  /** The number of states ever appended. */
  get size(): number {
    return this.count;
  }

  /** Bytes held. */
  get bytes(): number {
    return [...this.chunks, ...this.spares].reduce((sum, chunk) => sum + chunk.byteLength, 0);
  }

  /** The chunk that holds state number `index`; its record begins at `offset(index)` in it. */
  chunk(index: number): Int32Array {
    return this.chunks[index >>> CHUNK_BITS] as Int32Array;
  }

  offset(index: number): number {
    return (index & (CHUNK - 1)) * this.record;
  }

  /** Appends the state at `from` in `states`, and a note. */
  append(states: Int32Array, from: number, note: number): void {
    const index = this.count++;
    const at = (index & (CHUNK - 1)) * this.record;
    let chunk = this.chunks[index >>> CHUNK_BITS];
    if (chunk === undefined || at === chunk.length) chunk = this.lengthened(index);
    const end = this.record - 1;
    for (let word = 0; word < end; word++) chunk[at + word] = states[from + word] as number;
    chunk[at + end] = note;
  }

  /** Appends whole records. */
  appendAll(records: Int32Array): void {
    for (let from = 0; from < records.length; ) {
      const at = this.offset(this.count);
      let chunk = this.chunks[this.count >>> CHUNK_BITS];
      if (chunk === undefined || at === chunk.length) chunk = this.lengthened(this.count);
      const part = records.subarray(from, from + chunk.length - at);
      chunk.set(part, at);
      from += part.length;
      this.count += part.length / this.record;
    }
  }

  /** Gives up the states before number `index`, as far as whole chunks go. */
  forget(index: number): void {
    this.kept = Math.max(this.kept, index);
    for (let chunk = (index >>> CHUNK_BITS) - 1; chunk >= 0 && this.chunks[chunk] !== NONE; chunk--) {
      if (this.spares.length < SPARES) this.spares.push(this.chunks[chunk] as Int32Array);
      this.chunks[chunk] = NONE;
    }
  }

  /** The same states in another packing; this log is given up on the way. `repack` turns the state at an offset of an array into `packed`. */
  repacked(
    words: number,
    repack: (states: Int32Array, offset: number) => void,
    packed: Int32Array,
  ): StateLog {
    const result = new StateLog(words);
    for (let index = 0; index < this.count; index++) {
      let note = 0;
      if (index >= this.kept) {
        const chunk = this.chunk(index);
        const offset = this.offset(index);
        repack(chunk, offset);
        note = chunk[offset + this.record - 1] as number;
      }
      result.append(packed, 0, note);
      if ((index & (CHUNK - 1)) !== CHUNK - 1) continue;
      this.chunks[index >>> CHUNK_BITS] = NONE;
      result.forget(Math.min(index + 1, this.kept));
    }
    return result;
  }

  private lengthened(index: number): Int32Array {
    const known = this.chunks[index >>> CHUNK_BITS];
    const room = index === 0 ? FIRST : Math.min(2 * index, CHUNK);
    const longer = this.spares.pop() ?? new Int32Array(room * this.record);
    if (known) longer.set(known);
    this.chunks[index >>> CHUNK_BITS] = longer;
    return longer;
  }
}
