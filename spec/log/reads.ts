/**
 * Linearizable reads that are not put into the log (the "read index" of Ongaro's thesis, section 6.4, for Paxos with any quorums).
 *
 * A leader that is asked for a read notes the last slot in which it has proposed, or has yet to propose again, and confirms that, since it was asked, nobody
 * else can have become leader. Then any replica that has applied the log up to that slot may answer. Why that is enough: take a
 * value chosen before the read arrived, in slot i and ballot b. Where b is lower than the leader's ballot, the leader was
 * told of it in phase 1 or knew it, and i is not beyond that slot; where b is the leader's, it proposed the value itself. And
 * b is not higher: all of a phase 1 quorum would have promised b by then, and one of these has confirmed that it had not. Where
 * the acceptors can change that is about the slot after that one, whose acceptors it has to know, and to have asked in this ballot.
 */
import type { z } from 'zod';
import { type ActorId, compareBallots } from '../ballot.ts';
import { meetsEvery } from '../quorum.ts';
import type { LogConfirmed } from './message.ts';
import { acceptorsOf, changesIn, lastCovered, membersFrom } from './reconfiguration.ts';
import type { StateMachine } from './state-machine.ts';
import type {
  LeaderContext,
  LeaderEvent,
  LeaderRule,
  LeaderState,
  LogAcceptorRule,
  Reads,
  ReplicaRule,
  Waiting,
} from './states.ts';

/** A leader is asked for a read, and asks all acceptors whether it still leads. That slot covers all that was reported in phase 1. */
export const read: LeaderRule = (context, state, event) => {
  if (event.type !== 'receive' || event.message.type !== 'read') return undefined;
  if (state.ballot === null || !mayRead(context, state)) return undefined;
  const { from: client, number, query } = event.message;
  if ((lastRead(state, client)?.number ?? 0) >= number) return undefined;
  const index = lastKnown(state);
  const waiting = { query, index, confirmed: [] };
  const to = acceptorsOf(membersFrom(context, state.changes, index + 1));
  return {
    state: { ...state, reads: { ...state.reads, [client]: { number, waiting } } },
    send: [{ type: 'confirm', from: context.id, to, ballot: state.ballot, client, number }],
  };
};

/** Whether a leader may take reads now. */
export function mayRead(context: Pick<LeaderContext, 'changesAfter'>, state: LeaderState): boolean {
  if (context.changesAfter === undefined || state.phase !== 'lead') return state.phase === 'lead';
  // Whoever is an acceptor in the slots after those that it knows of has to be known.
  if (changesIn([...state.proposed, ...state.reported]).length > 0) return false;
  // And to have been asked in this ballot: else they cannot say that nobody else has had a value chosen there.
  return lastKnown(state) + 1 <= lastSlotAsked(context, state);
}

/** The last slot whose acceptors a leader knows, and has asked in its ballot. */
function lastSlotAsked(context: Pick<LeaderContext, 'changesAfter'>, state: LeaderState): number {
  const { changesAfter = Number.POSITIVE_INFINITY } = context;
  return Math.min(state.chosenUpTo + changesAfter, lastCovered(context, state));
}

/** The last slot in which there is anything that a leader knows of. */
export function lastKnown({ next, reported }: LeaderState): number {
  return reported.at(-1)?.slot ?? next - 1;
}

function lastRead({ reads }: LeaderState, client: ActorId): Reads[ActorId] | undefined {
  return Object.hasOwn(reads, client) ? reads[client] : undefined;
}

/** What confirms a read that waits for it: that read, with all who have confirmed it by now. Else undefined. */
export function confirmedRead(state: LeaderState, event: LeaderEvent) {
  if (event.type !== 'receive' || event.message.type !== 'confirmed') return undefined;
  if (compareBallots(event.message.ballot, state.ballot) !== 0) return undefined;
  const known = lastRead(state, event.message.client);
  if (!known?.waiting || known.number !== event.message.number) return undefined;
  return withConfirmation(known.waiting, event.message);
}

/** A waiting read with one more who has confirmed it. */
export function withConfirmation(
  waiting: z.infer<typeof Waiting>,
  { client, number, from }: z.infer<typeof LogConfirmed>,
) {
  const confirmed = [...new Set([...waiting.confirmed, from])].sort();
  return { client, number, waiting: { ...waiting, confirmed } };
}

/** The acceptors that have confirmed meet every phase 1 quorum of any slot beyond those it has proposed in: the read is handed to the replicas. */
export const readIndex: LeaderRule = (context, state, event) => {
  const { id, replicas } = context;
  const confirmed = confirmedRead(state, event);
  if (!confirmed) return undefined;
  const { client, number, waiting } = confirmed;
  const { query, index } = waiting;
  const members = membersFrom(context, state.changes, index + 1);
  if (!members.every(({ quorums }) => meetsEvery(quorums.phase1, waiting.confirmed))) return undefined;
  return {
    state: { ...state, reads: { ...state.reads, [client]: { number, waiting: null } } },
    send: [{ type: 'read-index', from: id, to: replicas, client, number, query, index }],
  };
};

/** A confirmation is noted, until there are enough. */
export const countConfirmed: LeaderRule = (_context, state, event) => {
  const confirmed = confirmedRead(state, event);
  if (!confirmed) return undefined;
  const { client, number, waiting } = confirmed;
  return { state: { ...state, reads: { ...state.reads, [client]: { number, waiting } } }, send: [] };
};

/** An acceptor that has promised no higher ballot says so. It promises nothing by that: it speaks of what was, not of what will be. */
export const confirm: LogAcceptorRule = ({ id }, state, { message }) => {
  if (message.type !== 'confirm' || compareBallots(message.ballot, state.promised) < 0) return undefined;
  const { from, ballot, client, number } = message;
  return { state, send: [{ type: 'confirmed', from: id, to: [from], ballot, client, number }] };
};

/** A replica that has applied enough of the log answers a read. One that has not keeps nothing: it is to be asked again. */
export const answer =
  (machine: StateMachine): ReplicaRule =>
  ({ id, replies }, state, event) => {
    if (event.type !== 'receive' || event.message.type !== 'read-index') return undefined;
    const { message } = event;
    if (!replies || !machine.query || state.applied < message.index) return undefined;
    const reply = machine.query(state.machine, message.query);
    return {
      state,
      send: [{ type: 'reply', from: id, to: [message.client], number: message.number, reply }],
    };
  };
