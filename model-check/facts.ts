/** Facts and predicates as tables: from the views of a global state to what is found in it, by look-ups. */
import { deepFreeze } from './canonical.ts';
import type { Correspondence } from './correspondence.ts';
import type { IntArray } from './int-array.ts';
import type { Interner, TupleInterner } from './interner.ts';
import type { Numbering } from './tabulate.ts';
import { guarded } from './terms.ts';

/** A property or a situation in the course of a run: `depth` is the number of steps to its first finding, -1 before. */
export interface Claim {
  readonly name: string;
  depth: number;
}

/** That something is found of a claim, so many steps after the state that is looked at. */
export interface Finding {
  readonly claim: Claim;
  readonly extra: number;
}

/** The joint view that one or more facts take of some fields. */
export interface Lens {
  /** The fact that it was made for. */
  readonly name: string;
  readonly fields: readonly number[];
  readonly views: readonly Numbering[];
  readonly tuples: TupleInterner;
  readonly scratch: Int32Array;
  /** By generator: the joint view that its fields' images are seen in. */
  readonly images: Lens[];
  /** By generator and field: how its views are renamed. */
  readonly pairs: Map<string, Correspondence>;
  /** The number of the joint view in the global state that is being looked at. */
  now: number;
  /** How often it has been focused. */
  focused: number;
}

export interface FactTable {
  readonly name: string;
  readonly lens: Lens;
  readonly combine: (views: readonly unknown[]) => unknown;
  /** By joint view: the number of the fact's value, -1 if not asked yet. */
  readonly numbers: IntArray;
  readonly values: Interner<unknown>;
  /** Its value when it was combined last, and how often its lens had been focused then. */
  last: unknown;
  lastFocus: number;
}

/** The predicates that read the same facts, tabulated together. */
export interface Group {
  readonly facts: readonly FactTable[];
  readonly tuples: TupleInterner;
  readonly scratch: Int32Array;
  /** Each tells how many steps after the state that is looked at its claim makes a finding, -1 if none. */
  readonly predicates: { readonly claim: Claim; readonly finds: (values: readonly unknown[]) => number }[];
  /** The joint views met so far, where it matters which are new. */
  readonly met: TupleInterner;
  /** By tuple of fact values: the number of the set of findings, 0 for none. */
  readonly found: IntArray;
  /** If all facts look through one lens: the same by its joint view, -1 if not asked yet. */
  readonly foundBy: IntArray;
}

/** Finds the number of a lens's joint view in a global state. */
export function focus(lens: Lens, locals: Int32Array): void {
  const { fields, views, scratch } = lens;
  for (let at = 0; at < fields.length; at++) {
    scratch[at] = (views[at] as Numbering).ids.data[locals[fields[at] as number] as number] as number;
  }
  lens.now = lens.tuples.id(scratch);
  lens.focused += 1;
}

/** A fact's value, in the state that its lens was last focused on: there it is asked for once. */
function combined(table: FactTable): unknown {
  const { name, lens, combine } = table;
  if (table.lastFocus === lens.focused) return table.last;
  const tuple = lens.tuples.tuple(lens.now);
  const views = lens.views.map((view, at) => view.interner.values[tuple[at] as number]);
  // Others are given it as well: who writes to it is found out at once.
  table.last = guarded(
    () => `the fact "${name}"`,
    () => deepFreeze(combine(views)),
  );
  table.lastFocus = lens.focused;
  return table.last;
}

/** The number of a fact's value, in the state that its lens was last focused on. */
export function factValue(table: FactTable): number {
  const { lens, numbers, values, name } = table;
  while (numbers.length <= lens.now) numbers.push(-1);
  let value = numbers.data[lens.now] as number;
  if (value === -1) {
    const seen = combined(table);
    value = guarded(
      () => `the fact "${name}"`,
      () => values.id(seen),
    );
    numbers.data[lens.now] = value;
  }
  return value;
}

/** Whether a group meets, in the state that its lenses were focused on, views that it has not met together before. */
export function isNewView({ facts, met }: Group): boolean {
  const views = new Int32Array(met.width);
  for (let at = 0; at < facts.length; at++) views[at] = (facts[at] as FactTable).lens.now;
  const known = met.size;
  return met.id(views) === known;
}

/** The number of the set of findings that a group makes in the state that its lenses were focused on. */
export function findingsOf(group: Group, findings: (readonly Finding[])[]): number {
  const { facts, foundBy } = group;
  const lens = facts[0]?.lens;
  if (!lens || facts.some((fact) => fact.lens !== lens)) return findingsOfValues(group, findings);
  while (foundBy.length <= lens.now) foundBy.push(-1);
  let found = foundBy.data[lens.now] as number;
  if (found === -1) {
    // To number the values, so as to ask less often, takes longer than to ask.
    found = noted(ask(group, facts.map(combined)), findings);
    foundBy.data[lens.now] = found;
  }
  return found;
}

function findingsOfValues(group: Group, findings: (readonly Finding[])[]): number {
  const { facts, scratch, tuples, found } = group;
  for (let at = 0; at < facts.length; at++) scratch[at] = factValue(facts[at] as FactTable);
  const id = tuples.id(scratch);
  if (id === found.length) {
    const values = facts.map((fact, at) => fact.values.values[scratch[at] as number]);
    found.push(noted(ask(group, values), findings));
  }
  return found.data[id] as number;
}

/** What the predicates of a group find in these values. */
function ask({ predicates }: Group, values: readonly unknown[]): readonly Finding[] {
  return predicates.flatMap(({ claim, finds }) => {
    const extra = guarded(
      () => claim.name,
      () => finds(values),
    );
    return extra === -1 ? [] : [{ claim, extra }];
  });
}

/** The number of a set of findings. */
function noted(found: readonly Finding[], findings: (readonly Finding[])[]): number {
  return found.length === 0 ? 0 : findings.push(found) - 1;
}
