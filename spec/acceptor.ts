import { z } from 'zod';
import { type ActorId, Ballot, compareBallots } from './ballot.ts';
import { Message, Receive } from './message.ts';
import { Proposal } from './proposal.ts';
import type { Effect, Role, Rule } from './role.ts';

/**
 * What an acceptor remembers: the highest ballot in which it has promised or accepted, and the highest-numbered proposal
 * that it has accepted. All of it is durable (section 2.2: "Because P2c must be kept invariant regardless of failures, an
 * acceptor must remember this information even if it fails and then restarts").
 */
export const AcceptorState = z.strictObject({ promised: Ballot.nullable(), accepted: Proposal.nullable() });
export type AcceptorState = z.infer<typeof AcceptorState>;

export interface AcceptorContext {
  readonly id: ActorId;
  /** The learners that are told of each vote: all of them, or the distinguished ones. */
  readonly tells: readonly ActorId[];
  /** Whether to answer what is refused. */
  readonly nacks: boolean;
}

export type AcceptorRule = Rule<AcceptorContext, AcceptorState, Receive>;

/**
 * Phase 1b (section 2.2): "If an acceptor receives a prepare request with number n greater than that of any prepare
 * request to which it has already responded, then it responds to the request with a promise not to accept any more
 * proposals numbered less than n and with the highest-numbered proposal (if any) that it has accepted."
 */
const phase1b: AcceptorRule = ({ id }, state, { message }) => {
  if (message.type !== 'prepare' || compareBallots(message.ballot, state.promised) <= 0) return undefined;
  const { ballot } = message;
  const promise = {
    type: 'promise' as const,
    from: id,
    to: [ballot.proposer],
    ballot,
    accepted: state.accepted,
  };
  return { state: { ...state, promised: ballot }, send: [promise] };
};

/**
 * Phase 2b (section 2.2): "If an acceptor receives an accept request for a proposal numbered n, it accepts the proposal
 * unless it has already responded to a prepare request having a number greater than n." Accepting in a ballot also
 * promises it, as in Lamport's TLA+ module; the paper does not say so (the gallery shows when that matters).
 */
const phase2b: AcceptorRule = ({ id, tells }, state, { message }) => {
  if (message.type !== 'accept' || compareBallots(message.ballot, state.promised) < 0) return undefined;
  const { ballot, value } = message;
  const vote = { type: 'accepted' as const, from: id, to: tells, ballot, value };
  return { state: { promised: ballot, accepted: { ballot, value } }, send: [vote] };
};

/** A request numbered lower than the promise is refused; the answer saves its proposer the waiting (section 2.2). */
const nack: AcceptorRule = ({ id, nacks }, state, { message }): Effect<AcceptorState> | undefined => {
  if (!nacks || (message.type !== 'prepare' && message.type !== 'accept')) return undefined;
  if (state.promised === null || compareBallots(message.ballot, state.promised) >= 0) return undefined;
  const refusal = { type: 'nack' as const, from: id, to: [message.from], ballot: message.ballot };
  return { state, send: [{ ...refusal, promised: state.promised }] };
};

/** The acceptor: the memory of the system. */
export const acceptor: Role<AcceptorContext, AcceptorState, Receive> = {
  name: 'acceptor',
  state: AcceptorState,
  event: Receive,
  message: Message,
  initial: { promised: null, accepted: null },
  durable: AcceptorState.pick({ promised: true, accepted: true }),
  rules: { '1b': phase1b, '2b': phase2b, nack },
};
