import { canonicalSet } from './canonical.ts';
import { Correspondence, type Renaming } from './correspondence.ts';
import { type CrashVisitor, Finder, type FinderTables, type ReadingShape } from './finder.ts';
import { IntArray } from './int-array.ts';
import { TupleInterner } from './interner.ts';
import { Kind } from './journal.ts';
import type { Offer } from './offers.ts';
import type { Source } from './sources.ts';
import type { Actor, Crash, Envelope, Reading, System } from './system.ts';
import type { Channel, Tabulation, View } from './tabulate.ts';
import { guarded, SystemError } from './terms.ts';

/** Told of the steps that a global state enables. */
export interface Visitor extends CrashVisitor {
  /** One actor takes tabulated transition `transition`. */
  local(transition: number): void;
}

/** A reading of the system, and what it sees. */
interface OwnReading<S, M extends Envelope, E> extends ReadingShape {
  readonly reading: Reading<S, M, E>;
  readonly source: Source;
  readonly seen: readonly View<S, M>[];
  /** By generator and actor read: how its views are renamed. */
  readonly twins: Map<string, Correspondence>;
  /** What it saw where it was compared with its images. */
  readonly met: TupleInterner;
}

/** The steps of a system: found by look-ups, and asked of its functions the first time. */
export class Steps<S, M extends Envelope, E> implements FinderTables {
  readonly finder: Finder;
  /** By transition: the sources of other actors that may offer more, or else, after it. */
  readonly wakes = new IntArray();
  readonly lists: IntArray;
  readonly to: IntArray;
  private readonly tabulation: Tabulation<S, M, E>;
  readonly readings: readonly OwnReading<S, M, E>[];
  private readonly groups: readonly (readonly string[])[];
  /** Called with the actor and the global state for which a reading is asked for the first time. */
  onNewReading: ((actor: number, locals: Int32Array) => void) | null = null;

  constructor(system: System<S, M, E>, tabulation: Tabulation<S, M, E>) {
    this.tabulation = tabulation;
    this.lists = tabulation.lists;
    this.to = tabulation.to;
    this.groups = crashGroups(system);
    const shape = {
      begins: system.actors.map(({ internal }) => internal !== undefined),
      groups: this.groups.map((names) => names.map((name) => tabulation.actorNumber(name, 'a crash group'))),
      budget: system.crashes?.budget ?? 0,
      writesBehind: tabulation.writesBehind,
    };
    this.finder = new Finder(shape, this);
    tabulation.onOpen = (actor, channel) => this.finder.offers.open(actor, channel);
    this.readings = (system.readings ?? []).map((reading) => this.addReading(reading));
  }

  get localStates(): number {
    return this.tabulation.localStates;
  }

  localsOf(actor: number): number {
    return this.tabulation.localsOf(actor);
  }

  listOf({ actor, sender, internal }: Offer, local: number, outbox: number, locals: Int32Array): number {
    const { tabulation } = this;
    tabulation.journal?.note(Kind.find, locals);
    if (internal) return tabulation.internalList(actor, local);
    return tabulation.deliveryList(
      actor,
      local,
      tabulation.actors[sender]?.outboxes[actor] as Channel,
      outbox,
    );
  }

  readingList(number: number, locals: Int32Array): number {
    const { actor, of, views, seen, reading } = this.readings[number] as OwnReading<S, M, E>;
    const local = locals[actor] as number;
    this.tabulation.journal?.note(Kind.find, locals);
    const values = seen.map(
      ({ interner }, at) =>
        interner.values[(views[at] as IntArray).data[locals[of[at] as number] as number] as number],
    );
    const list = guarded(
      () => `reading "${reading.name}"`,
      () =>
        this.tabulation.eventList(
          actor,
          local,
          reading.events(this.tabulation.localOf(actor, local), values),
        ),
    );
    this.onNewReading?.(actor, locals);
    return list;
  }

  crashOf(group: number, way: number, member: number, locals: Int32Array): number {
    const names = this.groups[group] as readonly string[];
    const event: Crash = { type: 'crash', actors: names, ...(way === 1 ? { lost: true } : {}) };
    const actor = this.tabulation.actorNumber(names[member] as string, 'a crash group');
    this.tabulation.journal?.note(Kind.crash, [group, way], locals);
    return this.tabulation.crash(actor, locals[actor] as number, event);
  }

  losable(actor: number, local: number): boolean {
    return this.tabulation.losable(actor, local);
  }

  /** Visits every step enabled in the global state `locals`, in which `crashes` crashes have happened. */
  visit(locals: Int32Array, crashes: number, visitor: Visitor): void {
    const { finder } = this;
    finder.find(locals, 0);
    for (let at = 0; at < finder.count; at++) visitor.local(finder.steps[2 * at] as number);
    finder.crash(locals, crashes, visitor);
  }

  /** Hears of the next transition that is tabulated. */
  hear({ actor, from, to }: { actor: number; from: number; to: number }): void {
    let wakes = 0;
    this.finder.offers.forEachWoken(actor, from, to, ({ bit }) => {
      wakes |= bit;
    });
    for (const { source, of, views } of this.readings) {
      const ids = views[of.indexOf(actor)]?.data;
      if (ids && ids[from] !== ids[to]) wakes |= source.bit;
    }
    this.wakes.push(wakes);
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

  /** What an actor's reading sees in a global state counts as met; tells whether it did not before. */
  meet(actor: number, locals: Int32Array): boolean {
    const table = this.readings.find((each) => each.actor === actor);
    if (!table) return false;
    const seen = table.of.map((other, k) => table.views[k]?.data[locals[other] as number] as number);
    const known = table.met.size;
    return table.met.id(Int32Array.of(locals[actor] as number, ...seen)) === known;
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
        pairs.holds(table.views[from]?.data[local] as number, twin.views[to]?.data[image] as number);
      const guards = () => isOpen(table, local) === isOpen(twin, image);
      const wrong =
        (from === -1) !== (to === -1) || (from !== -1 && !views()) || (table.actor === actor && !guards());
      if (wrong) return `the reading "${table.reading.name}"`;
    }
    return undefined;
  }

  private addReading(reading: Reading<S, M, E>): OwnReading<S, M, E> {
    const place = `reading "${reading.name}"`;
    const actor = this.tabulation.actorNumber(reading.actor, place);
    const of = reading.of.map((name) => this.tabulation.actorNumber(name, place));
    if (of.length === 0) throw new SystemError(`${place}: it reads no actor`);
    const when = this.tabulation.addView(actor, place, (local) => Boolean(reading.when?.(local) ?? true));
    const seen = of.map((at, k) =>
      this.tabulation.addView(at, place, (local) => reading.view(local, reading.of[k] as string)),
    );
    const views = seen.map(({ ids }) => ids);
    const shape = { actor, of, views, when: when.ids, open: when.interner.id(true) };
    const met = new TupleInterner(1 + of.length);
    return { ...shape, reading, seen, twins: new Map(), met, source: this.finder.addReading(shape) };
  }
}

/** Whether a reading's guard holds in a local state of its actor. */
function isOpen({ when, open }: ReadingShape, local: number): boolean {
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
