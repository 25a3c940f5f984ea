import { type Exports, type Instance, SETTINGS } from './instance.ts';
import type { Finds } from './search.ts';
import { LINE } from './space.ts';

/** Words of a record: a state of two, and the sources asleep. */
export const RECORD = 3;
/**
 * Words of a successor: the state to be added, the sources asleep in it, or with symmetry the size of its orbit, and the look that is due; then the
 * state that is to be looked at.
 */
export const SUCCESSOR = 6;
/** Words of a look that is due: the state that is to be looked at, and the look. */
export const LOOK = 4;

/** Tells of looks that are due, one after the other. */
export function tellLooks(looks: Int32Array, { look }: Finds): void {
  for (let at = 0; at < looks.length; at += LOOK) look(looks[at + 2] as number, looks, at);
}

/** What is known of a block: states expanded, successors, transitions seen, holes, looks that are due, and for how many states the new ones stand. */
const KNOWN = ['STATES', 'COUNT', 'SEEN', 'LEFT', 'LOOKED', 'STOOD'] as const;
export type Known = (typeof KNOWN)[number];
const PLACES = [...KNOWN, 'HOLES', 'SUCCESSORS', 'LOOKS'] as const;
type Place = (typeof PLACES)[number];

/** A state that was left out of a block: its number, and how many successors and transitions come before it. */
export interface Hole {
  readonly state: number;
  readonly count: number;
  readonly seen: number;
}

/** What all threads must know to find their way in the kernel's memory. */
export interface Terms {
  readonly threads: number;
  /** The bytes of the tables. Each thread keeps as much for itself. */
  readonly tables: number;
  /** States of a block, and successors of a block at most. */
  readonly size: number;
  readonly room: number;
}

/**
 * What the threads of a round share, in the kernel's memory: what is set of an instance; the records to be expanded; of each block a
 * region (see `assembly/round.ts`), and for each thread its marks of the successors that it has found to be new; then the records of these.
 */
export class Blocks {
  /** Blocks of a round at most. */
  static readonly most = 256;

  readonly threads: number;
  readonly size: number;
  readonly room: number;
  /** The word after the last. */
  readonly end: number;
  private readonly words: Int32Array;
  /** Words of a region, and the word of it where each thing begins. */
  private readonly length: number;
  private readonly places: Readonly<Record<Place, number>>;
  private readonly settings: number;
  private readonly sources: number;
  private readonly regions: number;
  private readonly marks: number;
  /** Words of the marks of one thread in one block: how many there are, and a bit for each successor. */
  private readonly stride: number;
  private readonly founds: number;

  constructor({ words, exports }: Instance, { threads, tables, size, room }: Terms) {
    const { most } = Blocks;
    this.words = words;
    this.length = exports.REGION.value / 4;
    this.places = Object.fromEntries(PLACES.map((place) => [place, exports[place].value / 4])) as Record<
      Place,
      number
    >;
    this.threads = threads;
    this.size = Math.min(size, exports.BLOCK.value);
    this.room = Math.min(room, exports.MOST.value);
    this.stride = LINE + roundedUp(this.room / 32);
    this.settings = (tables >>> 2) * threads;
    this.sources = this.settings + roundedUp(SETTINGS.length);
    this.regions = this.sources + roundedUp(RECORD * this.size * most);
    this.marks = this.regions + this.length * most;
    this.founds = this.marks + this.stride * threads * most;
    this.end = this.founds + RECORD * this.room * most;
  }

  /** Writes down what is set of an instance. */
  publish(exports: Exports): void {
    SETTINGS.forEach((name, at) => {
      this.words[this.settings + at] = exports[name].value;
    });
  }

  /** Sets an instance so. */
  adopt(exports: Exports): void {
    SETTINGS.forEach((name, at) => {
      exports[name].value = this.words[this.settings + at] as number;
    });
  }

  /** So many records to be expanded, from number `from` on. */
  records(from: number, count: number): Int32Array {
    return this.subarray(this.sources + RECORD * from, RECORD * count);
  }

  /** So many records of new states, from number `from` on. */
  found(from: number, count: number): Int32Array {
    return this.subarray(this.founds + RECORD * from, RECORD * count);
  }

  /** The address of a block's region. */
  region(block: number): number {
    return 4 * this.start(block);
  }

  get(block: number, known: Known): number {
    return this.words[this.at(block, known)] as number;
  }

  set(block: number, known: Known, value: number): void {
    this.words[this.at(block, known)] = value;
  }

  hole(block: number, number: number): Hole {
    const [state = 0, count = 0, seen = 0] = this.subarray(this.at(block, 'HOLES') + 3 * number, 3);
    return { state, count, seen };
  }

  /** Puts successors among those of a block, before number `at`. */
  insert(block: number, at: number, successors: Int32Array): void {
    const from = this.at(block, 'SUCCESSORS') + SUCCESSOR * at;
    const end = this.at(block, 'SUCCESSORS') + SUCCESSOR * this.get(block, 'COUNT');
    this.words.copyWithin(from + successors.length, from, end);
    this.words.set(successors, from);
    this.set(block, 'COUNT', this.get(block, 'COUNT') + successors.length / SUCCESSOR);
  }

  /** A copy of the looks that are due in a block. */
  looks(block: number): Int32Array {
    const from = this.at(block, 'LOOKS');
    return this.words.slice(from, from + LOOK * this.get(block, 'LOOKED'));
  }

  /** The address of an owner's marks, and from one owner's to the next. */
  marked(block: number, owner: number): number {
    return 4 * (this.fresh(block, owner) + LINE);
  }

  get markStride(): number {
    return 4 * this.stride;
  }

  /** An owner has added what is its own of a block: so many states that are new. */
  setFresh(block: number, owner: number, count: number): void {
    this.tell(this.fresh(block, owner), count + 1);
  }

  /** How many new states a block has led to, of all owners. */
  freshOf(block: number): number {
    let sum = 0;
    for (let owner = 0; owner < this.threads; owner++)
      sum += (this.words[this.fresh(block, owner)] as number) - 1;
    return sum;
  }

  /** A block is not done yet, and nobody has added anything of it. */
  begin(block: number): void {
    Atomics.store(this.words, this.start(block), 0);
    for (let owner = 0; owner < this.threads; owner++) Atomics.store(this.words, this.fresh(block, owner), 0);
  }

  /** A block is done, but for its holes. */
  finish(block: number): void {
    this.tell(this.start(block), 1);
  }

  /** Whether a block is done, but for its holes; waits for it up to so many milliseconds. */
  isDone(block: number, milliseconds = 0): boolean {
    return this.isTold(this.start(block), milliseconds);
  }

  /** Whether an owner has added what is its own of a block; waits for it up to so many milliseconds. */
  hasAdded(block: number, owner: number, milliseconds: number): boolean {
    return this.isTold(this.fresh(block, owner), milliseconds);
  }

  private tell(at: number, value: number): void {
    Atomics.store(this.words, at, value);
    Atomics.notify(this.words, at);
  }

  private isTold(at: number, milliseconds: number): boolean {
    if (Atomics.load(this.words, at) !== 0) return true;
    return milliseconds > 0 && Atomics.wait(this.words, at, 0, milliseconds) !== 'timed-out';
  }

  private fresh(block: number, owner: number): number {
    return this.marks + this.stride * (block * this.threads + owner);
  }

  private start(block: number): number {
    return this.regions + this.length * block;
  }

  private at(block: number, place: Place): number {
    return this.start(block) + this.places[place];
  }

  private subarray(from: number, length: number): Int32Array {
    return this.words.subarray(from, from + length);
  }
}

function roundedUp(words: number): number {
  return LINE * Math.ceil(words / LINE);
}
