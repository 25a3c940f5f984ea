import type { Actor, Reading, System } from '../../model-check/system.ts';
import type { ActorId, Ballot } from '../ballot.ts';
import { type Role, restart, step } from '../role.ts';
import { permutationsOf, quorumSymmetries, symmetries } from '../symmetry.ts';
import { logAcceptor } from './acceptor.ts';
import { client } from './client.ts';
import { historyObserver } from './client-properties.ts';
import { type ClientScript, type LogCast, logCastOf, type MultiPaxosConfiguration } from './configuration.ts';
import { logCoverage, logIdleRules } from './coverage.ts';
import { isLedBy } from './election.ts';
import type { Slot } from './entry.ts';
import { type LogEvent, type LogRoleState, logFactsOf } from './facts.ts';
import { journal } from './journal.ts';
import { isOutgrown, leader, mayPropose, nextLeaderRound } from './leader.ts';
import type { LogMessage, LogReceive } from './message.ts';
import { logPropertiesOf } from './properties.ts';
import { encodeChange } from './reconfiguration.ts';
import { logVotesInOrder, replicaOf } from './replica.ts';
import { showLog } from './show.ts';
import { logSituationsOf } from './situations.ts';
import {
  type ClientContext,
  type ClientEvent,
  type ClientState,
  type LeaderContext,
  type LeaderEvent,
  type LeaderState,
  type LogAcceptorContext,
  type LogAcceptorState,
  type ReplicaContext,
  type ReplicaEvent,
  ReplicaState,
} from './states.ts';
import { tellLog } from './tell.ts';

export type MultiPaxosSystem = System<LogRoleState, LogMessage, LogEvent>;
type LogActor = Actor<LogRoleState, LogMessage, LogEvent>;

/** The roles; mutants put others in their place. */
export interface LogRoles {
  readonly acceptor: Role<LogAcceptorContext, LogAcceptorState, LogReceive, LogMessage>;
  readonly leader: Role<LeaderContext, LeaderState, LeaderEvent, LogMessage>;
  readonly replica: Role<ReplicaContext, ReplicaState, ReplicaEvent, LogMessage>;
  readonly client: Role<ClientContext, ClientState, ClientEvent, LogMessage>;
}

/** The roles of this specification: what an implementation ships, here with the checker's machine. */
export const logRoles: LogRoles = { acceptor: logAcceptor, leader, replica: replicaOf(journal), client };

/** Multi-Paxos (the paper's section 3) as a system to be checked. */
export function multiPaxos(
  configuration: MultiPaxosConfiguration,
  roles: LogRoles = logRoles,
): MultiPaxosSystem {
  const cast = logCastOf(configuration);
  const facts = logFactsOf(cast);
  const { crashes, nacks } = configuration;
  return {
    name: 'multi-paxos',
    covers: logCoverage(configuration, cast),
    actors: [
      ...cast.leaders.map((id) => leaderActor(roles, cast, id)),
      ...cast.acceptors.map((id) => actor(roles.acceptor, { id, tells: cast.toldOfVotes, nacks })),
      ...cast.replicas.map((id) => replicaActor(roles, cast, id)),
      ...cast.clients.map((script) => clientActor(roles, cast, script)),
    ],
    ...(cast.clients.length > 0 ? { observers: [historyObserver] } : {}),
    ...(cast.election === 'timely' ? { readings: cast.leaders.map((id) => timelyTimeOut(cast, id)) } : {}),
    crashes: { budget: crashes },
    symmetry: symmetries(
      [
        // The change names acceptors in the text of a command, which no renaming reaches.
        ...(cast.changed ? [] : quorumSymmetries(cast.acceptors, cast.quorums)),
        ...permutationsOf(cast.toldOfVotes),
        ...permutationsOf(cast.replicas.filter((id) => !cast.toldOfVotes.includes(id))),
      ],
      votesInOrder,
    ),
    properties: logPropertiesOf(cast, facts),
    situations: logSituationsOf(configuration, cast, facts),
    rules: [...Object.values(logRoles).flatMap((role) => Object.keys(role.rules)), 'crash'],
    idleRules: logIdleRules(configuration, cast),
    tell: tellLog,
    show: showLog,
  };
}

/** After how many slots a change of the acceptors is in force, if there is one. */
function changesAfter({ changed, window }: LogCast): number | undefined {
  return changed && window;
}

function leaderActor(roles: LogRoles, cast: LogCast, id: ActorId): LogActor {
  const { first: acceptors, quorums, replicas, window, leaders } = cast;
  const peers = leaders.filter((other) => other !== id);
  const election = cast.election === undefined ? undefined : { peers, backOff: 0 };
  const proposer = actor(roles.leader, {
    ...{ id, acceptors, quorums, replicas, window, election },
    changesAfter: changesAfter(cast),
  });
  const full = ({ next }: LeaderState) => next > cast.slots.length;
  // Clients ask for their commands by messages; a change of the acceptors is nobody's command.
  const asked = (slot: Slot) =>
    cast.clients.length === 0 ? cast.asked(id, slot) : cast.changed ? [encodeChange(cast.changed)] : [];
  const requests = (state: LeaderState): LogEvent[] =>
    full(state) ? [] : asked(state.next).map((value) => ({ type: 'request' as const, value }));
  return {
    ...proposer,
    // Beyond the slots of the configuration leaders are not asked for anything.
    transition: (state, event) =>
      event.type === 'receive' && event.message.type === 'request' && full(state as LeaderState)
        ? { rule: null, state, send: [] }
        : proposer.transition(state, event),
    internal: (state) => [
      ...(cast.election !== 'timely' && mayTryAgain(cast, id, state as LeaderState) ? [TIME_OUT] : []),
      ...(election ? ticks(state as LeaderState) : []),
      ...(mayPropose(state as LeaderState, { window, changesAfter: changesAfter(cast) })
        ? requests(state as LeaderState)
        : []),
    ],
  };
}

const TIME_OUT: LogEvent = { type: 'time-out' };

/** Whether a leader may start one more ballot, within its bounds. */
function mayTryAgain({ bounds }: LogCast, id: ActorId, state: LeaderState): boolean {
  return nextLeaderRound(state) <= (bounds[id] as number);
}

/** What a leader does from time to time, when there are heartbeats. */
function ticks({ phase }: LeaderState): LogEvent[] {
  const beat: LogEvent[] = phase === 'lead' ? [{ type: 'beat' }] : [];
  return phase === 'idle' ? [] : [...beat, { type: 'resend' }];
}

/**
 * The time-out of a server where messages arrive in time and all servers are heard: it is taken by none that leads and can go on, and by none
 * that would obey one that leads. So, of an election that needs somebody to time out, this says whether somebody may.
 */
function timelyTimeOut(cast: LogCast, id: ActorId): Reading<LogRoleState, LogMessage, LogEvent> {
  return {
    name: `time-out of ${id}`,
    actor: id,
    of: cast.leaders.filter((other) => other !== id),
    when: ({ state }) =>
      ((state as LeaderState).phase !== 'lead' ||
        isOutgrown({ changesAfter: changesAfter(cast) }, state as LeaderState)) &&
      mayTryAgain(cast, id, state as LeaderState),
    view: ({ state }) => ((state as LeaderState).phase === 'lead' ? (state as LeaderState).ballot : null),
    events: ({ state }, leading) =>
      leading.some((ballot) => ballot !== null && isLedBy(state as LeaderState, ballot as Ballot))
        ? []
        : [TIME_OUT],
  };
}

function replicaActor(roles: LogRoles, cast: LogCast, id: ActorId): LogActor {
  const announcesTo = cast.toldOfVotes.includes(id)
    ? cast.toldOfDecisions.filter((other) => other !== id)
    : [];
  const { acceptors, quorums, snapshots } = cast;
  const peers = cast.replicas.filter((other) => other !== id);
  const replies = cast.clients.length > 0;
  const internal = ({ applied, truncated }: ReplicaState): LogEvent[] => [
    ...(snapshots && applied > truncated ? [{ type: 'truncate' as const }] : []),
    ...(cast.catchUp && applied < cast.slots.length ? [{ type: 'catch-up' as const }] : []),
  ];
  return {
    ...actor(roles.replica, {
      ...{ id, quorums, announcesTo, replies, peers, acceptors },
      changesAfter: changesAfter(cast),
    }),
    internal: (state) => internal(state as ReplicaState),
  };
}

/** A client asks for what its script says. It does not crash: one that has forgotten what it asked for is another client. */
function clientActor(roles: LogRoles, { leaders }: LogCast, { id, asks }: ClientScript): LogActor {
  const { restart: _never, ...asking } = actor(roles.client, { id, leaders });
  const next = ({ number, pending }: ClientState): LogEvent[] => {
    const asked = asks[number];
    return asked && pending === null ? [{ type: 'invoke', ...asked }] : [];
  };
  return { ...asking, internal: (state) => next(state as ClientState) };
}

function actor<C extends { readonly id: ActorId }, S extends LogRoleState, E>(
  role: Role<C, S, E, LogMessage>,
  context: C,
): LogActor & Required<Pick<LogActor, 'restart'>> {
  return {
    name: context.id,
    role: role.name,
    initial: role.initial,
    transition: (state, event) => step(role, context, state, event),
    restart: (state) => restart(role, state),
  };
}

/** A replica keeps its votes in an order in which acceptors have a part. Most of what is renamed is no replica's state. */
export function votesInOrder(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('votes' in value)) return value;
  const replica = ReplicaState.safeParse(value);
  return replica.success ? { ...replica.data, votes: [...replica.data.votes].sort(logVotesInOrder) } : value;
}
