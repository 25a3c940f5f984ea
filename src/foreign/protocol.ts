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
import { LogAccepted, LogConfirmed, LogNack, LogPromise, LogReceive } from '../../spec/log/message.ts';
import type { Sent } from './situation.ts';

/** Goes up when an adapter that speaks the old one would no longer do. */
export const PROTOCOL = 1;

export const ForeignRoleName = z.enum(['acceptor', 'proposer', 'learner', 'log-acceptor']);
export type ForeignRoleName = z.infer<typeof ForeignRoleName>;

const id = z.int().min(0);
/** Any JSON: what is not JSON has been refused where the line was read. */
const Opaque = z.unknown().refine((value) => value !== undefined, { error: 'expected any JSON value' });

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
    event: z.union([ProposerEvent, LogReceive]),
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
} as const;

const answerOf = <T extends z.ZodType>(message: T) => ({
  /** To `init` and `restart` of a stateless implementation. */
  state: z.strictObject({ id, state: Opaque }),
  /** To `reset` and `restart` of a stateful one. */
  ready: z.strictObject({ id, state: Opaque.optional() }),
  /** To `step` of a stateless one. */
  stateless: z.strictObject({ id, state: Opaque, send: z.array(message).default([]) }),
  /** To `step` of a stateful one. */
  stateful: z.strictObject({ id, state: Opaque.optional(), send: z.array(message).default([]) }),
});

/** By role, the answers to all questions but `hello`. */
export const answers = {
  acceptor: answerOf(Said.acceptor),
  proposer: answerOf(Said.proposer),
  learner: answerOf(Said.learner),
  'log-acceptor': answerOf(Said['log-acceptor']),
} as const;

/** Any answer, as it is published. */
export const Answer = z.union([
  HelloAnswer,
  z.strictObject({
    id,
    state: Opaque.optional(),
    send: z.array(z.union([Said.acceptor, Said.proposer, Said.learner, Said['log-acceptor']])).optional(),
  }),
]);

/** A message as an implementation says it. */
export type SaidMessage = z.infer<(typeof Said)[ForeignRoleName]>;

/**
 * The message with its sender and the set of those it is for. Where the implementation names none: requests are for all
 * acceptors, promises and refusals for whoever asked, votes for the learners that are told, decisions for those that are.
 *
 * @param asker the sender of the message that is answered, if one is
 * @throws Error saying what is wrong, if it is not a message of this actor to others
 */
export function addressed(
  said: SaidMessage,
  self: Self,
  asker: ActorId | undefined,
  everybody: readonly ActorId[],
): Sent {
  if (said.from !== undefined && said.from !== self.id)
    throw new Error(`send: from: "${said.from}": expected "${self.id}", which is asked`);
  const named = typeof said.to === 'string' ? [said.to] : said.to;
  const to = [...new Set(named ?? byDefault(said, self, asker))].sort();
  const stranger = to.find((recipient) => !everybody.includes(recipient));
  if (stranger !== undefined)
    throw new Error(`send: to: "${stranger}": expected actors among ${everybody.join(', ')}`);
  return { ...said, from: self.id, to } as Sent;
}

function byDefault(said: SaidMessage, self: Self, asker: ActorId | undefined): readonly ActorId[] {
  if (self.role === 'proposer') return said.type === 'decision' ? [] : self.acceptors;
  if (self.role === 'learner') return self.announcesTo;
  if (said.type === 'accepted') return self.tells;
  return asker === undefined ? [] : [asker];
}
