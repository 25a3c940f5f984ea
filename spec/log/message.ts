import { z } from 'zod';
import { ActorId, Ballot } from '../ballot.ts';
import { Value } from '../proposal.ts';
import { Slot, SlotProposal } from './entry.ts';
import { Sessions } from './state-machine.ts';

/** Who sent a message, and the set of actors it is for (sorted, without repetition). */
const envelope = { from: ActorId, to: z.array(ActorId).readonly() };

/** Phase 1a for infinitely many instances at once: a leader asks for promises in `ballot` for slot `first` and all after it. */
export const LogPrepare = z.strictObject({
  type: z.literal('prepare'),
  ...envelope,
  ballot: Ballot,
  first: Slot,
});

/**
 * Phase 1b: one promise, for all slots; `accepted` reports the highest-numbered proposal accepted in each slot from `first`
 * on in which any was. It is short, because nothing was accepted in all but finitely many.
 */
export const LogPromise = z.strictObject({
  type: z.literal('promise'),
  ...envelope,
  ballot: Ballot,
  first: Slot,
  accepted: z.array(SlotProposal).readonly(),
  /** The acceptor has forgotten what it accepted in the slots up to this one, in all of which a value is chosen; 0 if it has forgotten nothing. */
  truncated: z.int().min(0),
});

/** Phase 2a in one slot. */
export const LogAccept = z.strictObject({
  type: z.literal('accept'),
  ...envelope,
  ballot: Ballot,
  slot: Slot,
  value: Value,
});

/** Phase 2b in one slot: a vote. */
export const LogAccepted = z.strictObject({
  type: z.literal('accepted'),
  ...envelope,
  ballot: Ballot,
  slot: Slot,
  value: Value,
});

/** A request in `ballot` is refused, since the higher `promised` was promised. It is about all slots. */
export const LogNack = z.strictObject({
  type: z.literal('nack'),
  ...envelope,
  ballot: Ballot,
  promised: Ballot,
});

/** A replica that has found out what is chosen in a slot tells others, and leaders, which may then go on. */
export const LogDecision = z.strictObject({
  type: z.literal('decision'),
  ...envelope,
  slot: Slot,
  value: Value,
});

/** A replica answers a client: what its command, or its read, number `number` has led to. */
export const LogReply = z.strictObject({
  type: z.literal('reply'),
  ...envelope,
  number: z.int().min(1),
  reply: z.string(),
});

/** A client asks for a command, whoever may be the leader. One who gets no answer asks again: it may be chosen twice. */
export const LogRequest = z.strictObject({ type: z.literal('request'), ...envelope, value: Value });

/** A client asks for the answer to a query, which changes nothing. One who gets none asks again, under a new number. */
export const LogRead = z.strictObject({
  type: z.literal('read'),
  ...envelope,
  number: z.int().min(1),
  query: z.string(),
});

/** A replica has forgotten the slots up to `last`, which it has applied: acceptors may forget them as well, and leaders need not propose there. */
export const LogTruncated = z.strictObject({ type: z.literal('truncated'), ...envelope, last: Slot });

/** What applying the slots up to `last` has led to, for a replica that has not applied as much. */
export const LogSnapshot = z.strictObject({
  type: z.literal('snapshot'),
  ...envelope,
  last: Slot,
  machine: z.json(),
  sessions: Sessions,
});

/** A leader says that it leads, so that nobody else begins a ballot. */
export const LogHeartbeat = z.strictObject({ type: z.literal('heartbeat'), ...envelope, ballot: Ballot });

/** A replica asks others for what is chosen after slot `after`, up to which it has applied the log. */
export const LogAsk = z.strictObject({ type: z.literal('ask'), ...envelope, after: z.int().min(0) });

/** Of which read a message is: the nonce of the round in which a leader confirms that it still leads. */
const read = { client: ActorId, number: z.int().min(1) };

/** A leader that was asked for a read asks whether it has been deposed. */
export const LogConfirm = z.strictObject({
  type: z.literal('confirm'),
  ...envelope,
  ballot: Ballot,
  ...read,
});

/** An acceptor has, when it is asked, promised no ballot higher than that leader's. */
export const LogConfirmed = z.strictObject({
  type: z.literal('confirmed'),
  ...envelope,
  ballot: Ballot,
  ...read,
});

/** A confirmed leader hands a read to the replicas: whichever has applied the log up to slot `index` may answer. */
export const LogReadIndex = z.strictObject({
  type: z.literal('read-index'),
  ...envelope,
  ...read,
  query: z.string(),
  index: z.int().min(0),
});

/** Every message of Multi-Paxos. */
export const LogMessage = z.discriminatedUnion('type', [
  LogPrepare,
  LogPromise,
  LogAccept,
  LogAccepted,
  LogNack,
  LogDecision,
  LogReply,
  LogRequest,
  LogRead,
  LogConfirm,
  LogConfirmed,
  LogReadIndex,
  LogTruncated,
  LogSnapshot,
  LogHeartbeat,
  LogAsk,
]);
export type LogMessage = z.infer<typeof LogMessage>;

/** The event of receiving a message. */
export const LogReceive = z.strictObject({ type: z.literal('receive'), message: LogMessage });
export type LogReceive = z.infer<typeof LogReceive>;
