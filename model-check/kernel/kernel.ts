import type { Layout } from '../layout.ts';
import type { StateLog } from '../state-log.ts';
import type { StateSet } from '../state-set.ts';
import { LOOK, RECORD, SUCCESSOR, tellLooks } from './blocks.ts';
import { Filler } from './filler.ts';
import { type Instance, instantiated, memoryOf, type Prepared, prepared } from './instance.ts';
import { KERNEL } from './module.ts';
import { type Helpers, Rounds } from './rounds.ts';
import type { Finds, Sources } from './search.ts';
import { Stripes } from './stripes.ts';
import { Tables } from './tables.ts';

/**
 * Successors that are not yet added to the states: packed, and for each the sources asleep, or with symmetry the size of its orbit, the look that
 * is due, and the state that is to be looked at.
 */
export interface Batch {
  readonly states: Int32Array;
  readonly asleep: Int32Array;
  readonly looks: Int32Array;
  readonly looked: Int32Array;
  count: number;
}

/**
 * The inner loop of the search, in WebAssembly: it expands states as `Explorer` does, in the same order and to the same
 * successors, as long as all that it must look up is known. See docs/decisions/0020-kernel.md.
 */
export class Kernel {
  /** States from which on it is worth while. */
  static least = 1 << 12;
  /** Bytes of memory at most, and with less than what not to begin; and bytes of it for the tables. */
  static most = 2 ** 32 - 2 ** 16;
  static enough = 2 ** 28;
  static tables = 2 ** 26;
  static code = KERNEL;

  private readonly instance: Instance;
  private readonly tables: Tables;
  private readonly stripes: Stripes;
  private states: StateSet;
  private readonly finds: Finds;
  private readonly filler: Filler;
  private readonly source: Int32Array;
  private readonly batched: Int32Array;
  /** What several threads do together, if they do. */
  private readonly rounds: Rounds | null;
  /** States of which not all was known, since the tables were brought up to date. */
  private readonly asked: Int32Array[] = [];
  /** Whether the tables are those of the explorer. */
  private current = false;

  /** A kernel that adds to a set of states, which moves into its memory; null where that is not to be had. */
  static begin(
    states: StateSet,
    sources: Sources,
    layout: Layout,
    finds: Finds,
    helpers: Helpers | null,
  ): Kernel | null {
    const { most, enough } = Kernel;
    const module = prepared(Kernel.code);
    const memory = module && memoryOf(most, enough);
    const instance: Instance | null =
      memory && instantiated(module, memory, (segment) => kernel?.states.grow(segment) ?? false);
    const kernel: Kernel | null =
      instance && new Kernel(module as Prepared, instance, states, sources, finds, helpers);
    return kernel?.adopt(states, layout) ? kernel : null;
  }

  private constructor(
    module: Prepared,
    instance: Instance,
    states: StateSet,
    sources: Sources,
    finds: Finds,
    helpers: Helpers | null,
  ) {
    const { exports } = instance;
    this.instance = instance;
    this.states = states;
    this.finds = finds;
    const end = Kernel.tables >>> 2;
    const threads = 1 + (helpers?.count ?? 0);
    this.tables = new Tables(instance, sources, end, threads);
    this.filler = new Filler(sources);
    this.rounds = helpers && new Rounds(module, instance, Kernel.tables, this.filler, helpers, finds);
    this.stripes = new Stripes(instance, this.rounds?.blocks.end ?? end, threads, 0);
    this.source = this.at(exports.SOURCE, RECORD * exports.WINDOW.value);
    this.batched = this.at(exports.BATCHED, (exports.HASHES.value - exports.BATCHED.value) >>> 2);
  }

  /** Takes a set of states in, and from now on states that are packed so; false if there is no room for it. */
  adopt(states: StateSet, layout: Layout): boolean {
    this.states = states;
    this.filler.packAs(layout);
    this.current = this.tables.pack(layout);
    return this.current && states.settle(this.stripes);
  }

  /** Bytes held beside the states. */
  get bytes(): number {
    return this.tables.bytes + this.stripes.bytes;
  }

  /** Whether it can go on: the tables and the states have room in its memory. */
  get able(): boolean {
    return this.states.settled;
  }

  /**
   * Expands the states of the log from number `from` to `end`, after the successors of `batch`; returns how far it has come, and
   * leaves the successors that are not yet added in the batch.
   */
  expand(log: StateLog, from: number, end: number, batch: Batch): number {
    this.moveIn(batch);
    let at = from;
    let calm = true;
    while (at < end && this.able && this.refresh()) {
      if (calm && this.rounds?.pays(end - at, this.stripes)) {
        const done = this.round(this.rounds, log, at, end);
        at += done;
        calm = done > 0;
        continue;
      }
      this.rounds?.tell();
      const offset = log.offset(at);
      const records = log.chunk(at).subarray(offset, offset + this.source.length);
      this.source.set(records);
      const count = Math.min(end - at, records.length / RECORD);
      const done = this.expandSource(count);
      at += done;
      if (done < count) break;
      calm = true;
    }
    this.rounds?.tell();
    this.moveOut(batch);
    return at;
  }

  /** Expands so many states of the source window; returns how many. Those of which it does not know all, the filler expands. */
  private expandSource(count: number): number {
    const { exports } = this.instance;
    let at = 0;
    while (at < count && this.able && this.refresh()) {
      at = exports.expand(at, count);
      this.report();
      if (exports.asks.value === 0) continue;
      if (!this.fill(this.source.subarray(RECORD * at, RECORD * (at + 1)))) break;
      at += 1;
    }
    return at;
  }

  /** Has the filler expand a state; false if it cannot, or if there are too many successors. */
  private fill(record: Int32Array): boolean {
    const { batched, filler, instance } = this;
    const { exports } = instance;
    const { batched: waiting, BATCH } = exports;
    // What fills a batch is looked at before any more is asked.
    const found = filler.expand(record, BATCH.value - waiting.value);
    const at = SUCCESSOR * waiting.value;
    this.asked.push(filler.locals.slice());
    this.current = false;
    // What was asked must be known before the successors are looked at.
    if (!found || at + found.length > batched.length || !this.refresh()) return false;
    batched.set(found, at);
    exports.seen.value += filler.seen;
    exports.accept(found.length / SUCCESSOR);
    this.report();
    return true;
  }

  /** Has all threads expand states; returns how many. */
  private round(rounds: Rounds, log: StateLog, at: number, end: number): number {
    const { exports } = this.instance;
    exports.flush();
    this.report();
    if (!this.able) return 0;
    const expanded = rounds.expand(log, at, end, (locals) => this.asked.push(locals.slice()));
    exports.into(this.batched.byteOffset, 0);
    this.current = this.asked.length === 0;
    return expanded && this.refresh() ? rounds.add(this.states) : 0;
  }

  /** Adds the successors of the batch to the states. */
  flush(batch: Batch): void {
    this.moveIn(batch);
    this.instance.exports.flush();
    this.report();
    batch.count = 0;
  }

  /** Sees to it that the tables are those of the explorer; false if they have no more room. */
  private refresh(): boolean {
    if (!this.current) this.current = this.tables.update();
    for (const locals of this.asked.splice(0)) this.current &&= this.tables.learn(locals);
    if (!this.current) this.states.leave();
    return this.current;
  }

  /** Moves the successors in the batch into the kernel's memory. */
  private moveIn({ states, asleep, looks, looked, count }: Batch): void {
    const { batched } = this;
    for (let k = 0; k < count; k++) {
      const at = SUCCESSOR * k;
      batched[at] = states[2 * k] as number;
      batched[at + 1] = states[2 * k + 1] as number;
      batched[at + 2] = asleep[k] as number;
      batched[at + 3] = looks[k] as number;
      batched[at + 4] = looked[2 * k] as number;
      batched[at + 5] = looked[2 * k + 1] as number;
    }
    this.instance.exports.batched.value = count;
  }

  private moveOut(batch: Batch): void {
    const { batched, instance } = this;
    const count = instance.exports.batched.value;
    for (let k = 0; k < count; k++) {
      const at = SUCCESSOR * k;
      batch.states[2 * k] = batched[at] as number;
      batch.states[2 * k + 1] = batched[at + 1] as number;
      batch.asleep[k] = batched[at + 2] as number;
      batch.looks[k] = batched[at + 3] as number;
      batch.looked[2 * k] = batched[at + 4] as number;
      batch.looked[2 * k + 1] = batched[at + 5] as number;
    }
    instance.exports.batched.value = 0;
    batch.count = count;
  }

  /** Tells of what was found. */
  private report(): void {
    const { exports } = this.instance;
    const { seen, found, due, represented } = exports;
    this.finds.transitions(seen.value);
    seen.value = 0;
    // Also where nothing was added: it may have been found crowded.
    this.states.hear(found.value);
    if (found.value === 0) return;
    this.finds.states(this.at(exports.FOUND, RECORD * found.value), represented.value);
    tellLooks(this.at(exports.DUE, LOOK * due.value), this.finds);
    represented.value = 0;
    found.value = 0;
    due.value = 0;
  }

  private at({ value }: { readonly value: number }, length: number): Int32Array {
    return this.instance.words.subarray(value >>> 2, (value >>> 2) + length);
  }
}
