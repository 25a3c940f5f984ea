/**
 * What is said between the checker and an implementation in another language: one JSON object on each line, a question on
 * its standard input, then its answer on its standard output. `docs/your-own-implementation.md` tells it by example.
 */
import { z } from 'zod';
import {
  Accept,
  Accepted,
  ActorId,
  Decision,
  Nack,
  Prepare,
  PromiseMessage,
  ProposerEvent,
  QuorumSystem,
} from '../../spec/index.ts';
import {
  LogAccept,
  LogAccepted,
  LogAsk,
  LogConfirm,
  LogConfirmed,
  LogDecision,
  LogHeartbeat,
  LogNack,
  LogPrepare,
  LogPromise,
  LogReadIndex,
  LogReceive,
  LogReply,
  LogSnapshot,
  LogTruncated,
} from '../../spec/log/message.ts';
import { Replicated } from '../../spec/log/state-machine.ts';
import { Beat, CatchUp, Request, Resend, TimeOut, Truncate } from '../../spec/log/states.ts';
import type { Sent } from './situation.ts';

/** Goes up when an adapter that speaks the old one would no longer do. */
export const PROTOCOL = 1;

export const ForeignRoleName = z.enum([
  'acceptor',
  'proposer',
  'learner',
  'log-acceptor',
  'leader',
  'replica',
]);
export type ForeignRoleName = z.infer<typeof ForeignRoleName>;

const id = z.int().min(0);
/** Any JSON: what is not JSON has been refused where the line was read. */
const Opaque = z.unknown().refine((value) => value !== undefined, { error: 'expected any JSON value' });

/** After how many slots a change of the acceptors is in force; absent where the acceptors never change. */
const changes = { changesAfter: z.int().min(1).optional() };

/** Whom the implementation acts as, and what that actor is told about the others. */
export const Self = z.discriminatedUnion('role', [
  z.strictObject({
    role: z.literal('acceptor'),
    id: ActorId,
    /** The learners that are told of its votes. */
    tells: z.array(ActorId).readonly(),
  }),
  z.strictObject({
    /** The acceptor of all instances of the log. */
    role: z.literal('log-acceptor'),
    id: ActorId,
    /** The replicas that are told of its votes. */
    tells: z.array(ActorId).readonly(),
  }),
  z.strictObject({
    role: z.literal('proposer'),
    id: ActorId,
    acceptors: z.array(ActorId).readonly(),
    quorums: QuorumSystem,
  }),
  z.strictObject({
    role: z.literal('learner'),
    id: ActorId,
    quorums: QuorumSystem,
    /** Whom it tells what it has learned, if it is a distinguished learner. */
    announcesTo: z.array(ActorId).readonly(),
  }),
  z.strictObject({
    role: z.literal('leader'),
    id: ActorId,
    acceptors: z.array(ActorId).readonly(),
    quorums: QuorumSystem,
    /** Those to whom it hands reads. */
    replicas: z.array(ActorId).readonly(),
    /** The paper's alpha: it proposes in slot i only when it knows that a value is chosen in each slot up to i - window. */
    window: z.int().min(1),
    /** The other leaders, which hear its heartbeats; absent where there are none. */
    peers: z.array(ActorId).readonly().optional(),
    ...changes,
  }),
  z.strictObject({
    role: z.literal('replica'),
    id: ActorId,
    /** Those that may forget what it has forgotten. */
    acceptors: z.array(ActorId).readonly(),
    quorums: QuorumSystem,
    /** The other replicas, which may install its snapshots, and which it asks for what it lacks. */
    peers: z.array(ActorId).readonly(),
    /** Whom it tells what is chosen, if it is a distinguished one. */
    announcesTo: z.array(ActorId).readonly(),
    /** Whether clients wait for its answers. */
    replies: z.boolean(),
    ...changes,
  }),
]);
export type Self = z.infer<typeof Self>;

/** The checker's questions. Those to a stateful implementation name neither state nor, but for `reset`, the actor. */
export const Question = z.discriminatedUnion('type', [
  z.strictObject({ id, type: z.literal('hello'), protocol: z.literal(PROTOCOL), role: ForeignRoleName }),
  z.strictObject({ id, type: z.literal('init'), self: Self }),
  z.strictObject({ id, type: z.literal('reset'), self: Self }),
  z.strictObject({
    id,
    type: z.literal('step'),
    self: Self.optional(),
    state: Opaque.optional(),
    event: z.union([ProposerEvent, TimeOut, Request, Beat, Resend, Truncate, CatchUp, LogReceive]),
  }),
  z.strictObject({ id, type: z.literal('restart'), self: Self.optional(), state: Opaque.optional() }),
]);
type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never;
/** A question before it has a number. */
export type Question = WithoutId<z.infer<typeof Question>>;

/** The answer to `hello`: which kind of adapter this is, and what it can do. */
export const HelloAnswer = z.strictObject({
  id,
  protocol: z.literal(PROTOCOL, { error: `expected ${PROTOCOL}, the version spoken here` }),
  /** `stateless`: is handed the state with each question. `stateful`: keeps it, and is reset. */
  kind: z.enum(['stateless', 'stateful'], { error: 'expected "stateless" or "stateful"' }),
  /** Whether it answers `restart`: without that its actors never crash. */
  restart: z.boolean().default(false),
  /** Whether a crash may also undo the last step, since its messages leave before its state is on disk. */
  writeBehind: z.boolean().default(false),
});
export type HelloAnswer = z.infer<typeof HelloAnswer>;

/** Sender and recipients may be left out: see `addressed`. */
const envelope = {
  from: ActorId.optional(),
  to: z.union([ActorId, z.array(ActorId)]).optional(),
};
const Said = {
  acceptor: z.discriminatedUnion('type', [
    PromiseMessage.extend(envelope),
    Accepted.extend(envelope),
    Nack.extend(envelope),
  ]),
  proposer: z.discriminatedUnion('type', [
    Prepare.extend(envelope),
    Accept.extend(envelope),
    Decision.extend(envelope),
  ]),
  learner: z.discriminatedUnion('type', [Decision.extend(envelope)]),
  'log-acceptor': z.discriminatedUnion('type', [
    LogPromise.extend(envelope),
    LogAccepted.extend(envelope),
    LogNack.extend(envelope),
    LogConfirmed.extend(envelope),
  ]),
  leader: z.discriminatedUnion('type', [
    LogPrepare.extend(envelope),
    LogAccept.extend(envelope),
    LogConfirm.extend(envelope),
    LogReadIndex.extend(envelope),
    LogHeartbeat.extend(envelope),
  ]),
  replica: z.discriminatedUnion('type', [
    LogDecision.extend(envelope),
    LogReply.extend(envelope),
    LogTruncated.extend(envelope),
    LogSnapshot.extend(envelope),
    LogAsk.extend(envelope),
  ]),
} as const;

/** What a replica tells of the log with each state: it decides nothing, so that this is what it is judged by. */
const shows = { log: Replicated.extend({ machine: z.string() }) };

const answerOf = <T extends z.ZodType>(message: T, shown: Partial<typeof shows> = {}) => ({
  /** To `init` and `restart` of a stateless implementation. */
  state: z.strictObject({ id, state: Opaque, ...shown }),
  /** To `reset` and `restart` of a stateful one. */
  ready: z.strictObject({ id, state: Opaque.optional(), ...shown }),
  /** To `step` of a stateless one. */
  stateless: z.strictObject({ id, state: Opaque, ...shown, send: z.array(message).default([]) }),
  /** To `step` of a stateful one. */
  stateful: z.strictObject({ id, state: Opaque.optional(), ...shown, send: z.array(message).default([]) }),
});

/** By role, the answers to all questions but `hello`. */
export const answers = {
  acceptor: answerOf(Said.acceptor),
  proposer: answerOf(Said.proposer),
  learner: answerOf(Said.learner),
  'log-acceptor': answerOf(Said['log-acceptor']),
  leader: answerOf(Said.leader),
  replica: answerOf(Said.replica, shows),
} as const;

/** Any answer, as it is published. */
export const Answer = z.union([
  HelloAnswer,
  z.strictObject({
    id,
    state: Opaque.optional(),
    log: shows.log.optional(),
    send: z.array(z.union(Object.values(Said))).optional(),
  }),
]);

/** A message as an implementation says it. */
export type SaidMessage = z.infer<(typeof Said)[ForeignRoleName]>;

/**
 * The message with its sender and the set of those it is for. Where the implementation names none: requests are for all
 * acceptors, promises and refusals for whoever asked, votes for the learners that are told, decisions for those that are; of the
 * log, what is sent to leaders or replicas is for all others, or for the one that asked.
 *
 * @param received the message that is answered, if one is
 * @throws Error saying what is wrong, if it is not a message of this actor to others
 */
export function addressed(
  said: SaidMessage,
  self: Self,
  received: Sent | undefined,
  everybody: readonly ActorId[],
): Sent {
  if (said.from !== undefined && said.from !== self.id)
    throw new Error(`send: from: "${said.from}": expected "${self.id}", which is asked`);
  const named = typeof said.to === 'string' ? [said.to] : said.to;
  const to = [...new Set(named ?? byDefault(said, self, received))].sort();
  const stranger = to.find((recipient) => !everybody.includes(recipient));
  if (stranger !== undefined)
    throw new Error(`send: to: "${stranger}": expected actors among ${everybody.join(', ')}`);
  return { ...said, from: self.id, to } as Sent;
}

function byDefault(said: SaidMessage, self: Self, received: Sent | undefined): readonly ActorId[] {
  const asker = received ? [received.from] : [];
  switch (self.role) {
    case 'proposer':
      return said.type === 'decision' ? [] : self.acceptors;
    case 'learner':
      return self.announcesTo;
    case 'leader':
      if (said.type === 'heartbeat') return self.peers ?? [];
      return said.type === 'read-index' ? self.replicas : self.acceptors;
    case 'replica':
      if (said.type === 'reply') throw new Error('send: to: nobody: expected the client that is answered');
      if (said.type === 'truncated') return [...self.acceptors, ...self.announcesTo];
      if (said.type === 'ask') return self.peers;
      if (received?.type === 'ask') return asker;
      return said.type === 'decision' ? self.announcesTo : self.peers;
    default:
      return said.type === 'accepted' ? self.tells : asker;
  }
}
