import type { ReadingShape } from '../finder.ts';
import { IntArray, roomFor, upTo } from '../int-array.ts';
import { Layout } from '../layout.ts';
import type { Offer } from '../offers.ts';
import { Crashes } from './crashes.ts';
import { gatherCode } from './gather.ts';
import { Images } from './images.ts';
import type { Exports, Instance } from './instance.ts';
import type { Sources } from './search.ts';
import { NoRoom, Space } from './space.ts';

/** The cells of an offer in its actor's rows: by outbox, from a column on. */
interface Cells {
  readonly offer: Offer;
  readonly column: number;
  readonly columns: number;
  readonly grid: Grid;
}

/** The cells of all offers of an actor, a row for each local state: what is looked up of a state lies side by side. */
interface Grid {
  readonly at: number;
  readonly rows: number;
  readonly width: number;
}

const FIELD = 4;
const OFFER = 4;
const READING = 11;
/** What a reading sees and its steps, or what was looked at lately. */
const ENTRY = 4;

/**
 * The tables that the kernel looks things up in: copies of those that the explorer fills. What is added to them is copied in
 * turn (`update`); when one has no more room, all are laid out anew. The files of `assembly/` have their shapes.
 */
export class Tables {
  static gatherCode = gatherCode;
  /** How much of what was looked at lately is kept: a power of two. */
  static recalled = 1 << 16;

  private readonly instance: Instance;
  private readonly space: Space;
  private readonly exports: Exports;
  private readonly sources: Sources;
  private readonly crashes: Crashes;
  private readonly images: Images;
  private readonly end: number;
  private readonly threads: number;
  private layout = new Layout([1]);
  private cells: readonly Cells[] = [];
  private offers: readonly Offer[] = [];
  private lookCount = 0;
  /** The number of local states that it has heard of. */
  private heard = -1;
  /** Where fields and offers lie. */
  private fields = 0;
  private offersAt = 0;
  /** By list: the address of its steps, 0 if they are not laid out. */
  private laid = new IntArray();
  /** What a reading sees, packed. */
  private readonly view = new Int32Array(2);
  /** Lists of readings entered, and for how many there is room. */
  private entered = 0;
  private entries = 0;

  /**
   * @param end the word at which their memory ends
   * @param threads how many threads look things up: what each has seen lately stands so many words beyond the place that it has here
   */
  constructor(instance: Instance, sources: Sources, end: number, threads: number) {
    const { words, exports } = instance;
    this.instance = instance;
    this.end = end;
    this.threads = threads;
    this.space = new Space(words, exports.TABLES.value >>> 2, end);
    this.exports = exports;
    this.sources = sources;
    this.crashes = new Crashes(this.space, exports, sources);
    this.images = new Images(this.space, exports, sources);
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
    const { finder, claims } = this.sources;
    finder.offers.hear();
    const fits =
      this.offers === finder.offers.offers &&
      this.lookCount === claims.lookCount &&
      2 * this.entered < this.entries &&
      (this.heard === finder.offers.known || this.fitsLocals());
    return (fits && this.space.update()) || this.layOut();
  }

  /** Hears of local states; tells whether there is room for all of them. */
  private fitsLocals(): boolean {
    const { localsOf } = this.sources;
    this.hear();
    return (
      this.crashes.fit() &&
      this.images.fit() &&
      this.cells.every(
        ({ offer, columns, grid }) => localsOf(offer.actor) <= grid.rows && columnsOf(offer) <= columns,
      )
    );
  }

  /** Learns what a state that has been expanded has looked up; false if there is no room for it. */
  learn(locals: Int32Array): boolean {
    const { finder } = this.sources;
    return fitting(() => {
      for (const cells of this.cells) {
        const { offer } = cells;
        const outbox = offer.outboxes.data[locals[offer.sender] as number] as number;
        if (outbox !== 0) this.fill(cells, locals[offer.actor] as number, outbox);
      }
      finder.readings.forEach(({ actor, when, open, scratch }, number) => {
        const local = locals[actor] as number;
        if (when.data[local] !== open) return;
        const list = finder.readingList(number, locals);
        this.enter(number, local, scratch, list);
      });
      this.crashes.learn(locals);
      this.images.learn();
    });
  }

  /** Sees to it that what grows with the local states and transitions is as long as they are. */
  private hear(): void {
    const { finder, claims, localsOf } = this.sources;
    for (let look = 0; look < claims.lookCount; look++) claims.seenBy(look, localsOf);
    this.crashes.hear();
    this.heard = finder.offers.known;
  }

  private layOut(): boolean {
    const { sources, exports, space } = this;
    sources.finder.offers.hear();
    this.offers = sources.finder.offers.offers;
    this.lookCount = sources.claims.lookCount;
    this.laid = new IntArray();
    return fitting(() => {
      space.clear();
      this.layOutFields();
      this.hear();
      exports.to.value = 4 * space.copy(sources.to);
      exports.dues.value = 4 * space.copy(sources.looks);
      this.layOutOffers();
      this.layOutLooks();
      this.layOutReadings();
      this.crashes.layOut((field) => this.field(field));
      this.images.layOut((field) => this.field(field));
    });
  }

  private layOutFields(): void {
    const { mask } = this.layout;
    this.fields = this.space.take(FIELD * mask.length);
    mask.forEach((most, field) => {
      this.space.write(this.fields + FIELD * field, [this.bit(field), 0, most, 0]);
    });
  }

  private layOutOffers(): void {
    const { exports, offers, sources, space } = this;
    this.offersAt = space.take(OFFER * offers.length);
    exports.enabled.value = 4 * space.takeApart(2 * (offers.length + 1));
    const grids = new Map(offers.map(({ actor }) => [actor, this.grid(actor)]));
    const next = new Map<number, number>();
    const all: Cells[] = [];
    offers.forEach((offer, number) => {
      const { actor, source } = offer;
      const grid = grids.get(actor) as Grid;
      const column = next.get(actor) ?? 0;
      const columns = roomForColumns(offer);
      next.set(actor, column + columns);
      const { bit, before, keeps } = source;
      space.write(this.offersAt + OFFER * number, [this.field(actor), bit, before, keeps]);
      all.push({ offer, column, columns, grid });
    });
    this.cells = all;
    for (const cells of all) {
      const { at, rows, width } = cells.grid;
      for (let row = 0; row < rows; row++) space.words[at + row * width + cells.column] = 0;
      for (let local = 0; local < sources.localsOf(cells.offer.actor); local++)
        for (let outbox = 1; outbox < columnsOf(cells.offer); outbox++) this.fill(cells, local, outbox);
    }
    this.layOutGather(grids);
  }

  /** Writes out the look-ups of offers; the code lies among the tables, for other threads to find. */
  private layOutGather(grids: ReadonlyMap<number, Grid>): void {
    const { exports, space, layout, instance, sources } = this;
    const fields = Array.from(layout.mask, (mask, field) => {
      const grid = grids.get(field);
      return { bit: this.bit(field), mask, rows: 4 * (grid?.at ?? 0), rowSize: 4 * (grid?.width ?? 0) };
    });
    const offers = this.cells.map(({ offer: { actor, sender, outboxes }, column }, number) => {
      const offer = 4 * (this.offersAt + OFFER * number);
      return { offer, actor, sender, outboxes: 4 * space.copy(outboxes), cells: 4 * column };
    });
    const code = Tables.gatherCode(fields, offers, sources.finder.offers.internals);
    const at = space.take(Math.ceil(code.length / 4));
    new Uint8Array(space.words.buffer).set(code, 4 * at);
    exports.gather.value = 4 * at;
    exports.gatherSize.value = code.length;
    exports.gathers.value += 1;
    instance.gather(code);
  }

  /** The rows of an actor, in which nothing is known. */
  private grid(actor: number): Grid {
    const { offers, sources, space } = this;
    const rows = roomFor(sources.localsOf(actor));
    const width = offers
      .filter((offer) => offer.actor === actor)
      .reduce((sum, offer) => sum + roomForColumns(offer), 0);
    return { at: space.filled(rows * width, -1), rows, width };
  }

  /** Notes the steps of an offer in a local state of its actor. */
  private fill({ offer, column, grid }: Cells, local: number, outbox: number): void {
    const steps = this.steps(offer.actor, local, offer.lists.get(local, outbox));
    this.space.words[grid.at + local * grid.width + column + outbox] = steps;
  }

  /** The address of the steps in a list that change the actor's local state; 0 if there are none, -1 if its field has no room for one. */
  private steps(actor: number, local: number, list: number): number {
    if (list <= 0) return list;
    const known = this.laid.data[list] ?? 0;
    if (known !== 0) return known;
    const { to, wakes, looks, lists } = this.sources;
    const most = this.layout.mask[actor] as number;
    const steps: number[] = [];
    for (let at = list + 2; at < list + 2 + (lists.data[list] as number); at++) {
      const transition = lists.data[at] as number;
      const next = to.data[transition] as number;
      if (next > most) return -1;
      if (next !== local)
        steps.push(
          next ^ local,
          wakes.data[transition] as number,
          looks.data[transition] as number,
          transition,
        );
    }
    if (steps.length === 0) return 0;
    const address = 4 * this.space.put([steps.length / 4, ...steps]);
    this.laid.put(list, address);
    return address;
  }

  private layOutLooks(): void {
    const { exports, sources, lookCount, space } = this;
    const looks = Array.from({ length: lookCount }, (_, look) =>
      sources.claims.seenBy(look, sources.localsOf),
    );
    exports.looks.value = 4 * space.put(looks.flatMap((seen) => [this.seen(seen), seen.length]));
    exports.recalledMask.value = Tables.recalled - 1;
    const room = Tables.recalled * ENTRY;
    const recalled = space.takeApart(room);
    exports.recalled.value = 4 * recalled;
    for (let from = recalled, thread = 0; thread < this.threads; from += this.end, thread++)
      space.words.fill(0, from, from + room);
  }

  private layOutReadings(): void {
    const { exports, sources, offers, space } = this;
    const { readings } = sources.finder;
    const at = space.take(READING * readings.length);
    exports.readings.value = 4 * at;
    exports.readingCount.value = readings.length;
    exports.noted.value = 4 * space.takeApart(readings.length + 1);
    readings.forEach(({ actor, of, views, when, open, source: { bit, before, keeps } }, number) => {
      const own = offers.findIndex((offer) => offer.internal && offer.actor === actor);
      const internal = own === -1 ? 0 : 4 * (this.offersAt + OFFER * own);
      // Of its own actor it sees all.
      const others = of.flatMap((field, k) =>
        field === actor ? [] : [[field, views[k] as IntArray] as const],
      );
      const seen = this.seen(others);
      const first = readings.findIndex((other) => other.actor === actor);
      space.write(at + READING * number, [
        ...[this.field(actor), 4 * space.copy(when), open, bit, before, keeps, number + 1, seen],
        others.length,
        ...[internal, 4 * (at + READING * first)],
      ]);
    });
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
    exports.known.value = 4 * space.filled(this.entries * ENTRY, 0);
    exports.knownMask.value = this.entries - 1;
    this.entered = 0;
    for (const { reading, local, seen, list } of known) this.enter(reading, local, seen, list);
  }

  private enter(number: number, local: number, seen: ArrayLike<number>, list: number): void {
    const { layout, view } = this;
    const { actor, of } = this.sources.finder.readings[number] as ReadingShape;
    const steps = this.steps(actor, local, list);
    if (steps === -1) return;
    view.fill(0);
    for (const [k, field] of of.entries()) layout.put(field, seen[k] as number, view, 0);
    layout.put(actor, local, view, 0);
    this.entered += this.exports.enter(view[0] as number, view[1] as number, number + 1, steps);
  }

  /** The address of what is seen of some fields. */
  private seen(seen: readonly (readonly [number, IntArray])[]): number {
    return (
      4 *
      this.space.put(seen.flatMap(([field, numbers]) => [this.field(field), 4 * this.space.copy(numbers)]))
    );
  }

  /** The bit at which a field begins. */
  private bit(field: number): number {
    const { word, shift } = this.layout;
    return 32 * (word[field] as number) + (shift[field] as number);
  }

  /** The address of a field. */
  private field(field: number): number {
    return 4 * (this.fields + FIELD * field);
  }
}

/** Does what takes room; false if there is not enough. */
function fitting(work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (error instanceof NoRoom) return false;
    throw error;
  }
}

/** The outboxes that an offer has cells for. */
function roomForColumns(offer: Offer): number {
  return 1 << Math.max(2, Math.ceil(Math.log2(columnsOf(offer))));
}

function columnsOf({ internal, sets }: Offer): number {
  return internal ? 2 : sets.length;
}
