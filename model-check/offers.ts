import { compiled } from './compiled.ts';
import { IntArray, roomFor } from './int-array.ts';
import { PairTable } from './pair-table.ts';
import type { Source, Sources } from './sources.ts';

/** What one sender has sent to one recipient. */
export interface Sent {
  readonly sender: number;
  /** By local state of the sender, the number of the set of messages it has sent to the recipient; 0 is the empty set. */
  readonly outboxes: IntArray;
  /** How many such sets there are. */
  readonly sets: { readonly length: number };
  /** By local state of the recipient and outbox, the list of its steps. */
  readonly lists: PairTable;
}

/** What offers steps to one actor: its own internal steps, or what one sender has sent to it. */
export interface Offer extends Sent {
  /** Offers are numbered as they are added. */
  readonly number: number;
  readonly source: Source;
  readonly actor: number;
  /** Of internal steps, the actor itself is the sender, and it has always sent the set of number 1. */
  readonly internal: boolean;
}

/** What offers are asked about. */
export interface OfferTables {
  /** The number of local states of all actors so far, and of one. */
  readonly localStates: number;
  localsOf(actor: number): number;
  /** The list of an offer's steps, which is not known yet. */
  listOf(offer: Offer, local: number, outbox: number, locals: Int32Array): number;
}

/** An offer's place among the cells: where its outboxes and its grid of lists begin, and how large it is. */
interface Place {
  readonly outboxes: number;
  readonly grid: number;
  /** Local states of the sender and of the actor for which there is room. */
  readonly senders: number;
  readonly actors: number;
  /** The grid has 2 to this many columns, one for each outbox; -1 if it would be too large to have. */
  readonly bits: number;
}

/** Finds the lists of all offers in a state; negative if one of them is not in the cells. */
type Finder = (
  locals: Int32Array,
  cells: Int32Array,
  found: Int32Array,
  far: (offer: number, local: number, outbox: number) => number,
) => number;

/** Cells of one grid at most: 16 MiB. */
const GRID_LIMIT = 1 << 22;

/**
 * The internal steps and the deliveries that a global state enables, each found by two look-ups: what is told of the
 * sender's local state, then, by that and the actor's local state, a list of steps.
 */
export class Offers {
  /** States looked at one offer at a time before it is worth while to compile the look-ups. */
  static patience = 200;
  /** In the order of their sources, internal steps first, as far as `found` knows them. */
  offers: readonly Offer[] = [];
  /** How many of them are internal steps. */
  internals = 0;
  /** By offer, the list of steps in the state that was last looked at. */
  found = new Int32Array(0);
  private readonly actors: number;
  private readonly tables: OfferTables;
  private readonly sources: Sources;
  private all: readonly Offer[] = [];
  /** The number of local states that `offers` knows. */
  known = -1;
  private patience = Offers.patience;
  /** The same look-ups, compiled: the tables of all offers lie in `cells`. */
  private finder: Finder | null = null;
  private cells = new Int32Array(0);
  /** Where they lie there, while there is a finder. */
  private places: readonly Place[] = [];

  /** @param begins by actor, whether it has internal steps */
  constructor(begins: readonly boolean[], tables: OfferTables, sources: Sources) {
    this.actors = begins.length;
    this.tables = tables;
    this.sources = sources;
    begins.forEach((own, actor) => {
      if (!own) return;
      const [outboxes, lists] = [new IntArray(), new PairTable()];
      this.add(actor, 0, { sender: actor, outboxes, sets: { length: 1 }, lists }, true);
      this.internals += 1;
    });
  }

  /** Adds what a sender has sent to an actor, the first time that there is something. */
  open(actor: number, sent: Sent): void {
    // Deliveries to actors that begin things themselves come before the others: it makes for more sleep.
    const begins = this.sources.some((source) => source.actor === actor && source.rank === 0);
    const rank = 1 + ((begins ? 0 : this.actors) + actor) * this.actors + sent.sender;
    this.add(actor, rank, sent, false);
  }

  /** Finds the lists of steps in the global state `locals`, and tabulates those that were not asked for before. */
  find(locals: Int32Array): void {
    this.hear();
    if (this.finder === null) {
      this.patience -= 1;
      if (this.patience < 0) this.compile();
    }
    if (this.finder === null || this.finder(locals, this.cells, this.found, this.far) < 0)
      this.findOneByOne(locals);
  }

  /** Hears of the local states, and of the offers, that are new. */
  hear(): void {
    if (this.known !== this.tables.localStates) this.hearOfNewLocals();
  }

  /** The list of an actor's internal steps in the state that was last looked at. */
  internalList(actor: number): number {
    for (let at = 0; at < this.internals; at++)
      if (this.offers[at]?.actor === actor) return this.found[at] as number;
    return 0;
  }

  /** Visits the sources that may offer more after `actor` has gone from one local state to another. */
  forEachWoken(actor: number, from: number, to: number, visit: (source: Source) => void): void {
    for (const { sender, internal, outboxes, source } of this.all)
      if (!internal && sender === actor && outboxes.data[from] !== outboxes.data[to]) visit(source);
  }

  /** The offer of that number, if there are so many. */
  byNumber(number: number): Offer | undefined {
    return this.all.find((each) => each.number === number);
  }

  /** The list of an offer's steps, by the offer's number. */
  listOf(number: number, local: number, outbox: number, locals: Int32Array): number {
    const offer = this.byNumber(number) as Offer;
    const known = offer.lists.get(local, outbox);
    if (known !== -1) return known;
    const list = this.tables.listOf(offer, local, outbox, locals);
    offer.lists.set(local, outbox, list);
    return list;
  }

  private findOneByOne(locals: Int32Array): void {
    for (let at = 0; at < this.found.length; at++) {
      const offer = this.offers[at] as Offer;
      const { actor, sender, outboxes, lists } = offer;
      const local = locals[actor] as number;
      const outbox = outboxes.data[locals[sender] as number] as number;
      let list = outbox === 0 ? 0 : lists.get(local, outbox);
      if (list === -1) {
        list = this.tables.listOf(offer, local, outbox, locals);
        lists.set(local, outbox, list);
        if (this.finder !== null) this.note(this.places[at] as Place, local, outbox, list);
      }
      this.found[at] = list;
    }
  }

  /** Notes a list in the cells. */
  private note({ grid, bits }: Place, local: number, outbox: number, list: number): void {
    if (bits >= 0) this.cells[grid + (local << bits) + outbox] = list;
  }

  private readonly far = (at: number, local: number, outbox: number): number =>
    (this.offers[at] as Offer).lists.get(local, outbox);

  private add(actor: number, rank: number, sent: Sent, internal: boolean): void {
    const { sender, outboxes, sets, lists } = sent;
    const source = this.sources.add(actor, rank);
    const offer = { number: this.all.length, source, actor, sender, internal, outboxes, sets, lists };
    this.all = [...this.all, offer].sort((a, b) => a.source.rank - b.source.rank);
    this.known = -1;
  }

  private hearOfNewLocals(): void {
    const { all, tables } = this;
    for (const { actor, internal, outboxes } of all)
      if (internal) while (outboxes.length < tables.localsOf(actor)) outboxes.push(1);
    if (this.offers !== all) {
      this.offers = all;
      this.found = new Int32Array(all.length);
      this.finder = null;
    }
    const fits = (offer: Offer, at: number) => {
      const place = this.places[at] as Place;
      const columns = offer.internal ? 2 : offer.sets.length;
      return (
        tables.localsOf(offer.sender) <= place.senders &&
        (place.bits < 0 || (tables.localsOf(offer.actor) <= place.actors && columns <= 1 << place.bits))
      );
    };
    if (this.finder !== null && all.every(fits)) {
      for (const [at, offer] of all.entries()) this.fillOutboxes(offer, this.places[at] as Place);
    } else {
      this.finder = null;
      this.patience = Offers.patience;
    }
    this.known = tables.localStates;
  }

  private fillOutboxes({ outboxes }: Offer, place: Place): void {
    this.cells.set(outboxes.data.subarray(0, outboxes.length), place.outboxes);
  }

  /** Lays the tables of all offers out in `cells`, with room for some more local states, and compiles the look-ups. */
  private compile(): void {
    const { offers, tables } = this;
    let size = 0;
    const take = (cells: number) => {
      size += cells;
      return size - cells;
    };
    this.places = offers.map(({ actor, sender, sets }) => {
      const senders = roomFor(tables.localsOf(sender));
      const actors = roomFor(tables.localsOf(actor));
      const columns = roomFor(sets.length);
      const large = actors * columns > GRID_LIMIT;
      const grid = large ? 0 : take(actors * columns);
      return { outboxes: take(senders), grid, senders, actors, bits: large ? -1 : 31 - Math.clz32(columns) };
    });
    this.cells = new Int32Array(size).fill(-1);
    offers.forEach((offer, at) => {
      const place = this.places[at] as Place;
      const { grid, actors, bits } = place;
      this.fillOutboxes(offer, place);
      if (bits < 0) return;
      for (let row = 0; row < actors; row++) {
        this.cells[grid + (row << bits)] = 0;
        for (let outbox = 1; outbox < 1 << bits; outbox++)
          this.cells[grid + (row << bits) + outbox] = offer.lists.get(row, outbox);
      }
    });
    this.finder = compiled<Finder>(['locals', 'cells', 'found', 'far'], finderText(offers, this.places));
    if (this.finder === null) this.patience = Number.POSITIVE_INFINITY;
  }
}

function finderText(offers: readonly Offer[], places: readonly Place[]): string {
  const fields = new Set(offers.flatMap(({ actor, sender }) => [actor, sender]));
  const lines = offers.flatMap(({ actor, sender }, at) => {
    const { outboxes, grid, bits } = places[at] as Place;
    const list =
      bits < 0
        ? `box === 0 ? 0 : far(${at}, l${actor}, box)`
        : `cells[${grid} + (l${actor} << ${bits}) + box | 0]`;
    return [
      `box = cells[${outboxes} + l${sender} | 0];`,
      `list = ${list};`,
      `found[${at}] = list;`,
      'missing |= list;',
    ];
  });
  return [
    ...[...fields].map((field) => `const l${field} = locals[${field}];`),
    'let box = 0, list = 0, missing = 0;',
    ...lines,
    'return missing;',
  ].join('\n');
}
