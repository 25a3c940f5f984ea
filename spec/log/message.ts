import { z } from 'zod';
import { ActorId, Ballot } from '../ballot.ts';
import { Value } from '../proposal.ts';
import { Slot, SlotProposal } from './entry.ts';

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

/** A replica answers a client: what its command number `number` has led to. */
export const LogReply = z.strictObject({
  type: z.literal('reply'),
  ...envelope,
  number: z.int().min(1),
  reply: z.string(),
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
]);
export type LogMessage = z.infer<typeof LogMessage>;

/** The event of receiving a message. */
export const LogReceive = z.strictObject({ type: z.literal('receive'), message: LogMessage });
export type LogReceive = z.infer<typeof LogReceive>;
