import { canonical } from './canonical.ts';
import { IntArray } from './int-array.ts';
import { Interner, TupleInterner } from './interner.ts';
import type { Journal } from './journal.ts';
import { NumberSets } from './number-sets.ts';
import type { Sent } from './offers.ts';
import { PairTable } from './pair-table.ts';
import type { Actor, Crash, Envelope, Local, LocalStep, Receive, System } from './system.ts';
import { answerTo, checkEnvelope, checkOwnEvent, guarded, offeredBy, SystemError } from './terms.ts';

/** One tabulated local step: what the real transition function answered, once. */
export interface Transition<S, M, E> {
  readonly actor: number;
  readonly from: number;
  readonly to: number;
  readonly step: LocalStep<S, M, E>;
  /** The number of the event. */
  readonly event: number;
  /** Canonical text of the event; with the actor it orders steps independently of the order of discovery. */
  readonly key: string;
  /** The messages that this step added to the network. */
  readonly added: readonly M[];
  /** Whether this is an actor's part in the crash of its group. */
  readonly crash: boolean;
}

/** By local state, the number of what is seen of it. */
export interface Numbering {
  readonly ids: IntArray;
  readonly interner: Interner<unknown>;
}

/** A view of one actor's local states, numbered; filled as local states are found. */
export class View<S, M> implements Numbering {
  readonly ids = new IntArray();
  readonly interner = new Interner<unknown>();
  private readonly place: string;
  private readonly of: (local: Local<S, M>) => unknown;

  /** @param place says whose view it is, for errors */
  constructor(place: string, of: (local: Local<S, M>) => unknown) {
    this.place = place;
    this.of = of;
  }

  /** Views the next local state. */
  see(local: Local<S, M>): void {
    guarded(
      () => `the view of ${this.place} in state ${canonical(local.state)}`,
      () => this.ids.push(this.interner.id(this.of(local))),
    );
  }
}

/** What a transition function answered, interned. */
interface Answer {
  readonly rule: string | null;
  readonly state: number;
  /** The messages sent, each once. */
  readonly messages: readonly number[];
}

interface LocalRecord<S, M> {
  readonly local: Local<S, M>;
  readonly state: number;
  /** The number of the set of messages sent. */
  readonly sent: number;
  /** The state before the last write, where that write may be lost; else -1. */
  readonly unsynced: number;
}

interface ActorTable<S, M extends Envelope, E> {
  readonly actor: Actor<S, M, E>;
  readonly states: Interner<S>;
  /** By state and event, the number of the answer. */
  readonly asked: PairTable;
  readonly answers: Answer[];
  readonly locals: LocalRecord<S, M>[];
  /** Sets of messages. */
  readonly sets: NumberSets;
  /** By state, set of messages sent, and 1 more than the state before a write that may be lost: the local state. */
  readonly localIds: TupleInterner;
  /** By local state and event, the transition. */
  readonly steps: PairTable;
  readonly views: View<S, M>[];
  /** By recipient. */
  readonly outboxes: Channel[];
}

/** From one actor to another: the sets of messages by number. */
export interface Channel extends Sent {
  readonly interner: Interner<readonly number[]>;
}

/**
 * Told of every local step that some reachable state enables, once for each, self-loops included. Answers whether the
 * step is to be listed even if it leaves its actor unchanged.
 */
export type Listener<S, M, E> = (transition: Transition<S, M, E>) => boolean;

/**
 * Interns local states and tabulates the transition functions, lazily: each is called once for each distinct
 * (state, event) that some reachable global state enables.
 */
export class Tabulation<S, M extends Envelope, E> {
  readonly actors: ActorTable<S, M, E>[];
  readonly transitions: Transition<S, M, E>[] = [];
  /** By transition: its actor, and the local state it leads to. */
  readonly by = new IntArray();
  readonly to = new IntArray();
  /**
   * Lists of transitions: at a list's offset its length, then how many of its members change their actor, then its
   * members. Offset 0 is the empty list.
   */
  readonly lists = new IntArray();
  /** For each rule, the number of tabulated (local state, event) for which it fired; a stub's crash is none. */
  readonly fired = new Map<string, number>();
  /** Whether any actor writes behind. */
  readonly writesBehind: boolean;
  /** Told of what is asked for the first time, if anyone wants to know. */
  readonly journal: Journal | null;
  /** The number of local states of all actors so far. */
  localStates = 0;
  /** Calls of transition functions so far. */
  questions = 0;
  /** Told of each channel when something is first sent on it. */
  onOpen: ((recipient: number, channel: Channel) => void) | null = null;
  private readonly open = new Set<Channel>();
  private readonly messages = new Interner<M>();
  private readonly events = new Interner<E | Receive<M> | Crash>();
  /** By message, the event of receiving it. */
  private readonly receipts = new IntArray();
  private readonly index: Map<string, number>;
  private readonly listen: Listener<S, M, E>;
  /** By transition: 1 if it is listed even as a self-loop. */
  private readonly listed = new IntArray();

  constructor(system: System<S, M, E>, listen: Listener<S, M, E>, journal: Journal | null) {
    this.listen = listen;
    this.journal = journal;
    this.lists.push(0);
    this.lists.push(0);
    this.writesBehind = system.actors.some(({ writeBehind }) => writeBehind);
    this.index = new Map(system.actors.map((actor, at) => [actor.name, at]));
    if (this.index.size < system.actors.length)
      throw new SystemError(`${system.name}: two actors have one name`);
    this.actors = system.actors.map((actor, sender) => ({
      actor,
      states: new Interner<S>(),
      asked: new PairTable(),
      answers: [],
      locals: [],
      sets: new NumberSets(),
      localIds: new TupleInterner(3),
      steps: new PairTable(),
      views: [],
      outboxes: system.actors.map(() => {
        const interner = new Interner<readonly number[]>();
        interner.id([]);
        return {
          sender,
          outboxes: new IntArray(),
          interner,
          sets: interner.values,
          lists: new PairTable(),
        };
      }),
    }));
  }

  /** The number of the actor of that name. */
  actorNumber(name: string, place: string): number {
    const at = this.index.get(name);
    if (at === undefined) throw new SystemError(`${place}: no actor is named "${name}"`);
    return at;
  }

  /** Registers a view; local states that exist already are viewed at once. */
  addView(actor: number, place: string, of: (local: Local<S, M>) => unknown): View<S, M> {
    const table = this.actors[actor] as ActorTable<S, M, E>;
    const view = new View<S, M>(place, of);
    table.views.push(view);
    for (const { local } of table.locals) view.see(local);
    return view;
  }

  /** The local state in which an actor begins. */
  initial(actor: number): number {
    const table = this.actors[actor] as ActorTable<S, M, E>;
    const { name, initial } = table.actor;
    const state = guarded(
      () => `the initial state of ${name}`,
      () => table.states.id(initial),
    );
    return this.local(table, state, 0, -1);
  }

  /** The list of internal steps in a local state. */
  internalList(actor: number, local: number): number {
    const table = this.actors[actor] as ActorTable<S, M, E>;
    const record = table.locals[local] as LocalRecord<S, M>;
    return this.eventList(actor, local, offeredBy(table.actor, record.local.state));
  }

  /** The list of steps by which `actor` in `local` receives one message of an outbox. */
  deliveryList(actor: number, local: number, channel: Channel, outbox: number): number {
    if (this.actors[actor]?.actor.stub) return 0;
    const messages = channel.interner.values[outbox] as readonly number[];
    return this.list(messages.map((id) => this.ask(actor, local, this.receipts.data[id] as number)));
  }

  /** The list of steps for these events. */
  eventList(actor: number, local: number, events: readonly E[]): number {
    for (const event of events) checkOwnEvent(this.nameOf(actor), event);
    return this.list(events.map((event) => this.ask(actor, local, this.events.id(event))));
  }

  /** The crash of one actor as a transition; with `lost`, its last write is lost if it can be. */
  crash(actor: number, local: number, event: Crash): number {
    const table = this.actors[actor] as ActorTable<S, M, E>;
    const record = table.locals[local] as LocalRecord<S, M>;
    const eventId = this.events.id(event);
    const known = table.steps.get(local, eventId);
    if (known !== -1) return known;
    const from =
      event.lost && record.unsynced !== -1 ? (table.states.values[record.unsynced] as S) : record.local.state;
    const { name, restart } = table.actor;
    if (!restart) throw new SystemError(`${name} crashes but has no restart`);
    const state = guarded(
      () => `${name} restarts from ${canonical(from)}`,
      () => table.states.id(restart(from)),
    );
    const to = this.local(table, state, record.sent, -1);
    return this.record(actor, local, to, eventId, 'crash', [], true);
  }

  /** Whether this local state has a write that a crash may undo. */
  losable(actor: number, local: number): boolean {
    return this.actors[actor]?.locals[local]?.unsynced !== -1;
  }

  /** The number of an actor's local states so far. */
  localsOf(actor: number): number {
    return (this.actors[actor] as ActorTable<S, M, E>).locals.length;
  }

  localOf(actor: number, local: number): Local<S, M> {
    return ((this.actors[actor] as ActorTable<S, M, E>).locals[local] as LocalRecord<S, M>).local;
  }

  nameOf(actor: number): string {
    return (this.actors[actor] as ActorTable<S, M, E>).actor.name;
  }

  /** The number of an event. */
  eventNumber(event: E | Receive<M> | Crash): number {
    return this.events.id(event);
  }

  /** The event of that number. */
  eventOf(number: number): E | Receive<M> | Crash {
    return this.events.values[number] as E | Receive<M> | Crash;
  }

  /** The local state to which an event leads, tabulated as an answer but not as a step that can be taken. */
  leadsTo(actor: number, local: number, event: number): number {
    const table = this.actors[actor] as ActorTable<S, M, E>;
    return this.after(table, local, this.answer(table, this.stateOf(table, local), event));
  }

  /** The rule by which an event leads on from a local state. */
  ruleOf(actor: number, local: number, event: number): string | null {
    const table = this.actors[actor] as ActorTable<S, M, E>;
    return this.answer(table, this.stateOf(table, local), event).rule;
  }

  /** The step by which an event leads from one local state to another. */
  stepOf(actor: number, from: number, to: number, event: number, rule: string | null): LocalStep<S, M, E> {
    const { name, role } = (this.actors[actor] as ActorTable<S, M, E>).actor;
    const [before, after] = [this.localOf(actor, from), this.localOf(actor, to)];
    return { actor: name, role, event: this.eventOf(event), rule, before, after };
  }

  private stateOf({ locals }: ActorTable<S, M, E>, local: number): number {
    return (locals[local] as LocalRecord<S, M>).state;
  }

  /**
   * The number that a local state of `actor`, renamed, has among those of `other`.
   *
   * @param messages what is known of renamed messages: by number, that of the renamed one plus 1
   */
  renamed(
    actor: number,
    local: number,
    other: number,
    rename: <T>(value: T) => T,
    messages: IntArray,
  ): number {
    const from = this.actors[actor] as ActorTable<S, M, E>;
    const table = this.actors[other] as ActorTable<S, M, E>;
    const { local: content, sent: numbers, unsynced } = from.locals[local] as LocalRecord<S, M>;
    const image = (message: number) => {
      const known = messages.data[message] ?? 0;
      if (known !== 0) return known - 1;
      const renamed = this.messageId(table.actor.name, rename(this.messages.values[message] as M));
      messages.put(message, 1 + renamed);
      return renamed;
    };
    let sent = 0;
    for (const message of from.sets.members[numbers] as readonly number[])
      sent = table.sets.with(sent, image(message));
    const before = unsynced === -1 ? -1 : table.states.id(rename(from.states.values[unsynced] as S));
    return this.local(table, table.states.id(rename(content.state)), sent, before);
  }

  /** The transition of a local state on an event: asked for once, then remembered. */
  private ask(actor: number, local: number, event: number): number {
    const table = this.actors[actor] as ActorTable<S, M, E>;
    const known = table.steps.get(local, event);
    if (known !== -1) return known;
    const record = table.locals[local] as LocalRecord<S, M>;
    const answer = this.answer(table, record.state, event);
    const sent = table.sets.members[record.sent] as readonly number[];
    const added = answer.messages
      .filter((id) => !sent.includes(id))
      .map((id) => this.messages.values[id] as M);
    return this.record(actor, local, this.after(table, local, answer), event, answer.rule, added);
  }

  /** The local state after an answer. */
  private after(table: ActorTable<S, M, E>, local: number, { state, messages }: Answer): number {
    const record = table.locals[local] as LocalRecord<S, M>;
    let { sent } = record;
    for (const message of messages) sent = table.sets.with(sent, message);
    const changed = state !== record.state;
    if (!changed && sent === record.sent) return local;
    const unsynced = !table.actor.writeBehind ? -1 : changed ? record.state : record.unsynced;
    return this.local(table, state, sent, unsynced);
  }

  /** The answer of the real transition function: one question for each distinct (state, event). */
  private answer(table: ActorTable<S, M, E>, state: number, event: number): Answer {
    const known = table.asked.get(state, event);
    if (known !== -1) return table.answers[known] as Answer;
    this.questions += 1;
    const { actor, states } = table;
    const outcome = answerTo(actor, states.values[state] as S, this.events.values[event] as E | Receive<M>);
    const messages = new Set(outcome.send.map((message) => this.messageId(actor.name, message)));
    const answer = { rule: outcome.rule, state: states.id(outcome.state), messages: [...messages] };
    table.asked.set(state, event, table.answers.push(answer) - 1);
    return answer;
  }

  private record(
    actor: number,
    from: number,
    to: number,
    event: number,
    rule: string | null,
    added: readonly M[],
    crash = false,
  ): number {
    const table = this.actors[actor] as ActorTable<S, M, E>;
    const step = this.stepOf(actor, from, to, event, rule);
    if (rule !== null && !table.actor.stub) this.fired.set(rule, (this.fired.get(rule) ?? 0) + 1);
    const key = this.events.texts[event] as string;
    const id = this.transitions.push({ actor, from, to, step, event, key, added, crash }) - 1;
    table.steps.set(from, event, id);
    this.by.push(actor);
    this.to.push(to);
    this.listed.push(this.listen(this.transitions[id] as Transition<S, M, E>) ? 1 : 0);
    return id;
  }

  private list(transitions: readonly number[]): number {
    const kept = [...new Set(transitions)].filter((id) => {
      const transition = this.transitions[id] as Transition<S, M, E>;
      return transition.from !== transition.to || this.listed.data[id] === 1;
    });
    if (kept.length === 0) return 0;
    const offset = this.lists.push(kept.length);
    this.lists.push(kept.filter((id) => this.transitions[id]?.from !== this.transitions[id]?.to).length);
    for (const id of kept) this.lists.push(id);
    return offset;
  }

  private messageId(sender: string, message: M): number {
    checkEnvelope(sender, message);
    for (const name of message.to) this.actorNumber(name, `a message of ${sender}`);
    const id = this.messages.id(message);
    if (id === this.receipts.length) this.receipts.push(this.events.id({ type: 'receive', message }));
    return id;
  }

  /** The number of a local state: of its state, the set of messages sent, and the state before a write that may be lost. */
  private local(table: ActorTable<S, M, E>, state: number, sent: number, unsynced: number): number {
    const id = table.localIds.id(Int32Array.of(state, sent, unsynced + 1));
    if (id === table.locals.length) this.addLocal(table, state, sent, unsynced);
    return id;
  }

  private addLocal(table: ActorTable<S, M, E>, state: number, sent: number, unsynced: number): void {
    const { values, texts } = this.messages;
    const messages = table.sets.members[sent] as readonly number[];
    const byText = [...messages].sort((a, b) => ((texts[a] as string) < (texts[b] as string) ? -1 : 1));
    // Its parts are frozen through and through, since they are numbered.
    const local = Object.freeze({
      state: table.states.values[state] as S,
      sent: Object.freeze(byText.map((message) => values[message] as M)),
    });
    this.localStates += 1;
    table.locals.push({ local, state, sent, unsynced });
    table.outboxes.forEach((channel, recipient) => {
      const name = (this.actors[recipient] as ActorTable<S, M, E>).actor.name;
      const box = channel.interner.id(messages.filter((message) => values[message]?.to.includes(name)));
      channel.outboxes.push(box);
      if (box === 0 || this.open.has(channel)) return;
      this.open.add(channel);
      this.onOpen?.(recipient, channel);
    });
    for (const view of table.views) view.see(local);
  }
}
