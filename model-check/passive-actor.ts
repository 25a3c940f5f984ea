import { IntArray } from './int-array.ts';
import { Interner } from './interner.ts';
import { PairTable } from './pair-table.ts';
import type { Actor, Crash, Envelope, Local, LocalStep, Receive } from './system.ts';
import { answerTo, checkOwnEvent, offeredBy, SystemError } from './terms.ts';

/** Why an actor cannot be looked at apart, as it turns out. */
export class NotPassive extends SystemError {
  override name = 'NotPassive';
  readonly actor: string;
  readonly because: string;

  constructor(actor: string, because: string) {
    super(`${actor} is not passive: ${because}`);
    this.actor = actor;
    this.because = because;
  }
}

/** The local states in which a passive actor can be once certain messages have been sent to it. */
export interface Closure {
  /** The nearest first. */
  readonly states: readonly number[];
  /** By local state, in the same order: the least number of steps to it. */
  readonly steps: readonly number[];
  /** The events of receiving the messages. */
  readonly receipts: ReadonlySet<number>;
  /** The steps to the farthest. */
  readonly farthest: number;
  /** Whether the crashes of its local states have been noted. */
  crashed: boolean;
}

/** Asked of a step: whether it is one that is looked for. */
export type Test<S, M, E> = (step: LocalStep<S, M, E>) => boolean;

/** A step that a test has found. `event` is -1 for one that needs no message, -2 for a crash. */
interface Hit {
  readonly state: number;
  readonly event: number;
}

const OWN = -1;
const CRASH = -2;
/** Local states of one actor: beyond that it is better left in the product, where bounds are kept. */
const MOST_STATES = 2 ** 20;
/** Local states in the closures that are kept; when there are more, all are given up. */
const MOST_KEPT = 2 ** 21;

/**
 * One actor that sends nothing, by itself: its transition function tabulated, its *closures* under deliveries, and the
 * steps that tests look for. All of it lazily: what is asked of the actor are the events that some reachable global
 * state enables, each once.
 */
export class PassiveActor<S, M extends Envelope, E> {
  readonly name: string;
  /** Calls of the transition function so far. */
  questions = 0;
  /** For each rule, the number of (local state, event) for which it fired. */
  readonly fired = new Map<string, number>();
  private readonly actor: Actor<S, M, E>;
  private readonly tests: readonly Test<S, M, E>[];
  private readonly crashes: readonly Crash[];
  private readonly states = new Interner<S>();
  private readonly events = new Interner<E | Receive<M>>();
  private readonly receipts = new WeakMap<M, number>();
  /** By state and event: the state it leads to. */
  private readonly next = new PairTable();
  /** By state: the internal events. */
  private readonly own: (readonly number[] | undefined)[] = [];
  /** By state: the state after a crash, -1 if not asked yet. */
  private readonly restarts = new IntArray();
  /** The states whose crashes have been noted. */
  private readonly crashed = new Set<number>();
  /** By test. */
  private readonly hits: Hit[][] = [];
  private readonly closures = new Map<string, Closure>();
  private kept = 0;
  /** By state: the last search that met it, and in how many steps. */
  private readonly met: number[] = [];
  private readonly distance: number[] = [];
  private searches = 0;

  /**
   * @param crashes the crashes that it may have a part in
   * @param tests what is looked for among its steps
   */
  constructor(actor: Actor<S, M, E>, crashes: readonly Crash[], tests: readonly Test<S, M, E>[]) {
    this.name = actor.name;
    this.actor = actor;
    this.crashes = crashes;
    this.tests = tests;
  }

  /**
   * The closure of the initial state under deliveries of these messages and steps of its own.
   *
   * @param messages each once
   * @param mayCrash whether there is a crash left
   * @throws NotPassive if the actor turns out not to be passive; also if it breaks the terms, which the engine is to tell
   */
  closure(messages: readonly M[], mayCrash: boolean): Closure {
    try {
      const receipts = messages.map((message) => this.receipt(message)).sort((a, b) => a - b);
      const key = receipts.join();
      const closure = this.closures.get(key) ?? this.keep(key, this.search(new Set(receipts)));
      if (mayCrash && !closure.crashed) this.noteCrashes(closure);
      return closure;
    } catch (error) {
      if (error instanceof NotPassive) throw error;
      throw new NotPassive(this.name, error instanceof Error ? error.message : String(error));
    }
  }

  /** The local states of a closure, as properties see them. */
  local(state: number): Local<S, M> {
    return { state: this.states.values[state] as S, sent: [] };
  }

  /** The number of local states found so far. */
  get size(): number {
    return this.states.values.length;
  }

  /**
   * The least number of steps, in a closure, that end with one that the test looks for; -1 if there is none.
   *
   * @param mayCrash whether there is a crash left
   */
  nearest(test: number, closure: Closure, mayCrash: boolean): number {
    const hits = this.hits[test];
    if (!hits) return -1;
    const steps = new Map(closure.states.map((state, at) => [state, closure.steps[at] as number]));
    const enabled = ({ state, event }: Hit) =>
      steps.has(state) && (event === CRASH ? mayCrash : event === OWN || closure.receipts.has(event));
    const all = hits.filter(enabled).map(({ state }) => 1 + (steps.get(state) as number));
    return all.length === 0 ? -1 : all.reduce((least, each) => Math.min(least, each));
  }

  /** The event of receiving a message. Messages come as the same objects again and again. */
  private receipt(message: M): number {
    const known = this.receipts.get(message) ?? this.events.id({ type: 'receive', message });
    this.receipts.set(message, known);
    return known;
  }

  private keep(key: string, closure: Closure): Closure {
    this.kept += closure.states.length;
    if (this.kept > MOST_KEPT) {
      this.closures.clear();
      this.kept = closure.states.length;
    }
    this.closures.set(key, closure);
    return closure;
  }

  /** Breadth first, through the states that are reached without a crash. */
  private search(receipts: ReadonlySet<number>): Closure {
    const { met, distance } = this;
    const search = ++this.searches;
    const initial = this.states.id(this.actor.initial);
    const states = [initial];
    met[initial] = search;
    distance[initial] = 0;
    for (let at = 0; at < states.length; at++) {
      const state = states[at] as number;
      const visit = (event: number, own: boolean) => {
        const next = this.step(state, event, own);
        if (met[next] === search) return;
        met[next] = search;
        distance[next] = (distance[state] as number) + 1;
        states.push(next);
      };
      for (const event of this.internal(state)) visit(event, true);
      for (const event of receipts) visit(event, false);
    }
    if (this.crashes.length > 0) for (const state of states) this.checkRestart(state, initial, search);
    const steps = states.map((state) => distance[state] as number);
    return { states, steps, receipts, farthest: steps[steps.length - 1] as number, crashed: false };
  }

  /** A crash must lead where the actor could be without one, and no later. */
  private checkRestart(state: number, initial: number, search: number): void {
    const after = this.restart(state);
    if (this.met[after] !== search || (this.distance[after] as number) > (this.distance[state] as number))
      throw new NotPassive(this.name, 'a crash leads it where it does not come, or not as soon, without one');
    if (state === initial && after !== initial)
      throw new NotPassive(this.name, 'a crash in its initial state changes it');
  }

  private internal(state: number): readonly number[] {
    const known = this.own[state];
    if (known) return known;
    const events = offeredBy(this.actor, this.states.values[state] as S);
    for (const event of events) checkOwnEvent(this.name, event);
    const ids = [...new Set(events.map((event) => this.events.id(event)))];
    this.own[state] = ids;
    return ids;
  }

  private step(state: number, event: number, own: boolean): number {
    const known = this.next.get(state, event);
    if (known !== -1) return known;
    this.questions += 1;
    const asked = this.events.values[event] as E | Receive<M>;
    const { rule, state: answer, send } = answerTo(this.actor, this.states.values[state] as S, asked);
    if (send.length > 0) throw new NotPassive(this.name, 'it sends messages');
    const next = this.states.id(answer);
    if (this.size > MOST_STATES)
      throw new NotPassive(this.name, `it has more than ${MOST_STATES} local states`);
    this.next.set(state, event, next);
    this.note(state, next, own ? OWN : event, { event: asked, rule });
    return next;
  }

  private restart(state: number): number {
    while (this.restarts.length <= state) this.restarts.push(-1);
    let after = this.restarts.data[state] as number;
    if (after === -1) {
      const { restart } = this.actor;
      if (!restart) throw new SystemError(`${this.name} crashes but has no restart`);
      after = this.states.id(restart(this.states.values[state] as S));
      this.restarts.data[state] = after;
    }
    return after;
  }

  private noteCrashes(closure: Closure): void {
    closure.crashed = true;
    for (const state of closure.states) {
      if (this.crashed.has(state)) continue;
      this.crashed.add(state);
      for (const event of this.crashes)
        this.note(state, this.restart(state), CRASH, { event, rule: 'crash' });
    }
  }

  /** Notes a step that some reachable state enables: the rule that fires, and the tests that find it. */
  private note(
    from: number,
    to: number,
    event: number,
    { rule, event: taken }: Pick<LocalStep<S, M, E>, 'rule' | 'event'>,
  ): void {
    if (rule !== null) this.fired.set(rule, (this.fired.get(rule) ?? 0) + 1);
    const { name, role } = this.actor;
    const step = { actor: name, role, event: taken, rule, before: this.local(from), after: this.local(to) };
    this.tests.forEach((test, at) => {
      if (!test(step)) return;
      const known = this.hits[at];
      if (known) known.push({ state: from, event });
      else this.hits[at] = [{ state: from, event }];
    });
  }
}
