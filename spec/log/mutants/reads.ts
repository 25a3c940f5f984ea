import { z } from 'zod';
import { compareBallots } from '../../ballot.ts';
import { includesQuorum } from '../../quorum.ts';
import { journal } from '../journal.ts';
import type { LogMessage } from '../message.ts';
import { logRoles } from '../multi-paxos.ts';
import { answer, confirmedRead, withConfirmation } from '../reads.ts';
import { decodeCommand } from '../state-machine.ts';
import {
  type LeaderEvent,
  type LeaderRule,
  LeaderState,
  type LogAcceptorRule,
  type ReplicaRule,
} from '../states.ts';
import { type LogMutant, withAcceptor, withLeader, withReplica } from './mutant.ts';

const rightRead = logRoles.leader.rules['read'] as LeaderRule;
const right2a = logRoles.leader.rules['2a'] as LeaderRule;

/** The read is handed to the replicas at once: the leader believes that it leads. */
const unconfirmed: LeaderRule = (context, state, event) => {
  const effect = rightRead(context, state, event);
  if (!effect || event.type !== 'receive' || event.message.type !== 'read') return effect;
  const { from: client, number, query } = event.message;
  const reads = { ...effect.state.reads, [client]: { number, waiting: null } };
  const handed = { type: 'read-index', from: context.id, to: context.replicas } as const;
  return {
    state: { ...effect.state, reads },
    send: [{ ...handed, client, number, query, index: state.next - 1 }],
  };
};

/** Hands a read over when these acceptors have confirmed it, in the sense of `enough`. */
const handsOver =
  (
    confirmed: (state: LeaderState, event: LeaderEvent) => ReturnType<typeof confirmedRead>,
    enough: (context: Parameters<LeaderRule>[0], confirmed: readonly string[]) => boolean,
  ): LeaderRule =>
  (context, state, event) => {
    const read = confirmed(state, event);
    if (!read || !enough(context, read.waiting.confirmed)) return undefined;
    const { client, number, waiting } = read;
    const handed = { type: 'read-index', from: context.id, to: context.replicas } as const;
    return {
      state: { ...state, reads: { ...state.reads, [client]: { number, waiting: null } } },
      send: [{ ...handed, client, number, query: waiting.query, index: waiting.index }],
    };
  };

/** Takes a confirmation of any read of that client in the present ballot for one of the read that waits. */
function anyRound(state: LeaderState, event: LeaderEvent): ReturnType<typeof confirmedRead> {
  if (event.type !== 'receive' || event.message.type !== 'confirmed') return undefined;
  const { ballot, client } = event.message;
  const known = state.reads[client];
  if (!known?.waiting || compareBallots(ballot, state.ballot) !== 0) return undefined;
  return withConfirmation(known.waiting, { ...event.message, number: known.number });
}

/** The read with another slot up to which the log has to be applied. */
const readAt =
  (index: (state: LeaderState) => number): LeaderRule =>
  (context, state, event) => {
    const effect = rightRead(context, state, event);
    if (!effect || event.type !== 'receive') return effect;
    const client = event.message.from;
    const read = effect.state.reads[client];
    if (!read?.waiting) return effect;
    const waiting = { ...read.waiting, index: index(state) };
    return {
      ...effect,
      state: { ...effect.state, reads: { ...effect.state.reads, [client]: { ...read, waiting } } },
    };
  };

/** A leader that remembers up to which slot it has proposed again what was reported to it. */
const RememberingLeader = LeaderState.extend({ adopted: z.int().min(0) });
const adoptedBy = (state: LeaderState) => RememberingLeader.parse(state).adopted;

const confirmsAlways: LogAcceptorRule = ({ id }, state, { message }) => {
  if (message.type !== 'confirm') return undefined;
  const { from, ballot, client, number } = message;
  return { state, send: [{ type: 'confirmed', from: id, to: [from], ballot, client, number }] };
};

const answersAtOnce: ReplicaRule = (context, state, event) => {
  if (event.type !== 'receive' || event.message.type !== 'read-index') return undefined;
  const { message } = event;
  return answer(journal)(context, state, { ...event, message: { ...message, index: 0 } });
};

/** Replies to a command with what the state is now, whether it took effect now or before. */
const repliesAnew =
  (rule: ReplicaRule): ReplicaRule =>
  (context, state, event) => {
    const effect = rule(context, state, event);
    if (!effect) return effect;
    const reply = String(effect.state.machine);
    const send = effect.send.map(
      (message): LogMessage => (message.type === 'reply' ? { ...message, reply } : message),
    );
    return { ...effect, send };
  };

/** Answers a command as soon as it is known to be chosen, without waiting for the slots before it. */
const repliesBeforeApplying =
  (rule: ReplicaRule): ReplicaRule =>
  (context, state, event) => {
    const effect = rule(context, state, event);
    const found = effect?.state.decided.find(
      ({ slot }) => !state.decided.some((known) => known.slot === slot),
    );
    const command = found && decodeCommand(found.value);
    if (!effect || !command || effect.state.applied >= found.slot) return effect;
    const { reply } = journal.apply(String(effect.state.machine), command.operation);
    const early = {
      type: 'reply',
      from: context.id,
      to: [command.client],
      number: command.number,
      reply,
    } as const;
    return { ...effect, send: [...effect.send, early] };
  };

const inReplica =
  (change: (rule: ReplicaRule) => ReplicaRule): LogMutant['roles'] =>
  (roles) =>
    withReplica(
      roles,
      Object.fromEntries(
        ['learn', 'learn-decision'].map((name) => [name, change(roles.replica.rules[name] as ReplicaRule)]),
      ),
    );

const small = { acceptors: 1, replicas: 2, slots: 1, commands: 1, clients: 'w,r' };

/** Mistakes with answers to clients, and with reads that are not put into the log. */
export const reads: readonly LogMutant[] = [
  {
    name: 'read-not-confirmed',
    breaks: 'A leader serves reads without asking anybody whether it has been deposed.',
    who: 'Implementations in which the leader reads its own state, since it is the leader.',
    roles: (roles) => withLeader(roles, { read: unconfirmed }),
    smallest: small,
  },
  {
    name: 'read-confirmed-by-one',
    breaks: 'A leader takes the confirmation of any one acceptor for enough.',
    who: 'Implementations that send the question to all and go on with the first answer.',
    roles: (roles) => withLeader(roles, { 'read-index': handsOver(confirmedRead, () => true) }),
    // An acceptor without a vote: the smallest system in which one is not enough.
    smallest: { ...small, acceptors: 2, quorums: { phase1: [['a2']], phase2: [['a2']] } },
  },
  {
    name: 'read-confirmed-by-phase-1-quorum',
    breaks:
      'A leader takes the confirmation of a phase 1 quorum for enough, though it need not meet every phase 1 quorum.',
    who: 'Those who move from majorities, where it is the same, to flexible quorums.',
    harmless:
      'What was chosen in a higher ballot was accepted by a phase 2 quorum, each of which has promised that ballot by accepting in it; and a phase 1 quorum meets that.',
    roles: (roles) =>
      withLeader(roles, {
        'read-index': handsOver(confirmedRead, ({ quorums }, confirmed) =>
          includesQuorum(quorums.phase1, confirmed),
        ),
      }),
    smallest: { ...small, acceptors: 2, quorums: { phase1: [['a1'], ['a2']], phase2: [['a1', 'a2']] } },
  },
  {
    name: 'read-nonce-reused',
    breaks:
      'A leader takes old confirmations of its ballot, given for an earlier read, for those of the present one.',
    who: 'Implementations that ask "do I still lead?" and do not say on whose behalf, over networks that delay.',
    roles: (roles) => withLeader(roles, { 'read-index': handsOver(anyRound, () => true) }),
    smallest: { ...small, clients: 'w,rr' },
  },
  {
    name: 'confirms-whoever-asks',
    breaks: 'An acceptor confirms a leader though it has promised a higher ballot.',
    who: 'Implementations whose heartbeats are answered by whoever is alive.',
    roles: (roles) => withAcceptor(roles, { confirm: confirmsAlways }),
    smallest: small,
  },
  {
    name: 'read-at-known-slot',
    breaks:
      'A confirmed leader reads at the last slot up to which it knows what is chosen, which others may know before it does.',
    who: 'Those who know the commit index of Raft, where the leader is the first to know and to answer.',
    roles: (roles) => withLeader(roles, { read: readAt(({ chosenUpTo }) => chosenUpTo) }),
    smallest: small,
  },
  {
    name: 'read-before-reported-slots',
    breaks:
      'A new leader that has proposed nothing of its own yet reads as if the slots reported to it were empty.',
    who: 'Implementations that serve reads before the first entry of the new term is committed, as Raft had to learn.',
    roles: (roles) => ({
      ...roles,
      leader: {
        ...roles.leader,
        state: RememberingLeader,
        initial: { ...roles.leader.initial, adopted: 0 } as LeaderState,
        rules: {
          ...roles.leader.rules,
          '2a': (context, state, event) => {
            const effect = right2a(context, state, event);
            return (
              effect && {
                ...effect,
                state: { ...effect.state, adopted: effect.state.next - 1 } as LeaderState,
              }
            );
          },
          read: readAt((state) => (state.next - 1 > adoptedBy(state) ? state.next - 1 : 0)),
        },
      },
    }),
    smallest: small,
  },
  {
    name: 'read-at-any-replica',
    breaks: 'A replica answers a confirmed read from what it has applied, however little that is.',
    who: 'Implementations that confirm the leader and then read from the nearest replica.',
    roles: (roles) => withReplica(roles, { answer: answersAtOnce }),
    smallest: small,
  },
  {
    name: 'retry-answered-anew',
    breaks: 'A retried command is answered with what the state is now, not with what it was answered before.',
    who: 'Implementations that keep the numbers of the commands that took effect, and not the replies.',
    roles: inReplica(repliesAnew),
    smallest: { acceptors: 1, leaders: 1, replicas: 1, slots: 3, clients: 'w,w' },
  },
  {
    name: 'answered-before-applied',
    breaks:
      'A replica answers a command as soon as it knows that it is chosen, before the slots ahead of it are applied.',
    who: 'Implementations that answer when the quorum has voted, and apply in the background.',
    roles: inReplica(repliesBeforeApplying),
    smallest: { acceptors: 1, leaders: 1, replicas: 1, slots: 2, clients: 'w,w' },
  },
];
