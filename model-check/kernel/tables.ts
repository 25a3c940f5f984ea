import { IntArray, roomFor } from '../int-array.ts';
import { Layout } from '../layout.ts';
import type { Offer } from '../offers.ts';
import { Crashes } from './crashes.ts';
import type { Exports, Instance } from './instance.ts';
import type { Sources } from './search.ts';
import { NoRoom, Space } from './space.ts';

/** The lists of an offer by local state of its actor and outbox: columns are 2 to the power of `bits`. */
interface Grid {
  readonly offer: Offer;
  readonly at: number;
  readonly rows: number;
  readonly bits: number;
}

const FIELD = 4;
const OFFER = 9;
const READING = 12;
/** Cells of one grid at most. */
const GRID_LIMIT = 1 << 22;
/** What was looked at lately. */
const RECALLED = 1 << 16;

/**
 * The tables that the kernel looks things up in: copies of those that the explorer fills. What is added to them is copied in
 * turn (`update`); when one has no more room, all are laid out anew. `assembly/kernel.ts` has their shapes.
 */
export class Tables {
  private readonly space: Space;
  private readonly exports: Exports;
  private readonly sources: Sources;
  private readonly crashes: Crashes;
  private layout = new Layout([1]);
  private grids: readonly Grid[] = [];
  private offers: readonly Offer[] = [];
  private lookCount = 0;
  /** Where the fields lie. */
  private fields = 0;
  /** By transition: the address of its actor's field. */
  private readonly actors = new IntArray();
  /** Lists of readings entered, and for how many there is room. */
  private entered = 0;
  private entries = 0;

  /** @param end the word at which their memory ends */
  constructor({ words, exports }: Instance, sources: Sources, end: number) {
    this.space = new Space(words, exports.TABLES.value >>> 2, end);
    this.exports = exports;
    this.sources = sources;
    this.crashes = new Crashes(this.space, exports, sources);
  }

  /** Bytes held. */
  get bytes(): number {
    return this.space.bytes;
  }

  /** Lays out all tables for states that are packed so; false if there is no room for them. */
  pack(layout: Layout): boolean {
    this.layout = layout;
    return this.layOut();
  }

  /** Copies what is new; false if there is no room for it. */
  update(): boolean {
    const { finder, claims, localsOf } = this.sources;
    finder.offers.hear();
    this.hear();
    const fits =
      this.offers === finder.offers.offers &&
      this.lookCount === claims.lookCount &&
      2 * this.entered < this.entries &&
      this.crashes.fit() &&
      this.grids.every(
        ({ offer, rows, bits }) => localsOf(offer.actor) <= rows && columnsOf(offer) <= 1 << bits,
      );
    return (fits && this.space.update()) || this.layOut();
  }

  /** Learns what a state that has been expanded has looked up. */
  learn(locals: Int32Array): void {
    const { finder } = this.sources;
    for (const { offer, at, bits } of this.grids) {
      const local = locals[offer.actor] as number;
      const outbox = offer.outboxes.data[locals[offer.sender] as number] as number;
      if (outbox !== 0) this.space.write(at + (local << bits) + outbox, [offer.lists.get(local, outbox)]);
    }
    finder.readings.forEach(({ actor, of, views, when, open }, number) => {
      const local = locals[actor] as number;
      if (when.data[local] !== open) return;
      const seen = of.map((other, k) => views[k]?.data[locals[other] as number] as number);
      this.enter(number, local, seen, finder.readingList(number, locals));
    });
    this.crashes.learn(locals);
  }

  /** Sees to it that what grows with the local states and transitions is as long as they are. */
  private hear(): void {
    const { claims, localsOf, by } = this.sources;
    for (let look = 0; look < claims.lookCount; look++) claims.seenBy(look, localsOf);
    while (this.actors.length < by.length)
      this.actors.push(this.field(by.data[this.actors.length] as number));
    this.crashes.hear();
  }

  private layOut(): boolean {
    const { sources, exports, space } = this;
    sources.finder.offers.hear();
    this.offers = sources.finder.offers.offers;
    this.lookCount = sources.claims.lookCount;
    try {
      space.clear();
      this.layOutFields();
      this.hear();
      exports.lists.value = 4 * space.copy(sources.lists);
      exports.actors.value = 4 * space.copy(this.actors);
      exports.to.value = 4 * space.copy(sources.to);
      exports.wakes.value = 4 * space.copy(sources.wakes);
      exports.dues.value = 4 * space.copy(sources.looks);
      this.layOutOffers();
      this.layOutLooks();
      this.layOutReadings();
      this.crashes.layOut((field) => this.field(field));
      return true;
    } catch (error) {
      if (error instanceof NoRoom) return false;
      throw error;
    }
  }

  private layOutFields(): void {
    const { word, shift, mask } = this.layout;
    this.fields = this.space.take(FIELD * mask.length);
    this.exports.fields.value = 4 * this.fields;
    this.exports.fieldCount.value = mask.length;
    mask.forEach((most, field) => {
      const bit = 32 * (word[field] as number) + (shift[field] as number);
      this.space.write(this.fields + FIELD * field, [bit, 0, most, 0]);
    });
  }

  private layOutOffers(): void {
    const { exports, offers, sources, space } = this;
    const at = space.take(OFFER * offers.length);
    exports.offers.value = 4 * at;
    exports.offerCount.value = offers.length;
    exports.internals.value = sources.finder.offers.internals;
    this.grids = offers.map((offer, number) => {
      const { actor, sender, outboxes, source } = offer;
      const rows = roomFor(sources.localsOf(actor));
      const bits = Math.log2(roomFor(columnsOf(offer)));
      if (rows * 2 ** bits > GRID_LIMIT) throw new NoRoom();
      const grid = { offer, at: space.filled(rows << bits, 0), rows, bits };
      const addresses = [this.field(actor), this.field(sender), 4 * space.copy(outboxes), 4 * grid.at];
      const { bit, before, keeps } = source;
      space.write(at + OFFER * number, [...addresses, bits, bit, before, keeps, 0]);
      for (let row = 0; row < rows; row++)
        for (let outbox = 1; outbox < 1 << bits; outbox++)
          space.words[grid.at + (row << bits) + outbox] = offer.lists.get(row, outbox);
      return grid;
    });
  }

  private layOutLooks(): void {
    const { exports, sources, lookCount, space } = this;
    const looks = Array.from({ length: lookCount }, (_, look) =>
      sources.claims.seenBy(look, sources.localsOf),
    );
    exports.looks.value = 4 * space.put(looks.flatMap((seen) => [this.seen(seen), seen.length]));
    exports.recalledMask.value = RECALLED - 1;
    exports.recalledWords.value = 1 + Math.max(...looks.map((seen) => seen.length));
    exports.recalled.value = 4 * space.filled(RECALLED * exports.recalledWords.value, 0);
  }

  private layOutReadings(): void {
    const { exports, sources, offers, space } = this;
    const { readings } = sources.finder;
    const at = space.take(READING * readings.length);
    exports.readings.value = 4 * at;
    exports.readingCount.value = readings.length;
    readings.forEach(({ actor, of, views, when, open, source: { bit, before, keeps } }, number) => {
      const own = offers.findIndex((offer) => offer.internal && offer.actor === actor);
      const internal = own === -1 ? 0 : exports.offers.value + 4 * OFFER * own;
      const seen = this.seen(of.map((field, k) => [field, views[k] as IntArray]));
      const first = readings.findIndex((other) => other.actor === actor);
      space.write(at + READING * number, [
        ...[this.field(actor), 4 * space.copy(when), open, bit, before, keeps, number, seen, of.length],
        ...[internal, 4 * (at + READING * first), 0],
      ]);
    });
    exports.entryWords.value = 2 + Math.max(0, ...readings.map(({ of }) => of.length));
    exports.key.value = 4 * space.take(Math.max(exports.entryWords.value, exports.recalledWords.value));
    this.enterAll();
  }

  /** Enters all lists of readings that are known. */
  private enterAll(): void {
    const { exports, sources, space } = this;
    const { readings } = sources.finder;
    const known = readings.flatMap(({ actor, joint, lists }, reading) =>
      upTo(joint.size).flatMap((view) =>
        upTo(sources.localsOf(actor)).flatMap((local) => {
          const list = lists.get(local, view);
          return list === -1 ? [] : [{ reading, local, seen: joint.tuple(view), list }];
        }),
      ),
    );
    this.entries = roomFor(4 * (known.length + 16));
    exports.known.value = 4 * space.filled(this.entries * exports.entryWords.value, 0);
    exports.knownMask.value = this.entries - 1;
    this.entered = 0;
    for (const { reading, local, seen, list } of known) this.enter(reading, local, seen, list);
  }

  private enter(reading: number, local: number, seen: readonly number[], list: number): void {
    const { exports, space, sources } = this;
    const key = exports.key.value >>> 2;
    const rest = exports.entryWords.value - 2 - seen.length;
    const tag = local * sources.finder.readings.length + reading;
    space.write(key, [0, tag, ...seen, ...upTo(rest).fill(0)]);
    this.entered += exports.enter(list);
  }

  /** The address of what is seen of some fields. */
  private seen(seen: readonly (readonly [number, IntArray])[]): number {
    return (
      4 *
      this.space.put(seen.flatMap(([field, numbers]) => [this.field(field), 4 * this.space.copy(numbers)]))
    );
  }

  /** The address of a field. */
  private field(field: number): number {
    return 4 * (this.fields + FIELD * field);
  }
}

function columnsOf({ internal, sets }: Offer): number {
  return internal ? 2 : sets.length;
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, at) => at);
}
