import { compareBallots } from '../../ballot.ts';
import { acceptedWith } from '../acceptor.ts';
import type { Decided } from '../entry.ts';
import { journal } from '../journal.ts';
import { highestReported, nextLeaderRound } from '../leader.ts';
import { type LogRoles, logRoles } from '../multi-paxos.ts';
import { logVotesWith } from '../replica.ts';
import { decide, decodeCommand, type Replicated } from '../state-machine.ts';
import {
  type LeaderRule,
  LeaderState,
  type LogAcceptorRule,
  LogAcceptorState,
  type ReplicaRule,
  ReplicaState,
  type Reported,
} from '../states.ts';

import { type LogMutant, withAcceptor, withHoles, withLeader, withReported } from './mutant.ts';

/** The roles with another way to make something of a decided command. */
function withDecide(roles: LogRoles, make: (state: Replicated, entry: Decided) => Replicated): LogRoles {
  const { replica } = roles;
  const wrongly =
    (rule: ReplicaRule): ReplicaRule =>
    (context, state, event) => {
      const effect = rule(context, state, event);
      const entry = effect?.state.decided.find(
        ({ slot }) => !state.decided.some((known) => known.slot === slot),
      );
      if (!effect || !entry) return effect;
      const { votes: _votes, ...before } = state;
      return { ...effect, state: { votes: effect.state.votes, ...make(before, entry) } };
    };
  const { learn, 'learn-decision': told, ...others } = replica.rules as Record<string, ReplicaRule>;
  return {
    ...roles,
    replica: {
      ...replica,
      rules: {
        learn: wrongly(learn as ReplicaRule),
        ...others,
        'learn-decision': wrongly(told as ReplicaRule),
      },
    },
  };
}

/** Applies what has just been decided at once, and not what comes before it. */
function applyOverGaps(state: Replicated, { slot, value }: Decided): Replicated {
  const decided = [...state.decided, { slot, value }].sort((a, b) => a.slot - b.slot);
  const now = decide(journal, { ...state, decided: [], applied: slot - 1 }, { slot, value }).state;
  return { ...now, decided, applied: Math.max(state.applied, slot) };
}

/** Applies each command as if it were that of a new client. */
function applyWithoutSessions(state: Replicated, entry: Decided): Replicated {
  const after = decide(journal, state, entry).state;
  const operations = after.decided
    .filter((known) => known.slot > state.applied && known.slot <= after.applied)
    .flatMap(({ value }) => decodeCommand(value)?.operation ?? []);
  return { ...after, machine: `${String(state.machine)}${operations.join('')}` };
}

/** Phase 1 is left out: the leader asks nobody, and begins with the first slot that it does not know. */
const leadsAtOnce: LeaderRule = ({ id }, state, event) => {
  if (event.type !== 'time-out') return undefined;
  const ballot = { round: nextLeaderRound(state), proposer: id };
  return { state: { ...state, ballot, phase: 'lead', promises: {}, seenRound: 0 }, send: [] };
};

const reportsLastSlot: LogAcceptorRule = (context, state, event) => {
  const effect = logRoles.acceptor.rules['1b']?.(context, state, event);
  return (
    effect && {
      ...effect,
      send: effect.send.map((message) =>
        message.type === 'promise' ? { ...message, accepted: message.accepted.slice(-1) } : message,
      ),
    }
  );
};

const comparesPerSlot: LogAcceptorRule = (context, state, { message }) => {
  if (message.type !== 'accept') return undefined;
  const { ballot, slot, value } = message;
  const inSlot = state.accepted.find((known) => known.slot === slot)?.ballot ?? null;
  if (compareBallots(ballot, inSlot) < 0) return undefined;
  const promised = compareBallots(ballot, state.promised) > 0 ? ballot : state.promised;
  const vote = { type: 'accepted' as const, from: context.id, to: context.tells, ballot, slot, value };
  return {
    state: { ...state, promised, accepted: acceptedWith(state, { slot, ballot, value }) },
    send: [vote],
  };
};

const believesOne: ReplicaRule = (context, state, event) => {
  if (event.type !== 'receive' || !logVotesWith(state, event)) return undefined;
  const everyAcceptorAlone = { phase1: [], phase2: [[(event.message as { from: string }).from]] };
  return logRoles.replica.rules['learn']?.({ ...context, quorums: everyAcceptorAlone }, state, event);
};

/** The reports of the acceptor whose log ends with the highest ballot, and, of several, whose log is the longest. */
function lastLog(promises: LeaderState['promises']): LeaderState['promises'] {
  const end = ({ accepted }: Reported) => accepted.at(-1);
  const logs = Object.entries(promises).sort(
    ([, a], [, b]) =>
      compareBallots(end(b)?.ballot ?? null, end(a)?.ballot ?? null) ||
      (end(b)?.slot ?? 0) - (end(a)?.slot ?? 0),
  );
  return Object.fromEntries(logs.slice(0, 1));
}

const oneOfEach = { acceptors: 1, leaders: 1, replicas: 1 };
const twoLeaders = { acceptors: 1, leaders: 2 };

/** Mistakes with phases 1 and 2, with what is durable, and with what is applied. */
export const phases: readonly LogMutant[] = [
  {
    name: 'phase-1-skipped',
    breaks: 'A new leader does not ask: it begins to propose in the first slot that it has not heard of.',
    who: 'Implementations in which whoever is elected (by a lock, a timer, another service) simply goes on with the log.',
    roles: (roles) => withLeader(roles, { '1a': leadsAtOnce }),
    smallest: { ...twoLeaders, slots: 1 },
  },
  {
    name: 'phase-1-for-one-slot',
    breaks: 'A new leader asks about the first slot only, and takes all slots after it for free.',
    who: 'Implementations that run phase 1 for the instances they know to be open, and not for all after them.',
    roles: (roles) =>
      withReported(roles, (promises, first) =>
        highestReported(promises, first).filter(({ slot }) => slot === first),
      ),
    smallest: twoLeaders,
  },
  {
    name: 'promise-reports-one-slot',
    breaks: 'A promise reports only the last slot in which something was accepted.',
    who: 'Implementations that keep the acceptor of one instance and add a slot number to its register.',
    roles: (roles) => withAcceptor(roles, { '1b': reportsLastSlot }),
    smallest: twoLeaders,
  },
  {
    name: 'promise-per-slot',
    breaks:
      'An acceptor compares ballots slot by slot: a promise does not bind it in slots in which it has accepted nothing.',
    who: 'Implementations with a table of instances, each with a ballot of its own, made when the instance is first used.',
    roles: (roles) => withAcceptor(roles, { '2b': comparesPerSlot }),
    smallest: { ...twoLeaders, slots: 1 },
  },
  {
    name: 'log-of-one-acceptor',
    breaks:
      'A new leader takes the whole log of the acceptor whose log ends with the highest ballot, instead of choosing slot by slot.',
    who: 'Those who have Raft in mind, where logs have no holes and the most recent one can be copied.',
    roles: (roles) => withReported(roles, (promises, first) => highestReported(lastLog(promises), first)),
    smallest: { acceptors: 3, leaders: 2 },
  },
  {
    name: 'hole-filled-with-nothing',
    breaks: 'A new leader fills a hole with an empty value that is neither a command nor the no-op.',
    who: 'Languages in which an element of an array that was never assigned has a value.',
    roles: (roles) => withHoles(roles, () => 'undefined'),
    smallest: twoLeaders,
  },
  {
    name: 'hole-filled-with-commands',
    breaks: 'A new leader fills a hole with a command of its clients instead of a no-op.',
    who: 'The paper mentions it: "The leader could take the next two commands requested by clients to be commands 136 and 137."',
    harmless:
      'After phase 1 a hole is free, so that any value may be proposed there. It may reorder commands of one client, and holes wait until clients ask for something.',
    roles: (roles, cast) => withHoles(roles, (leader, slot) => cast.asked(leader, slot)[0] as string),
    smallest: { acceptors: 2, leaders: 2, replicas: 1 },
  },
  {
    name: 'log-promise-not-durable',
    breaks: 'An acceptor that restarts has forgotten its promise; it remembers only what it accepted.',
    who: 'Implementations that save the log and keep the rest of the protocol in memory.',
    roles: (roles) => ({
      ...roles,
      acceptor: { ...roles.acceptor, durable: LogAcceptorState.pick({ accepted: true, truncated: true }) },
    }),
    smallest: { ...twoLeaders, slots: 1, crashes: 1 },
  },
  {
    name: 'leader-ballot-reused',
    breaks:
      'A leader that restarts has forgotten its ballot, leads in it again by the old promises, and begins again with the same slot.',
    who: 'Implementations that count ballots in memory.',
    roles: (roles) => ({ ...roles, leader: { ...roles.leader, durable: LeaderState.pick({}) } }),
    smallest: { acceptors: 1, leaders: 1, slots: 1, requests: 'any', crashes: 1 },
  },
  {
    name: 'believes-one',
    breaks: 'A replica takes the first vote that it is told of in a slot for the decision.',
    who: 'Implementations that take the answer of one acceptor for that of a quorum.',
    roles: (roles) => ({
      ...roles,
      replica: { ...roles.replica, rules: { ...roles.replica.rules, learn: believesOne } },
    }),
    smallest: { acceptors: 2, leaders: 1, replicas: 1, slots: 1 },
  },
  {
    name: 'gap-applied',
    breaks: 'A replica applies a command as soon as it is decided, over a hole.',
    who: 'Implementations that apply in the order of arrival, since in quiet times that is the order of the log.',
    roles: (roles) => withDecide(roles, applyOverGaps),
    smallest: oneOfEach,
  },
  {
    name: 'applied-twice',
    breaks: 'A replica applies a command that a client has repeated once more: there are no sessions.',
    who: 'Implementations whose clients repeat a request after a time-out, to be sure.',
    roles: (roles) => withDecide(roles, applyWithoutSessions),
    smallest: { ...oneOfEach, commands: 1 },
  },
  {
    name: 'sessions-not-durable',
    breaks:
      "A replica that restarts has the user's state as it was, and has forgotten which commands are in it.",
    who: 'Implementations whose table of sessions is a cache, or is missing from the snapshot.',
    roles: (roles) => ({
      ...roles,
      replica: {
        ...roles.replica,
        durable: ReplicaState.pick({ decided: true, applied: true, truncated: true, machine: true }),
      },
    }),
    smallest: { ...oneOfEach, commands: 1, crashes: 1 },
  },
  {
    name: 'machine-not-durable',
    breaks: "A replica that restarts knows how far it has applied the log, and has lost the user's state.",
    who: "Implementations that save the log and its index in one place and the user's state in another.",
    roles: (roles) => ({
      ...roles,
      replica: {
        ...roles.replica,
        durable: ReplicaState.pick({ decided: true, applied: true, truncated: true, sessions: true }),
      },
    }),
    smallest: { ...oneOfEach, slots: 1, crashes: 1 },
  },
];
