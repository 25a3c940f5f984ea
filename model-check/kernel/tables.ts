import type { Finder } from '../finder.ts';
import type { IntArray } from '../int-array.ts';
import { Layout } from '../layout.ts';
import type { Offer } from '../offers.ts';
import type { Instance } from './instance.ts';

/** What the kernel is told of the search; all of it grows at its end only. */
export interface Sources {
  readonly finder: Finder;
  localsOf(field: number): number;
  /** By transition: its actor, the local state it leads to, the sources that it wakes, and the look that is due after it. */
  readonly by: IntArray;
  readonly to: IntArray;
  readonly wakes: IntArray;
  readonly looks: IntArray;
  readonly lists: IntArray;
  readonly claims: {
    readonly lookCount: number;
    seenBy(look: number, localsOf: (field: number) => number): readonly (readonly [number, IntArray])[];
  };
}

/** A copy of an array, with room for some more. */
interface Copy {
  readonly of: IntArray;
  readonly at: number;
  readonly room: number;
  done: number;
}

/** The lists of an offer by local state of its actor and outbox: columns are 2 to the power of `bits`. */
interface Grid {
  readonly offer: Offer;
  readonly at: number;
  readonly rows: number;
  readonly bits: number;
}

/** Thrown where the kernel's memory has no room for the tables. */
class NoRoom extends Error {}

const FIELD = 4;
const OFFER = 9;
const READING = 12;
const TRANSITION = 4;
/** Cells of one grid at most. */
const GRID_LIMIT = 1 << 22;
/** What was looked at lately. */
const RECALLED = 1 << 16;

/**
 * The tables that the kernel looks things up in: copies of those that the explorer fills. What is added to them is copied in
 * turn (`update`); when one has no more room, all are laid out anew.
 */
export class Tables {
  private readonly words: Int32Array;
  private readonly exports: Instance['exports'];
  private readonly sources: Sources;
  private layout = new Layout([1]);
  /** The memory that is theirs, in words, and how far it is taken. */
  private readonly end: number;
  private next = 0;
  private copies: Copy[] = [];
  private grids: Grid[] = [];
  private offers: Finder['offers']['offers'] = [];
  private lookCount = 0;
  private fields = 0;
  private transitions = { at: 0, room: 0, done: 0 };
  /** Lists of readings entered, and for how many there is room. */
  private entered = 0;
  private entries = 64;

  /** @param end the word at which their memory ends */
  constructor({ words, exports }: Instance, sources: Sources, end: number) {
    this.words = words;
    this.exports = exports;
    this.sources = sources;
    this.end = end;
  }

  /** Bytes held. */
  get bytes(): number {
    return this.next * 4;
  }

  /** Lays out all tables for states that are packed so; false if there is no room for them. */
  pack(layout: Layout): boolean {
    this.layout = layout;
    return this.layOut();
  }

  private layOut(): boolean {
    try {
      this.layOutAll();
      return true;
    } catch (error) {
      if (error instanceof NoRoom) return false;
      throw error;
    }
  }

  /** Copies what is new; false if there is no room for it. */
  update(): boolean {
    const { finder, claims } = this.sources;
    finder.offers.hear();
    this.see();
    const fits =
      this.offers === finder.offers.offers &&
      this.lookCount === claims.lookCount &&
      this.copies.every(({ of, room }) => of.length <= room) &&
      this.sources.to.length <= this.transitions.room &&
      2 * this.entered < this.entries &&
      this.grids.every(
        ({ offer, rows, bits }) =>
          this.sources.localsOf(offer.actor) <= rows && columnsOf(offer) <= 2 ** bits,
      );
    if (!fits) return this.layOut();
    for (const copy of this.copies) this.copyNew(copy);
    this.copyTransitions();
    return true;
  }

  /** Learns the lists of a state that has been expanded. */
  learn(locals: Int32Array): void {
    const { finder } = this.sources;
    for (const { offer, at, bits } of this.grids) {
      const local = locals[offer.actor] as number;
      const outbox = offer.outboxes.data[locals[offer.sender] as number] as number;
      if (outbox !== 0) this.words[at + (local << bits) + outbox] = offer.lists.get(local, outbox);
    }
    finder.readings.forEach(({ actor, of, views, when, open }, number) => {
      const local = locals[actor] as number;
      if (when.data[local] !== open) return;
      const seen = of.map((other, k) => views[k]?.data[locals[other] as number] as number);
      this.enter(number, local, seen, finder.readingList(number, locals));
    });
  }

  private layOutAll(): void {
    const { exports, sources } = this;
    const { finder, claims } = sources;
    finder.offers.hear();
    this.see();
    this.next = exports.TABLES.value >>> 2;
    this.copies = [];
    this.offers = finder.offers.offers;
    this.lookCount = claims.lookCount;
    this.fields = this.take(FIELD * this.layout.widths.length);
    exports.fields.value = 4 * this.fields;
    exports.fieldCount.value = this.layout.widths.length;
    this.layout.mask.forEach((mask, field) => {
      const bit = 32 * (this.layout.word[field] as number) + (this.layout.shift[field] as number);
      this.write(this.fields + FIELD * field, [bit, 0, mask, 0]);
    });
    exports.lists.value = 4 * this.copy(sources.lists);
    const room = roomFor(sources.to.length);
    this.transitions = { at: this.take(TRANSITION * room), room, done: 0 };
    exports.transitions.value = 4 * this.transitions.at;
    this.copyTransitions();
    this.layOutOffers();
    this.layOutLooks();
    this.layOutReadings();
  }

  private layOutOffers(): void {
    const { exports, offers, sources } = this;
    const at = this.take(OFFER * offers.length);
    exports.offers.value = 4 * at;
    exports.offerCount.value = offers.length;
    exports.internals.value = sources.finder.offers.internals;
    this.grids = offers.map((offer, number) => {
      const { actor, sender, outboxes, source } = offer;
      const rows = roomFor(sources.localsOf(actor));
      const bits = Math.log2(roomFor(columnsOf(offer)));
      if (rows * 2 ** bits > GRID_LIMIT) throw new NoRoom();
      const grid = { offer, at: this.take(rows << bits), rows, bits };
      const addresses = [this.field(actor), this.field(sender), 4 * this.copy(outboxes), 4 * grid.at];
      const { bit, before, keeps } = source;
      this.write(at + OFFER * number, [...addresses, bits, bit, before, keeps, 0]);
      for (let row = 0; row < rows; row++) {
        for (let outbox = 0; outbox < 2 ** bits; outbox++)
          this.words[grid.at + (row << bits) + outbox] = outbox === 0 ? 0 : offer.lists.get(row, outbox);
      }
      return grid;
    });
  }

  private layOutLooks(): void {
    const { exports, sources, lookCount } = this;
    const looks = Array.from({ length: lookCount }, (_, look) =>
      sources.claims.seenBy(look, sources.localsOf),
    );
    const width = 1 + Math.max(...looks.map((seen) => seen.length));
    const at = this.take(2 * lookCount);
    exports.looks.value = 4 * at;
    looks.forEach((seen, look) => {
      this.write(at + 2 * look, [this.seen(seen), seen.length]);
    });
    exports.recalledMask.value = RECALLED - 1;
    exports.recalledWords.value = width;
    const recalled = this.take(RECALLED * width);
    exports.recalled.value = 4 * recalled;
    this.words.fill(0, recalled, this.next);
  }

  private layOutReadings(): void {
    const { exports, sources, offers } = this;
    const { readings } = sources.finder;
    const at = this.take(READING * readings.length);
    exports.readings.value = 4 * at;
    exports.readingCount.value = readings.length;
    readings.forEach(({ actor, of, views, when, open, source: { bit, before, keeps } }, number) => {
      const own = offers.findIndex((offer) => offer.internal && offer.actor === actor);
      const internal = own === -1 ? 0 : exports.offers.value + 4 * OFFER * own;
      const seen = this.seen(of.map((field, k) => [field, views[k] as IntArray]));
      const first = readings.findIndex((other) => other.actor === actor);
      this.write(at + READING * number, [
        ...[this.field(actor), 4 * this.copy(when), open, bit, before, keeps, number, seen, of.length],
        ...[internal, 4 * (at + READING * first), 0],
      ]);
    });
    const most = Math.max(0, ...readings.map(({ of }) => of.length));
    exports.entryWords.value = 2 + most;
    exports.key.value = 4 * this.take(Math.max(exports.entryWords.value, exports.recalledWords.value));
    this.enterAll();
  }

  /** Enters all lists of readings that are known. */
  private enterAll(): void {
    const { exports, sources } = this;
    const known = sources.finder.readings.flatMap(({ actor, joint, lists }, reading) => {
      const locals = sources.localsOf(actor);
      return Array.from({ length: joint.size }, (_, view) =>
        Array.from({ length: locals }, (_, local) => ({
          reading,
          local,
          view,
          list: lists.get(local, view),
        })),
      ).flat();
    });
    const entries = known.filter(({ list }) => list !== -1);
    this.entries = roomFor(4 * (entries.length + 16));
    const at = this.take(this.entries * exports.entryWords.value);
    exports.known.value = 4 * at;
    exports.knownMask.value = this.entries - 1;
    this.words.fill(0, at, this.next);
    this.entered = 0;
    for (const { reading, local, view, list } of entries)
      this.enter(reading, local, sources.finder.readings[reading]?.joint.tuple(view) ?? [], list);
  }

  private enter(reading: number, local: number, seen: readonly number[], list: number): void {
    const { exports, words, sources } = this;
    const key = exports.key.value >>> 2;
    words.fill(0, key, key + exports.entryWords.value);
    this.write(key + 1, [local * sources.finder.readings.length + reading, ...seen]);
    this.entered += exports.enter(list);
  }

  /** The numbers of what is seen are there for all local states. */
  private see(): void {
    const { claims, localsOf } = this.sources;
    for (let look = 0; look < claims.lookCount; look++) claims.seenBy(look, localsOf);
  }

  private seen(seen: readonly (readonly [number, IntArray])[]): number {
    const at = this.take(2 * seen.length);
    seen.forEach(([field, numbers], k) => {
      this.write(at + 2 * k, [this.field(field), 4 * this.copy(numbers)]);
    });
    return 4 * at;
  }

  private field(field: number): number {
    return 4 * (this.fields + FIELD * field);
  }

  private copy(of: IntArray): number {
    const known = this.copies.find((copy) => copy.of === of);
    if (known) return known.at;
    const room = roomFor(of.length);
    const copy = { of, at: this.take(room), room, done: 0 };
    this.copies.push(copy);
    this.copyNew(copy);
    return copy.at;
  }

  private copyNew(copy: Copy): void {
    const { of, at, done } = copy;
    if (done === of.length) return;
    this.words.set(of.data.subarray(done, of.length), at + done);
    copy.done = of.length;
  }

  private copyTransitions(): void {
    const { by, to, wakes, looks } = this.sources;
    const { at, done } = this.transitions;
    for (let id = done; id < looks.length; id++) {
      const actor = this.field(by.data[id] as number);
      const rest = [to, wakes, looks].map(({ data }) => data[id] as number);
      this.write(at + TRANSITION * id, [actor, ...rest]);
    }
    this.transitions.done = looks.length;
  }

  private write(at: number, numbers: readonly number[]): void {
    for (let k = 0; k < numbers.length; k++) this.words[at + k] = numbers[k] as number;
  }

  /** The place of so many words, at an even one: some are read as 64 bits. */
  private take(words: number): number {
    const at = this.next;
    this.next += words + (words & 1);
    if (this.next > this.end) throw new NoRoom();
    return at;
  }
}

function columnsOf({ internal, sets }: Offer): number {
  return internal ? 2 : sets.length;
}

/** The power of two that has room for a number of things, and for some more. */
function roomFor(count: number): number {
  return 2 ** Math.ceil(Math.log2(count * 1.25 + 2));
}
