import { compiled } from './compiled.ts';
import { IntArray } from './int-array.ts';
import { Kind } from './journal.ts';
import { PairTable } from './pair-table.ts';
import type { Source, Sources } from './sources.ts';
import type { Envelope, System } from './system.ts';
import type { Channel, Tabulation } from './tabulate.ts';

/** What offers steps to one actor: its own internal steps, or what one sender has sent to it. */
export interface Offer {
  readonly source: Source;
  readonly actor: number;
  /** The actor whose local state says which of the offer's lists is due: the sender; of internal steps the actor itself. */
  readonly sender: number;
  /** Of internal steps, null. */
  readonly channel: Channel | null;
  /** By local state of the sender, what is offered: of internal steps always 1, of deliveries the outbox, 0 if it is empty. */
  readonly outboxes: IntArray;
  /** By local state of the actor and outbox, the list of its steps. */
  readonly lists: PairTable;
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
export class Offers<S, M extends Envelope, E> {
  /** States looked at one offer at a time before it is worth while to compile the look-ups. */
  static patience = 200;
  /** In the order of their sources, internal steps first, as far as `found` knows them. */
  offers: readonly Offer[] = [];
  /** How many of them are internal steps. */
  internals = 0;
  /** By offer, the list of steps in the state that was last looked at. */
  found = new Int32Array(0);
  private readonly tabulation: Tabulation<S, M, E>;
  private all: readonly Offer[] = [];
  /** The number of local states that `offers` knows. */
  private known = -1;
  private patience = Offers.patience;
  /** The same look-ups, compiled: the tables of all offers lie in `cells`. */
  private finder: Finder | null = null;
  private cells = new Int32Array(0);
  private places: readonly Place[] = [];

  constructor({ actors }: System<S, M, E>, tabulation: Tabulation<S, M, E>, sources: Sources) {
    this.tabulation = tabulation;
    actors.forEach(({ internal }, actor) => {
      if (!internal) return;
      const [outboxes, lists] = [new IntArray(), new PairTable()];
      this.add({ source: sources.add(actor, 0), actor, sender: actor, channel: null, outboxes, lists });
      this.internals += 1;
    });
    // Deliveries to actors that begin things themselves come before the others: it makes for more sleep.
    const begins = (actor: number) => sources.some((source) => source.actor === actor && source.rank === 0);
    tabulation.onOpen = (actor, channel) => {
      const { sender, outboxes, lists } = channel;
      const rank = 1 + ((begins(actor) ? 0 : actors.length) + actor) * actors.length + sender;
      this.add({ source: sources.add(actor, rank), actor, sender, channel, outboxes, lists });
    };
  }

  /** Finds the lists of steps in the global state `locals`, and tabulates those that were not asked for before. */
  find(locals: Int32Array): void {
    if (this.known !== this.tabulation.localStates) this.hearOfNewLocals();
    if (this.finder === null) {
      this.patience -= 1;
      if (this.patience < 0) this.compile();
    }
    if (this.finder === null || this.finder(locals, this.cells, this.found, this.far) < 0)
      this.findOneByOne(locals);
  }

  /** The list of an actor's internal steps in the state that was last looked at. */
  internalList(actor: number): number {
    for (let at = 0; at < this.internals; at++)
      if (this.offers[at]?.actor === actor) return this.found[at] as number;
    return 0;
  }

  /** Visits the sources that may offer more after `actor` has gone from one local state to another. */
  forEachWoken(actor: number, from: number, to: number, visit: (source: Source) => void): void {
    for (const { sender, channel, outboxes, source } of this.all)
      if (channel && sender === actor && outboxes.data[from] !== outboxes.data[to]) visit(source);
  }

  private findOneByOne(locals: Int32Array): void {
    for (let at = 0; at < this.found.length; at++) {
      const { actor, sender, channel, outboxes, lists } = this.offers[at] as Offer;
      const local = locals[actor] as number;
      const outbox = outboxes.data[locals[sender] as number] as number;
      let list = outbox === 0 ? 0 : lists.get(local, outbox);
      if (list === -1) {
        const { tabulation } = this;
        tabulation.journal?.note(Kind.find, locals);
        list = channel
          ? tabulation.deliveryList(actor, local, channel, outbox)
          : tabulation.internalList(actor, local);
        lists.set(local, outbox, list);
        const { grid, bits } = this.places[at] ?? FAR;
        if (bits >= 0) this.cells[grid + (local << bits) + outbox] = list;
      }
      this.found[at] = list;
    }
  }

  private readonly far = (at: number, local: number, outbox: number): number =>
    (this.offers[at] as Offer).lists.get(local, outbox);

  private add(offer: Offer): void {
    this.all = [...this.all, offer].sort((a, b) => a.source.rank - b.source.rank);
    this.known = -1;
  }

  private hearOfNewLocals(): void {
    const { all, tabulation } = this;
    for (const { actor, channel, outboxes } of all)
      if (!channel) while (outboxes.length < tabulation.localsOf(actor)) outboxes.push(1);
    if (this.offers !== all) {
      this.offers = all;
      this.found = new Int32Array(all.length);
      this.places = [];
      this.finder = null;
    }
    const fits = (offer: Offer, at: number) => {
      const place = this.places[at] as Place;
      const columns = offer.channel?.interner.values.length ?? 2;
      return (
        tabulation.localsOf(offer.sender) <= place.senders &&
        (place.bits < 0 || (tabulation.localsOf(offer.actor) <= place.actors && columns <= 2 ** place.bits))
      );
    };
    if (this.finder !== null && all.every(fits)) {
      for (const [at, offer] of all.entries()) this.fillOutboxes(offer, this.places[at] as Place);
    } else {
      this.finder = null;
      this.places = [];
      this.patience = Offers.patience;
    }
    this.known = tabulation.localStates;
  }

  private fillOutboxes({ outboxes }: Offer, place: Place): void {
    this.cells.set(outboxes.data.subarray(0, outboxes.length), place.outboxes);
  }

  /** Lays the tables of all offers out in `cells`, with room for some more local states, and compiles the look-ups. */
  private compile(): void {
    const { offers, tabulation } = this;
    let size = 0;
    const take = (cells: number) => {
      size += cells;
      return size - cells;
    };
    this.places = offers.map(({ actor, sender, channel }) => {
      const senders = roomFor(tabulation.localsOf(sender));
      const actors = roomFor(tabulation.localsOf(actor));
      const columns = roomFor(channel?.interner.values.length ?? 1);
      const large = actors * columns > GRID_LIMIT;
      const grid = large ? 0 : take(actors * columns);
      return { outboxes: take(senders), grid, senders, actors, bits: large ? -1 : Math.log2(columns) };
    });
    this.cells = new Int32Array(size).fill(-1);
    offers.forEach((offer, at) => {
      const place = this.places[at] as Place;
      const { grid, actors, bits } = place;
      this.fillOutboxes(offer, place);
      if (bits < 0) return;
      for (let row = 0; row < actors; row++) {
        this.cells[grid + (row << bits)] = 0;
        for (let outbox = 1; outbox < 2 ** bits; outbox++)
          this.cells[grid + (row << bits) + outbox] = offer.lists.get(row, outbox);
      }
    });
    this.finder = compiled<Finder>(['locals', 'cells', 'found', 'far'], finderText(offers, this.places));
    if (this.finder === null) this.patience = Number.POSITIVE_INFINITY;
  }
}

const FAR: Place = { outboxes: 0, grid: 0, senders: 0, actors: 0, bits: -1 };

/** The power of two that has room for a number of things, and for some more. */
function roomFor(count: number): number {
  return 2 ** Math.ceil(Math.log2(count * 1.25 + 2));
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
