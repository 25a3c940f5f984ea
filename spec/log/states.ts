/** What each role of the log holds, and is told: in a file of its own, since the rules of a feature are spread over the roles. */
import { z } from 'zod';
import { ActorId, Ballot } from '../ballot.ts';
import { Value } from '../proposal.ts';
import type { QuorumSystem } from '../quorum.ts';
import type { Rule } from '../role.ts';
import { Decided, Slot, SlotProposal } from './entry.ts';
import { type LogMessage, LogReceive } from './message.ts';
import { Replicated } from './state-machine.ts';

/**
 * What an acceptor of the log remembers: ONE promise, which is for all slots, and in each slot the highest-numbered proposal
 * that it has accepted, if any (sorted by slot). All of it is durable, as in one instance.
 */
export const LogAcceptorState = z.strictObject({
  promised: Ballot.nullable(),
  accepted: z.array(SlotProposal).readonly(),
  /** Up to which slot it has forgotten what it accepted, and accepts nothing any more; 0 if it has forgotten nothing. */
  truncated: z.int().min(0),
});
export type LogAcceptorState = z.infer<typeof LogAcceptorState>;

export interface LogAcceptorContext {
  readonly id: ActorId;
  /** The replicas that are told of each vote: all of them, or the distinguished ones. */
  readonly tells: readonly ActorId[];
  /** Whether to answer what is refused. */
  readonly nacks: boolean;
}

export type LogAcceptorRule = Rule<LogAcceptorContext, LogAcceptorState, LogReceive, LogMessage>;

/** A read that is not yet confirmed: the slot up to which the log has to be applied, and who has confirmed. */
export const Waiting = z.strictObject({
  query: z.string(),
  index: z.int().min(0),
  confirmed: z.array(ActorId).readonly(),
});

/**
 * By client: the number of the last read that its leader was asked for in its ballot, which it never takes again, so that
 * each read has a round of its own; and what that waits for, or null once it is confirmed.
 */
const Reads = z
  .record(ActorId, z.strictObject({ number: z.int().min(1), waiting: Waiting.nullable() }))
  .readonly();
export type Reads = z.infer<typeof Reads>;

/** What a promise reports: what was accepted in which slots, and up to which slot that is forgotten. */
export const Reported = z.strictObject({
  accepted: z.array(SlotProposal).readonly(),
  truncated: z.int().min(0),
});
export type Reported = z.infer<typeof Reported>;

/** What a leader, or would-be leader, holds. Only `ballot` is durable, as of a proposer of one instance. */
export const LeaderState = z.strictObject({
  /** The highest ballot that it has started. */
  ballot: Ballot.nullable(),
  /** Of that ballot: not under way, collecting promises, or leading. */
  phase: z.enum(['idle', 'prepare', 'lead']),
  /** In the prepare phase: the first slot that it asks about; when leading, the first in which it has proposed nothing. */
  next: Slot,
  /** In the prepare phase: the acceptors that promised, each with what it reported. Else empty. */
  promises: z.record(ActorId, Reported).readonly(),
  /** When leading: the proposals reported to it that are yet to be proposed again, at most one a slot and in order. Else empty. */
  reported: z.array(SlotProposal).readonly(),
  /** When leading: what it has proposed in slots of which it does not know that a value is chosen, in order. Else empty. */
  proposed: z.array(Decided).readonly(),
  /** Up to which slot it knows that a value is chosen in each. */
  chosenUpTo: z.int().min(0),
  /** The slots beyond the next one in which it knows that a value is chosen, in order. */
  chosen: z.array(Slot).readonly(),
  /** The promised round that the nack told of which pre-empted its ballot; 0 if none did, or if it has crashed since. */
  seenRound: z.int().min(0),
  /** The reads that it was asked for in this ballot. */
  reads: Reads,
  /** The highest ballot of those whose leaders it has heard, if any. */
  following: Ballot.nullable(),
  /** How often it has tried in vain to lead since it led, or heard of a leader; not counted beyond the most that matters. */
  attempts: z.int().min(0),
});
export type LeaderState = z.infer<typeof LeaderState>;

/** A time-out: no leader has been heard of for a while. Whoever takes it begins a ballot of its own. */
export const TimeOut = z.strictObject({ type: z.literal('time-out') });
export type TimeOut = z.infer<typeof TimeOut>;

/** A request of a client that is no actor: as if it had been received. */
export const Request = z.strictObject({ type: z.literal('request'), value: Value });
export type Request = z.infer<typeof Request>;

/** It is time to say that it leads, if it does. */
export const Beat = z.strictObject({ type: z.literal('beat') });
export type Beat = z.infer<typeof Beat>;

/** What it has asked for may be lost: it is time to ask again. */
export const Resend = z.strictObject({ type: z.literal('resend') });
export type Resend = z.infer<typeof Resend>;

export const LeaderEvent = z.discriminatedUnion('type', [TimeOut, Beat, Resend, Request, LogReceive]);
export type LeaderEvent = z.infer<typeof LeaderEvent>;

/** How leaders are elected. */
export interface Election {
  /** The other leaders, which hear its heartbeats. */
  readonly peers: readonly ActorId[];
  /** So many attempts in vain double the time that it waits, each; more do not. */
  readonly backOff: number;
}

export interface LeaderContext {
  readonly id: ActorId;
  readonly acceptors: readonly ActorId[];
  readonly quorums: QuorumSystem;
  /** Those to whom reads are handed; none if there are no reads but through the log. */
  readonly replicas: readonly ActorId[];
  /** Absent where there are no heartbeats, and whoever runs it decides when it is to lead. */
  readonly election?: Election | undefined;
  /** The paper's alpha: it proposes in slot i only when it knows that a value is chosen in each slot up to i - window. */
  readonly window: number;
}

export type LeaderRule = Rule<LeaderContext, LeaderState, LeaderEvent, LogMessage>;

/** A vote that a replica was told of. */
const Vote = z.strictObject({ acceptor: ActorId, proposal: SlotProposal });
export type Vote = z.infer<typeof Vote>;

/**
 * What a replica holds: the votes that it was told of in slots whose value it does not know, in a fixed order, and what it
 * has made of the log. That is durable, with the user's state and the sessions in one piece: they are of one slot.
 */
export const ReplicaState = z.strictObject({ votes: z.array(Vote).readonly(), ...Replicated.shape });
export type ReplicaState = z.infer<typeof ReplicaState>;

export interface ReplicaContext {
  readonly id: ActorId;
  readonly quorums: QuorumSystem;
  /** Who is told what this one has learned: nobody; or, by a distinguished one, the other replicas and the leaders. */
  readonly announcesTo: readonly ActorId[];
  /** Whether it answers clients. */
  readonly replies: boolean;
  /** The other replicas, which may install its snapshots, and which it asks for what it lacks. */
  readonly peers: readonly ActorId[];
  /** Those that may forget what it has forgotten. */
  readonly acceptors: readonly ActorId[];
}

/** It is time to shorten the log. */
export const Truncate = z.strictObject({ type: z.literal('truncate') });
export type Truncate = z.infer<typeof Truncate>;

/** It may be that others know more of the log: it is time to ask. */
export const CatchUp = z.strictObject({ type: z.literal('catch-up') });
export type CatchUp = z.infer<typeof CatchUp>;

export const ReplicaEvent = z.discriminatedUnion('type', [Truncate, CatchUp, LogReceive]);
export type ReplicaEvent = z.infer<typeof ReplicaEvent>;

export type ReplicaRule = Rule<ReplicaContext, ReplicaState, ReplicaEvent, LogMessage>;

/** What a client asks for: a command, which goes through the log, or a query, which changes nothing and need not. */
const Asked = z.strictObject({ kind: z.enum(['command', 'query']), operation: z.string() });

/**
 * What a client holds: the number of the last thing that it has asked for, and that, while it waits for the answer. It asks for one thing
 * at a time. The number is durable: one that was used again would be taken for a retry.
 */
export const ClientState = z.strictObject({ number: z.int().min(0), pending: Asked.nullable() });
export type ClientState = z.infer<typeof ClientState>;

/** The user of a client asks for something. */
export const Invoke = z.strictObject({ type: z.literal('invoke'), ...Asked.shape });
export type Invoke = z.infer<typeof Invoke>;

export const ClientEvent = z.discriminatedUnion('type', [Invoke, LogReceive]);
export type ClientEvent = z.infer<typeof ClientEvent>;

export interface ClientContext {
  readonly id: ActorId;
  /** All of them, since it does not know who leads. */
  readonly leaders: readonly ActorId[];
}

export type ClientRule = Rule<ClientContext, ClientState, ClientEvent, LogMessage>;
