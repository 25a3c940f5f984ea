import { evenly } from '../int-array.ts';
import { type Board, Order } from '../parallel/board.ts';
import type { StateLog } from '../state-log.ts';
import type { StateSet } from '../state-set.ts';
import { Blocks, RECORD, SUCCESSOR, tellLooks } from './blocks.ts';
import type { Filler } from './filler.ts';
import { Hand, type Handshake } from './hand.ts';
import type { Exports, Instance, Prepared } from './instance.ts';
import type { Finds } from './search.ts';
import type { Stripes } from './stripes.ts';

/** Threads that help this one. */
export interface Helpers {
  readonly count: number;
  readonly board: Board;
  /** Tells each of a kernel. */
  shake(handshake: Handshake): void;
  /** Has all threads do something; this one its own part. */
  order(order: Order, mine: () => void): void;
}

/** New states, how many states they stand for, and the looks that are due in them. */
interface Found {
  readonly records: Int32Array;
  readonly stood: number;
  readonly looks: readonly Int32Array[];
}

/** States that are made ready together. */
const READY = 4096;

/** Rounds of a search, in which several threads expand states: docs/decisions/0020-kernel.md. */
export class Rounds {
  /** States of a round at least. */
  static least = 16384;
  /** States of a block, and successors of a block at most. */
  static size = 256;
  static room = 4096;
  /** States of a round at most. */
  static readonly most = Blocks.most * Rounds.size;

  readonly blocks: Blocks;
  private readonly hand: Hand;
  private readonly filler: Filler;
  private readonly helpers: Helpers;
  private readonly finds: Finds;
  private readonly exports: Exports;
  private handshake: Handshake | null;
  /** What the round before has found, until it is told. */
  private untold: Found | null = null;

  /**
   * @param module of which the instance is one
   * @param tables bytes of the tables
   */
  constructor(
    module: Prepared,
    instance: Instance,
    tables: number,
    filler: Filler,
    helpers: Helpers,
    finds: Finds,
  ) {
    const { exports, memory } = instance;
    this.exports = exports;
    const { size, room } = Rounds;
    this.handshake = { module, memory, threads: 1 + helpers.count, tables, size, room };
    this.blocks = new Blocks(instance, this.handshake);
    this.hand = new Hand(instance, this.blocks, helpers.board, 0);
    this.filler = filler;
    this.helpers = helpers;
    this.finds = finds;
  }

  /** Whether a round of the next so many states is worth while, and none of it can crowd the set. */
  pays(states: number, stripes: Stripes): boolean {
    const listening = this.helpers.board.get('listening') === this.helpers.count;
    return listening && states >= Rounds.least && stripes.bears(Blocks.most * this.blocks.room);
  }

  /**
   * Expands states of the log from number `from` on; false if there is none that can be. Calls `asked` with the fields of each of which not
   * all was known: the tables must learn of it before the successors are added.
   */
  expand(log: StateLog, from: number, end: number, asked: (locals: Int32Array) => void): boolean {
    const { blocks, helpers } = this;
    const { board } = helpers;
    if (this.handshake) helpers.shake(this.handshake);
    this.handshake = null;
    // As long as the others: what is left after long ones would be left to one thread.
    const count = evenly(end - from, Blocks.most * blocks.size);
    const many = Math.ceil(count / blocks.size);
    for (let block = 0; block < many; block++) blocks.begin(block);
    blocks.publish(this.exports);
    board.set('end', count);
    board.set('block', 0);
    board.set('unfinished', many);
    board.set('ready', 0);
    helpers.order(Order.expand, () => {
      this.copyIn(log, from, count);
      this.tell();
      this.expandBlocks(many, asked);
    });
    return board.get('unfinished') > 0;
  }

  /** Adds the successors of the states that were expanded; returns how many these are. */
  add(states: StateSet): number {
    const { blocks, helpers, hand } = this;
    blocks.publish(this.exports);
    helpers.board.set('block', 0);
    helpers.order(Order.add, () => hand.place());
    return this.note(helpers.board.get('unfinished'), states);
  }

  /** This thread's part of expanding: it fills the holes of blocks that are done, in their order, and expands others in between. */
  private expandBlocks(many: number, asked: (locals: Int32Array) => void): void {
    const { blocks, helpers, hand } = this;
    const { board } = helpers;
    for (let block = 0; block < many; block++) {
      while (!blocks.isDone(block) && hand.expandNext());
      if (!hand.await((milliseconds) => blocks.isDone(block, milliseconds))) return;
      const size = Math.min(blocks.size, board.get('end') - block * blocks.size);
      this.fill(block, asked);
      if (blocks.get(block, 'LEFT') > 0) this.exports.hashBlock(blocks.region(block));
      if (blocks.get(block, 'STATES') === size) continue;
      board.giveUp(blocks.get(block, 'STATES') === 0 ? block : block + 1);
      return;
    }
  }

  /** Fills the holes of a block; it ends before one that cannot be filled. */
  private fill(block: number, asked: (locals: Int32Array) => void): void {
    const { blocks, filler } = this;
    const left = blocks.get(block, 'LEFT');
    let [inserted, seen] = [0, 0];
    for (let number = 0; number < left; number++) {
      const hole = blocks.hole(block, number);
      const found = filler.expand(blocks.records(block * blocks.size + hole.state, 1), Infinity);
      const more = (found?.length ?? 0) / SUCCESSOR;
      if (!found || blocks.get(block, 'COUNT') + more > blocks.room) {
        blocks.set(block, 'STATES', hole.state);
        blocks.set(block, 'COUNT', hole.count + inserted);
        blocks.set(block, 'SEEN', hole.seen + seen);
        return;
      }
      blocks.insert(block, hole.count + inserted, found);
      inserted += more;
      seen += filler.seen;
      blocks.set(block, 'SEEN', blocks.get(block, 'SEEN') + filler.seen);
      asked(filler.locals);
    }
  }

  private copyIn(log: StateLog, from: number, count: number): void {
    for (let at = 0; at < count; ) {
      const offset = log.offset(from + at);
      const most = RECORD * Math.min(count - at, READY);
      const records = log.chunk(from + at).subarray(offset, offset + most);
      this.blocks.records(at, records.length / RECORD).set(records);
      at += records.length / RECORD;
      this.helpers.board.set('ready', at);
    }
  }

  /** Notes what was found; returns how many states were expanded. */
  private note(done: number, states: StateSet): number {
    const { blocks, finds } = this;
    const looks: Int32Array[] = [];
    let [expanded, fresh, stood] = [0, 0, 0];
    for (let block = 0; block < done; block++) {
      expanded += blocks.get(block, 'STATES');
      finds.transitions(blocks.get(block, 'SEEN'));
      fresh += blocks.freshOf(block);
      stood += blocks.get(block, 'STOOD');
      if (blocks.get(block, 'LOOKED') > 0) looks.push(blocks.looks(block));
    }
    states.visit();
    states.hear(fresh);
    this.untold = { records: blocks.found(0, fresh), stood, looks };
    return expanded;
  }

  /** Tells of what the round before has found: before anything else is found, or asked. */
  tell(): void {
    const { finds, untold } = this;
    this.untold = null;
    if (!untold) return;
    finds.states(untold.records, untold.stood);
    for (const looks of untold.looks) tellLooks(looks, finds);
  }
}
