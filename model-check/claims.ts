import {
  type Claim,
  type FactTable,
  type Finding,
  findingsOf,
  focus,
  type Group,
  isNewView,
  type Lens,
} from './facts.ts';
import type { Fields } from './fields.ts';
import { IntArray } from './int-array.ts';
import { Interner, TupleInterner } from './interner.ts';
import { type Journal, Kind } from './journal.ts';
import { Recall } from './recall.ts';
import type { Envelope, Fact, LocalStep, Predicate, Property, Situation, System } from './system.ts';
import type { Numbering, Transition } from './tabulate.ts';
import { SystemError } from './terms.ts';

export type { Claim } from './facts.ts';

/** What to look at again after a step, because it changed a view. */
interface Look {
  readonly lenses: readonly Lens[];
  readonly groups: readonly Group[];
  /** The numbers of the sets of findings that were made lately. */
  readonly recall: Recall;
}

/** What is to be always reachable, as claims that are found in its states, and in those from which it need not be. */
export interface Goal {
  readonly holds: Claim;
  readonly unless: Claim | null;
}

/**
 * The properties and situations of a system, decided by look-ups. From a global state to a verdict, by an example:
 * agreement names the *fact* "chosen", which takes a *view* of each acceptor (the votes it has cast); the numbers of the
 * three views are a joint view, found through a *lens*; its number tells the fact's value; and the values of a predicate's
 * facts tell its verdict. Predicates that name the same facts are one *group*. What is to be looked at after a step (the
 * groups whose views it changed, and their lenses) is a *look*, which depends on the local step only.
 * A predicate is asked again only in states that differ
 * from their predecessor in a view that it reads: elsewhere its answer is the predecessor's.
 */
export class Claims<S, M extends Envelope, E> {
  readonly properties: readonly Claim[];
  readonly situations: readonly Claim[];
  /** Of the properties of something that is to be always reachable. */
  readonly goals = new Map<Claim, Goal>();
  private readonly system: System<S, M, E>;
  private readonly fields: Fields<S, M, E>;
  readonly lenses: Lens[] = [];
  private readonly facts = new Map<Fact<S, M>, FactTable>();
  readonly groups: Group[] = [];
  private readonly asking = new Map<Claim, readonly Group[]>();
  private readonly findings: (readonly Finding[])[] = [[]];
  /** The looks by number; look 0 is at nothing. */
  private readonly looks: Look[] = [{ lenses: [], groups: [], recall: new Recall(new Map()) }];
  /** By the numbers of some sets of findings, the number of their union. */
  private readonly unions = new Map<string, number>();
  private readonly lookIds = new Map<string, number>([['', 0]]);

  private readonly journal: Journal | null;

  constructor(system: System<S, M, E>, fields: Fields<S, M, E>, journal: Journal | null) {
    this.system = system;
    this.journal = journal;
    this.fields = fields;
    this.properties = system.properties.map((property) => this.addProperty(property));
    this.situations = (system.situations ?? []).map((situation) => this.addSituation(situation));
  }

  /**
   * The number of the look that is due after `field` has gone from one local state to another and the fields `noticed`
   * may have changed as well.
   */
  lookAfter(field: number, from: number, to: number, noticed: readonly number[]): number {
    if (from === to && noticed.length === 0) return 0;
    const changed = this.lenses.filter(({ fields, views }) =>
      fields.some(
        (at, k) =>
          noticed.includes(at) || (at === field && views[k]?.ids.data[from] !== views[k]?.ids.data[to]),
      ),
    );
    if (changed.length === 0) return 0;
    return this.look(this.groups.filter(({ facts }) => facts.some(({ lens }) => changed.includes(lens))));
  }

  /** The look at all that either of two looks is at. */
  both(one: number, other: number): number {
    if (one === 0 || other === 0 || one === other) return Math.max(one, other);
    const either = [this.looks[one], this.looks[other]].flatMap((look) => look?.groups ?? []);
    return this.look(this.groups.filter((group) => either.includes(group)));
  }

  /** The look at everything, for the initial state. */
  get everything(): number {
    return this.look(this.groups);
  }

  /** The number of looks so far. */
  get lookCount(): number {
    return this.looks.length;
  }

  /** By field that a look sees, the numbers of all that it sees of so many of its local states. */
  seenBy(look: number, localsOf: (field: number) => number): readonly (readonly [number, IntArray])[] {
    return (this.looks[look] as Look).recall.numbered(localsOf);
  }

  /** What a look sees: by field, the views that are taken of it. */
  sees(look: number): ReadonlyMap<number, readonly IntArray[]> {
    return (this.looks[look] as Look).recall.sees;
  }

  /** Takes a look at the global state `locals`, which is `depth` steps from the initial one. */
  evaluate(look: number, locals: Int32Array, depth: number): void {
    const { recall } = this.looks[look] as Look;
    let found = recall.find(locals);
    if (found === -1) {
      found = this.lookClosely(look, locals);
      recall.keep(found);
    }
    if (found === 0) return;
    for (const { claim, extra } of this.findings[found] as readonly Finding[]) settle(claim, depth + extra);
  }

  /** The number of the set of all findings that a look makes in a global state. */
  private lookClosely(look: number, locals: Int32Array): number {
    const { lenses, groups } = this.looks[look] as Look;
    const answers = this.journal?.answers;
    for (let at = 0; at < lenses.length; at++) focus(lenses[at] as Lens, locals);
    let all = 0;
    for (let at = 0; at < groups.length; at++) {
      const group = groups[at] as Group;
      const found = findingsOf(group, this.findings);
      if (this.onNewViews && isNewView(group)) {
        this.note(look, locals);
        this.onNewViews([...new Set(group.predicates.map(({ claim }) => claim))], locals);
        for (const lens of lenses) focus(lens, locals);
      }
      if (found !== 0) all = this.union(all, found);
    }
    if (this.journal?.answers !== answers) this.note(look, locals);
    return all;
  }

  private union(one: number, other: number): number {
    if (one === 0 || one === other) return other;
    const key = `${one} ${other}`;
    let known = this.unions.get(key);
    if (known === undefined) {
      const sets = [one, other].map((each) => this.findings[each] as readonly Finding[]);
      known = this.findings.push(sets.flat()) - 1;
      this.unions.set(key, known);
    }
    return known;
  }

  /** Takes a look, at groups by number, that was taken before (see `Journal`). */
  evaluateAgain(groups: readonly number[], locals: Int32Array): void {
    this.evaluate(this.look(groups.map((at) => this.groups[at] as Group)), locals, 0);
  }

  private note(look: number, locals: Int32Array): void {
    const { groups } = this.looks[look] as Look;
    this.journal?.note(
      Kind.look,
      locals,
      groups.map((group) => this.groups.indexOf(group)),
    );
  }

  /** Called with a state in which a group of predicates meets views that it has not met together before. */
  onNewViews: ((claims: readonly Claim[], locals: Int32Array) => void) | null = null;

  /** Whether a state is one in which the property is violated, or the situation reached. */
  violatedIn(property: Claim, locals: Int32Array): boolean {
    return this.nearest(property, locals) !== -1;
  }

  /** How many steps after a state the property is violated, or the situation reached; -1 if neither. */
  nearest(asked: Claim, locals: Int32Array): number {
    let least = -1;
    for (const group of this.groupsOf(asked)) {
      for (const { lens } of group.facts) focus(lens, locals);
      for (const { claim, extra } of this.findings[findingsOf(group, this.findings)] as readonly Finding[])
        if (claim === asked && (least === -1 || extra < least)) least = extra;
    }
    return least;
  }

  /**
   * What is seen in some global states counts as met by all groups in which only these claims have predicates: the states are all images of one,
   * and the claims have been compared in them.
   */
  meet(asked: readonly Claim[], images: readonly Int32Array[]): void {
    const groups = this.groups.filter(({ predicates }) =>
      predicates.every(({ claim }) => asked.includes(claim)),
    );
    for (const image of images) {
      for (const group of groups) {
        for (const { lens } of group.facts) focus(lens, image);
        isNewView(group);
      }
    }
  }

  /** The groups in which there is a predicate of a claim. */
  private groupsOf(asked: Claim): readonly Group[] {
    const found =
      this.asking.get(asked) ??
      this.groups.filter(({ predicates }) => predicates.some(({ claim }) => claim === asked));
    this.asking.set(asked, found);
    return found;
  }

  /** The properties that a step violates, and the situations that it makes. */
  foundBy(step: LocalStep<S, M, E>): Claim[] {
    const { properties, situations = [] } = this.system;
    return [
      ...this.properties.filter((_, at) => properties[at]?.step?.(step) !== undefined),
      ...this.situations.filter((_, at) => situations[at]?.step?.(step)),
    ];
  }

  /**
   * Notes what is found by a step that can be taken, `depth` steps from the initial state. Tells whether anything is.
   */
  judge(step: LocalStep<S, M, E>, depth: number): boolean {
    const found = this.foundBy(step);
    for (const claim of found) settle(claim, depth);
    return found.length > 0;
  }

  /** Whether taking this step violates the property. */
  violatedBy(property: Claim, transition: Transition<S, M, E>): boolean {
    return this.definition(property).step?.(transition.step) !== undefined;
  }

  definition(property: Claim): Property<S, M, E> {
    return this.system.properties[this.properties.indexOf(property)] as Property<S, M, E>;
  }

  /** Bytes held by the tables of facts. */
  get bytes(): number {
    const tables = [...this.lenses, ...this.groups].map(({ tuples }) => tuples);
    return [...tables, ...this.looks.map(({ recall }) => recall)].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** The table of a fact. */
  tabulated(fact: Fact<S, M>): FactTable {
    return this.facts.get(fact) ?? this.addFact(fact);
  }

  private look(groups: readonly Group[]): number {
    const key = groups.map((group) => this.groups.indexOf(group)).join();
    const known = this.lookIds.get(key);
    if (known !== undefined) return known;
    const lenses = new Set(groups.flatMap(({ facts }) => facts.map(({ lens }) => lens)));
    const views = new Map<number, IntArray[]>();
    for (const lens of lenses)
      lens.fields.forEach((field, at) => {
        views.set(field, [...(views.get(field) ?? []), (lens.views[at] as Numbering).ids]);
      });
    this.lookIds.set(key, this.looks.length);
    return this.looks.push({ lenses: [...lenses], groups, recall: new Recall(views) }) - 1;
  }

  private addProperty(property: Property<S, M, E>): Claim {
    const claim: Claim = { name: property.name, depth: -1 };
    for (const clause of property.clauses ?? []) {
      this.addPredicate(claim, clause.facts, (values) => (clause.check(...values) === undefined ? -1 : 0));
    }
    const { alwaysReachable } = property;
    if (!alwaysReachable) return claim;
    if (property.clauses || property.step)
      throw new SystemError(
        `${property.name} says what is to be always reachable: expected neither clauses nor a step beside it`,
      );
    const { unless } = alwaysReachable;
    this.goals.set(claim, {
      holds: this.addState(property.name, alwaysReachable),
      unless: unless ? this.addState(property.name, unless) : null,
    });
    return claim;
  }

  private addState(name: string, { facts, holds }: Predicate<S, M>): Claim {
    const claim: Claim = { name, depth: -1 };
    this.addPredicate(claim, facts, (values) => (holds(...values) ? 0 : -1));
    return claim;
  }

  private addSituation(situation: Situation<S, M, E>): Claim {
    const claim: Claim = { name: situation.name, depth: -1 };
    const state = situation.state;
    if (state) {
      const extra = (values: readonly unknown[]) => state.extra?.(...values) ?? 0;
      this.addPredicate(claim, state.facts, (values) => (state.holds(...values) ? extra(values) : -1));
    }
    return claim;
  }

  private addPredicate(
    claim: Claim,
    facts: readonly Fact<S, M>[],
    finds: (values: readonly unknown[]) => number,
  ): void {
    const tables = facts.map((fact) => this.tabulated(fact));
    const same = this.groups.find(
      (group) =>
        group.facts.length === tables.length && group.facts.every((table, at) => table === tables[at]),
    );
    if (same) {
      same.predicates.push({ claim, finds });
      return;
    }
    const width = Math.max(1, tables.length);
    this.groups.push({
      facts: tables,
      tuples: new TupleInterner(width),
      scratch: new Int32Array(width),
      predicates: [{ claim, finds }],
      met: new TupleInterner(width),
      found: new IntArray(),
      foundBy: new IntArray(),
    });
  }

  private addFact(fact: Fact<S, M>): FactTable {
    const twin = [...this.facts].find(([other]) => other.view === fact.view && other.of === fact.of)?.[1];
    const lens = twin?.lens ?? this.addLens(fact);
    const { name, combine } = fact;
    const asked = { numbers: new IntArray(), values: new Interner<unknown>() };
    const table: FactTable = { name, lens, combine, ...asked, last: undefined, lastFocus: -1 };
    this.facts.set(fact, table);
    return table;
  }

  private addLens(fact: Fact<S, M>): Lens {
    const fields = fact.of.map((name) => this.fields.numberOf(name, `fact "${fact.name}"`));
    const width = Math.max(1, fields.length);
    const lens: Lens = {
      name: fact.name,
      images: [],
      pairs: new Map(),
      fields,
      views: fields.map((field, at) =>
        this.fields.addView(field, `the fact "${fact.name}"`, (local) =>
          fact.view(local, fact.of[at] as string),
        ),
      ),
      tuples: new TupleInterner(width),
      scratch: new Int32Array(width),
      now: 0,
      focused: 0,
    };
    this.lenses.push(lens);
    return lens;
  }
}

/** Notes a finding that is nearer than those before it. */
function settle(claim: Claim, depth: number): void {
  if (claim.depth === -1 || depth < claim.depth) claim.depth = depth;
}
