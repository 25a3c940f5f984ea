import { canonical } from './canonical.ts';
import type { Claim } from './claims.ts';
import type { Explorer } from './explorer.ts';
import { type NaiveState, OUT_OF_REACH, violation } from './naive.ts';
import type { Counterexample, CounterexampleStep } from './report.ts';
import { StateSet } from './state-set.ts';
import type { Envelope, LocalStep } from './system.ts';
import type { Transition } from './tabulate.ts';

/** A step: its transition, or in the crash of a group that of each member. */
export type Taken = readonly number[];

/**
 * The shortest counterexample of a violated property. No state remembers its parent: the levels of the search are read
 * again, backwards to mark what leads to a violation, then forwards to pick, at each state, the first of the steps that
 * do, by actor and then by the text of the event. So it does not depend on the order of the search.
 */
export function counterexample<S, M extends Envelope, E>(
  explorer: Explorer<S, M, E>,
  property: Claim,
): Counterexample {
  const { claims } = explorer;
  const path = shortestPath(explorer, {
    depth: property.depth,
    forEachState: (depth, visit) => explorer.forEachState(depth, depth < property.depth, visit),
    ends: (locals) => claims.violatedIn(property, locals),
    endsBy: (taken) => taken.some((id) => claims.violatedBy(property, transitionOf(explorer, id))),
  });
  return toldPath(explorer, property, path);
}

/** What a path is to lead to, and the states by which it may. */
export interface Search {
  /** The length of the path. */
  readonly depth: number;
  /** Visits the states that are so many steps from the initial one, of the greatest depth only those that may be the end. */
  forEachState(depth: number, visit: (locals: Int32Array) => void): void;
  /** Whether a state of that depth is one to be led to. */
  ends(locals: Int32Array): boolean;
  /** Whether a last step is one to be taken, wherever it leads. */
  endsBy?(taken: Taken): boolean;
}

/** A path from the initial state: each step with the state that it is taken from. */
export type Path = readonly { readonly from: Int32Array; readonly taken: Taken }[];

/** A path at whose end a property is violated, as a counterexample. */
export function toldPath<S, M extends Envelope, E>(
  explorer: Explorer<S, M, E>,
  property: Claim,
  path: Path,
): Counterexample {
  const steps = path.map(({ taken }, at) => toldStep(explorer, taken, at + 1));
  const last = path[path.length - 1];
  const end = last ? explorer.successor(last.from, last.taken) : explorer.initial;
  const definition = explorer.claims.definition(property);
  const wrongStep = last?.taken
    .map((id) => definition.step?.(transitionOf(explorer, id).step))
    .find((sentence) => sentence !== undefined);
  const wrongState = definition.clauses
    ?.map((clause) => violation(clause, plainState(explorer, end)))
    .find((sentence) => sentence !== undefined);
  return {
    property: property.name,
    statement: definition.statement,
    length: steps.length,
    steps,
    facts: wrongStep ?? wrongState ?? OUT_OF_REACH,
  };
}

/** Of the shortest paths to what is sought, the one with the lexicographically least sequence of steps. */
export function shortestPath<S, M extends Envelope, E>(explorer: Explorer<S, M, E>, search: Search): Path {
  const marked = markBackwards(explorer, search);
  const path: { from: Int32Array; taken: Taken }[] = [];
  let from = explorer.initial;
  for (let depth = 0; depth < search.depth; depth++) {
    const ends = leading(explorer, search, depth, from, marked[depth + 1]);
    ends.sort((a, b) => compareSteps(explorer, a, b));
    const taken = ends[0];
    if (!taken) throw new Error(`no step of depth ${depth} leads on`);
    path.push({ from, taken });
    from = explorer.successor(from, taken);
  }
  return path;
}

/** By depth: the states from which what is sought can still be reached in time. */
function markBackwards<S, M extends Envelope, E>(explorer: Explorer<S, M, E>, search: Search): StateSet[] {
  const marked: StateSet[] = [];
  const { words } = explorer.layout;
  const packed = new Int32Array(words);
  for (let depth = search.depth; depth >= 0; depth--) {
    const here = new StateSet(words);
    search.forEachState(depth, (locals) => {
      const leads =
        depth === search.depth
          ? search.ends(locals)
          : leading(explorer, search, depth, locals, marked[depth + 1]).length > 0;
      if (!leads) return;
      if (explorer.packed(locals, packed)) here.add(packed);
    });
    marked[depth] = here;
  }
  return marked;
}

/** The steps from a state at `depth` that lead to a marked state, or are sought themselves. */
function leading<S, M extends Envelope, E>(
  explorer: Explorer<S, M, E>,
  search: Search,
  depth: number,
  locals: Int32Array,
  marked: StateSet | undefined,
): Taken[] {
  const found: Taken[] = [];
  const packed = new Int32Array(explorer.layout.words);
  const last = depth + 1 === search.depth;
  const visit = (taken: Taken) => {
    const known = explorer.packed(explorer.successor(locals, taken), packed);
    if ((known && marked?.has(packed)) || (last && search.endsBy?.(taken))) found.push(taken);
  };
  explorer.steps.visit(locals, explorer.crashesIn(locals), {
    local: (transition) => visit([transition]),
    crash: (transitions) => visit([...transitions]),
  });
  return found;
}

/** Orders steps by actor, then by the text of the event: the same in every run, whatever was met first. */
export function compareSteps<S, M extends Envelope, E>(
  explorer: Explorer<S, M, E>,
  a: Taken,
  b: Taken,
): number {
  const [one, other] = [a, b].map((taken) => transitionOf(explorer, taken[0] as number)) as [
    Transition<S, M, E>,
    Transition<S, M, E>,
  ];
  return one.actor - other.actor || (one.key < other.key ? -1 : one.key > other.key ? 1 : 0);
}

function toldStep<S, M extends Envelope, E>(
  explorer: Explorer<S, M, E>,
  taken: Taken,
  number: number,
): CounterexampleStep {
  const transitions = taken.map((id) => transitionOf(explorer, id));
  const tell = explorer.system.tell ?? plainly;
  const step = (transitions[0] as Transition<S, M, E>).step;
  return {
    number,
    actor: step.actor,
    role: step.role,
    rule: step.rule,
    event: step.event as CounterexampleStep['event'],
    message: messageOf(step.event),
    sent: transitions.flatMap(({ added }) => added) as unknown as CounterexampleStep['sent'],
    changed: transitions.flatMap((transition) => changes(transition.step)),
    text: transitions.map((transition) => tell(transition.step)).join('; '),
  };
}

/** The message that an event brings, if it is a receipt. */
export function messageOf(event: unknown): CounterexampleStep['message'] {
  const isReceipt =
    typeof event === 'object' && event !== null && 'type' in event && event.type === 'receive';
  return isReceipt && 'message' in event ? (event.message as CounterexampleStep['message']) : null;
}

/** The fields of an actor's state that a step changes. */
export function changes<S, M, E>({
  actor,
  before,
  after,
}: LocalStep<S, M, E>): CounterexampleStep['changed'] {
  const fields = (state: unknown): Record<string, unknown> =>
    typeof state === 'object' && state !== null && !Array.isArray(state) ? { ...state } : { '': state };
  const [was, is] = [fields(before.state), fields(after.state)];
  const text = (value: unknown) => (value === undefined ? '' : canonical(value));
  return [...new Set([...Object.keys(was), ...Object.keys(is)])]
    .filter((field) => text(was[field]) !== text(is[field]))
    .map((field) => ({
      actor,
      field,
      ...(was[field] === undefined ? {} : { from: was[field] as CounterexampleStep['event'] }),
      ...(is[field] === undefined ? {} : { to: is[field] as CounterexampleStep['event'] }),
    }));
}

/** How a step is told of a system that has no words of its own for it. */
export function plainly<S, M, E>({ role, actor, event, rule }: LocalStep<S, M, E>): string {
  return `${role} ${actor}: ${rule ?? 'no rule'} on ${canonical(event)}`;
}

function transitionOf<S, M extends Envelope, E>(
  explorer: Explorer<S, M, E>,
  id: number,
): Transition<S, M, E> {
  return explorer.tabulation.transitions[id] as Transition<S, M, E>;
}

function plainState<S, M extends Envelope, E>(
  explorer: Explorer<S, M, E>,
  locals: Int32Array,
): NaiveState<S, M> {
  const { actors } = explorer.tabulation;
  return {
    actors: Object.fromEntries(
      actors.map(({ actor }, at) => [actor.name, explorer.tabulation.localOf(at, locals[at] as number)]),
    ),
    records: Object.fromEntries(
      explorer.observers.map(({ observer, records }, at) => [
        observer.name,
        records.values[locals[actors.length + at] as number],
      ]),
    ),
    crashes: explorer.crashesIn(locals),
  };
}
