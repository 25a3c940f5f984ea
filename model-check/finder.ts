import type { IntArray } from './int-array.ts';
import { TupleInterner } from './interner.ts';
import { Offers, type OfferTables } from './offers.ts';
import { PairTable } from './pair-table.ts';
import { type Source, Sources } from './sources.ts';

/** What a finder of steps must be told of a reading. */
export interface ReadingShape {
  readonly actor: number;
  /** The actors that it reads. */
  readonly of: readonly number[];
  /** For each of them: by local state, the number of what is seen of it. */
  readonly views: readonly IntArray[];
  /** By local state of the actor, whether the reading is to be taken at all: `open` if it is. */
  readonly when: IntArray;
  readonly open: number;
}

export interface ReadingTable extends ReadingShape {
  readonly number: number;
  readonly source: Source;
  readonly joint: TupleInterner;
  readonly scratch: Int32Array;
  /** By local state and joint view: the list of transitions. */
  readonly lists: PairTable;
  /** The readings of the same actor that come before this one. */
  readonly before: readonly ReadingTable[];
}

export interface CrashGroup {
  readonly members: readonly number[];
  /** By way and member: by local state, the transition. */
  readonly known: readonly [readonly PairTable[], readonly PairTable[]];
  /** The transitions of the crash that is being visited. */
  readonly taken: number[];
}

/** Told of crashes. */
export interface CrashVisitor {
  /** A group crashes: one transition for each of its members. The array is used again after the visit. */
  crash(transitions: readonly number[]): void;
}

/** What it takes to know where a crash leads. */
export interface CrashTables {
  /** By transition: its actor, the local state it leads to, and the look that is due after it. */
  readonly by: { readonly data: Int32Array };
  readonly to: { readonly data: Int32Array };
  readonly looks: { readonly data: Int32Array };
  /** The look at all that either of two looks is at. */
  both(one: number, other: number): number;
}

/**
 * Writes the fields of the state after the crash of a group into `after`, those before it being `locals`, of which the last is the number
 * of crashes used; returns the look that is due.
 */
export function afterCrash(
  tables: CrashTables,
  locals: Int32Array,
  transitions: readonly number[],
  after: Int32Array,
): number {
  after.set(locals);
  let look = 0;
  for (const id of transitions) {
    after[tables.by.data[id] as number] = tables.to.data[id] as number;
    look = tables.both(look, tables.looks.data[id] as number);
  }
  after[locals.length - 1] = (locals[locals.length - 1] as number) + 1;
  return look;
}

/** The shape of a system: all that finding its steps takes, but for what is asked. */
export interface Shape {
  /** By actor, whether it has internal steps. */
  readonly begins: readonly boolean[];
  /** The actors of each group that crashes together. */
  readonly groups: readonly (readonly number[])[];
  readonly budget: number;
  readonly writesBehind: boolean;
}

/** What a finder looks up, and what it asks the first time that it comes to something. */
export interface FinderTables extends OfferTables {
  /** Lists of transitions, as `Tabulation` lays them out. */
  readonly lists: { readonly data: Int32Array };
  /** By transition: the local state it leads to, and the sources of other actors that may offer more, or else, after it. */
  readonly to: { readonly data: Int32Array };
  readonly wakes: { readonly data: Int32Array };
  readingList(reading: number, locals: Int32Array): number;
  /** The crash of a group's member; `way` 1 is that in which its last write is lost. */
  crashOf(group: number, way: number, member: number, locals: Int32Array): number;
  /** Whether a crash may undo the last write of an actor. */
  losable(actor: number, local: number): boolean;
}

/** Finds the steps that a global state enables, by look-ups; it knows nothing of the system but its shape. */
export class Finder {
  readonly sources: Sources;
  readonly offers: Offers;
  /** The steps found by `find`: for each its transition, then the sources that sleep after it. */
  steps = new Int32Array(128);
  count = 0;
  /** How many state-changing steps it passed over. */
  passed = 0;
  private readonly tables: FinderTables;
  readonly readings: ReadingTable[] = [];
  readonly groups: readonly CrashGroup[];
  readonly shape: Shape;

  constructor(shape: Shape, tables: FinderTables) {
    this.shape = shape;
    this.tables = tables;
    this.sources = new Sources(shape.begins.length);
    this.offers = new Offers(shape.begins, tables, this.sources);
    this.groups = shape.groups.map((members) => {
      const none = () => members.map(() => new PairTable());
      return { members, known: [none(), none()], taken: [] };
    });
  }

  /** Adds a reading; readings are numbered as they are added, before anything is found. */
  addReading(shape: ReadingShape): Source {
    const { actor, of } = shape;
    const source = this.sources.add(actor, 0, of);
    this.readings.push({
      ...shape,
      number: this.readings.length,
      source,
      joint: new TupleInterner(of.length),
      scratch: new Int32Array(of.length),
      lists: new PairTable(),
      before: this.readings.filter((other) => other.actor === actor),
    });
    return source;
  }

  /**
   * Finds the steps of single actors that are enabled in the global state `locals`, but for those of the sources that are
   * `asleep`: `count` of them, in `steps`.
   */
  find(locals: Int32Array, asleep: number): void {
    const { offers } = this;
    this.count = 0;
    this.passed = 0;
    offers.find(locals);
    this.take(0, offers.internals, asleep);
    for (let at = 0; at < this.readings.length; at++)
      this.read(this.readings[at] as ReadingTable, locals, asleep);
    this.take(offers.internals, offers.found.length, asleep);
  }

  /** Visits the crashes enabled in the global state `locals`, in which `crashes` have happened. */
  crash(locals: Int32Array, crashes: number, visitor: CrashVisitor): void {
    if (crashes >= this.shape.budget) return;
    for (let group = 0; group < this.groups.length; group++) {
      visitor.crash(this.crashed(group, 0, locals));
      if (this.shape.writesBehind && this.losable(group, locals))
        visitor.crash(this.crashed(group, 1, locals));
    }
  }

  /** The sources that are asleep after a step: see `Sources`. */
  asleepAfter(asleep: number, source: Source, transition: number): number {
    return (asleep | source.before) & source.keeps & ~(this.tables.wakes.data[transition] as number);
  }

  /** The list of a reading's steps. */
  readingList(number: number, locals: Int32Array): number {
    const { actor, of, views, joint, scratch, lists } = this.readings[number] as ReadingTable;
    for (let at = 0; at < of.length; at++) {
      scratch[at] = (views[at] as IntArray).data[locals[of[at] as number] as number] as number;
    }
    const id = joint.id(scratch);
    const local = locals[actor] as number;
    let list = lists.get(local, id);
    if (list === -1) {
      list = this.tables.readingList(number, locals);
      lists.set(local, id, list);
    }
    return list;
  }

  /** The transitions of a group's crash, by member. */
  crashed(number: number, way: 0 | 1, locals: Int32Array): readonly number[] {
    const { members, taken, known } = this.groups[number] as CrashGroup;
    for (let at = 0; at < members.length; at++) {
      const local = locals[members[at] as number] as number;
      const table = known[way][at] as PairTable;
      let transition = table.get(0, local);
      if (transition === -1) {
        transition = this.tables.crashOf(number, way, at, locals);
        table.set(0, local, transition);
      }
      taken[at] = transition;
    }
    return taken;
  }

  /** Takes the steps that some offers hold, or counts those of the offers that are asleep. */
  private take(from: number, to: number, asleep: number): void {
    const { found, offers } = this.offers;
    for (let at = from; at < to; at++) {
      const list = found[at] as number;
      if (list === 0) continue;
      const { data } = this.tables.lists;
      const { source } = offers[at] as (typeof offers)[number];
      if ((asleep & source.bit) !== 0) {
        this.passed += data[list + 1] as number;
        continue;
      }
      const end = list + 1 + (data[list] as number);
      for (let k = list + 2; k <= end; k++) this.add(data[k] as number, source, asleep);
    }
  }

  private add(transition: number, source: Source, asleep: number): void {
    const at = 2 * this.count++;
    if (at === this.steps.length) {
      const longer = new Int32Array(2 * at);
      longer.set(this.steps);
      this.steps = longer;
    }
    this.steps[at] = transition;
    this.steps[at + 1] = this.asleepAfter(asleep, source, transition);
  }

  /** Takes the steps that a reading enables, or if it is asleep counts them, but for those that its actor or a reading before it offers as well. */
  private read(table: ReadingTable, locals: Int32Array, asleep: number): void {
    const list = this.enabledList(table, locals);
    if (list === 0) return;
    const { actor, source } = table;
    const { data } = this.tables.lists;
    const end = list + 1 + (data[list] as number);
    for (let at = list + 2; at <= end; at++) {
      const transition = data[at] as number;
      if (this.offeredBefore(table, transition, locals)) continue;
      if ((asleep & source.bit) === 0) this.add(transition, source, asleep);
      else if (this.tables.to.data[transition] !== locals[actor]) this.passed += 1;
    }
  }

  /** Whether the actor itself or a reading before this one offers a step as well. */
  private offeredBefore({ actor, before }: ReadingTable, transition: number, locals: Int32Array): boolean {
    if (this.includes(this.offers.internalList(actor), transition)) return true;
    for (let at = 0; at < before.length; at++) {
      const list = this.enabledList(before[at] as ReadingTable, locals);
      if (this.includes(list, transition)) return true;
    }
    return false;
  }

  private includes(list: number, transition: number): boolean {
    const { data } = this.tables.lists;
    for (let at = list + 1 + (data[list] as number); at > list + 1; at--)
      if (data[at] === transition) return true;
    return false;
  }

  /** The list of a reading's steps, empty where it is not to be taken at all. */
  private enabledList({ number, when, open, actor }: ReadingTable, locals: Int32Array): number {
    return when.data[locals[actor] as number] === open ? this.readingList(number, locals) : 0;
  }

  private losable(group: number, locals: Int32Array): boolean {
    return (this.groups[group] as CrashGroup).members.some((actor) =>
      this.tables.losable(actor, locals[actor] as number),
    );
  }
}
