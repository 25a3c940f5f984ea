import { client } from '../../spec/log/client.ts';
import type { LogMessage } from '../../spec/log/message.ts';
import type { ClientContext, ClientState } from '../../spec/log/states.ts';
import { fire, restart } from '../../spec/role.ts';
import { clientOf, type NodeCast } from './cast.ts';
import type { Clock } from './interfaces.ts';
import type { Observe } from './observe.ts';
import type { Settings } from './settings.ts';
import {
  decodeReplies,
  encodeCommands,
  isQuery,
  type StoreCommand,
  type StoreReply,
} from './store/machine.ts';

/** What becomes of a request: replies, in the order of its commands; or that nothing has been done; or that it is not known what has been done. */
export type Answer =
  | { readonly replies: readonly StoreReply[] }
  | { readonly refused: string }
  | { readonly unknown: string };

/** Commands that one user sends at once: they take effect in their order. */
interface Request {
  readonly commands: readonly StoreCommand[];
  readonly bytes: number;
  readonly deadline: number;
  readonly done: (answer: Answer) => void;
}

/** A client of the log (spec/log/client.ts), which asks for one batch of requests at a time. */
interface Session {
  readonly kind: 'command' | 'query';
  readonly context: ClientContext;
  state: ClientState;
  batch: readonly Request[];
  sent: readonly LogMessage[];
  retryAt: number;
}

/** Numbers of one start of a node; so many batches it may send. */
const NUMBERS_PER_START = 2 ** 32;

/**
 * A node's side towards its users. Their requests are put together into batches, each of which is one command of the log, or one read. A node has a few clients that ask for
 * batches, whose names stay the same for ever, so that replicas keep few sessions whatever the number of users; while all of them wait, requests queue up, as far as there is room.
 */
export class Gateway {
  private readonly settings: Settings;
  private readonly clock: Clock;
  private readonly send: (messages: readonly LogMessage[]) => void;
  private readonly observe: Observe | undefined;
  private readonly sessions: readonly Session[];
  private readonly queues = { command: [] as Request[], query: [] as Request[] };
  private waiting = { commands: 0, bytes: 0 };

  /** @param starts how often the node has been started, this time included: so no number is used twice */
  constructor(
    cast: NodeCast,
    starts: number,
    settings: Settings,
    clock: Clock,
    send: (messages: readonly LogMessage[]) => void,
    observe?: Observe,
  ) {
    this.settings = settings;
    this.clock = clock;
    this.send = send;
    this.observe = observe;
    const names = Array.from({ length: settings.sessions }, (_, at) => at);
    const session = (kind: Session['kind'], name: string): Session => ({
      kind,
      context: { id: clientOf(cast.self, name), leaders: cast.leaders },
      state: { number: starts * NUMBERS_PER_START, pending: null },
      batch: [],
      sent: [],
      retryAt: 0,
    });
    this.sessions = [
      ...names.map((at) => session('command', `w${at}`)),
      ...names.map((at) => session('query', `r${at}`)),
    ];
  }

  /** How much waits: commands, and their bytes. */
  get load(): { readonly commands: number; readonly bytes: number } {
    return this.waiting;
  }

  /** Takes commands of one user, to be carried out in their order; `done` is called once, perhaps at once. */
  execute(commands: readonly StoreCommand[], done: (answer: Answer) => void): void {
    const bytes = commands.reduce((sum, command) => sum + sizeOf(command), 0);
    const { queueCommands, queueBytes, timeout } = this.settings;
    if (this.waiting.commands + commands.length > queueCommands || this.waiting.bytes + bytes > queueBytes) {
      done({ refused: 'too many requests are waiting' });
      return;
    }
    this.waiting = { commands: this.waiting.commands + commands.length, bytes: this.waiting.bytes + bytes };
    const deadline = this.clock.now() + timeout;
    this.queues[commands.every(isQuery) ? 'query' : 'command'].push({ commands, bytes, deadline, done });
  }

  /** Lets idle clients ask for what waits. */
  pump(): void {
    for (const session of this.sessions) {
      if (session.state.pending === null && this.queues[session.kind].length > 0) this.ask(session);
    }
  }

  /** A client of this node is answered; nothing happens if it does not wait for that. */
  receive(message: LogMessage): void {
    if (message.type !== 'reply') return;
    const session = this.sessions.find(({ context }) => message.to.includes(context.id));
    if (!session || this.step(session, { type: 'receive', message }).rule !== 'return') return;
    const replies = decodeReplies(message.reply);
    let at = 0;
    for (const { commands, done } of this.leave(session)) {
      done({ replies: replies.slice(at, at + commands.length) });
      at += commands.length;
    }
  }

  /** Sends again what has waited for long, and gives up what has waited for too long. */
  tick(now: number): void {
    for (const kind of ['command', 'query'] as const) {
      while ((this.queues[kind][0]?.deadline ?? now) < now)
        this.forget(this.queues[kind].shift() as Request).done({ refused: 'there is no leader' });
    }
    for (const session of this.sessions) {
      if (session.state.pending === null) continue;
      if (session.batch.every(({ deadline }) => deadline < now)) this.giveUp(session);
      else if (session.retryAt <= now) this.again(session);
    }
  }

  /** Sends everything again that waits for an answer: there may be another leader. */
  retry(): void {
    for (const session of this.sessions) if (session.state.pending !== null) this.again(session);
  }

  /** Ends all requests: the node stops. */
  stop(): void {
    for (const session of this.sessions) if (session.state.pending !== null) this.giveUp(session);
    for (const queue of Object.values(this.queues))
      for (const request of queue.splice(0)) this.forget(request).done({ refused: 'the node stops' });
  }

  private ask(session: Session): void {
    const queue = this.queues[session.kind];
    let [commands, bytes, length] = [0, 0, 0];
    for (const request of queue) {
      commands += request.commands.length;
      bytes += request.bytes;
      if (length > 0 && (commands > this.settings.batchCommands || bytes > this.settings.batchBytes)) break;
      length++;
    }
    session.batch = queue.splice(0, length);
    this.invoke(session);
  }

  private invoke(session: Session): void {
    const operation = encodeCommands(session.batch.flatMap(({ commands }) => commands));
    session.sent = this.step(session, { type: 'invoke', kind: session.kind, operation }).send;
    session.retryAt = this.clock.now() + this.settings.retry;
    this.send(session.sent);
  }

  /** A command is sent again as it was; a read is asked for under a new number, as by a client that has forgotten the first. */
  private again(session: Session): void {
    if (session.kind === 'query') {
      session.state = restart(client, session.state);
      this.invoke(session);
    } else {
      session.retryAt = this.clock.now() + this.settings.retry;
      this.send(session.sent);
    }
  }

  private giveUp(session: Session): void {
    session.state = restart(client, session.state);
    const answer: Answer =
      session.kind === 'query'
        ? { refused: 'there is no leader' }
        : { unknown: 'no answer in time; the command may have taken effect, or may yet' };
    for (const { done } of this.leave(session)) done(answer);
  }

  private leave(session: Session): readonly Request[] {
    const { batch } = session;
    session.batch = [];
    session.sent = [];
    return batch.map((request) => this.forget(request));
  }

  private forget(request: Request): Request {
    const { commands, bytes } = this.waiting;
    this.waiting = { commands: commands - request.commands.length, bytes: bytes - request.bytes };
    return request;
  }

  private step(session: Session, event: Parameters<(typeof client.rules)[string]>[2]) {
    const before = session.state;
    const { rule, state, send } = fire(client, session.context, before, event);
    session.state = state;
    if (rule !== null)
      this.observe?.({
        actor: session.context.id,
        role: client.name,
        rule,
        event,
        before,
        after: state,
        send,
      });
    return { rule, send };
  }
}

/** About how many bytes a command takes. */
function sizeOf(command: StoreCommand): number {
  switch (command.op) {
    case 'get':
    case 'incr':
      return command.key.length;
    case 'set':
      return command.key.length + command.value.length;
    case 'mset':
      return command.pairs.reduce((sum, [key, value]) => sum + key.length + value.length, 0);
    default:
      return command.keys.reduce((sum, key) => sum + key.length, 0);
  }
}
