/**
 * A node: the roles of the log, and around them a loop. An event comes in; a role takes it; the durable part of what has changed is
 * written and on disk; only then leaves what the role has sent. While a write is under way events go on being taken: the next write has all that they
 * have changed, so that one serves many.
 */
import { compareBallots } from '../../spec/ballot.ts';
import { logAcceptor } from '../../spec/log/acceptor.ts';
import { leader, mayPropose } from '../../spec/log/leader.ts';
import type { LogMessage, LogReceive } from '../../spec/log/message.ts';
import { replicaOf } from '../../spec/log/replica.ts';
import type { StateMachine } from '../../spec/log/state-machine.ts';
import type {
  LeaderContext,
  LeaderEvent,
  LeaderState,
  LogAcceptorContext,
  LogAcceptorState,
  ReplicaContext,
  ReplicaEvent,
  ReplicaState,
} from '../../spec/log/states.ts';
import { durablePart, type Role } from '../../spec/role.ts';
import { actorOf, clientOf, type NodeCast, nodeCast, nodeOf, nodesFor } from './cast.ts';
import { missingOf } from './catch-up.ts';
import { type Answer, Gateway } from './gateway.ts';
import { Hosted } from './hosted.ts';
import type { NodeId, PeerMessage, World } from './interfaces.ts';
import type { Observe } from './observe.ts';
import { changesBetween, type Durable, durableOf } from './rows.ts';
import type { Settings } from './settings.ts';
import { type StoreCommand, type StoredMachine, store } from './store/machine.ts';

/** The roles of a node; mutants put others in their place. */
export interface NodeRoles {
  readonly acceptor: Role<LogAcceptorContext, LogAcceptorState, LogReceive, LogMessage>;
  readonly leader: Role<LeaderContext, LeaderState, LeaderEvent, LogMessage>;
  readonly replica: Role<ReplicaContext, ReplicaState, ReplicaEvent, LogMessage>;
  /** What the replica replicates. */
  readonly machine: StoredMachine<StateMachine['initial']>;
}

/** The roles of the specification, with the store as the machine. */
export const nodeRoles: NodeRoles = {
  acceptor: logAcceptor,
  leader,
  replica: replicaOf(store),
  machine: store as unknown as NodeRoles['machine'],
};

export interface NodeOptions {
  readonly id: NodeId;
  /** All nodes of the cluster, this one among them. */
  readonly nodes: readonly NodeId[];
  readonly settings: Settings;
  readonly roles?: NodeRoles;
  readonly observe?: Observe;
  /** The node cannot go on: it has stopped by itself, and neither sends nor answers any more. */
  readonly failed?: (error: Error) => void;
}

/** What a node knows of itself and of the cluster. */
export interface Status {
  readonly id: NodeId;
  /** The node whose ballot was promised last; null if none was. */
  readonly leader: NodeId | null;
  readonly leads: boolean;
  readonly applied: number;
  readonly truncated: number;
  readonly promised: LogAcceptorState['promised'];
  readonly writes: number;
  readonly waiting: { readonly commands: number; readonly bytes: number };
}

/** How many messages may wait for the leader's window to move, and how many reads for the replica to have applied enough. */
const PARKED = 1024;

/** Of which messages of a replica others may have to rely on it after a crash: see docs/decisions/0016-node.md. */
const onReplica = ({ type }: LogMessage) => type === 'truncated' || type === 'snapshot';

/**
 * Loads what is stored and starts a node on it.
 *
 * @throws StorageError if what is stored cannot be trusted
 */
export async function startNode(options: NodeOptions, world: World): Promise<Runtime> {
  const { machine } = options.roles ?? nodeRoles;
  const rows = await world.storage.load();
  const stored = durableOf(machine, rows);
  const runtime = new Runtime(options, world, stored);
  await new Promise<void>((resolve, reject) => runtime.begin((error) => (error ? reject(error) : resolve())));
  return runtime;
}

export class Runtime {
  readonly cast: NodeCast;
  private readonly options: NodeOptions;
  private readonly settings: Settings;
  private readonly world: World;
  private readonly machine: NodeRoles['machine'];
  private readonly acceptor: Hosted<LogAcceptorContext, LogAcceptorState, LogReceive>;
  private readonly leader: Hosted<LeaderContext, LeaderState, LeaderEvent>;
  private readonly replica: Hosted<ReplicaContext, ReplicaState, ReplicaEvent>;
  private readonly gateway: Gateway;
  private readonly starts: number;
  /** What is on disk; null before the first write. */
  private stored: Durable | null;
  private writing = false;
  private writes = 0;
  private stopped = false;
  private cancelTick: () => void = () => {};

  private readonly inbox: LogMessage[] = [];
  private draining = false;
  private readonly outbox = new Map<NodeId, PeerMessage[]>();
  /** Requests that came while the leader's window was full, and reads that came before the replica had applied enough. */
  private requests: LogMessage[] = [];
  private reads: LogMessage[] = [];

  private leaderNode: NodeId | null = null;
  private heardAt: number;
  private patience: number;
  private beatAt: number;
  private beats: number;
  private progress = { upTo: 0, at: 0 };
  /** By peer: how far this replica was when the peer was last found ahead of it. */
  private readonly behind = new Map<NodeId, number>();

  /** @internal Use `startNode`. */
  constructor(options: NodeOptions, world: World, stored: Durable | null) {
    const { id, nodes, settings, roles = nodeRoles, observe } = options;
    this.options = options;
    this.settings = settings;
    this.world = world;
    this.machine = roles.machine;
    this.stored = stored;
    this.starts = (stored?.starts ?? 0) + 1;
    const cast = nodeCast(id, nodes);
    this.cast = cast;
    const { acceptors, quorums } = cast;
    const own = actorOf('p', id);
    this.acceptor = new Hosted<LogAcceptorContext, LogAcceptorState, LogReceive>(
      roles.acceptor,
      { id: actorOf('a', id), tells: cast.replicas, nacks: true },
      { ...roles.acceptor.initial, ...stored?.acceptor },
      observe,
    );
    this.leader = new Hosted<LeaderContext, LeaderState, LeaderEvent>(
      roles.leader,
      { id: own, acceptors, quorums, replicas: cast.replicas, window: settings.window },
      { ...roles.leader.initial, ...stored?.leader },
      observe,
    );
    // Each acceptor forgets what the replica beside it has on disk, and so loses no copy.
    this.replica = new Hosted<ReplicaContext, ReplicaState, ReplicaEvent>(
      roles.replica,
      {
        id: actorOf('r', id),
        quorums,
        announcesTo: [own],
        replies: true,
        peers: [],
        acceptors: [actorOf('a', id)],
      },
      { ...roles.replica.initial, ...stored?.replica },
      observe,
      onReplica,
    );
    const send = (messages: readonly LogMessage[]) => this.emit(messages);
    this.gateway = new Gateway(cast, this.starts, settings, world.clock, send, observe);
    this.beats = this.starts * 2 ** 32;
    this.heardAt = this.beatAt = world.clock.now();
    this.patience = this.chance();
  }

  /** @internal Writes that it has been started once more, and takes part from then on. */
  begin(done: (error?: Error) => void): void {
    const durable = this.durable();
    this.world.storage.write(changesBetween(this.machine, this.stored, durable), (error) => {
      if (!error) {
        this.stored = durable;
        this.writes++;
        this.world.transport.start((from, messages) => this.receive(from, messages));
        this.tick();
      }
      done(error);
    });
  }

  /** Carries out commands, in their order; `done` is called once. Queries alone are answered by reads that are linearizable, all else goes through the log. */
  execute(commands: readonly StoreCommand[], done: (answer: Answer) => void): void {
    if (this.stopped) done({ refused: 'the node stops' });
    else this.gateway.execute(commands, done);
    this.settle();
  }

  status(): Status {
    const { applied, truncated } = this.replica.state;
    return {
      id: this.options.id,
      leader: this.leaderNode,
      leads: this.leader.state.phase === 'lead',
      applied,
      truncated,
      promised: this.acceptor.state.promised,
      writes: this.writes,
      waiting: this.gateway.load,
    };
  }

  /** The states of the roles, to look at. */
  states() {
    return { acceptor: this.acceptor.state, leader: this.leader.state, replica: this.replica.state };
  }

  /** Ends taking part: requests are answered with an error, and nothing is sent from now on. The storage is not closed. */
  stop(): void {
    if (this.stopped) return;
    this.stopped = true;
    this.cancelTick();
    this.gateway.stop();
  }

  private receive(from: NodeId, messages: readonly PeerMessage[]): void {
    if (this.stopped) return;
    for (const message of messages) {
      if (message.type === 'progress') this.compare(from, message.applied);
      else if (message.type === 'catch-up') this.help(from, message.after);
      else if (nodeOf(message.from) === from) this.inbox.push(message);
    }
    this.settle();
  }

  /** Takes everything that is to be taken, writes what has changed, and sends what may leave. */
  private settle(): void {
    if (this.draining || this.stopped) return;
    this.draining = true;
    do {
      for (let message = this.inbox.shift(); message; message = this.inbox.shift()) this.deliver(message);
      this.gateway.pump();
    } while (this.inbox.length > 0);
    this.draining = false;
    for (const [node, messages] of this.outbox) this.world.transport.send(node, messages);
    this.outbox.clear();
    this.write();
  }

  /** Hands messages on: to the node's own roles, and to others. */
  private emit(messages: readonly LogMessage[]): void {
    for (const message of messages) {
      for (const node of this.receivers(message)) {
        if (node === this.options.id) this.inbox.push(message);
        else if (this.cast.nodes.includes(node)) this.post(node, message);
      }
    }
  }

  /** Whom a message is sent to: of those that it is for, the ones that have a use for it. */
  private receivers(message: LogMessage): Iterable<NodeId> {
    switch (message.type) {
      case 'request':
      case 'read':
        return this.leaderNode === null ? [] : [this.leaderNode];
      // The replica beside a client answers it.
      case 'reply':
        return message.to.some((client) => nodeOf(client) === this.options.id) ? [this.options.id] : [];
      case 'read-index':
        return [nodeOf(message.client) ?? this.options.id];
      default:
        return nodesFor(message);
    }
  }

  private post(node: NodeId, message: PeerMessage): void {
    const messages = this.outbox.get(node);
    if (messages) messages.push(message);
    else this.outbox.set(node, [message]);
  }

  /** Gives a message to the roles of this node that it is for. */
  private deliver(message: LogMessage): void {
    const event = { type: 'receive' as const, message };
    switch (message.type) {
      case 'prepare':
      case 'accept':
      case 'confirm':
        this.emit(this.acceptor.take(event));
        this.heard(message.ballot);
        break;
      case 'truncated':
        this.emit(this.acceptor.take(event));
        break;
      case 'promise':
      case 'nack':
      case 'confirmed':
      case 'read':
        this.emit(this.leader.take(event));
        break;
      case 'request':
        this.request(message);
        break;
      case 'decision':
        if (message.to.includes(this.replica.id)) this.learn(event);
        if (message.to.includes(this.leader.id) && this.leader.state.phase === 'lead') this.decided(event);
        break;
      case 'accepted':
      case 'snapshot':
        this.learn(event);
        break;
      case 'read-index':
        this.read(message);
        break;
      case 'reply':
        this.gateway.receive(message);
        break;
    }
  }

  /** Of a request that comes too early the leader keeps nothing: it is as if it were still on its way. */
  private request(message: LogMessage): void {
    if (mayPropose(this.leader.state, this.settings))
      this.emit(this.leader.take({ type: 'receive', message }));
    else if (this.leader.state.phase === 'lead' && this.requests.length < PARKED) this.requests.push(message);
  }

  /** A read that comes before the replica has applied enough is on its way for longer. */
  private read(message: LogMessage): void {
    if (message.type !== 'read-index') return;
    if (this.replica.state.applied >= message.index)
      this.emit(this.replica.take({ type: 'receive', message }));
    else if (this.reads.length < PARKED) this.reads.push(message);
  }

  private learn(event: LogReceive): void {
    const { applied } = this.replica.state;
    this.emit(this.replica.take(event));
    if (this.replica.state.applied === applied) return;
    for (const message of this.reads.splice(0)) this.read(message);
    if (this.replica.state.applied - this.replica.state.truncated >= this.settings.keptSlots) this.truncate();
  }

  private decided(event: LogReceive): void {
    this.emit(this.leader.take(event));
    while (this.requests.length > 0 && mayPropose(this.leader.state, this.settings))
      this.request(this.requests.shift() as LogMessage);
  }

  /** A ballot is heard of: if it is the promised one, there is a leader, or soon will be. */
  private heard(ballot: NonNullable<LogAcceptorState['promised']>): void {
    if (compareBallots(ballot, this.acceptor.state.promised) !== 0) return;
    this.heardAt = this.world.clock.now();
    const node = nodeOf(ballot.proposer);
    if (node === this.leaderNode) return;
    this.leaderNode = node;
    this.requests = [];
    this.gateway.retry();
  }

  /** What the replica forgets, the leader is told first, so that it need not ask about it again. */
  private truncate(): void {
    this.inform();
    this.emit(this.replica.take({ type: 'truncate' }));
  }

  /** The leader hears of what the replica beside it knows to be chosen. */
  private inform(): void {
    const { decided } = this.replica.state;
    const known = new Map(decided.map(({ slot, value }) => [slot, value]));
    for (let slot = this.leader.state.chosenUpTo + 1; known.has(slot); slot++) {
      const envelope = { type: 'decision' as const, from: this.replica.id, to: [this.leader.id] };
      const message = { ...envelope, slot, value: known.get(slot) as string };
      this.emit(this.leader.take({ type: 'receive', message }));
      if (this.leader.state.chosenUpTo < slot) return;
    }
  }

  /** A peer tells how far it is: whoever is behind it, and has not come on since it last said so, asks for what is missing. */
  private compare(peer: NodeId, applied: number): void {
    const own = this.replica.state.applied;
    if (applied <= own) this.behind.delete(peer);
    else if (this.behind.get(peer) !== own) this.behind.set(peer, own);
    else this.post(peer, { type: 'catch-up', after: own });
  }

  private help(peer: NodeId, after: number): void {
    for (const message of missingOf(this.replica.state, this.replica.id, actorOf('r', peer), after))
      this.post(peer, message);
  }

  private tick(): void {
    const { clock } = this.world;
    const { heartbeat } = this.settings;
    const now = clock.now();
    this.gateway.tick(now);
    if (now - this.beatAt >= heartbeat) this.beat(now);
    this.lookAfterLeader(now);
    this.settle();
    if (!this.stopped)
      this.cancelTick = clock.after(Math.max(1, Math.floor(heartbeat / 4)), () => this.tick());
  }

  /** A leader shows that it leads by a read that nobody waits for: all acceptors are asked whether it still does. */
  private beat(now: number): void {
    this.beatAt = now;
    const { applied } = this.replica.state;
    for (const node of this.cast.nodes)
      if (node !== this.options.id) this.post(node, { type: 'progress', applied });
    if (this.leader.state.phase !== 'lead') return;
    const client = clientOf(this.options.id, 'beat');
    const envelope = { type: 'read' as const, from: client, to: [this.leader.id] };
    const message = { ...envelope, number: ++this.beats, query: '[]' };
    this.emit(this.leader.take({ type: 'receive', message }));
  }

  private lookAfterLeader(now: number): void {
    const { phase, next, chosenUpTo } = this.leader.state;
    if (phase !== 'lead') {
      if (now - this.heardAt >= this.patience) this.timeOut(now);
      return;
    }
    const idle = next === chosenUpTo + 1 && this.leader.state.reported.length === 0;
    if (idle || chosenUpTo !== this.progress.upTo) this.progress = { upTo: chosenUpTo, at: now };
    else if (now - this.progress.at >= this.settings.stalled) this.timeOut(now);
  }

  private timeOut(now: number): void {
    this.inform();
    this.emit(this.leader.take({ type: 'time-out' }));
    this.heardAt = now;
    this.patience = this.chance();
    this.progress = { upTo: this.leader.state.chosenUpTo, at: now };
  }

  private chance(): number {
    return this.settings.election * (1 + this.world.random());
  }

  /** Begins a write of all that is not on disk, unless one is under way. */
  private write(): void {
    const roles = [this.acceptor, this.leader, this.replica];
    if (this.writing || this.stopped || !roles.some((role) => role.dirty)) return;
    const durable = this.durable();
    const changes = changesBetween(this.machine, this.stored, durable);
    const release = roles.map((role) => role.writing());
    this.writing = true;
    this.world.storage.write(changes, (error) => {
      this.writing = false;
      if (this.stopped) return;
      if (error) {
        this.fail(error);
        return;
      }
      this.writes++;
      this.stored = durable;
      for (const held of release) this.emit(held());
      this.settle();
    });
  }

  private durable(): Durable {
    const { roles = nodeRoles } = this.options;
    return {
      acceptor: durablePart(roles.acceptor, this.acceptor.state) as Durable['acceptor'],
      leader: durablePart(roles.leader, this.leader.state) as Durable['leader'],
      replica: durablePart(roles.replica, this.replica.state) as Durable['replica'],
      starts: this.starts,
    };
  }

  /** What is on disk is not known: the node takes no further part. */
  private fail(error: Error): void {
    this.stop();
    this.options.failed?.(error);
  }
}
