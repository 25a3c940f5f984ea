import { afterCrash, type CrashTables, type CrashVisitor, type Finder } from '../finder.ts';
import type { Layout } from '../layout.ts';
import { StateSet } from '../state-set.ts';
import type { Board } from './board.ts';
import { BLOCK, Exchange, type ExchangeArrays, Extra, keyOf, NEW, ownerOf, stateKey } from './exchange.ts';
import { SharedLog } from './shared-log.ts';

/** What a thread looks up to expand states: the main thread the tables themselves, a worker its memo of them. */
export interface Tables extends CrashTables {
  readonly finder: Finder;
  /** The symmetries that are made use of. */
  readonly orbits: { canonise(locals: Int32Array, into: Int32Array): number } | null;
  /** Takes a look at a new state. */
  evaluate(look: number, locals: Int32Array): void;
}

/** States that are added together. */
const BATCH = 256;

/**
 * The part of one thread in a round. All threads expand blocks of the level, whoever comes first; then each adds, in the order
 * of the blocks, the successors that it owns; then each appends the new ones among those that it has made to the log, in
 * that order too. So the log is the one that a single thread would have written.
 */
export class Thread implements CrashVisitor {
  /** The place among the threads; the main thread's is 0. */
  readonly number: number;
  readonly board: Board;
  readonly tables: Tables;
  layout: Layout;
  states: StateSet;
  log: SharedLog;
  exchange: Exchange;
  /** Called between two states, and between two blocks. */
  pause: () => void = () => {};
  /** The state being expanded, a successor, and the representative of its orbit. */
  private readonly locals: Int32Array;
  private readonly after: Int32Array;
  private readonly canon: Int32Array;
  private base = new Int32Array(0);
  private next = new Int32Array(0);
  private image = new Int32Array(0);
  private readonly fresh = new Int32Array(BATCH);
  /** Records made in the round, for each owner and in all; and the transitions of the block. */
  private made: number[] = [];
  private all = 0;
  private transitions = 0;
  /** Whether the block cannot be finished in this round: there is no room for its records, or in a field. */
  private cramped = false;

  constructor(
    number: number,
    fields: number,
    board: Board,
    tables: Tables,
    layout: Layout,
    arrays: ExchangeArrays,
  ) {
    this.number = number;
    this.board = board;
    this.tables = tables;
    this.locals = new Int32Array(fields);
    this.after = new Int32Array(fields);
    this.canon = new Int32Array(fields);
    this.layout = layout;
    this.states = new StateSet(layout.words);
    this.log = new SharedLog(layout.words);
    this.exchange = new Exchange(arrays);
    this.packAs(layout);
  }

  /** From now on states are packed so. */
  packAs(layout: Layout): void {
    this.layout = layout;
    this.base = new Int32Array(layout.words);
    this.next = new Int32Array(layout.words);
    this.image = new Int32Array(layout.words);
  }

  /** Packs one's states anew. */
  repack(layout: Layout): void {
    const { layout: old, locals } = this;
    const packed = new Int32Array(layout.words);
    this.states = this.states.repacked(
      layout.words,
      (states, offset) => {
        old.unpack(states, offset, locals);
        layout.pack(locals, packed, 0);
      },
      packed,
    );
    this.packAs(layout);
  }

  /** Expands blocks as long as there are any. */
  expand(): void {
    const { board } = this;
    const { threads } = this.exchange.arrays;
    this.made = Array.from({ length: threads }, () => 0);
    this.all = 0;
    const blocks = board.get('blocks');
    for (let block = board.claim(); block < blocks; block = board.claim()) {
      if (block > board.get('unfinished')) return;
      if (!this.expandBlock(block)) {
        board.giveUp(block);
        return;
      }
    }
  }

  /** Adds the successors that this thread owns to its states, in the order of the blocks. */
  add(): void {
    const { exchange, states, fresh, number } = this;
    const blocks = this.board.get('unfinished');
    for (let block = 0; block < blocks; block++) {
      const thread = exchange.get(block, 'thread');
      const packed = exchange.arrays.states[thread]?.[number] as Int32Array;
      const extras = exchange.arrays.extras[thread]?.[number] as Int32Array;
      const { extra } = exchange.arrays;
      const end = exchange.of(block, number, 1);
      let added = 0;
      for (let from = exchange.of(block, number, 0); from < end; from += BATCH) {
        const count = states.addAll(packed, Math.min(BATCH, end - from), fresh, from);
        added += count;
        for (let at = 0; at < count; at++) {
          const look = (from + (fresh[at] as number)) * extra + Extra.look;
          extras[look] = (extras[look] as number) | NEW;
        }
      }
      exchange.setOf(block, number, 2, added);
    }
  }

  /** Appends what is new among the successors that this thread has made, and looks at it. */
  append(): void {
    const blocks = this.board.get('unfinished');
    for (let block = 0; block < blocks; block++) {
      if (this.exchange.get(block, 'thread') !== this.number) continue;
      this.appendBlock(block);
      this.pause();
    }
  }

  /** A group crashes. Called by the finder for the state being expanded. */
  crash(transitions: readonly number[]): void {
    const look = afterCrash(this.tables, this.locals, transitions, this.after);
    if (!this.layout.fits(this.after)) {
      this.board.set('narrow', 1);
      this.cramped = true;
      return;
    }
    this.layout.pack(this.after, this.next, 0);
    this.record(look, 0, stateKey(this.after));
  }

  private expandBlock(block: number): boolean {
    const { exchange, board, log, layout, locals, base } = this;
    const { threads } = exchange.arrays;
    exchange.set(block, 'thread', this.number);
    exchange.set(block, 'from', this.all);
    for (let owner = 0; owner < threads; owner++) exchange.setOf(block, owner, 0, this.made[owner] as number);
    this.transitions = 0;
    this.cramped = false;
    const first = board.get('first') + block * BLOCK;
    const end = Math.min(board.get('end'), first + BLOCK);
    for (let index = first; index < end && !this.cramped; index++) {
      this.pause();
      const chunk = log.chunk(index);
      const offset = log.offset(index);
      layout.unpack(chunk, offset, locals);
      for (let word = 0; word < base.length; word++) base[word] = chunk[offset + word] as number;
      this.expandState(this.tables.orbits ? 0 : (chunk[offset + base.length] as number));
    }
    exchange.set(block, 'to', this.all);
    for (let owner = 0; owner < threads; owner++) exchange.setOf(block, owner, 1, this.made[owner] as number);
    exchange.set(block, 'transitions', this.transitions);
    return !this.cramped;
  }

  private expandState(asleep: number): void {
    const { tables, locals, base, next, layout } = this;
    const { finder } = tables;
    finder.find(locals, asleep);
    const key = stateKey(locals);
    this.transitions += finder.passed;
    for (let at = 0; at < finder.count; at++) {
      const transition = finder.steps[2 * at] as number;
      const actor = tables.by.data[transition] as number;
      const to = tables.to.data[transition] as number;
      if (to === locals[actor]) continue;
      if (to > (layout.mask[actor] as number)) {
        this.board.set('narrow', 1);
        this.cramped = true;
        return;
      }
      for (let word = 0; word < base.length; word++) next[word] = base[word] as number;
      layout.put(actor, to, next, 0);
      const after = key - keyOf(actor, locals[actor] as number) + keyOf(actor, to);
      this.record(tables.looks.data[transition] as number, finder.steps[2 * at + 1] as number, after | 0);
    }
    finder.crash(locals, locals[locals.length - 1] as number, this);
  }

  /** Lays the successor in `next`, which has that key, before the thread that owns it. */
  private record(look: number, asleep: number, key: number): void {
    const { exchange, next, layout, tables } = this;
    const { threads, room, extra, states, extras, owners } = exchange.arrays;
    if (this.all === room) this.cramped = true;
    if (this.cramped) return;
    let state = next;
    let orbit = 1;
    let owner = 0;
    if (tables.orbits) {
      layout.unpack(next, 0, this.after);
      orbit = tables.orbits.canonise(this.after, this.canon);
      if (!layout.fits(this.canon)) {
        this.board.set('narrow', 1);
        this.cramped = true;
        return;
      }
      state = this.image;
      layout.pack(this.canon, state, 0);
      owner = ownerOf(stateKey(this.canon), threads);
    } else {
      owner = ownerOf(key, threads);
    }
    const words = state.length;
    const at = this.made[owner] as number;
    this.made[owner] = at + 1;
    (owners[this.number] as Uint8Array)[this.all++] = owner;
    const into = states[this.number]?.[owner] as Int32Array;
    for (let word = 0; word < words; word++) into[at * words + word] = state[word] as number;
    const more = extras[this.number]?.[owner] as Int32Array;
    const from = at * extra;
    more[from + Extra.asleep] = asleep;
    more[from + Extra.look] = look;
    more[from + Extra.orbit] = orbit;
    if (tables.orbits)
      for (let word = 0; word < words; word++) more[from + Extra.successor + word] = next[word] as number;
    this.transitions += 1;
  }

  private appendBlock(block: number): void {
    const { exchange, log, layout, tables, after } = this;
    const { threads, extra, owners, states, extras } = exchange.arrays;
    const { words } = layout;
    const order = owners[this.number] as Uint8Array;
    const at = Array.from({ length: threads }, (_, owner) => exchange.of(block, owner, 0));
    const end = exchange.get(block, 'to');
    let index = exchange.get(block, 'base');
    let represented = 0;
    for (let record = exchange.get(block, 'from'); record < end; record++) {
      const owner = order[record] as number;
      const place = at[owner] as number;
      at[owner] = place + 1;
      const more = extras[this.number]?.[owner] as Int32Array;
      const from = place * extra;
      const marked = more[from + Extra.look] as number;
      if (marked >= 0) continue;
      const packed = states[this.number]?.[owner] as Int32Array;
      const chunk = log.chunk(index);
      const offset = log.offset(index);
      for (let word = 0; word < words; word++) chunk[offset + word] = packed[place * words + word] as number;
      chunk[offset + words] = more[from + Extra.asleep] as number;
      index += 1;
      represented += more[from + Extra.orbit] as number;
      const look = marked & ~NEW;
      if (look === 0) continue;
      // The successor itself is what is looked at, not what stands for its orbit.
      if (tables.orbits) layout.unpack(more, from + Extra.successor, after);
      else layout.unpack(packed, place * words, after);
      tables.evaluate(look, after);
    }
    exchange.set(block, 'represented', represented);
  }
}
