import { Explorer } from '../explorer.ts';
import { evenly } from '../int-array.ts';
import { type Helpers, Rounds } from '../kernel/rounds.ts';
import { Layout } from '../layout.ts';
import { StateLog } from '../state-log.ts';
import { StateSet } from '../state-set.ts';
import type { Envelope, System } from '../system.ts';
import { SystemError } from '../terms.ts';
import { Answers } from './answers.ts';
import { Board, Order } from './board.ts';
import { BLOCK, BLOCKS, Exchange, exchangeArrays, ownerOf, stateKey } from './exchange.ts';
import type { Crew, Mail } from './mail.ts';
import { SharedLog } from './shared-log.ts';
import { type Tables, Thread } from './thread.ts';

/**
 * An explorer that is helped by worker threads, from the first large level on. What it reports is what it would report
 * alone (docs/decisions/0010-workers.md).
 */
export class ParallelExplorer<S, M extends Envelope, E> extends Explorer<S, M, E> {
  /** States of a level from which on others are asked to help. */
  static many = 4096;
  /** Records of one thread in a round, at first. */
  static room = 1 << 17;
  protected override readonly helpers: Helpers;
  private readonly crew: Crew;
  private readonly board: Board;
  private readonly answers: Answers<S, M, E>;
  /** The main thread's part, once there are others. */
  private thread: Thread | null = null;
  private found = 0;
  /** Whether others were told anything. */
  private engaged = false;
  private room = ParallelExplorer.room;

  constructor(system: System<S, M, E>, symmetric: boolean, crew: Crew) {
    super(system, symmetric, false);
    if (this.observers.length > 0)
      throw new SystemError(
        `${system.name} has observers, which see the order of steps: expected one thread, no workers`,
      );
    this.crew = crew;
    this.board = new Board(crew.words, crew.desks);
    this.answers = new Answers(this);
    this.helpers = {
      ...{ count: crew.desks.length, board: this.board },
      shake: (handshake) => this.tell({ kind: 'kernel', handshake }),
      order: (order, mine) => this.order(order, mine),
    };
  }

  override get size(): number {
    return this.thread ? this.found : super.size;
  }

  override get bytes(): number {
    return (
      super.bytes + (this.thread ? this.thread.log.bytes + this.thread.states.bytes + this.board.bytes : 0)
    );
  }

  override release(): void {
    super.release();
    this.thread = null;
    if (!this.engaged) return;
    this.tell({ kind: 'over' });
    this.order(Order.none, () => {});
  }

  /** Expands up to `count` states, or if others help a round of them; true when the level is complete. */
  override run(count: number): boolean {
    const { cursor, levels, levelEnd } = this;
    if (!this.thread) {
      const begins = cursor === levels[this.depth];
      // Several rounds: what one has found is told while the next is expanded.
      if (this.kernelled) return super.run(this.kernel ? evenly(levelEnd - cursor, 8 * Rounds.most) : count);
      if (
        this.tally ||
        !begins ||
        levelEnd - cursor < ParallelExplorer.many ||
        this.board.get('listening') < this.crew.desks.length
      )
        return super.run(count);
      this.thread = this.share();
    }
    this.round(this.thread);
    if (this.cursor < this.levelEnd) return false;
    this.endLevel();
    return true;
  }

  /** Shares the states out among the threads. */
  private share(): Thread {
    const { crew, layout, initial, cursor } = this;
    const threads = 1 + crew.desks.length;
    this.tell({ kind: 'run', outline: this.answers.outline });
    this.tell({ kind: 'layout', needed: layout.needed });
    const arrays = exchangeArrays(threads, layout.words, this.symmetry !== null, this.room);
    this.tell({ kind: 'exchange', arrays });
    const thread = new Thread(0, initial.length, this.board, this.tables(), layout, arrays);
    thread.pause = () => this.answer();
    this.found = super.size;
    for (const piece of this.states.pieces()) this.handOut(piece, thread);
    const { log } = thread;
    this.extend(log, cursor, this.found);
    for (let index = cursor; index < this.found; index++) {
      const from = this.log.offset(index);
      log.chunk(index).set(this.log.chunk(index).subarray(from, from + log.record), log.offset(index));
    }
    this.states = new StateSet(layout.words);
    this.log = new StateLog(layout.words);
    return thread;
  }

  /** Gives each thread the states that it owns. */
  private handOut(piece: Int32Array, thread: Thread): void {
    const { words } = this.layout;
    const threads = 1 + this.crew.desks.length;
    const owned = Array.from({ length: threads }, (): number[] => []);
    const fields = new Int32Array(this.initial.length);
    for (let at = 0; at < piece.length; at += words) {
      this.layout.unpack(piece, at, fields);
      owned[ownerOf(stateKey(fields), threads)]?.push(...piece.subarray(at, at + words));
    }
    owned.forEach((states, owner) => {
      const mine = Int32Array.from(states);
      if (owner > 0) this.send(owner - 1, { kind: 'states', states: mine });
      else thread.states.addAll(mine, mine.length / words, new Int32Array(mine.length / words));
    });
  }

  private round(thread: Thread): void {
    const { board, cursor, levelEnd, crew } = this;
    const end = Math.min(levelEnd, cursor + BLOCK * BLOCKS * (1 + crew.desks.length));
    const blocks = Math.ceil((end - cursor) / BLOCK);
    board.set('first', cursor);
    board.set('end', end);
    board.set('block', 0);
    board.set('blocks', blocks);
    board.set('unfinished', blocks);
    board.set('narrow', 0);
    thread.log.forget(cursor, true);
    this.order(Order.expand, () => thread.expand());
    const expanded = board.get('unfinished');
    if (expanded > 0) {
      this.order(Order.add, () => thread.add());
      this.place(thread, expanded);
      this.order(Order.append, () => thread.append());
      for (let block = 0; block < expanded; block++) {
        this.transitions += thread.exchange.get(block, 'transitions');
        this.represented += thread.exchange.get(block, 'represented');
      }
      this.cursor = Math.min(end, cursor + expanded * BLOCK);
    }
    if (board.get('narrow') !== 0) this.repack(thread);
    else if (expanded === 0) this.enlarge(thread);
  }

  /** Finds a place in the log for the new states of each block. */
  private place({ exchange, log }: Thread, blocks: number): void {
    const from = this.found;
    for (let block = 0; block < blocks; block++) {
      exchange.set(block, 'base', this.found);
      this.found += exchange.fresh(block);
    }
    this.extend(log, from, this.found);
  }

  /** Packs everything into a layout that has room for all local states found so far. */
  private repack(thread: Thread): void {
    const { layout: old, log, exchange } = thread;
    const layout = new Layout(this.fields.widths());
    this.tell({ kind: 'layout', needed: layout.needed });
    thread.log = new SharedLog(layout.words);
    this.extend(thread.log, this.cursor, this.found);
    const values = new Int32Array(this.initial.length);
    for (let index = this.cursor; index < this.found; index++) {
      const [from, to] = [log.chunk(index), thread.log.chunk(index)];
      const offset = log.offset(index);
      old.unpack(from, offset, values);
      layout.pack(values, to, thread.log.offset(index));
      to[thread.log.offset(index) + layout.words] = from[offset + old.words] as number;
    }
    if (exchange.arrays.words !== layout.words) this.exchangeAnew(thread, layout);
    this.order(Order.repack, () => thread.repack(layout));
    this.layout = layout;
  }

  /** A round of which not even the first block could be finished needs more room. */
  private enlarge(thread: Thread): void {
    this.room *= 4;
    this.exchangeAnew(thread, thread.layout);
  }

  private exchangeAnew(thread: Thread, { words }: Layout): void {
    const arrays = exchangeArrays(1 + this.crew.desks.length, words, this.symmetry !== null, this.room);
    thread.exchange = new Exchange(arrays);
    this.tell({ kind: 'exchange', arrays });
  }

  /** Makes room in the log, and tells the workers. */
  private extend(log: SharedLog, from: number, end: number): void {
    for (const chunk of log.extend(from, end)) this.tell({ kind: 'chunk', chunk });
  }

  /** Has all threads do something. */
  private order(order: Order, mine: () => void): void {
    this.board.set('locals', this.tabulation.localStates);
    this.board.order(order);
    try {
      mine();
      this.board.settle(() => this.answer());
    } catch (error) {
      // The crew may be asked to help with another run.
      this.board.abandon();
      throw error;
    }
  }

  private answer(): void {
    this.board.answer((question, numbers, desk) => this.answers.answer(question, numbers, desk));
  }

  private tell(mail: Mail): void {
    this.engaged = true;
    for (let worker = 0; worker < this.crew.desks.length; worker++) this.send(worker, mail);
  }

  private send(worker: number, mail: Mail): void {
    this.crew.post(worker, mail);
    this.board.mailed(worker);
  }

  private tables(): Tables {
    const { steps, tabulation, looks, symmetry, claims } = this;
    return {
      finder: steps.finder,
      by: tabulation.by,
      to: tabulation.to,
      looks,
      orbits: symmetry,
      both: (one, other) => claims.both(one, other),
      evaluate: (look, locals) => claims.evaluate(look, locals, this.depth + 1),
    };
  }
}
