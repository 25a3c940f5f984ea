import type { Actor, System } from '../../model-check/system.ts';
import type { ActorId } from '../ballot.ts';
import { plural } from '../configuration.ts';
import { type Role, restart, step } from '../role.ts';
import { permutationsOf, quorumSymmetries, symmetries } from '../symmetry.ts';
import { type LogAcceptorContext, type LogAcceptorState, logAcceptor } from './acceptor.ts';
import { type LogCast, logCastOf, type MultiPaxosConfiguration } from './configuration.ts';
import { type LogEvent, type LogRoleState, logFactsOf } from './facts.ts';
import {
  type LeaderContext,
  type LeaderEvent,
  type LeaderState,
  leader,
  mayPropose,
  nextLeaderRound,
} from './leader.ts';
import type { LogMessage, LogReceive } from './message.ts';
import { logPropertiesOf } from './properties.ts';
import { logVotesInOrder, type ReplicaContext, ReplicaState, replicaOf } from './replica.ts';
import { showLog } from './show.ts';
import { logSituationsOf } from './situations.ts';
import type { StateMachine } from './state-machine.ts';
import { tellLog } from './tell.ts';

export type MultiPaxosSystem = System<LogRoleState, LogMessage, LogEvent>;
type LogActor = Actor<LogRoleState, LogMessage, LogEvent>;

/** The three roles; mutants put others in their place. */
export interface LogRoles {
  readonly acceptor: Role<LogAcceptorContext, LogAcceptorState, LogReceive, LogMessage>;
  readonly leader: Role<LeaderContext, LeaderState, LeaderEvent, LogMessage>;
  readonly replica: Role<ReplicaContext, ReplicaState, LogReceive, LogMessage>;
}

/** The machine that the checker replicates: it keeps a journal of the operations (one letter each), and replies with all of it. */
export const journal: StateMachine<string> = {
  initial: '',
  apply: (state, operation) => ({ state: `${state}${operation}`, reply: `${state}${operation}` }),
};

/** The roles of this specification: what an implementation ships, here with the checker's machine. */
export const logRoles: LogRoles = { acceptor: logAcceptor, leader, replica: replicaOf(journal) };

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
    covers: coverage(configuration, cast),
    actors: [
      ...cast.leaders.map((id) => leaderActor(roles, cast, id)),
      ...cast.acceptors.map((id) => actor(roles.acceptor, { id, tells: cast.toldOfVotes, nacks })),
      ...cast.replicas.map((id) => replicaActor(roles, cast, id)),
    ],
    crashes: { budget: crashes },
    symmetry: symmetries(
      [
        ...quorumSymmetries(cast.acceptors, cast.quorums),
        ...permutationsOf(cast.toldOfVotes),
        ...permutationsOf(cast.replicas.filter((id) => !cast.toldOfVotes.includes(id))),
      ],
      votesInOrder,
    ),
    properties: logPropertiesOf(cast, facts),
    situations: logSituationsOf(configuration, cast, facts),
    rules: [...Object.values(logRoles).flatMap((role) => Object.keys(role.rules)), 'crash'],
    idleRules: idleRules(configuration, cast),
    tell: tellLog,
    show: showLog,
  };
}

function leaderActor(roles: LogRoles, cast: LogCast, id: ActorId): LogActor {
  const { acceptors, quorums, window } = cast;
  const requests = ({ next }: LeaderState): LogEvent[] =>
    next > cast.slots.length
      ? []
      : cast.asked(id, next).map((value) => ({ type: 'request' as const, value }));
  return {
    ...actor(roles.leader, { id, acceptors, quorums, window }),
    internal: (state) => [
      ...(nextLeaderRound(state as LeaderState) <= (cast.bounds[id] as number)
        ? [{ type: 'time-out' as const }]
        : []),
      ...(mayPropose(state as LeaderState, window) ? requests(state as LeaderState) : []),
    ],
  };
}

function replicaActor(roles: LogRoles, cast: LogCast, id: ActorId): LogActor {
  const announcesTo = cast.toldOfVotes.includes(id)
    ? cast.toldOfDecisions.filter((other) => other !== id)
    : [];
  return actor(roles.replica, { id, quorums: cast.quorums, announcesTo, replies: false });
}

function actor<C extends { readonly id: ActorId }, S extends LogRoleState, E>(
  role: Role<C, S, E, LogMessage>,
  context: C,
): LogActor {
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

/** The rules that cannot fire in a configuration, each with the reason. */
function idleRules(
  { replicas, learning, crashes, nacks, leaders }: MultiPaxosConfiguration,
  cast: LogCast,
): Record<string, string> {
  const alone = (family: readonly (readonly string[])[]) =>
    cast.acceptors.every((id) => family.some((quorum) => quorum.length === 1 && quorum[0] === id));
  const none = replicas === 0 && 'no replicas';
  const idle: Record<string, string | false> = {
    collect: alone(cast.quorums.phase1) && 'every acceptor alone is a phase 1 quorum',
    learn: none,
    count: none || (alone(cast.quorums.phase2) && 'every acceptor alone is a phase 2 quorum'),
    'learn-decision': (learning === 'all' || replicas < 2) && 'no replica is told by a distinguished one',
    decided: learning === 'all' && 'no leader is told by a distinguished replica',
    nack: (!nacks && 'nacks are off') || (cast.ballots.length < 2 && 'only one ballot'),
    preempted: (!nacks && 'nacks are off') || (leaders < 2 && 'only one leader'),
    crash: crashes === 0 && 'no crashes',
  };
  return Object.fromEntries(
    Object.entries(idle).filter((entry): entry is [string, string] => Boolean(entry[1])),
  );
}

/** What "holds" covers, in words. */
function coverage(configuration: MultiPaxosConfiguration, cast: LogCast): string[] {
  const { acceptors, replicas, crashes, nacks, learning, quorums, requests } = configuration;
  const leaders = cast.leaders.map((id) => `${id} at most ${plural(cast.bounds[id] as number, 'ballot')}`);
  const family = (sets: readonly (readonly string[])[]) => sets.map((set) => `{${set.join(', ')}}`).join(' ');
  const told =
    learning === 'all' ? 'all told of every vote' : 'r1 told of votes, the rest and the leaders by decision';
  const turns = (id: string) => `${id} for ${cast.slots.map((slot) => cast.asked(id, slot)[0]).join(', ')}`;
  return [
    `${plural(acceptors, 'acceptor')}; ${leaders.join(', ')}; ${replicas === 0 ? 'no replicas' : `${plural(replicas, 'replica')}, ${told}`}`,
    `${plural(cast.slots.length, 'slot')}, window ${cast.window}; in each a leader is asked ${
      requests === 'any'
        ? `for any of ${cast.commands.join(', ')}`
        : `for one command: ${cast.leaders.map(turns).join('; ')}`
    }`,
    quorums
      ? `phase 1 quorums ${family(quorums.phase1)}; phase 2 quorums ${family(quorums.phase2)}`
      : 'quorums: majorities',
    'every order, delay, duplication and loss of messages (any message sent may be received at any later time, often or never)',
    crashes === 0
      ? 'no crashes'
      : `up to ${plural(crashes, 'crash')}, of any process at any point, of which only the durable state is left`,
    nacks ? 'refusals answered by nacks' : 'no nacks (a refusal is silence)',
    'no answers to clients, no reads, no truncation of the log, one set of acceptors',
  ];
}
