import type { LogMessage } from '../message.ts';
import { logRoles } from '../multi-paxos.ts';
import { acceptRequests } from '../requests.ts';
import { snapshotOf } from '../snapshots.ts';
import type { LeaderRule, LeaderState, ReplicaRule, ReplicaState } from '../states.ts';
import { type LogMutant, withLeader, withReplica } from './mutant.ts';

const leads: LeaderRule = (context, state, event) =>
  state.phase === 'lead' ? undefined : logRoles.leader.rules['preempted']?.(context, state, event);

/** Obeys any leader that it hears, as long as it is not itself. */
const obeysAnyone: LeaderRule = (context, state, event) =>
  logRoles.leader.rules['follow']?.(context, { ...state, ballot: null, following: null }, event) && {
    state: { ...state, phase: 'idle', next: 1, promises: {}, reported: [], proposed: [], reads: {} },
    send: [],
  };

/** The rule, but what was proposed in the ballot before is kept. */
const keepingProposals =
  (name: string): LeaderRule =>
  (context, state, event) => {
    const effect = logRoles.leader.rules[name]?.(context, state, event);
    const kept = ({ slot }: { slot: number }) => effect?.state.proposed.every((now) => now.slot !== slot);
    return (
      effect && {
        ...effect,
        state: { ...effect.state, proposed: [...effect.state.proposed, ...state.proposed.filter(kept)] },
      }
    );
  };

/** Sends again whatever it has proposed and does not know to be chosen, in the ballot that it has now. */
const resendsAll: LeaderRule = (context, { ...state }: LeaderState, event) =>
  event.type === 'resend' && state.phase === 'lead' && state.ballot
    ? { state, send: acceptRequests(context, state.ballot, state.proposed) }
    : undefined;

/** An answer to a replica that asks, made from what it asks about. */
const supplying =
  (
    answer: (id: string, to: readonly string[], after: number, state: ReplicaState) => LogMessage[],
  ): ReplicaRule =>
  ({ id }, state, event) =>
    event.type === 'receive' && event.message.type === 'ask'
      ? { state, send: answer(id, [event.message.from], event.message.after, state) }
      : undefined;

const suppliesVotes = supplying((from, to, after, { decided, votes }) =>
  [...decided, ...votes.map(({ proposal: { slot, value } }) => ({ slot, value }))]
    .filter(({ slot }) => slot > after)
    .map((entry) => ({ type: 'decision', from, to, ...entry })),
);

const suppliesList = supplying((from, to, after, { decided }) =>
  decided
    .filter(({ slot }) => slot > after)
    .map(({ value }, at) => ({ type: 'decision', from, to, slot: after + 1 + at, value })),
);

const suppliesNewest = supplying((from, to, after, state) => {
  const last = Math.max(state.applied, ...state.decided.map(({ slot }) => slot));
  return last > after ? [snapshotOf(from, to, { ...state, applied: last })] : [];
});

const catchingUp = { leaders: 1, replicas: 2, catchUp: true };

/** Mistakes with who leads, with what is sent again, and with what a replica gets from another. */
export const election: readonly LogMutant[] = [
  {
    name: 'deposed-leader-stays',
    breaks: 'A leader that is told of a higher ballot leads on, and says so to the others.',
    who: 'Implementations in which whether to lead is decided by a lease or a lock, and what acceptors answer is only logged.',
    roles: (roles) => withLeader(roles, { preempted: leads }),
    smallest: {
      acceptors: 1,
      leaders: 2,
      slots: 1,
      ballots: [2, 1],
      crashes: 1,
      nacks: true,
      election: 'timely',
    },
  },
  {
    name: 'stale-heartbeat-obeyed',
    breaks: 'A server obeys whatever leader it hears, also one that is deposed and has not found out yet.',
    who: 'Implementations whose heartbeats carry no ballot, or whose receivers do not compare it.',
    roles: (roles) => withLeader(roles, { follow: obeysAnyone }),
    smallest: { acceptors: 1, leaders: 2, slots: 1, election: 'asynchronous' },
  },
  {
    name: 'resent-in-new-ballot',
    breaks:
      'A leader that has been deposed, and leads again, sends again what it had proposed, in its new ballot.',
    who: 'Implementations with a queue of requests to be sent until they are answered, which stamp them as they leave.',
    roles: (roles) =>
      withLeader(roles, {
        '1a': keepingProposals('1a'),
        '2a': keepingProposals('2a'),
        preempted: keepingProposals('preempted'),
        follow: keepingProposals('follow'),
        resend: resendsAll,
      }),
    smallest: { acceptors: 1, leaders: 2, slots: 1, ballots: [2, 1], election: 'asynchronous' },
  },
  {
    name: 'catch-up-with-votes',
    breaks: 'A replica that is asked for what is chosen tells also what it has heard a single vote for.',
    who: 'Implementations in which an entry is in the log from when it is accepted, and whether it is chosen is a number kept elsewhere.',
    roles: (roles) => withReplica(roles, { supply: suppliesVotes }),
    smallest: { ...catchingUp, acceptors: 2, slots: 1 },
  },
  {
    name: 'catch-up-without-slots',
    breaks:
      'A replica that is asked for what is chosen sends a list of what it knows, which is taken to have no holes.',
    who: 'Implementations that send a part of an array; in quiet times it has no holes.',
    roles: (roles) => withReplica(roles, { supply: suppliesList }),
    smallest: { ...catchingUp, acceptors: 1 },
  },
  {
    name: 'snapshot-numbered-by-what-is-known',
    breaks:
      'A replica sends what it has applied with the number of the last slot that it knows, so that those between are skipped.',
    who: 'Implementations that keep the last slot known and the last one applied in variables of like names.',
    roles: (roles) => withReplica(roles, { supply: suppliesNewest }),
    smallest: { ...catchingUp, acceptors: 1, snapshots: true },
  },
];
