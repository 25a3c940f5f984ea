import { canonical } from './canonical.ts';
import type { Renaming } from './correspondence.ts';
import { IntArray } from './int-array.ts';
import { Orbits, type Renamer } from './orbits.ts';
import { closure } from './permutations.ts';
import { crashGroups } from './steps.ts';
import type { Crash, Envelope, LocalStep, Permutation, System } from './system.ts';
import type { Tabulation, Transition } from './tabulate.ts';
import { answerTo, SystemError } from './terms.ts';

/** One element of the group, with its action on the fields of a global state. */
interface Element extends Renamer {
  readonly permutation: Permutation;
  /** Its place among the generators; -1 of an element of the group. */
  readonly generator: number;
  /** By field: the field that its renamed value comes to lie in. */
  readonly toField: Int32Array;
  /**
   * Of an element of the group, the one that it is made of and the generator that follows it; null of a generator, and of the
   * identity. What is checked of generators then holds of it, whatever `rename` would make of its permutation.
   */
  readonly made: { readonly first: Element; readonly next: Element } | null;
}

/** A step of an actor that some state enables, though perhaps no canonical one. */
type Row<S, M extends Envelope, E> = Pick<Transition<S, M, E>, 'actor' | 'from' | 'to' | 'step' | 'crash'>;

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
  private readonly orbits: Orbits;
  private readonly actors: number;
  /** The steps whose images have been looked at. */
  private readonly verified = new Set<string>();

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
    const { group, generators } = closure(symmetry.permutations);
    this.generators = generators.map((permutation, at) => this.element(permutation, at, names, fields));
    const elements: Element[] = [];
    for (const { permutation, first, next } of group) {
      const [before, after] = [elements[first], this.generators[next]];
      const made = before && after ? { first: before, next: after } : null;
      elements.push({ ...this.element(permutation, -1, names, fields), made });
    }
    this.elements = elements;
    this.orbits = new Orbits(this.elements, (...asked) => this.renamedBy(...asked));
    this.verifyGroups();
  }

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
    const open: Row<S, M, E>[] = this.isNew(transition) ? [transition] : [];
    for (let row = open.pop(); row; row = open.pop()) {
      for (const element of this.generators) {
        const image = this.imageOfStep(element, row);
        if (this.isNew(image)) open.push(image);
      }
    }
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

  private isNew({ actor, from, step }: Row<S, M, E>): boolean {
    const key = `${actor} ${from} ${canonical(step.event)}`;
    return this.verified.size < this.verified.add(key).size;
  }

  /** The image of a step, which is what the actor that takes it does. */
  private imageOfStep(element: Element, { actor, from, to, step, crash }: Row<S, M, E>): Row<S, M, E> {
    const { tabulation, system } = this;
    const other = element.toField[actor] as number;
    const renamed = this.rename(step.event, element.permutation) as typeof step.event;
    const event = crash ? inGroup(renamed as Crash) : renamed;
    const [before, after] = [this.renamedLocal(element, actor, from), this.renamedLocal(element, actor, to)];
    const twin = (tabulation.actors[other] as (typeof tabulation.actors)[number]).actor;
    const [start, end] = [tabulation.localOf(other, before), tabulation.localOf(other, after)];
    const same = crash
      ? this.restarts(other, before, (event as Crash).lost ?? false, end.state)
      : tabulation.leadsTo(other, before, event as never) === after;
    if (!same) this.refuse(step, element);
    const rule = crash ? step.rule : answerTo(twin, start.state, event as never).rule;
    const { name, role } = twin;
    const image: LocalStep<S, M, E> = { actor: name, role, event, rule, before: start, after: end };
    for (const property of system.properties) {
      if ((property.step?.(step) === undefined) !== (property.step?.(image) === undefined))
        this.refuseClaim(`the property ${property.name}`);
    }
    for (const situation of system.situations ?? []) {
      if (Boolean(situation.step?.(step)) !== Boolean(situation.step?.(image)))
        this.refuseClaim(`the situation ${situation.name}`);
    }
    return { actor: other, from: before, to: after, step: image, crash };
  }

  /** Whether an actor restarts as `expected`. */
  private restarts(actor: number, local: number, lost: boolean, expected: S): boolean {
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

  private refuseClaim(claim: string): never {
    throw new SystemError(`${claim} is not symmetric: expected --symmetry off`);
  }

  private refuse(step: LocalStep<S, M, E>, { permutation }: Element): never {
    throw new SystemError(
      `${this.system.name} is not symmetric under ${canonical(permutation)}: ${step.actor} on ${canonical(step.event)} ` +
        'does not do what its image does; expected --symmetry off',
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
      const { generator } = element;
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
    return this.tabulation.renamed(actor, local, toField[actor] as number, (value) =>
      this.renamedValue(element, value),
    );
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
    return { permutation, generator, toField, fromField, tables, made: null };
  }
}

/** The crash of a group, whose order says nothing. */
function inGroup(crash: Crash): Crash {
  return { ...crash, actors: [...crash.actors].sort() };
}
