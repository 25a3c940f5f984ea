import { z } from 'zod';
import { ActorId, Ballot } from './ballot.ts';
import { Proposal, Value } from './proposal.ts';

/** Who sent a message, and the set of actors it is for (sorted, without repetition). */
const envelope = { from: ActorId, to: z.array(ActorId).readonly() };

/** Phase 1a: a proposer asks for promises in `ballot`. */
export const Prepare = z.strictObject({ type: z.literal('prepare'), ...envelope, ballot: Ballot });
export type Prepare = z.infer<typeof Prepare>;

/**
 * Phase 1b: an acceptor promises never again to accept a proposal numbered less than `ballot`, and reports the
 * highest-numbered proposal that it has accepted, if any.
 */
export const PromiseMessage = z.strictObject({
  type: z.literal('promise'),
  ...envelope,
  ballot: Ballot,
  accepted: Proposal.nullable(),
});
export type PromiseMessage = z.infer<typeof PromiseMessage>;

/** Phase 2a: a proposer asks that the proposal (`ballot`, `value`) be accepted. */
export const Accept = z.strictObject({
  type: z.literal('accept'),
  ...envelope,
  ballot: Ballot,
  value: Value,
});
export type Accept = z.infer<typeof Accept>;

/** Phase 2b: an acceptor has accepted the proposal (`ballot`, `value`): its vote. */
export const Accepted = z.strictObject({
  type: z.literal('accepted'),
  ...envelope,
  ballot: Ballot,
  value: Value,
});
export type Accepted = z.infer<typeof Accepted>;

/**
 * An acceptor that ignores a request in `ballot`, because it has promised the higher `promised`, says so (section 2.2: it
 * "should probably inform the proposer"). "This is a performance optimization that does not affect correctness."
 */
export const Nack = z.strictObject({
  type: z.literal('nack'),
  ...envelope,
  ballot: Ballot,
  promised: Ballot,
});
export type Nack = z.infer<typeof Nack>;

/** A distinguished learner tells the others the value that was chosen (section 2.3). */
export const Decision = z.strictObject({ type: z.literal('decision'), ...envelope, value: Value });
export type Decision = z.infer<typeof Decision>;

/** Every message of single-decree Paxos. */
export const Message = z.discriminatedUnion('type', [
  Prepare,
  PromiseMessage,
  Accept,
  Accepted,
  Nack,
  Decision,
]);
export type Message = z.infer<typeof Message>;

/** The event of receiving a message. */
export const Receive = z.strictObject({ type: z.literal('receive'), message: Message });
export type Receive = z.infer<typeof Receive>;
