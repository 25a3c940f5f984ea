/**
 * A node: the roles of the log, and around them a loop. An event comes in; a role takes it; the durable part of what has changed is
 * written and on disk; only then leaves what the role has sent. While a write is under way events go on being taken: the next write has all that they
 * have changed, so that one serves many.
 */
import type { LogMessage } from '../../spec/log/message.ts';
import type { LogAcceptorState } from '../../spec/log/states.ts';
import { clientOf, nodeOf } from './cast.ts';
import { type Answer, Gateway } from './gateway.ts';
import type { Addresses, NodeId, World } from './interfaces.ts';
import { Leading } from './leading.ts';
import { Learning } from './learning.ts';
import { Mail } from './mail.ts';
import { changeOf, type Members, type Wanted } from './members.ts';
import { Membership } from './membership.ts';
import type { Observe, Transition } from './observe.ts';
import type { Recorder } from './recorder.ts';
import { HostedRoles, type NodeRoles, nodeRoles } from './roles.ts';
import { type Durable, durableOf } from './rows.ts';
import type { Settings } from './settings.ts';
import type { StoreCommand } from './store/machine.ts';
import { Watch } from './watch.ts';
import { Writer } from './writer.ts';

export interface NodeOptions {
  readonly id: NodeId;
  /** The nodes with which the cluster was begun. */
  readonly nodes: readonly NodeId[];
  /** Nodes that are known besides: those that have come, or are to come. Of all others it learns by the log. */
  readonly others?: readonly NodeId[];
  readonly settings: Settings;
  readonly roles?: NodeRoles;
  readonly observe?: Observe;
  readonly recorder?: Recorder;
  /** The node cannot go on: it has stopped by itself, and neither sends nor answers any more. */
  readonly failed?: (error: Error) => void;
}

/** What a node knows of itself and of the cluster. */
export interface Status {
  readonly id: NodeId;
  /** The node that it follows, or itself if it leads; null if it knows of none. */
  readonly leader: NodeId | null;
  readonly leads: boolean;
  readonly applied: number;
  readonly truncated: number;
  readonly promised: LogAcceptorState['promised'];
  /** How often it has been started. */
  readonly starts: number;
  /** How many keys are stored. */
  readonly keys: number;
  /** Writes to disk since it was started. */
  readonly writes: number;
  readonly waiting: { readonly commands: number; readonly bytes: number };
  /** Up to which slot the log is applied, and on its disk. */
  readonly stored: number;
  readonly part: Membership['part'];
  /** The nodes as it knows them: who votes from slot `from` on by the change in slot `since` (0: none), and where all are that take part. */
  readonly members: Pick<Members, 'since' | 'from' | 'inForce' | 'voters'> & {
    readonly nodes: Readonly<Record<NodeId, Addresses | null>>;
  };
}

/**
 * Loads what is stored and starts a node on it.
 *
 * @throws StorageError if what is stored cannot be trusted
 */
export async function startNode(options: NodeOptions, world: World): Promise<Runtime> {
  const { machine } = options.roles ?? nodeRoles;
  const rows = await world.storage.load();
  const stored = durableOf(machine, rows);
  if (stored) options.recorder?.restarted(stored);
  const runtime = new Runtime(options, world, stored);
  await new Promise<void>((resolve, reject) => runtime.begin((error) => (error ? reject(error) : resolve())));
  return runtime;
}

/** A node that takes part: all that it is made of, and the loop that gives each its turn. */
export class Runtime {
  private readonly options: NodeOptions;
  private readonly world: World;
  private readonly machine: NodeRoles['machine'];
  private readonly starts: number;
  private readonly roles: HostedRoles;
  private readonly membership: Membership;
  private readonly mail: Mail;
  private readonly watch: Watch;
  private readonly gateway: Gateway;
  private readonly leading: Leading;
  private readonly learning: Learning;
  private readonly writer: Writer;
  private draining = false;
  private awake = false;
  private stopped = false;
  private cancelTick: () => void = () => {};

  /** @internal Use `startNode`. */
  constructor(options: NodeOptions, world: World, stored: Durable | null) {
    const { id, settings, roles = nodeRoles, recorder } = options;
    const { storage, transport, clock, random } = world;
    const observe = (transition: Transition) => {
      recorder?.step(transition);
      options.observe?.(transition);
    };
    this.options = options;
    this.world = world;
    this.machine = roles.machine;
    this.starts = (stored?.starts ?? 0) + 1;
    this.membership = new Membership(options, stored?.replica ?? roles.replica.initial);
    const { membership, machine, starts } = this;
    const { cast } = membership;
    this.roles = new HostedRoles(roles, options, cast, stored, observe);
    const { leader, replica } = this.roles;
    const mail = new Mail(cast, transport, random);
    this.mail = mail;
    this.watch = new Watch(settings, random, clock.now(), leader.state);
    const send = (messages: readonly LogMessage[]) => mail.put(messages);
    this.gateway = new Gateway(cast, starts, settings, clock, send, observe);
    const turned = () => this.gateway.retry();
    this.leading = new Leading({ id, leader, membership, mail, watch: this.watch, clock, settings, turned });
    this.learning = new Learning(replica, mail, () => this.meet());
    const written = (released: readonly LogMessage[]) => {
      mail.put(released);
      // It has waited for the disk, and waits for nothing else.
      mail.flush();
      this.settle();
    };
    const failed = (error: Error) => this.fail(error);
    this.writer = new Writer(
      { roles: this.roles, machine, starts, storage, clock, recorder, written, failed },
      stored,
    );
  }

  /** @internal Writes that it has been started once more, and takes part from then on. */
  begin(done: (error?: Error) => void): void {
    const { transport } = this.world;
    this.writer.begin((error) => {
      if (!error) {
        transport.start(
          (from, messages) => this.receive(from, messages),
          (peer) => this.lost(peer),
        );
        transport.know(this.membership.known);
        this.tick();
      }
      done(error);
    });
  }

  /** The nodes that there are, as far as this one knows. */
  get members(): Members {
    return this.membership.members;
  }

  /** Carries out commands, in their order; `done` is called once. Queries alone are answered by reads that are linearizable, all else goes through the log. */
  execute(commands: readonly StoreCommand[], done: (answer: Answer) => void): void {
    if (this.stopped) done({ refused: 'the node stops' });
    else this.gateway.execute(commands, done);
    this.wake();
  }

  /** Asks whoever leads for a change of the nodes. That it is done is seen by the status, if it is: it may be lost, and asked for again. */
  reconfigure(wanted: Wanted): void {
    const { id } = this.options;
    const asks = { type: 'request' as const, from: clientOf(id, 'members'), to: this.mail.cast.leaders };
    this.mail.put([{ ...asks, value: changeOf(wanted) }]);
    this.settle();
  }

  status(): Status {
    const { acceptor, leader, replica } = this.states();
    const { since, from, inForce, voters, nodes } = this.members;
    return {
      id: this.options.id,
      leader: this.mail.leader,
      leads: leader.phase === 'lead',
      applied: replica.applied,
      truncated: replica.truncated,
      promised: acceptor.promised,
      starts: this.starts,
      keys: this.machine.size(replica.machine),
      writes: this.writer.count,
      waiting: this.gateway.load,
      stored: this.writer.stored?.replica.applied ?? 0,
      part: this.membership.part,
      members: { since, from, inForce, voters, nodes: Object.fromEntries(nodes) },
    };
  }

  /** The states of the roles, to look at. */
  states() {
    const { acceptor, leader, replica } = this.roles;
    return { acceptor: acceptor.state, leader: leader.state, replica: replica.state };
  }

  /** Ends taking part: requests are answered with an error, and nothing is sent from now on. The storage is not closed. */
  stop(): void {
    if (this.stopped) return;
    this.stopped = true;
    this.cancelTick();
    this.writer.stop();
    this.gateway.stop();
  }

  private receive(from: NodeId, messages: readonly LogMessage[]): void {
    // Each node speaks for its own actors.
    this.mail.receive(messages.filter((message) => nodeOf(message.from) === from));
    this.wake();
  }

  /** Whoever led has ended, it seems: the next node begins a ballot with its next tick, and the others, one by one, if they go on hearing of no leader. */
  private lost(peer: NodeId): void {
    const { id, settings } = this.options;
    const { voters } = this.members;
    const [own, gone] = [voters.indexOf(id), voters.indexOf(peer)];
    if (peer !== this.mail.leader || own < 0) return;
    const before = (own - gone - 1 + voters.length) % voters.length;
    this.watch.hurry(this.world.clock.now() + 2 * before * settings.heartbeat);
  }

  /** What comes at the same time, over other connections, is taken together: so that one batch serves many requests, and one write many votes. */
  private wake(): void {
    if (this.awake) return;
    this.awake = true;
    this.world.clock.after(0, () => {
      this.awake = false;
      this.settle();
      // Nobody waits for the rest: a vote on what came with it is written, and if that is quick has left, before.
      if (this.mail.admit()) this.wake();
    });
  }

  /** Takes everything that is to be taken, writes what has changed, and sends what may leave. */
  private settle(): void {
    if (this.draining || this.stopped) return;
    this.draining = true;
    const { inbox } = this.mail;
    do {
      for (let message = inbox.shift(); message; message = inbox.shift()) this.deliver(message);
      this.gateway.pump();
    } while (inbox.length > 0);
    this.draining = false;
    this.mail.flush();
    this.writer.write();
  }

  /** Gives a message to the roles of this node that it is for. */
  private deliver(message: LogMessage): void {
    const event = { type: 'receive' as const, message };
    const { acceptor, leader, replica } = this.roles;
    switch (message.type) {
      case 'request':
        this.leading.request(event);
        return;
      case 'read':
        this.leading.read(event);
        return;
      case 'read-index':
        this.learning.read(event);
        return;
      case 'reply':
        this.gateway.receive(message);
        return;
      case 'accepted':
        // Votes far ahead cannot be counted yet, since it is not known whose they are: as if they were lost.
        if (message.slot > replica.state.applied + 4 * this.options.settings.changesAfter) return;
    }
    if (message.to.includes(acceptor.id)) this.mail.put(acceptor.take(event));
    if (message.to.includes(replica.id)) this.learning.take(event);
    if (message.to.includes(leader.id)) this.leading.take(event);
  }

  /** Looks who takes part now, and tells the roles. */
  private meet(): void {
    const { roles, membership, mail } = this;
    if (!membership.follow(roles.replica.state)) return;
    mail.cast = membership.cast;
    roles.meet(mail.cast);
    this.world.transport.know(membership.known);
  }

  private tick(): void {
    const { clock } = this.world;
    const { leader, replica } = this.roles;
    const now = clock.now();
    this.gateway.tick(now);
    for (const type of this.watch.due(now, leader.state, replica.state)) {
      if (type === 'truncate') this.learning.truncate();
      else if (type === 'catch-up') this.learning.ask();
      else this.leading.due(type);
    }
    this.settle();
    this.mail.flush(true);
    const pause = Math.max(1, Math.floor(this.options.settings.heartbeat / 2));
    this.writer.writeRest(pause);
    if (!this.stopped) this.cancelTick = clock.after(pause, () => this.tick());
  }

  /** What is on disk is not known: the node takes no further part. */
  private fail(error: Error): void {
    this.stop();
    this.options.failed?.(error);
  }
}
