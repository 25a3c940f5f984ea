/**
 * A node: the roles of the log, and around them a loop. An event comes in; a role takes it; the durable part of what has changed is
 * written and on disk; only then leaves what the role has sent. While a write is under way events go on being taken: the next write has all that they
 * have changed, so that one serves many.
 */
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
import { actorOf, type NodeCast, nodeCast, nodeOf } from './cast.ts';
import { type Answer, Gateway } from './gateway.ts';
import { Hosted } from './hosted.ts';
import type { NodeId, World } from './interfaces.ts';
import { Mail } from './mail.ts';
import type { Observe, Transition } from './observe.ts';
import type { Recorder } from './recorder.ts';
import { changesBetween, type Durable, durableOf } from './rows.ts';
import { BACK_OFF, type Settings } from './settings.ts';
import { type StoreCommand, type StoredMachine, store } from './store/machine.ts';
import { Watch } from './watch.ts';

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
  if (stored) options.recorder?.restarted(stored);
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
  private wroteAt = 0;
  private stopped = false;
  private cancelTick: () => void = () => {};

  private readonly mail: Mail;
  private readonly watch: Watch;
  private draining = false;
  private awake = false;
  /** Requests that came while the leader's window was full, and reads that came before the replica had applied enough. */
  private requests: LogMessage[] = [];
  private reads: LogMessage[] = [];
  private leaderNode: NodeId | null = null;

  /** @internal Use `startNode`. */
  constructor(options: NodeOptions, world: World, stored: Durable | null) {
    const { id, nodes, settings, roles = nodeRoles, recorder } = options;
    const observe = (transition: Transition) => {
      recorder?.step(transition);
      options.observe?.(transition);
    };
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
      {
        id: own,
        acceptors,
        quorums,
        replicas: cast.replicas,
        window: settings.window,
        election: { peers: cast.leaders.filter((peer) => peer !== own), backOff: BACK_OFF },
      },
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
        peers: cast.replicas.filter((peer) => peer !== actorOf('r', id)),
        acceptors: [actorOf('a', id)],
      },
      { ...roles.replica.initial, ...stored?.replica },
      observe,
      onReplica,
    );
    this.mail = new Mail(cast, world.transport, world.random);
    this.watch = new Watch(settings, world.random, world.clock.now(), this.leader.state);
    const send = (messages: readonly LogMessage[]) => this.emit(messages);
    this.gateway = new Gateway(cast, this.starts, settings, world.clock, send, observe);
  }

  /** @internal Writes that it has been started once more, and takes part from then on. */
  begin(done: (error?: Error) => void): void {
    const durable = this.durable();
    this.world.storage.write(changesBetween(this.machine, this.stored, durable), (error) => {
      if (!error) {
        this.stored = durable;
        this.writes++;
        this.options.recorder?.wrote(durable);
        this.world.transport.start(
          (from, messages) => this.receive(from, messages),
          (peer) => this.lost(peer),
        );
        this.tick();
      }
      done(error);
    });
  }

  /** Carries out commands, in their order; `done` is called once. Queries alone are answered by reads that are linearizable, all else goes through the log. */
  execute(commands: readonly StoreCommand[], done: (answer: Answer) => void): void {
    if (this.stopped) done({ refused: 'the node stops' });
    else this.gateway.execute(commands, done);
    this.wake();
  }

  status(): Status {
    const { applied, truncated, machine } = this.replica.state;
    return {
      id: this.options.id,
      leader: this.leaderNode,
      leads: this.leader.state.phase === 'lead',
      applied,
      truncated,
      promised: this.acceptor.state.promised,
      starts: this.starts,
      keys: this.machine.size(machine),
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

  private receive(from: NodeId, messages: readonly LogMessage[]): void {
    // Each node speaks for its own actors.
    this.mail.inbox.push(...messages.filter((message) => nodeOf(message.from) === from));
    this.wake();
  }

  /** Whoever led has ended, it seems: the next node begins a ballot with its next tick, and the others, one by one, if they go on hearing of no leader. */
  private lost(peer: NodeId): void {
    const { id, nodes, settings } = this.options;
    if (peer !== this.leaderNode) return;
    const [own, gone] = [nodes.indexOf(id), nodes.indexOf(peer)];
    const before = (own - gone - 1 + nodes.length) % nodes.length;
    this.watch.hurry(this.world.clock.now() + 2 * before * settings.heartbeat);
  }

  /** What comes at the same time, over other connections, is taken together: so that one batch serves many requests, and one write many votes. */
  private wake(): void {
    if (this.awake) return;
    this.awake = true;
    this.world.clock.after(0, () => {
      this.awake = false;
      this.settle();
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
    this.write();
  }

  private emit(messages: readonly LogMessage[]): void {
    this.mail.put(messages, this.leaderNode);
  }

  /** Gives a message to the roles of this node that it is for. */
  private deliver(message: LogMessage): void {
    const event = { type: 'receive' as const, message };
    switch (message.type) {
      case 'request':
        this.request(message);
        return;
      case 'read-index':
        this.read(message);
        return;
      case 'reply':
        this.gateway.receive(message);
        return;
    }
    const { acceptor, replica, leader } = this;
    if (message.to.includes(acceptor.id)) this.emit(acceptor.take(event));
    if (message.to.includes(replica.id)) this.learn(event);
    if (message.to.includes(leader.id)) this.lead(event);
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
  }

  /** The leader takes an event: it may come to lead, to follow another, or to have room for requests that have waited. */
  private lead(event: LeaderEvent): void {
    const before = this.leader.state;
    this.emit(this.leader.take(event));
    const { state } = this.leader;
    if (state === before) return;
    const begun = state.ballot !== before.ballot;
    const heard = event.type === 'receive' && event.message.type === 'heartbeat';
    const elected = state.phase === 'lead' && before.phase !== 'lead';
    const deposed = state.phase !== 'lead' && before.phase === 'lead';
    if (begun || heard || elected || deposed) this.watch.wait(state, this.world.clock.now());
    if (elected) this.lead({ type: 'beat' });
    this.follow();
    while (this.requests.length > 0 && mayPropose(this.leader.state, this.settings))
      this.request(this.requests.shift() as LogMessage);
  }

  /** Requests go to whoever leads; to another, they go again. */
  private follow(): void {
    const { phase, following } = this.leader.state;
    // Who begins a ballot has given up whom it followed.
    const followed = phase === 'idle' && following ? nodeOf(following.proposer) : null;
    const node = phase === 'lead' ? this.options.id : followed;
    if (node === this.leaderNode) return;
    this.leaderNode = node;
    this.requests = [];
    this.gateway.retry();
  }

  private tick(): void {
    const { clock } = this.world;
    const now = clock.now();
    this.gateway.tick(now);
    for (const type of this.watch.due(now, this.leader.state, this.replica.state)) {
      if (type === 'truncate' || type === 'catch-up') this.emit(this.replica.take({ type }));
      else if (type === 'beat' || type === 'time-out' || type === 'resend') this.lead({ type });
    }
    this.settle();
    this.mail.flush(true);
    const pause = Math.max(1, Math.floor(this.settings.heartbeat / 2));
    // As long as there are writes that something waits for, the rest goes with these.
    this.write(now - this.wroteAt >= pause);
    if (!this.stopped) this.cancelTick = clock.after(pause, () => this.tick());
  }

  /** Begins a write of all that is not on disk, unless one is under way, or nothing waits for it: then it may as well be a part of the next. */
  private write(all = false): void {
    const roles = [this.acceptor, this.leader, this.replica];
    if (this.writing || this.stopped || !roles.some((role) => role.urgent || (all && role.dirty))) return;
    const durable = this.durable();
    const changes = changesBetween(this.machine, this.stored, durable);
    const release = roles.map((role) => role.writing());
    this.writing = true;
    this.wroteAt = this.world.clock.now();
    this.world.storage.write(changes, (error) => {
      this.writing = false;
      if (this.stopped) return;
      if (error) {
        this.fail(error);
        return;
      }
      this.writes++;
      this.stored = durable;
      this.options.recorder?.wrote(durable);
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
