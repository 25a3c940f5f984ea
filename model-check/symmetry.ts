import { canonical } from './canonical.ts';
import type { Renaming } from './correspondence.ts';
import { IntArray } from './int-array.ts';
import { Orbits, type Renamer } from './orbits.ts';
import { PairTable } from './pair-table.ts';
import { closure } from './permutations.ts';
import { crashGroups } from './steps.ts';
import type { Crash, Envelope, LocalStep, Permutation, System } from './system.ts';
import type { Tabulation, Transition } from './tabulate.ts';
import { SystemError } from './terms.ts';

/** One element of the group, with its action on the fields of a global state. */
interface Element extends Renamer {
  readonly permutation: Permutation;
  /** Its place among the generators; -1 of an element of the group. */
  readonly generator: number;
  /** Its place in the group; -1 of a generator. */
  readonly member: number;
  /** By field: the field that its renamed value comes to lie in. */
  readonly toField: Int32Array;
  /**
   * Of an element of the group, the one that it is made of and the generator that follows it; null of a generator, and of the
   * identity. What is checked of generators then holds of it, whatever `rename` would make of its permutation.
   */
  readonly made: { readonly first: Element; readonly next: Element } | null;
}

/** A step of an actor that some state enables, though perhaps no canonical one. */
type Row = Pick<Transition<unknown, Envelope, unknown>, 'actor' | 'from' | 'to' | 'event' | 'crash'>;

/**
 * The symmetries of a system, acting on global states by look-ups. Two states that a renaming turns into one another have
 * the same future but for names, so only one of them, the canonical one, is explored.
 *
 * That a renaming is a symmetry is not believed but checked, on every row that is tabulated: f(pi s, pi e) = pi f(s, e).
 */
export class Symmetry<S, M extends Envelope, E> {
  private readonly system: System<S, M, E>;
  private readonly tabulation: Tabulation<S, M, E>;
  private readonly rename: (value: unknown, permutation: Permutation) => unknown;
  private readonly elements: readonly Element[];
  /** Elements that generate the group: what holds of them holds of all. */
  private readonly generators: readonly Element[];
  /** By generator: by message, and by event, the number of the renamed one plus 1. */
  private readonly messages: readonly IntArray[];
  private readonly events: readonly IntArray[];
  private readonly orbits: Orbits;
  /** The fields that are renamed: the first ones. */
  readonly actors: number;
  /** By actor: by local state and event, whether the images of the step have been looked at. */
  private readonly verified: readonly PairTable[];
  /** What is claimed of steps, and by whom. */
  private readonly claims: readonly (readonly [by: string, holds: (step: LocalStep<S, M, E>) => boolean])[];

  /** @param fields actors first; the fields after them are not renamed */
  constructor(system: System<S, M, E>, tabulation: Tabulation<S, M, E>, fields: number) {
    const { symmetry, observers = [] } = system;
    if (!symmetry) throw new SystemError(`${system.name} names no symmetries: expected --symmetry off`);
    if (observers.length > 0)
      throw new SystemError(`${system.name} has observers, which are not renamed: expected --symmetry off`);
    this.system = system;
    this.tabulation = tabulation;
    this.rename = symmetry.rename;
    const names = system.actors.map(({ name }) => name);
    this.actors = names.length;
    this.verified = names.map(() => new PairTable());
    const { properties, situations = [] } = system;
    const claims: (readonly [string, (taken: LocalStep<S, M, E>) => boolean])[] = [];
    for (const { name, step } of properties)
      if (step) claims.push([`the property ${name}`, (taken) => step(taken) !== undefined]);
    for (const { name, step } of situations)
      if (step) claims.push([`the situation ${name}`, (taken) => Boolean(step(taken))]);
    this.claims = claims;
    const { group, generators } = closure(symmetry.permutations);
    this.generators = generators.map((permutation, at) => this.element(permutation, at, names, fields));
    this.messages = generators.map(() => new IntArray());
    this.events = generators.map(() => new IntArray());
    const elements: Element[] = [];
    for (const { permutation, first, next } of group) {
      const [before, after] = [elements[first], this.generators[next]];
      const made = before && after ? { first: before, next: after } : null;
      elements.push({ ...this.element(permutation, -1, names, fields), member: elements.length, made });
    }
    this.elements = elements;
    this.orbits = new Orbits(this.elements, (...asked) => this.renamedBy(...asked));
    this.verifyGroups();
  }

  /** Called when an element of the group, by number, is asked about a local state of an actor for the first time. */
  onAsked: ((element: number, actor: number, local: number) => void) | null = null;

  /** Called once for each local state and generator. Every local state that is reached is renamed by every generator. */
  onRenamed: ((renaming: Renaming) => void) | null = null;

  /** The number of symmetries, the identity included. */
  get order(): number {
    return this.elements.length;
  }

  /** Writes the canonical representative of a state's orbit to `into`; returns how many states the orbit has. */
  canonise(locals: Int32Array, into: Int32Array): number {
    return this.orbits.canonise(locals, into);
  }

  /** By symmetry and field: the field that its renamed value comes from. */
  get sources(): readonly Int32Array[] {
    return this.elements.map(({ fromField }) => fromField);
  }

  /** What a symmetry makes of an actor's local state plus 1; 0 where that was not asked yet. */
  known(element: number, actor: number, local: number): number {
    return this.elements[element]?.tables[actor]?.data[local] ?? 0;
  }

  /** What a symmetry makes of the value of a field. */
  renamedBy(element: number, field: number, value: number): number {
    return field < this.actors ? this.renamedLocal(this.elements[element] as Element, field, value) : value;
  }

  /** Refuses groups that crash together unless their images do. */
  private verifyGroups(): void {
    const text = (groups: readonly (readonly string[])[]) =>
      groups
        .map((group) => [...group].sort().join())
        .sort()
        .join(' ');
    const groups = crashGroups(this.system);
    for (const { permutation } of this.generators) {
      const images = groups.map((group) => group.map((name) => permutation[name] ?? name));
      if (text(images) !== text(groups))
        throw new SystemError(
          `${this.system.name}: what crashes together is not symmetric under ${canonical(permutation)}: expected --symmetry off`,
        );
    }
  }

  /** Refuses an initial state that a renaming changes. */
  verifyInitial(locals: Int32Array): void {
    for (const element of this.generators) {
      if (this.imageOf(element, locals).some((value, field) => value !== locals[field])) {
        throw new SystemError(`the initial state is not symmetric under ${canonical(element.permutation)}`);
      }
    }
  }

  /**
   * Refuses a tabulated step that is not the renaming of its images, and what is claimed of steps if it tells them apart.
   * The images of an image are looked at in turn: an image need not be a step that a canonical state enables.
   */
  verifyStep(transition: Transition<S, M, E>): void {
    if (!this.isNew(transition)) return;
    const claimed = this.claimedOf(transition);
    const open: Row[] = [transition];
    for (let row = open.pop(); row; row = open.pop()) {
      for (const element of this.generators) {
        const image = this.imageOfStep(element, row);
        const other = this.claimedOf(image);
        const at = claimed.findIndex((each, claim) => each !== other[claim]);
        if (at !== -1)
          throw new SystemError(`${this.claims[at]?.[0]} is not symmetric: expected --symmetry off`);
        if (this.isNew(image)) open.push(image);
      }
    }
  }

  /** What the claims say of a step. */
  private claimedOf(row: Row): readonly boolean[] {
    if (this.claims.length === 0) return [];
    const { actor, from, to, event, crash } = row;
    const rule = crash ? 'crash' : this.tabulation.ruleOf(actor, from, event);
    const step = this.tabulation.stepOf(actor, from, to, event, rule);
    return this.claims.map(([, holds]) => holds(step));
  }

  forEachGenerator(visit: (generator: number, toField: Int32Array) => void): void {
    for (const { generator, toField } of this.generators) visit(generator, toField);
  }

  /** Visits every image of a state. */
  forEachImage(
    locals: Int32Array,
    visit: (image: Int32Array, rename: (value: unknown) => unknown, toField: Int32Array) => void,
  ): void {
    for (const element of this.elements) {
      visit(this.imageOf(element, locals), (value) => this.renamedValue(element, value), element.toField);
    }
  }

  private isNew({ actor, from, event }: Row): boolean {
    const verified = this.verified[actor] as PairTable;
    if (verified.get(from, event) !== -1) return false;
    verified.set(from, event, 1);
    return true;
  }

  /** The image of a step, which is what the actor that takes it does. */
  private imageOfStep(element: Element, row: Row): Row {
    const { tabulation } = this;
    const actor = element.toField[row.actor] as number;
    const event = this.renamedEvent(element, row);
    const from = this.renamedLocal(element, row.actor, row.from);
    const to = this.renamedLocal(element, row.actor, row.to);
    const same = row.crash
      ? this.restarts(actor, from, event, tabulation.localOf(actor, to).state)
      : tabulation.leadsTo(actor, from, event) === to;
    if (!same) this.refuse(row, element);
    return { actor, from, to, event, crash: row.crash };
  }

  /** The number of the event that a generator makes of that of a step. */
  private renamedEvent({ generator, permutation }: Element, { event, crash }: Row): number {
    const { tabulation } = this;
    const events = this.events[generator] as IntArray;
    if ((events.data[event] ?? 0) === 0) {
      const image = this.rename(tabulation.eventOf(event), permutation) as never;
      events.put(event, 1 + tabulation.eventNumber(crash ? inGroup(image) : image));
    }
    return (events.data[event] as number) - 1;
  }

  /** Whether an actor restarts as `expected`. */
  private restarts(actor: number, local: number, event: number, expected: S): boolean {
    const { lost = false } = this.tabulation.eventOf(event) as Crash;
    const {
      actor: definition,
      states,
      locals,
    } = this.tabulation.actors[actor] as (typeof this.tabulation.actors)[number];
    const { unsynced = -1 } = locals[local] ?? {};
    const kept =
      lost && unsynced !== -1 ? (states.values[unsynced] as S) : this.tabulation.localOf(actor, local).state;
    return definition.restart !== undefined && canonical(definition.restart(kept)) === canonical(expected);
  }

  private refuse({ actor, event }: Row, { permutation }: Element): never {
    const { system, tabulation } = this;
    throw new SystemError(
      `${system.name} is not symmetric under ${canonical(permutation)}: ${tabulation.nameOf(actor)} on ` +
        `${canonical(tabulation.eventOf(event))} does not do what its image does; expected --symmetry off`,
    );
  }

  private imageOf(element: Element, locals: Int32Array): Int32Array {
    return locals.map((_, field) => this.valueAt(element, field, locals));
  }

  /** The value that comes to lie in a field. */
  private valueAt(element: Element, field: number, locals: Int32Array): number {
    const from = element.fromField[field] as number;
    const local = locals[from] as number;
    return from < this.actors ? this.renamedLocal(element, from, local) : local;
  }

  /** What an element makes of a state, a message or an event. */
  private renamedValue<T>({ generator, made, permutation }: Element, value: T): T {
    if (made) return this.renamedValue(made.next, this.renamedValue(made.first, value));
    return generator === -1 ? value : (this.rename(value, permutation) as T);
  }

  private renamedLocal(element: Element, actor: number, local: number): number {
    const table = element.tables[actor] as IntArray;
    if (local >= table.length || table.data[local] === 0) {
      const image = this.askedLocal(element, actor, local);
      table.put(local, 1 + image);
      const { generator, member } = element;
      if (member !== -1) this.onAsked?.(member, actor, local);
      const other = element.toField[actor] as number;
      const rename = <T>(value: T) => this.renamedValue(element, value);
      if (generator !== -1) this.onRenamed?.({ ...element, rename, actor, local, other, image });
    }
    return (table.data[local] as number) - 1;
  }

  private askedLocal(element: Element, actor: number, local: number): number {
    const { generator, made, toField } = element;
    if (made) {
      const middle = this.renamedLocal(made.first, actor, local);
      return this.renamedLocal(made.next, made.first.toField[actor] as number, middle);
    }
    if (generator === -1) return local;
    const rename = <T>(value: T) => this.renamedValue(element, value);
    const messages = this.messages[generator] as IntArray;
    return this.tabulation.renamed(actor, local, toField[actor] as number, rename, messages);
  }

  private element(
    permutation: Permutation,
    generator: number,
    names: readonly string[],
    fields: number,
  ): Element {
    const toField = new Int32Array(fields);
    const fromField = new Int32Array(fields);
    for (let field = 0; field < fields; field++) {
      const name = names[field];
      const to = name === undefined ? field : names.indexOf(permutation[name] ?? name);
      if (to === -1) throw new SystemError(`${this.system.name}: a symmetry renames ${name} to no actor`);
      toField[field] = to;
      fromField[to] = field;
    }
    const tables = Array.from({ length: fields }, () => new IntArray());
    return { permutation, generator, member: -1, toField, fromField, tables, made: null };
  }
}

/** The crash of a group, whose order says nothing. */
function inGroup(crash: Crash): Crash {
  return { ...crash, actors: [...crash.actors].sort() };
}
