/**
 * What the checker takes: a *system* of actors, and what is claimed about it.
 *
 * Nothing here knows of Paxos. A system is data and pure functions:
 *
 * - **actors**, each a transition function from (local state, event) to (local state', messages sent);
 * - the **network**, which is not declared because it is always the same: the set of all messages ever sent. A message,
 *   once sent, may be delivered at any later time, any number of times, or never;
 * - **readings**, steps of one actor that look at several others at once (a quorum of promises, say);
 * - **observers**, which watch every step and record history for a property;
 * - a **crash budget**;
 * - **properties** that must hold in every reachable state or step, and **situations** that must be reachable, so that
 *   "holds" is not said of a system that does nothing.
 *
 * States, messages and events are JSON values. Equality is equality of their canonical JSON text.
 */

/** A message names its one sender and the set of actors that may receive it; the rest is the system's own. */
export interface Envelope {
  readonly from: string;
  readonly to: readonly string[];
}

/** The event of receiving one message from the network. */
export interface Receive<M> {
  readonly type: 'receive';
  readonly message: M;
}

/** The event of crashing and restarting, made by the engine. `lost` tells that the last write did not reach the disk. */
export interface Crash {
  readonly type: 'crash';
  readonly actors: readonly string[];
  readonly lost?: true;
}

/** What the engine interns as one unit: an actor's local state and the set of messages it has sent so far. */
export interface Local<S, M> {
  readonly state: S;
  readonly sent: readonly M[];
}

/** The answer of a transition function. `rule` names the rule that fired, or is null where none applies. */
export interface Outcome<S, M> {
  readonly rule: string | null;
  readonly state: S;
  readonly send: readonly M[];
}

/** One process that acts alone on what it receives. */
export interface Actor<S, M extends Envelope, E> {
  readonly name: string;
  /** The kind of actor, for reading and for counting; actors of one role need not be equal. */
  readonly role: string;
  readonly initial: S;
  /** Pure and total: an event for which no rule applies gives an equal state, nothing to send and the rule null. */
  transition(state: S, event: E | Receive<M>): Outcome<S, M>;
  /** The internal steps (time-outs, say) that may be taken in this state; none if absent. Their `type` is neither "receive" nor "crash". */
  internal?(state: S): readonly E[];
  /** What is left of a state after a crash and restart; an actor without it never crashes. */
  restart?(state: S): S;
  /** If set, a crash may also undo the durable effect of the last transition, while its messages stay sent. */
  readonly writeBehind?: boolean;
  /** Made by the engine in the place of an actor that it looks at apart (see passive.ts): nothing is delivered to it. */
  readonly stub?: boolean;
}

/**
 * A step of one actor that reads several actors at once. The engine tabulates the views, then asks for the events that
 * the joint view enables, then asks the actor's transition function about each.
 */
export interface Reading<S, M extends Envelope, E> {
  readonly name: string;
  /** The actor that takes the step. */
  readonly actor: string;
  /** The actors that are read, in the order in which their views are given. */
  readonly of: readonly string[];
  /** A cheap guard on the actor's own local state: the step is not enabled where it is false. */
  when?(self: Local<S, M>): boolean;
  /** What is read of one actor; keep it small, since joint views are tabulated. */
  view(local: Local<S, M>, actor: string): unknown;
  /** The events that these views enable, each at most once. */
  events(self: Local<S, M>, views: readonly unknown[]): readonly E[];
}

/** One local step, as properties, situations and observers see it. */
export interface LocalStep<S, M, E> {
  readonly actor: string;
  readonly role: string;
  readonly event: E | Receive<M> | Crash;
  readonly rule: string | null;
  readonly before: Local<S, M>;
  readonly after: Local<S, M>;
}

/** A record of history that is part of the global state: it sees each step as it happens and takes none itself. */
export interface Observer<S, M extends Envelope, E> {
  readonly name: string;
  readonly initial: unknown;
  /** What the observer notices in a step, or undefined if nothing. */
  label(step: LocalStep<S, M, E>): unknown;
  /** The record after noticing `label`. */
  observe(record: unknown, label: unknown): unknown;
}

/** The name under which a fact reads the number of crashes used, as if it were the state of an actor. */
export const CRASHES = '#crashes';

/**
 * Something computed from a global state, by way of a view of each actor: `combine` is asked once for each distinct
 * tuple of views, so views should say no more than is needed. What it answers is frozen. An observer's record is read as a local state.
 */
export interface Fact<S, M> {
  readonly name: string;
  readonly of: readonly string[];
  view(local: Local<S, M>, actor: string): unknown;
  combine(views: readonly unknown[]): unknown;
}

/** A predicate on facts. It returns undefined where it holds, else one sentence with the offending facts. */
export interface Clause<S, M> {
  readonly facts: readonly Fact<S, M>[];
  check(...values: readonly unknown[]): string | undefined;
}

/** A kind of state: those in which `holds` is true of the facts. */
export interface Predicate<S, M> {
  readonly facts: readonly Fact<S, M>[];
  holds(...values: readonly unknown[]): boolean;
}

/**
 * A property: every clause holds in every reachable state, and `step` holds of every step that can be taken. Or, in the place of
 * both, what is to be always reachable.
 */
export interface Property<S, M extends Envelope, E> {
  readonly name: string;
  /** `requirement`: what the system is for. `lemma`: a statement on the way to it. */
  readonly kind: 'requirement' | 'lemma';
  /** One sentence, in the words of its source. */
  readonly statement: string;
  /** Why this system is too small for it to say anything: it then holds, of nothing. */
  readonly notApplicable?: string | undefined;
  readonly clauses?: readonly Clause<S, M>[];
  /** Asked once for each distinct local step, self-loops included. Undefined where it holds, else a sentence. */
  step?(step: LocalStep<S, M, E>): string | undefined;
  /**
   * From every reachable state, but those of `unless`, a state of this kind can be reached, in no step or in some (in CTL,
   * AG (unless or EF holds)). It says nothing of whether it will be.
   */
  readonly alwaysReachable?: Predicate<S, M> & { readonly unless?: Predicate<S, M> };
}

/** A situation that must be reachable: a state in which `state` gives true, or a step for which `step` does. */
export interface Situation<S, M extends Envelope, E> {
  readonly name: string;
  readonly statement: string;
  /** Why this system is too small for it (the smallest that is not), or undefined where it must be reached. */
  readonly notApplicable?: string | undefined;
  readonly state?: Predicate<S, M> & {
    /** Where it holds: how many steps after the state that is looked at. Not after any, if absent. */
    extra?(...values: readonly unknown[]): number;
  };
  step?(step: LocalStep<S, M, E>): boolean;
}

/** A renaming, of actors or of other names that occur in states and messages; a name that is missing stays. */
export type Permutation = Readonly<Record<string, string>>;

/** The renamings under which a system stays the same. The engine checks that it does, row by row. */
export interface Symmetries {
  /** Some that generate all of them; the identity need not be among them. */
  readonly permutations: readonly Permutation[];
  /** A state, message or event with its names replaced, and in the form in which the system would have made it. */
  rename(value: unknown, permutation: Permutation): unknown;
}

/** How often, and what together, may crash. */
export interface Crashes {
  /** How many crashes there may be in one run. */
  readonly budget: number;
  /** Actors that share a process and crash together; by default each actor with a `restart` is a group of its own. */
  readonly groups?: readonly (readonly string[])[];
}

/** Everything that the checker needs. */
export interface System<S = unknown, M extends Envelope = Envelope, E = unknown> {
  readonly name: string;
  /** What "holds" will have covered, in words: bounds, faults, quorums. */
  readonly covers: readonly string[];
  /** If only some of the runs within the bounds are looked at: which. Nothing then `holds`. */
  readonly restricted?: string;
  readonly actors: readonly Actor<S, M, E>[];
  readonly readings?: readonly Reading<S, M, E>[];
  readonly observers?: readonly Observer<S, M, E>[];
  readonly crashes?: Crashes;
  readonly symmetry?: Symmetries;
  /** A fact of which it is counted how many states there are with each of its joint views (see `Tally`). */
  readonly tally?: Fact<S, M>;
  readonly properties: readonly Property<S, M, E>[];
  readonly situations?: readonly Situation<S, M, E>[];
  /** The names of all rules, so that one that never fires is noticed. */
  readonly rules?: readonly string[];
  /** Rules that cannot fire in this system, and why; the others must. */
  readonly idleRules?: Readonly<Record<string, string>>;
  /** One sentence that tells a step; `acceptor a2 promises ballot 1.p1 (Phase 1b)`. */
  tell?(step: LocalStep<S, M, E>): string;
  /** A message, a state or a part of one in few words, for a reader; JSON where it has none. */
  show?(value: unknown): string;
}
