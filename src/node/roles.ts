/** The roles that a node hosts, and what they are told. */
import { logAcceptor } from '../../spec/log/acceptor.ts';
import { leader } from '../../spec/log/leader.ts';
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
import type { Role } from '../../spec/role.ts';
import { actorOf, type NodeCast, nodeCast } from './cast.ts';
import { Hosted } from './hosted.ts';
import type { NodeId } from './interfaces.ts';
import type { Observe } from './observe.ts';
import type { Durable } from './rows.ts';
import { BACK_OFF, type Settings } from './settings.ts';
import { type StoredMachine, store } from './store/machine.ts';

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

export type HostedAcceptor = Hosted<LogAcceptorContext, LogAcceptorState, LogReceive>;
export type HostedLeader = Hosted<LeaderContext, LeaderState, LeaderEvent>;
export type HostedReplica = Hosted<ReplicaContext, ReplicaState, ReplicaEvent>;

/** Whose roles they are, and with whom the cluster was begun. */
interface Beginning {
  readonly id: NodeId;
  readonly nodes: readonly NodeId[];
  readonly settings: Pick<Settings, 'window' | 'changesAfter'>;
}

/** The roles of one node, each with its state. */
export class HostedRoles {
  readonly acceptor: HostedAcceptor;
  readonly leader: HostedLeader;
  readonly replica: HostedReplica;
  private readonly beginning: Beginning;

  /** @param stored what they begin from again; null if that is nothing */
  constructor(
    roles: NodeRoles,
    beginning: Beginning,
    cast: NodeCast,
    stored: Durable | null,
    observe: Observe,
  ) {
    const { acceptor, leader, replica } = roles;
    const told = contextsOf(beginning, cast);
    this.beginning = beginning;
    this.acceptor = new Hosted(
      acceptor,
      told.acceptor,
      { ...acceptor.initial, ...stored?.acceptor },
      observe,
    );
    this.leader = new Hosted(leader, told.leader, { ...leader.initial, ...stored?.leader }, observe);
    const known = { ...replica.initial, ...stored?.replica };
    this.replica = new Hosted(replica, told.replica, known, observe, isReliedOn);
  }

  get all() {
    return [this.acceptor, this.leader, this.replica];
  }

  /** Tells them who takes part from now on. */
  meet(cast: NodeCast): void {
    const told = contextsOf(this.beginning, cast);
    this.acceptor.context = told.acceptor;
    this.leader.context = told.leader;
    this.replica.context = told.replica;
  }

  /** What of their states must survive a crash. */
  durable(starts: number): Durable {
    const [acceptor, leader, replica] = this.all.map(({ durable }) => durable);
    return { acceptor, leader, replica, starts } as Durable;
  }
}

/** Of which messages of a replica others may have to rely on it after a crash: see docs/decisions/0016-node.md. */
function isReliedOn({ type }: LogMessage): boolean {
  return type === 'truncated' || type === 'snapshot';
}

/** What the roles of a node are told of themselves, and of whoever takes part. How the acceptors have changed since the beginning they know by the log. */
function contextsOf({ id, nodes, settings }: Beginning, { leaders, replicas }: NodeCast) {
  const { acceptors, quorums } = nodeCast(id, nodes);
  const { changesAfter, window } = settings;
  const own = { acceptor: actorOf('a', id), leader: actorOf('p', id), replica: actorOf('r', id) };
  const peers = leaders.filter((peer) => peer !== own.leader);
  const acceptor: LogAcceptorContext = { id: own.acceptor, tells: replicas, nacks: true };
  const leader: LeaderContext = {
    ...{ id: own.leader, acceptors, quorums, replicas, window, changesAfter },
    election: { peers, backOff: BACK_OFF },
  };
  const replica: ReplicaContext = {
    ...{ id: own.replica, quorums, changesAfter, replies: true },
    announcesTo: [own.leader],
    peers: replicas.filter((peer) => peer !== own.replica),
    // Each acceptor forgets what the replica beside it has on disk, and so loses no copy.
    acceptors: [own.acceptor],
  };
  return { acceptor, leader, replica };
}
