/**
 * Whether some order explains a history: the search of Wing and Gong (Testing and verifying concurrent objects, 1993), which lets one
 * operation after another take effect, each before the first answer that is still to be given, and goes back where the answers do not
 * fit; with that of Lowe (Testing for linearizability, 2017): what has been found to lead nowhere, as a set of operations that have taken
 * effect and the state since, is not gone into again. Three more things make it shorter, and change no answer:
 *
 * - what changes nothing whatever the state, and fits, takes effect at once: any order in which it does later may have it now;
 * - of what has no answer, only what changes the state need take effect, and of equal commands the one that was invoked first;
 * - what has no answer takes effect as late as can be: not where it and what takes effect next might change places, nor where that hides it.
 *
 * Why no order is missed, though it depends on the last operation too what is tried next, and that is not remembered. Suppose that there is an order, and that the search ends
 * without one. Then there are *ways*: operations that lead from a configuration that was come to, to where no answer is left. Of these take the least: with the fewest operations, those
 * that have taken effect before included; then with the most reads before the last one, then the fewest without an answer there, then the least sum of the places of these; then likewise before the
 * last but one, and so on to its first, X; if all is alike, the shorter. When its configuration was come to first, X was tried, or it was not.
 *
 * - It was: then the rest of the way, but for the reads in it that took effect at once, leads on from there. It is less.
 * - It was not, for it has no answer, and changes nothing or is to follow an equal one: then the way without it, or with that one in its place, is less.
 * - It was not, for the operation before it, which has no answer, might as well follow it or be left out: then the configuration before both was come to,
 *   and X, that operation or not, and the rest is a way from there. It is less.
 *
 * So there is no least way, and there are none.
 */
import type { KeyValueReply } from '../../spec/log/key-value.ts';
import type { Operation } from './format.ts';
import { Tabulated } from './tabulated.ts';

/** How many more configurations may be looked at. */
export interface Budget {
  left: number;
}

/** That the answer of an operation may be any but some, in place of the one that it has. */
export interface AnyOtherReply {
  readonly operation: Operation;
  readonly than: readonly KeyValueReply[];
}

/** An operation that has taken effect, those before it, and the state since. */
interface Step {
  readonly before: Step | null;
  readonly operation: number;
  readonly state: number;
  readonly reply: number;
  /** Whether there is nothing else to be tried in its place. */
  readonly only: boolean;
  readonly length: number;
}

/** What a search has found. */
export interface Found {
  readonly linearizable: boolean;
  /** Operations in the order in which they take effect, and what they answer; where no order explains all, the one that comes furthest. */
  readonly order: readonly { readonly operation: Operation; readonly reply: KeyValueReply }[];
  /** The line of the first answer that this order does not reach; null if there is none. */
  readonly reached: number | null;
}

const NONE = -1;
/** The event before all others. */
const HEAD = 0;
/** How many configurations are looked at between two moments at which a caller may do something else. */
const BREATH = 2 ** 14;

/** Looks for an order. Yields now and then; ends with null if the budget is used up before the answer is known. */
export function* search(
  operations: readonly Operation[],
  budget: Budget,
  free?: AnyOtherReply,
): Generator<void, Found | null> {
  return yield* new Search(operations, free).run(budget);
}

/** One search, with all that it has tried. */
export class Search {
  private readonly machine = new Tabulated();
  private readonly operations: readonly Operation[];
  /** By operation: its command; what its answer has to be, NONE if there is none; whether it has no effect, given that answer. */
  private readonly commands: readonly number[];
  private readonly replies: readonly number[];
  private readonly reads: readonly boolean[];
  private readonly twin: readonly number[];
  private readonly done: boolean[];
  /** The operation whose answer is free, and what it may not be. */
  private readonly free: number;
  private readonly than: ReadonlySet<number>;
  /** The events whose operations have not taken effect, in their order, as a list with two directions. */
  private readonly next: Int32Array;
  private readonly previous: Int32Array;
  private readonly dead = new Set<string>();
  private last: Step | null = null;
  private furthest: { readonly reached: number; readonly step: Step | null } = { reached: 0, step: null };

  constructor(given: readonly Operation[], free?: AnyOtherReply) {
    const { machine } = this;
    // A read without an answer says nothing.
    const operations = given.filter((each) => each.returned !== null || !onlyReads(each));
    this.operations = operations;
    this.commands = operations.map(({ command }) => machine.command(command));
    this.replies = operations.map(({ reply }) => (reply === null ? NONE : machine.reply(reply)));
    this.free = operations.findIndex(({ invoked }) => invoked === free?.operation.invoked);
    this.than = new Set(free?.than.map((reply) => machine.reply(reply)));
    this.reads = operations.map((each, at) => onlyReads(each) || (at !== this.free && isRefused(each)));
    this.twin = twinsOf(operations, this.commands);
    this.done = operations.map(() => false);
    this.next = new Int32Array(2 * operations.length + 2).fill(NONE);
    this.previous = new Int32Array(2 * operations.length + 2).fill(NONE);
    let last = HEAD;
    for (const event of eventsOf(operations)) {
      this.previous[event] = last;
      this.link(event);
      last = event;
    }
  }

  *run(budget: Budget): Generator<void, Found | null> {
    for (let taken = 0; ; taken++) {
      if (taken % BREATH === BREATH - 1) yield;
      const entered = this.enter();
      if (entered === 'through') return this.found(true);
      let next = entered === 'new' ? this.candidate(HEAD) : NONE;
      while (next === NONE) {
        const undone = this.back();
        if (undone === NONE) return this.found(false);
        next = this.candidate(undone);
      }
      if (budget.left === 0) return null;
      budget.left -= 1;
      this.take(next, false);
    }
  }

  /** A configuration is come to: whether no answer is left, and if one is, whether the search has been there before. */
  private enter(): 'through' | 'known' | 'new' {
    for (let read = this.fittingRead(); read !== NONE; read = this.fittingRead()) this.take(read, true);
    // What is before the first answer and has not taken effect says what has: nothing later has, and everything else before it.
    let configuration = `${this.state}`;
    let at = this.next[HEAD]!;
    for (; at !== NONE && !isAnswer(at); at = this.next[at]!) configuration += ` ${at}`;
    if (at === NONE) return 'through';
    this.note(this.operations[operationOf(at)]!.returned!);
    configuration += ` ${at}`;
    if (this.dead.has(configuration)) return 'known';
    // If it does not lead to an order, it is not to be come to again; and if it does, it will not be.
    this.dead.add(configuration);
    return 'new';
  }

  /** The operation to be tried next, after that of an event; NONE if there is none. Those with an answer come first, since they have to take effect. */
  private candidate(after: number): number {
    const isLate = after !== HEAD && this.replies[operationOf(after)] === NONE;
    const next = this.fitting(after, isLate);
    return next === NONE && !isLate ? this.fitting(HEAD, true) : next;
  }

  /** The first operation after an event that may take effect next, with an answer or without one. */
  private fitting(after: number, isLate: boolean): number {
    for (let at = this.next[after]!; at !== NONE && !isAnswer(at); at = this.next[at]!) {
      const operation = operationOf(at);
      if ((this.replies[operation] === NONE) === isLate && this.fits(operation)) return operation;
    }
    return NONE;
  }

  private fittingRead(): number {
    for (let at = this.next[HEAD]!; at !== NONE && !isAnswer(at); at = this.next[at]!) {
      const operation = operationOf(at);
      if (this.reads[operation] && this.fits(operation)) return operation;
    }
    return NONE;
  }

  /** Whether an operation may take effect next, as far as its answer is concerned. */
  private fits(operation: number): boolean {
    const { state, reply } = this.machine.apply(this.state, this.commands[operation]!);
    if (this.makesIdle(operation)) return false;
    if (operation === this.free) return !this.than.has(reply);
    if (this.replies[operation] !== NONE) return reply === this.replies[operation];
    const twin = this.twin[operation]!;
    return state !== this.state && (twin === NONE || this.done[twin]!);
  }

  /** The operation that has taken effect last, if it is without an answer; else NONE. */
  private get late(): number {
    return this.last && this.replies[this.last.operation] === NONE ? this.last.operation : NONE;
  }

  /** Whether the last operation, which is without an answer, might as well take effect after this one, or not at all. */
  private makesIdle(operation: number): boolean {
    const { late, machine } = this;
    if (late === NONE) return false;
    const [one, other] = [this.commands[operation]!, this.commands[late]!];
    const after = machine.apply(this.state, one);
    const alone = machine.apply(this.stateBefore, one);
    const answered = this.replies[operation] !== NONE;
    if (answered && alone.reply !== after.reply) return false;
    if (alone.state === after.state) return true;
    return (answered || operation < late) && machine.apply(alone.state, other).state === after.state;
  }

  private get state(): number {
    return this.last?.state ?? this.machine.initial;
  }

  /** The state in which the last operation has taken effect. */
  private get stateBefore(): number {
    return this.last?.before?.state ?? this.machine.initial;
  }

  private take(operation: number, only: boolean): void {
    const effect = this.machine.apply(this.state, this.commands[operation]!);
    this.last = { before: this.last, operation, ...effect, only, length: (this.last?.length ?? 0) + 1 };
    this.done[operation] = true;
    this.unlink(invocationOf(operation));
    if (this.operations[operation]!.returned !== null) this.unlink(answerOf(operation));
  }

  /** Takes back the last operation in whose place another may be tried; the event of its invocation, or NONE if there is none. */
  private back(): number {
    for (let step = this.last; step !== null; step = step.before) {
      const { operation } = step;
      if (this.operations[operation]!.returned !== null) this.link(answerOf(operation));
      this.link(invocationOf(operation));
      this.done[operation] = false;
      this.last = step.before;
      if (!step.only) return invocationOf(operation);
    }
    return NONE;
  }

  /** Keeps the order that comes furthest: to the latest answer, and of these orders the longest. */
  private note(reached: number): void {
    const { reached: most, step } = this.furthest;
    if (reached > most || (reached === most && (this.last?.length ?? 0) > (step?.length ?? 0)))
      this.furthest = { reached, step: this.last };
  }

  private found(linearizable: boolean): Found {
    const { reached, step } = linearizable ? { reached: null, step: this.last } : this.furthest;
    const order: Found['order'][number][] = [];
    for (let at = step; at !== null; at = at.before)
      order.push({ operation: this.operations[at.operation]!, reply: this.machine.replyOf(at.reply) });
    return { linearizable, order: order.reverse(), reached };
  }

  /** Takes an event out of the list. */
  private unlink(event: number): void {
    const [before, after] = [this.previous[event]!, this.next[event]!];
    this.next[before] = after;
    if (after !== NONE) this.previous[after] = before;
  }

  /** Puts the event that was taken out last back in. */
  private link(event: number): void {
    const [before, after] = [this.previous[event]!, this.next[event]!];
    this.next[before] = event;
    if (after !== NONE) this.previous[after] = event;
  }
}

const isAnswer = (event: number) => event % 2 === 1;
const invocationOf = (operation: number) => 2 * operation + 2;
const answerOf = (operation: number) => 2 * operation + 3;
const operationOf = (event: number) => (event >> 1) - 1;

/** Whether a command changes nothing, whatever the state. */
function onlyReads({ command }: Operation): boolean {
  return command.op === 'get' || (command.op === 'all' && command.operations.every(({ op }) => op === 'get'));
}

/** Whether an operation with this answer has changed nothing. */
function isRefused({ reply }: Operation): boolean {
  return reply !== null && 'refused' in reply;
}

/** The events of a history, in its order. */
function eventsOf(operations: readonly Operation[]): number[] {
  const events = operations.flatMap(({ invoked, returned }, at) => [
    { line: invoked, event: invocationOf(at) },
    ...(returned === null ? [] : [{ line: returned, event: answerOf(at) }]),
  ]);
  return events.sort((a, b) => a.line - b.line).map(({ event }) => event);
}

/** By operation, the one before it that is without an answer, as it is itself, and has the same command; else NONE. */
function twinsOf(operations: readonly Operation[], commands: readonly number[]): number[] {
  const last = new Map<number, number>();
  return operations.map(({ returned }, at) => {
    if (returned !== null) return NONE;
    const twin = last.get(commands[at]!) ?? NONE;
    last.set(commands[at]!, at);
    return twin;
  });
}
