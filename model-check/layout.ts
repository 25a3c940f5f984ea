import { compiled } from './compiled.ts';

type Unpacker = (packed: Int32Array, from: number, values: Int32Array) => void;

/** Bits of a word that a layout may use: in word 0 the top bit marks an occupied slot of the state set. */
const usable = (word: number): number => (word === 0 ? 31 : 32);

/** Two words hold most systems to the end, so that their states are never packed twice. */
const LEAST_WORDS = 2;

/** The word of each field: the widest first, each in the word with the most room, in as few words as that takes. */
function placement(needed: readonly number[]): number[] {
  const widestFirst = needed
    .map((_, field) => field)
    .sort((a, b) => (needed[b] ?? 0) - (needed[a] ?? 0) || a - b);
  for (let words = LEAST_WORDS; ; words++) {
    const free = Array.from({ length: words }, (_, word) => usable(word));
    const place: number[] = [];
    for (const field of widestFirst) {
      const word = free.indexOf(Math.max(...free));
      place[field] = word;
      free[word] = (free[word] as number) - (needed[field] as number);
    }
    if (free.every((bits) => bits >= 0)) return place;
  }
}

/** The part of its word's left-over bits that a field gets. */
function spare(place: readonly number[], needed: readonly number[], field: number): number {
  const word = place[field] as number;
  const mates = needed.filter((_, other) => place[other] === word);
  const free = usable(word) - mates.reduce((sum, width) => sum + width, 0);
  return Math.min(Math.floor(free / mates.length), 31 - (needed[field] as number));
}

/**
 * Where each field of a packed global state lies. A field (an actor's local number, say) never straddles two words, so
 * that it is read and replaced by one shift and one mask.
 */
export class Layout {
  /** The bits that each field needed when the layout was made: they say all about it. */
  readonly needed: readonly number[];
  /** Bits of each field. */
  readonly widths: readonly number[];
  /** Words of 32 bits in a state. */
  readonly words: number;
  /** For each field: the word it lies in, and the bit at which it begins. */
  readonly word: Int32Array;
  readonly shift: Int32Array;
  /** For each field: its mask, unshifted; also the greatest value that fits. */
  readonly mask: Int32Array;
  /** `unpack`, compiled once it has been called this often. */
  private unpacker: Unpacker | null = null;
  private patience = 1000;

  /**
   * @param needed bits that each field needs, 1 to 31; the bits that are left over in a word are shared out among its
   *   fields, so that it is seldom that one turns out too narrow
   */
  constructor(needed: readonly number[]) {
    const place = placement(needed);
    this.needed = needed;
    const widths = needed.map((width, field) => width + spare(place, needed, field));
    this.widths = widths;
    this.word = new Int32Array(widths.length);
    this.shift = new Int32Array(widths.length);
    this.mask = new Int32Array(widths.length);
    const filled: number[] = [];
    widths.forEach((width, field) => {
      const word = place[field] as number;
      this.word[field] = word;
      this.shift[field] = filled[word] ?? 0;
      this.mask[field] = 2 ** width - 1;
      filled[word] = (filled[word] ?? 0) + width;
    });
    this.words = Math.max(LEAST_WORDS, filled.length);
  }

  /** Writes the fields of the state at `from` in `packed` to `values`. */
  unpack(packed: Int32Array, from: number, values: Int32Array): void {
    if (this.patience > 0) this.patience -= 1;
    else if (this.patience === 0) this.compile();
    if (this.unpacker !== null) {
      this.unpacker(packed, from, values);
      return;
    }
    for (let field = 0; field < this.widths.length; field++) {
      values[field] =
        ((packed[from + (this.word[field] as number)] as number) >>> (this.shift[field] as number)) &
        (this.mask[field] as number);
    }
  }

  private compile(): void {
    const lines = Array.from(
      this.word,
      (word, field) =>
        `values[${field}] = (packed[from + ${word} | 0] >>> ${this.shift[field]}) & ${this.mask[field]};`,
    );
    this.unpacker = compiled<Unpacker>(['packed', 'from', 'values'], lines.join('\n'));
    this.patience = -1;
  }

  /** Whether each field has room for its value. */
  fits(values: Int32Array): boolean {
    return values.every((value, field) => value <= (this.mask[field] as number));
  }

  /** Writes `values` as a packed state to `packed` at `from`. */
  pack(values: Int32Array, packed: Int32Array, from: number): void {
    for (let word = 0; word < this.words; word++) packed[from + word] = 0;
    for (let field = 0; field < this.widths.length; field++) {
      const at = from + (this.word[field] as number);
      packed[at] = (packed[at] as number) | ((values[field] as number) << (this.shift[field] as number));
    }
  }

  /** Writes a value, for which its field has room, into the packed state at `from` in `packed`. */
  put(field: number, value: number, packed: Int32Array, from: number): void {
    const at = from + (this.word[field] as number);
    const shift = this.shift[field] as number;
    packed[at] = ((packed[at] as number) & ~((this.mask[field] as number) << shift)) | (value << shift);
  }
}
