/** What one line says of its actor, held against what the role of that actor does. */
import { canonical } from '../../model-check/canonical.ts';
import type { ActorId } from '../../spec/index.ts';
import { changesUpTo } from '../../spec/log/snapshots.ts';
import type { ReplicaState } from '../../spec/log/states.ts';
import type { TraceHeader, TraceLine, TraceMessage } from './format.ts';
import { keyOf, type Sent } from './network.ts';
import type { AnyMessage, Event, Player, State } from './players.ts';

/** What is known of an actor at some point of a run. Never written to. */
export interface Local {
  readonly state: State;
  /** The durable part of its state that is on disk. */
  readonly disk: State;
  /** Where writes are told: the steps since, with their durable parts, and the messages that wait for these. */
  readonly unwritten: readonly { readonly durable: State; readonly messages: readonly Sent[] }[];
  /** Whether it has crashed, and not restarted. */
  readonly down: boolean;
}

/** The line, or hidden step, is explained: what is known afterwards, and the messages that may leave by it. */
export interface Explained {
  readonly local: Local;
  readonly release: readonly Sent[];
}

/** It is not, yet: a message would have to be sent first. */
export interface Waiting {
  readonly waitsFor: { readonly key: string; readonly message: TraceMessage };
}

/** It is not, whatever others do. */
export interface Refused {
  readonly because: string;
  /** What would have been allowed in its place. */
  readonly instead?: string;
}

export type Outlook = Explained | Waiting | Refused;

/** Whether a message can be received. */
export interface Sendings {
  has(key: string, actor: ActorId): boolean;
  /** Whom it was sent to, if it was. */
  recipients(key: string): readonly ActorId[] | undefined;
}

/** Before anything. A state is kept as long as the one before it is: nobody keeps the first, or all would be kept. */
export function beginning(player: Player): Local {
  return { state: { ...player.initial }, disk: player.durable(player.initial), unwritten: [], down: false };
}

/** The event of its role that a line tells of; undefined if it tells of none. The same line gives the same object. */
export function eventOf(line: TraceLine): Event | undefined {
  if (!events.has(line)) events.set(line, eventIn(line));
  return events.get(line);
}

const events = new WeakMap<TraceLine, Event | undefined>();

function eventIn(line: TraceLine): Event | undefined {
  switch (line.event) {
    case 'received':
      return { type: 'receive', message: { ...line.message, to: line.message.to ?? [line.actor] } };
    case 'timed-out':
      return line.value === undefined ? { type: 'time-out' } : { type: 'start', value: line.value };
    case 'requested':
      return { type: 'request', value: line.value };
    case 'heartbeat':
      return { type: 'beat' };
    case 'resent':
      return { type: 'resend' };
    case 'truncated':
      return { type: 'truncate' };
    case 'asked':
      return { type: 'catch-up' };
    default:
      return undefined;
  }
}

/** What may come from outside: clients are no actors of a trace. */
const FROM_CLIENTS: readonly string[] = ['request', 'read'];

/** How one player's lines are read. */
export class Reader {
  private readonly player: Player;
  private readonly told: boolean;
  private readonly players: ReadonlySet<string>;
  private readonly show: (value: unknown) => string;

  constructor(player: Player, { writes }: TraceHeader, players: ReadonlySet<string>, show: Reader['show']) {
    this.player = player;
    this.told = writes === 'told';
    this.players = players;
    this.show = show;
  }

  /** Explains a line, if that can be done. */
  read(local: Local, line: TraceLine, sendings: Sendings): Outlook {
    if (local.down && line.event !== 'restarted')
      return { because: 'it has crashed', instead: 'that it restarts' };
    switch (line.event) {
      case 'crashed':
        return { local: { ...local, down: true }, release: [] };
      case 'restarted':
        return this.restarted(local, line.state);
      case 'sent':
        return this.sent(local, line.sent, sendings);
      case 'persisted':
        return this.written(local, line.persisted);
      case 'learned':
        return this.learned(local, line.value, line.slot);
      case 'applied':
        return this.applied(local, line.slot, line.value);
      default:
        return this.stepped(local, line, sendings);
    }
  }

  /** A step that no line tells of: `restart`, `write`, or an event of the role. */
  hidden(local: Local, event: Event, sendings: Sendings): Outlook {
    if (event.type === 'restart') return this.restarted(local, undefined);
    if (local.down) return { because: 'it has crashed', instead: 'that it restarts' };
    const last = local.unwritten.at(-1);
    if (event.type === 'write') return last ? this.written(local, undefined) : { local, release: [] };
    return this.missing(event, sendings) ?? this.afterStep(local, event, undefined);
  }

  private stepped(
    local: Local,
    line: TraceLine & { readonly state?: State | undefined },
    sendings: Sendings,
  ): Outlook {
    const event = eventOf(line) as Event;
    const missing = this.missing(event, sendings);
    if (missing) return missing;
    const told = 'sent' in line ? line.sent : undefined;
    const after = this.afterStep(local, event, told);
    if (!('local' in after)) return after;
    const { persisted } = line as { persisted?: State };
    const written = persisted ? this.written(after.local, persisted) : undefined;
    if (written && !('local' in written)) return written;
    const { local: known, release } = written ?? after;
    return (
      this.differs(known.state, line.state) ?? {
        local: known,
        release: written ? [...after.release, ...release] : release,
      }
    );
  }

  /** What is to be received was not sent yet, or can never be. */
  private missing(event: Event, sendings: Sendings): Waiting | Refused | undefined {
    if (event.type !== 'receive') return undefined;
    const message = event['message'] as AnyMessage;
    const key = keyOf(message);
    if (sendings.has(key, this.player.actor)) return undefined;
    if (this.players.has(message.from)) return { waitsFor: { key, message } };
    if (FROM_CLIENTS.includes(message.type)) return undefined;
    return { because: `${message.from} is no actor of this trace`, instead: 'a message of one of them' };
  }

  private afterStep(
    local: Local,
    event: Event,
    told: readonly TraceMessage[] | undefined,
  ): Explained | Refused {
    const { state, send } = this.player.act(local.state, event);
    // Two clients may be given one and the same answer.
    const might = new Map<string, readonly ActorId[]>();
    for (const message of send) {
      const key = keyOf(message);
      might.set(key, [...(might.get(key) ?? []), ...message.to]);
    }
    const excess = told?.find((message) => !fits(message, might.get(keyOf(message))));
    if (excess) {
      const others = send.map(this.show).join(' and ');
      return {
        because: `it sends ${this.show(complete(excess))}`,
        instead: others === '' ? 'that it sends nothing' : `that it sends ${others}, or less`,
      };
    }
    const leaving: readonly AnyMessage[] = told
      ? told.map(
          (message) => ({ ...message, to: message.to ?? might.get(keyOf(message)) ?? [] }) as AnyMessage,
        )
      : send;
    const messages = leaving.map((message) => ({ key: keyOf(message), message }));
    const durable = this.player.durable(state);
    if (!this.told) return { local: { ...local, state, disk: durable }, release: messages };
    const { unwritten, disk } = local;
    if (unwritten.length === 0 && canonical(durable) === canonical(disk))
      return { local: { ...local, state }, release: messages };
    const [waiting, release] = this.held(messages);
    return { local: { ...local, state, unwritten: [...unwritten, { durable, messages: waiting }] }, release };
  }

  /** What waits for a write, and what need not: whoever only learns may forget what it has learned, if nobody has forgotten it for its sake. */
  private held(messages: readonly Sent[]): readonly [Sent[], Sent[]] {
    const learns = this.player.role === 'learner' || this.player.role === 'replica';
    const waits = ({ message }: Sent) =>
      !learns || message.type === 'truncated' || message.type === 'snapshot';
    return [messages.filter(waits), messages.filter((each) => !waits(each))];
  }

  /** What is on disk by now: the durable part of its state after the last step that has these fields. */
  private written(local: Local, persisted: State | undefined): Explained | Refused {
    const { unwritten, disk, state } = local;
    if (!this.told) return this.differs(this.player.durable(state), persisted) ?? { local, release: [] };
    const last = unwritten.findLastIndex(({ durable }) => !this.differs(durable, persisted));
    if (last === -1 && !this.differs(disk, persisted)) return { local, release: [] };
    if (last === -1)
      return this.differs(unwritten.at(-1)?.durable ?? disk, persisted) ?? { local, release: [] };
    const release = unwritten.slice(0, last + 1).flatMap(({ messages }) => messages);
    const { durable } = unwritten[last] as Local['unwritten'][number];
    return { local: { ...local, disk: durable, unwritten: unwritten.slice(last + 1) }, release };
  }

  private tooEarly({ unwritten }: Local, message: TraceMessage): Refused {
    const { durable } = unwritten.at(-1) ?? {};
    return {
      because: `it sends ${this.show(complete(message))} before what that follows from is on disk`,
      instead: `that it first writes ${this.show(durable)}`,
    };
  }

  private sent(local: Local, told: readonly TraceMessage[], sendings: Sendings): Outlook {
    const release: Sent[] = [];
    for (const message of told) {
      const key = keyOf(message);
      if (message.from === this.player.actor && fits(message, sendings.recipients(key))) continue;
      const again = this.passedOn(local, message);
      if (again) {
        release.push({ key, message: again });
        continue;
      }
      const held = local.unwritten.some(({ messages }) => messages.some((each) => each.key === key));
      if (held) return this.tooEarly(local, message);
      return { because: `nothing that it has done sends ${this.show(complete(message))}` };
    }
    return { local, release };
  }

  /** A replica may pass on what it knows at any time, and to anybody: what is chosen, and what it has made of it. */
  private passedOn({ state, disk }: Local, message: TraceMessage): AnyMessage | undefined {
    if (this.player.role !== 'replica' || message.from !== this.player.actor) return undefined;
    const to = message.to ?? [...this.players];
    if (message.type === 'decision' && 'slot' in message)
      return knownValue(state, message.slot) === message.value ? { ...message, to } : undefined;
    if (message.type !== 'snapshot') return undefined;
    const { applied: last, machine, sessions } = state;
    const { changes } = changesUpTo(state as unknown as ReplicaState);
    const same =
      canonical({ last, machine, sessions, changes: changes ?? [] }) ===
      canonical({
        last: message.last,
        machine: message.machine,
        sessions: message.sessions,
        changes: message.changes ?? [],
      });
    return same && canonical(disk['applied']) === canonical(last)
      ? ({ ...message, to } as AnyMessage)
      : undefined;
  }

  private restarted(local: Local, told: State | undefined): Explained | Refused {
    const { player } = this;
    const state = player.restart(local.disk);
    return (
      this.differs(state, told) ?? {
        local: { state, disk: local.disk, unwritten: [], down: false },
        release: [],
      }
    );
  }

  private differs(state: State, told: State | undefined): Refused | undefined {
    for (const [field, value] of Object.entries(told ?? {})) {
      const real = Object.hasOwn(state, field) ? state[field] : undefined;
      if (real !== undefined && canonical(real) === canonical(value)) continue;
      return {
        because: `it says that its ${field} is ${this.show(value)}`,
        instead:
          real === undefined
            ? `a name among ${Object.keys(state).join(', ')}`
            : `${field}: ${this.show(real)}`,
      };
    }
    return undefined;
  }

  private learned(local: Local, value: string, slot: number | undefined): Outlook {
    const known = knownValue(local.state, slot);
    if (known === value || known === FORGOTTEN) return { local, release: [] };
    return {
      because: `it says that it has learned ${value}`,
      instead: known === undefined ? 'that it has learned nothing yet' : `that it has learned ${known}`,
    };
  }

  private applied(local: Local, slot: number, value: string | undefined): Outlook {
    const { applied } = local.state as { applied: number };
    if (applied < slot)
      return {
        because: `it says that it has applied slot ${slot}`,
        instead: `that it has applied up to slot ${applied}`,
      };
    return value === undefined ? { local, release: [] } : this.learned(local, value, slot);
  }
}

const FORGOTTEN = Symbol('forgotten');

/** What a learner, or a replica in a slot, knows to be chosen. */
function knownValue(state: State, slot: number | undefined): unknown {
  if (slot === undefined) return state['learned'] ?? undefined;
  const { decided, truncated } = state as { decided: { slot: number; value: string }[]; truncated: number };
  return slot <= truncated ? FORGOTTEN : decided.find((each) => each.slot === slot)?.value;
}

/** Whether a message that is told is one that might have been sent, to no others. */
function fits(told: TraceMessage, to: readonly ActorId[] | undefined): boolean {
  return to !== undefined && (told.to?.every((actor) => to.includes(actor)) ?? true);
}

/** A message with the field that may be left out. */
export function complete(message: TraceMessage): AnyMessage {
  return { ...message, to: message.to ?? [] } as AnyMessage;
}
