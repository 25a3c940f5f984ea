/**
 * A node: the roles of the log, and around them a loop. An event comes in; a role takes it; the durable part of what has changed is
 * written and on disk; only then leaves what the role has sent. While a write is under way events go on being taken: the next write has all that they
 * have changed, so that one serves many.
 */
import type { ActorId } from '../../spec/ballot.ts';
import { logAcceptor } from '../../spec/log/acceptor.ts';
import { NO_OP } from '../../spec/log/entry.ts';
import { isOutgrown, leader, mayPropose } from '../../spec/log/leader.ts';
import type { LogMessage, LogReceive } from '../../spec/log/message.ts';
import { mayRead } from '../../spec/log/reads.ts';
import { changesIn, changesOf, succession } from '../../spec/log/reconfiguration.ts';
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
import { actorOf, clientOf, type NodeCast, nodeCast, nodeOf } from './cast.ts';
import { type Answer, Gateway } from './gateway.ts';
import { Hosted } from './hosted.ts';
import type { Addresses, NodeId, World } from './interfaces.ts';
import { Mail } from './mail.ts';
import { changeOf, type Members, membersOf, type Wanted } from './members.ts';
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
  /** Whether it votes; does not, yet; or has been removed, and does not any more. */
  readonly part: 'votes' | 'listens' | 'removed';
  /** The nodes as it knows them: who votes from slot `from` on by the change in slot `since` (0: none), and where all are that take part. */
  readonly members: Pick<Members, 'since' | 'from' | 'inForce' | 'voters'> & {
    readonly nodes: Readonly<Record<NodeId, Addresses | null>>;
  };
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
  private readonly options: NodeOptions;
  private readonly settings: Settings;
  private readonly world: World;
  private readonly machine: NodeRoles['machine'];
  private readonly acceptor: Hosted<LogAcceptorContext, LogAcceptorState, LogReceive>;
  private readonly leader: Hosted<LeaderContext, LeaderState, LeaderEvent>;
  private readonly replica: Hosted<ReplicaContext, ReplicaState, ReplicaEvent>;
  private readonly gateway: Gateway;
  private readonly starts: number;
  /** The nodes that there are, as far as this one knows. */
  members: Members;
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
  /** What came too early: requests while the leader's window was full, reads before the leader could take them, and before the replica had applied enough. */
  private requests: LogMessage[] = [];
  private confirms: LogMessage[] = [];
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
    const { acceptors, quorums } = nodeCast(id, nodes);
    const { changesAfter, window } = settings;
    const replica: ReplicaState = { ...roles.replica.initial, ...stored?.replica };
    this.members = this.membersBy(replica);
    const cast = this.castNow();
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
        ...leaderTold(cast, own),
        window,
        changesAfter,
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
        changesAfter,
        announcesTo: [own],
        replies: true,
        ...replicaTold(cast, actorOf('r', id)),
        acceptors: [actorOf('a', id)],
      },
      replica,
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
        this.world.transport.know(this.known());
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

  /** Asks whoever leads for a change of the nodes. That it is done is seen by the status, if it is: it may be lost, and asked for again. */
  reconfigure(wanted: Wanted): void {
    const { id } = this.options;
    const asks = { type: 'request' as const, from: clientOf(id, 'members'), to: this.mail.cast.leaders };
    this.emit([{ ...asks, value: changeOf(wanted) }]);
    this.settle();
  }

  status(): Status {
    const { applied, truncated, machine } = this.replica.state;
    const { since, from, inForce, voters, nodes } = this.members;
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
      stored: this.stored?.replica.applied ?? 0,
      part: this.part(),
      members: { since, from, inForce, voters, nodes: Object.fromEntries(nodes) },
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
    const { id, settings } = this.options;
    const { voters } = this.members;
    const [own, gone] = [voters.indexOf(id), voters.indexOf(peer)];
    if (peer !== this.leaderNode || own < 0) return;
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
      case 'read':
        this.confirm(message);
        return;
      case 'read-index':
        this.read(message);
        return;
      case 'reply':
        this.gateway.receive(message);
        return;
      case 'accepted':
        // Votes far ahead cannot be counted yet, since it is not known whose they are: as if they were lost.
        if (message.slot > this.replica.state.applied + 4 * this.settings.changesAfter) return;
    }
    const { acceptor, replica, leader } = this;
    if (message.to.includes(acceptor.id)) this.emit(acceptor.take(event));
    if (message.to.includes(replica.id)) this.learn(event);
    if (message.to.includes(leader.id)) this.lead(event);
  }

  /** Of a request that comes too early the leader keeps nothing: it is as if it were still on its way. */
  private request(message: LogMessage): void {
    if (message.type === 'request' && this.isOutdated(message.value)) return;
    if (mayPropose(this.leader.state, this.leader.context))
      this.emit(this.leader.take({ type: 'receive', message }));
    else if (this.leader.state.phase === 'lead' && this.requests.length < PARKED) this.requests.push(message);
  }

  /** So does a read that comes while it is not known who is to say that this node leads. */
  private confirm(message: LogMessage): void {
    const { state, context } = this.leader;
    if (mayRead(context, state)) this.emit(this.leader.take({ type: 'receive', message }));
    else if (state.phase === 'lead' && this.confirms.length < PARKED) this.confirms.push(message);
  }

  /** Whether a change of the nodes is asked for that would not count, or while another is under way: many of these would only fill the log. */
  private isOutdated(value: string): boolean {
    const [change] = changesIn([{ slot: 1, value }]);
    if (!change) return false;
    const { changes, proposed, reported } = this.leader.state;
    return (
      (change.after ?? 0) !== (succession(changes).at(-1)?.slot ?? 0) ||
      changesIn([...proposed, ...reported]).length > 0
    );
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
    this.meet();
  }

  /** Looks who takes part now, and tells the roles. */
  private meet(): void {
    const before = this.members;
    const { applied, decided } = this.replica.state;
    const last = succession(changesOf(decided)).findLast(({ slot }) => slot <= applied)?.slot ?? 0;
    if (last === before.since && (before.inForce || applied + 1 < before.from)) return;
    this.members = this.membersBy(this.replica.state);
    const cast = this.castNow();
    this.mail.cast = cast;
    this.acceptor.context = { ...this.acceptor.context, tells: cast.replicas };
    this.leader.context = { ...this.leader.context, ...leaderTold(cast, this.leader.id) };
    this.replica.context = { ...this.replica.context, ...replicaTold(cast, this.replica.id) };
    this.world.transport.know(this.known());
  }

  private membersBy({ applied, decided }: ReplicaState): Members {
    const { nodes: first, settings } = this.options;
    return membersOf({ first, changesAfter: settings.changesAfter }, changesOf(decided), applied);
  }

  /** The nodes to talk to. What the log tells of them may be long past: so the others are among them whatever it says. */
  private known(): Members['known'] {
    const others = (this.options.others ?? []).map((node) => [node, null] as const);
    return new Map([...others, ...this.members.known]);
  }

  private castNow(): NodeCast {
    const { id } = this.options;
    return nodeCast(id, [...new Set([id, ...this.known().keys()])]);
  }

  private part(): Status['part'] {
    const { id } = this.options;
    const { voters, named, nodes } = this.members;
    if (voters.includes(id)) return 'votes';
    return named.has(id) && !nodes.has(id) ? 'removed' : 'listens';
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
    this.goOn();
  }

  /** Takes what has waited; brings a change in force, for which slots have to pass; and begins another ballot where it is for others to vote. */
  private goOn(): void {
    const { leader } = this;
    while (this.requests.length > 0 && mayPropose(leader.state, leader.context))
      this.request(this.requests.shift() as LogMessage);
    while (this.confirms.length > 0 && mayRead(leader.context, leader.state))
      this.confirm(this.confirms.shift() as LogMessage);
    const last = succession(leader.state.changes).at(-1);
    const from = last ? last.slot + this.settings.changesAfter : 0;
    while (leader.state.next < from && mayPropose(leader.state, leader.context))
      this.emit(leader.take({ type: 'request', value: NO_OP }));
    // Whoever is to vote no more leaves that to the others.
    if (isOutgrown(leader.context, leader.state) && this.part() === 'votes') this.lead({ type: 'time-out' });
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
    this.confirms = [];
    this.gateway.retry();
  }

  /** Whoever does not vote begins no ballot, nor goes on to say that it leads where it leads nobody. */
  private mayLead(): boolean {
    return (
      this.part() === 'votes' ||
      (this.leader.state.phase === 'lead' && !isOutgrown(this.leader.context, this.leader.state))
    );
  }

  private tick(): void {
    const { clock } = this.world;
    const now = clock.now();
    this.gateway.tick(now);
    for (const type of this.watch.due(now, this.leader.state, this.replica.state)) {
      if (!this.mayLead() && (type === 'beat' || type === 'time-out')) continue;
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

/** What depends on who takes part, of what roles are told. */
function leaderTold({ leaders, replicas }: NodeCast, own: ActorId) {
  return { replicas, election: { peers: leaders.filter((peer) => peer !== own), backOff: BACK_OFF } };
}

function replicaTold({ replicas }: NodeCast, own: ActorId) {
  return { peers: replicas.filter((peer) => peer !== own) };
}
