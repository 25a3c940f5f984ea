import { canonicalSet } from './canonical.ts';
import { Correspondence, type Renaming } from './correspondence.ts';
import { IntArray } from './int-array.ts';
import { TupleInterner } from './interner.ts';
import { Kind } from './journal.ts';
import { type Offer, Offers } from './offers.ts';
import { PairTable } from './pair-table.ts';
import { type Source, Sources } from './sources.ts';
import type { Actor, Crash, Envelope, Reading, System } from './system.ts';
import type { Tabulation, View } from './tabulate.ts';
import { guarded, SystemError } from './terms.ts';

/** Told of the steps that a global state enables. */
export interface Visitor {
  /** One actor takes tabulated transition `transition`. */
  local(transition: number): void;
  /** A group crashes: one transition for each of its members. The array is used again after the visit. */
  crash(transitions: readonly number[]): void;
}

interface ReadingTable<S, M extends Envelope, E> {
  readonly source: Source;
  readonly reading: Reading<S, M, E>;
  readonly actor: number;
  readonly of: readonly number[];
  readonly views: readonly View<S, M>[];
  readonly joint: TupleInterner;
  readonly scratch: Int32Array;
  /** By local state of the actor, whether `when` holds in it: `open` if it does. */
  readonly when: IntArray;
  readonly open: number;
  /** By local state and joint view: the list of transitions. */
  readonly lists: PairTable;
  /** By generator and actor read: how its views are renamed. */
  readonly twins: Map<string, Correspondence>;
  /** The readings of the same actor that come before this one. */
  readonly before: readonly ReadingTable<S, M, E>[];
}

interface CrashGroup {
  readonly members: readonly number[];
  /** The crash, and the crash in which last writes are lost. */
  readonly events: readonly [Crash, Crash];
  /** By way and member: by local state, the transition. */
  readonly known: readonly [PairTable[], PairTable[]];
  /** The transitions of the crash that is being visited. */
  readonly taken: number[];
}

/** Enumerates the steps enabled in a global state by look-ups, tabulating what was not asked before. */
export class Steps<S, M extends Envelope, E> {
  private readonly tabulation: Tabulation<S, M, E>;
  private readonly sources: Sources;
  private readonly offers: Offers<S, M, E>;
  /** By transition: the sources of other actors that may offer more, or else, after it. */
  private readonly wakes = new IntArray();
  /** The steps found by `find`: for each its transition, then the sources that sleep after it. */
  steps = new Int32Array(128);
  count = 0;
  /** How many state-changing steps it passed over. */
  passed = 0;
  private readonly readings: ReadingTable<S, M, E>[];
  /** Called with the actor and the global state for which a reading is asked for the first time. */
  onNewReading: ((actor: number, locals: Int32Array) => void) | null = null;
  private readonly groups: CrashGroup[];
  private readonly budget: number;

  constructor(system: System<S, M, E>, tabulation: Tabulation<S, M, E>) {
    this.tabulation = tabulation;
    this.sources = new Sources(system.actors.length);
    this.offers = new Offers(system, tabulation, this.sources);
    this.readings = [];
    for (const reading of system.readings ?? []) this.readings.push(this.addReading(reading));
    this.budget = system.crashes?.budget ?? 0;
    this.groups = crashGroups(system).map((names) => {
      const members = names.map((name) => tabulation.actorNumber(name, 'a crash group'));
      const tables = () => members.map(() => new PairTable());
      return { members, events: crashEvents(names), known: [tables(), tables()], taken: [] };
    });
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
      this.read(this.readings[at] as ReadingTable<S, M, E>, locals, asleep);
    this.take(offers.internals, offers.found.length, asleep);
  }

  /** Visits every step enabled in the global state `locals`, in which `crashes` crashes have happened. */
  visit(locals: Int32Array, crashes: number, visitor: Visitor): void {
    this.find(locals, 0);
    for (let at = 0; at < this.count; at++) visitor.local(this.steps[2 * at] as number);
    this.crash(locals, crashes, visitor);
  }

  /** Visits the crashes enabled in the global state `locals`, in which `crashes` have happened. */
  crash(locals: Int32Array, crashes: number, visitor: Pick<Visitor, 'crash'>): void {
    if (crashes >= this.budget) return;
    for (let at = 0; at < this.groups.length; at++) {
      const group = this.groups[at] as CrashGroup;
      this.crashGroup(group, 0, locals, visitor);
      if (this.tabulation.writesBehind && this.losable(group, locals))
        this.crashGroup(group, 1, locals, visitor);
    }
  }

  /** The crash of a group, asked for again (see `Journal`). */
  crashAgain(group: number, way: number, locals: Int32Array): void {
    this.crashGroup(this.groups[group] as CrashGroup, way === 0 ? 0 : 1, locals, { crash() {} });
  }

  /** The sources that are asleep after a step: see `Sources`. */
  asleepAfter(asleep: number, source: Source, transition: number): number {
    return (asleep | source.before) & source.keeps & ~(this.wakes.data[transition] as number);
  }

  /** Hears of the next transition that is tabulated. */
  hear({ actor, from, to }: { actor: number; from: number; to: number }): void {
    let wakes = 0;
    this.offers.forEachWoken(actor, from, to, ({ bit }) => {
      wakes |= bit;
    });
    for (const { source, of, views } of this.readings) {
      const ids = views[of.indexOf(actor)]?.ids.data;
      if (ids && ids[from] !== ids[to]) wakes |= source.bit;
    }
    this.wakes.push(wakes);
  }

  /** Takes the steps that some offers hold, or counts those of the offers that are asleep. */
  private take(from: number, to: number, asleep: number): void {
    const { found, offers } = this.offers;
    for (let at = from; at < to; at++) {
      const list = found[at] as number;
      if (list === 0) continue;
      const { data } = this.tabulation.lists;
      const { source } = offers[at] as Offer;
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
  private read(table: ReadingTable<S, M, E>, locals: Int32Array, asleep: number): void {
    const list = this.enabledList(table, locals);
    if (list === 0) return;
    const { actor, source } = table;
    const { data } = this.tabulation.lists;
    const end = list + 1 + (data[list] as number);
    for (let at = list + 2; at <= end; at++) {
      const transition = data[at] as number;
      if (this.offeredBefore(table, transition, locals)) continue;
      if ((asleep & source.bit) === 0) this.add(transition, source, asleep);
      else if (this.tabulation.to.data[transition] !== locals[actor]) this.passed += 1;
    }
  }

  /** Whether the actor itself or a reading before this one offers a step as well. */
  private offeredBefore(
    { actor, before }: ReadingTable<S, M, E>,
    transition: number,
    locals: Int32Array,
  ): boolean {
    if (this.includes(this.offers.internalList(actor), transition)) return true;
    for (let at = 0; at < before.length; at++) {
      const list = this.enabledList(before[at] as ReadingTable<S, M, E>, locals);
      if (this.includes(list, transition)) return true;
    }
    return false;
  }

  private includes(list: number, transition: number): boolean {
    const data = this.tabulation.lists.data;
    for (let at = list + 1 + (data[list] as number); at > list + 1; at--)
      if (data[at] === transition) return true;
    return false;
  }

  /** The list of a reading's steps, empty where it is not to be taken at all. */
  private enabledList(table: ReadingTable<S, M, E>, locals: Int32Array): number {
    return whenIn(table, locals[table.actor] as number) ? this.readingList(table, locals) : 0;
  }

  /** The events that an actor's reading enables in a global state, asked directly. */
  readBy(actor: number, locals: Int32Array): readonly E[] {
    const self = this.tabulation.localOf(actor, locals[actor] as number);
    const table = this.readings.find((each) => each.actor === actor);
    if (!table || !(table.reading.when?.(self) ?? true)) return [];
    const { reading, of } = table;
    const view = (at: number, k: number) =>
      reading.view(this.tabulation.localOf(at, locals[at] as number), reading.of[k] as string);
    return reading.events(self, of.map(view));
  }

  /**
   * Whether a renamed local state offers the renamed internal steps, and is read, and reads, as the local state is and does.
   * Several readings of one actor would have to be paired off: they are not symmetric here.
   *
   * @returns what is not so
   */
  asymmetric({ generator, toField, rename, actor, local, other, image }: Renaming): string | undefined {
    const internal = (of: number, at: number) =>
      this.tabulation.actors[of]?.actor.internal?.(this.tabulation.localOf(of, at).state) ?? [];
    if (canonicalSet(internal(actor, local).map(rename)) !== canonicalSet(internal(other, image)))
      return 'what an actor may do';
    for (const table of this.readings) {
      const twin = this.readings.find((each) => each.actor === toField[table.actor]);
      const several = this.readings.filter((each) => each.actor === table.actor).length > 1;
      if (!twin || several) return `the reading "${table.reading.name}"`;
      const from = table.of.indexOf(actor);
      const to = twin.of.indexOf(other);
      const key = `${generator} ${from}`;
      const pairs = table.twins.get(key) ?? new Correspondence();
      table.twins.set(key, pairs);
      const views = () =>
        pairs.holds(table.views[from]?.ids.data[local] as number, twin.views[to]?.ids.data[image] as number);
      const guards = () => whenIn(table, local) === whenIn(twin, image);
      const wrong =
        (from === -1) !== (to === -1) || (from !== -1 && !views()) || (table.actor === actor && !guards());
      if (wrong) return `the reading "${table.reading.name}"`;
    }
    return undefined;
  }

  private readingList(table: ReadingTable<S, M, E>, locals: Int32Array): number {
    const { actor, of, views, joint, scratch, lists, reading } = table;
    for (let at = 0; at < of.length; at++) {
      scratch[at] = (views[at] as View<S, M>).ids.data[locals[of[at] as number] as number] as number;
    }
    const id = joint.id(scratch);
    const local = locals[actor] as number;
    let list = lists.get(local, id);
    if (list === -1) {
      this.tabulation.journal?.note(Kind.find, locals);
      const seen = views.map((view, at) => view.interner.values[scratch[at] as number]);
      list = guarded(
        () => `reading "${reading.name}"`,
        () =>
          this.tabulation.eventList(
            actor,
            local,
            reading.events(this.tabulation.localOf(actor, local), seen),
          ),
      );
      lists.set(local, id, list);
      this.onNewReading?.(actor, locals);
    }
    return list;
  }

  /** The crash of a group; `way` 1 is that in which last writes are lost. */
  private crashGroup(
    group: CrashGroup,
    way: 0 | 1,
    locals: Int32Array,
    visitor: Pick<Visitor, 'crash'>,
  ): void {
    const { members, taken, known, events } = group;
    for (let at = 0; at < members.length; at++) {
      const actor = members[at] as number;
      const local = locals[actor] as number;
      let transition = (known[way][at] as PairTable).get(0, local);
      if (transition === -1) {
        this.tabulation.journal?.note(Kind.crash, [this.groups.indexOf(group), way], locals);
        transition = this.tabulation.crash(actor, local, events[way]);
        (known[way][at] as PairTable).set(0, local, transition);
      }
      taken[at] = transition;
    }
    visitor.crash(taken);
  }

  private losable({ members }: CrashGroup, locals: Int32Array): boolean {
    return members.some((actor) => this.tabulation.losable(actor, locals[actor] as number));
  }

  private addReading(reading: Reading<S, M, E>): ReadingTable<S, M, E> {
    const place = `reading "${reading.name}"`;
    const actor = this.tabulation.actorNumber(reading.actor, place);
    const of = reading.of.map((name) => this.tabulation.actorNumber(name, place));
    if (of.length === 0) throw new SystemError(`${place}: it reads no actor`);
    const when = this.tabulation.addView(actor, place, (local) => Boolean(reading.when?.(local) ?? true));
    return {
      source: this.sources.add(actor, 0, of),
      reading,
      actor,
      of,
      views: of.map((at, k) =>
        this.tabulation.addView(at, place, (local) => reading.view(local, reading.of[k] as string)),
      ),
      joint: new TupleInterner(of.length),
      scratch: new Int32Array(of.length),
      when: when.ids,
      open: when.interner.id(true),
      lists: new PairTable(),
      twins: new Map(),
      before: this.readings.filter((other) => other.actor === actor),
    };
  }
}

/** Whether a reading's guard holds in a local state of its actor. */
function whenIn<S, M extends Envelope, E>({ when, open }: ReadingTable<S, M, E>, local: number): boolean {
  return when.data[local] === open;
}

/** The groups of actors that crash together: as declared, or each actor that can restart by itself. */
export function crashGroups<S, M extends Envelope, E>(
  system: System<S, M, E>,
): readonly (readonly string[])[] {
  if (system.crashes?.groups) return system.crashes.groups;
  const canRestart = (actor: Actor<S, M, E>) => actor.restart !== undefined;
  return system.actors.filter(canRestart).map((actor) => [actor.name]);
}

/** The crash of a group, and the crash in which its last writes are lost. */
function crashEvents(actors: readonly string[]): readonly [Crash, Crash] {
  return [
    { type: 'crash', actors },
    { type: 'crash', actors, lost: true },
  ];
}
