import { z } from 'zod';
import { ActorId, Ballot, compareBallots } from './ballot.ts';
import { Message, Receive } from './message.ts';
import { highest, Proposal, Value } from './proposal.ts';
import { includesQuorum, type QuorumSystem } from './quorum.ts';
import type { Role, Rule } from './role.ts';

/**
 * What a proposer holds. Only `ballot` is durable: "the proposer can always abandon a proposal and forget all about it—as
 * long as it never tries to issue another proposal with the same number" (section 2.2); "Each proposer remembers (in stable
 * storage) the highest-numbered proposal it has tried to issue, and begins phase 1 with a higher proposal number than any it
 * has already used" (section 2.5).
 */
export const ProposerState = z.strictObject({
  /** The highest ballot that it has started. */
  ballot: Ballot.nullable(),
  /** Of that ballot: not under way, collecting promises, or proposed. */
  phase: z.enum(['idle', 'prepare', 'accept']),
  /** The value that it would like to have chosen; in the accept phase, the value that it proposed. Null when idle. */
  value: Value.nullable(),
  /** In the prepare phase: the acceptors that promised, each with the proposal it reported. Else empty. */
  promises: z.record(ActorId, Proposal.nullable()).readonly(),
  /** The promised round that the nack told of which pre-empted its ballot; 0 if none did, or if it has crashed since. */
  seenRound: z.int().min(0),
});
export type ProposerState = z.infer<typeof ProposerState>;

/** A time-out, or a client's request: begin a new ballot, to get `value` chosen if no other must be. */
export const Start = z.strictObject({ type: z.literal('start'), value: Value });
export type Start = z.infer<typeof Start>;

export const ProposerEvent = z.discriminatedUnion('type', [Start, Receive]);
export type ProposerEvent = z.infer<typeof ProposerEvent>;

export interface ProposerContext {
  readonly id: ActorId;
  readonly acceptors: readonly ActorId[];
  readonly quorums: QuorumSystem;
}

export type ProposerRule = Rule<ProposerContext, ProposerState, ProposerEvent>;

/** The round of the next ballot this proposer would start: higher than any it has used, and than the one that pre-empted it. */
export function nextRound(state: ProposerState): number {
  return Math.max(state.ballot?.round ?? 0, state.seenRound) + 1;
}

/**
 * Phase 1a (section 2.2): "A proposer selects a proposal number n and sends a prepare request with number n to a majority
 * of acceptors." It may do so at any time, abandoning the ballot it had; here the request goes to all acceptors.
 */
const phase1a: ProposerRule = ({ id, acceptors }, state, event) => {
  if (event.type !== 'start') return undefined;
  const ballot = { round: nextRound(state), proposer: id };
  return {
    state: { ballot, phase: 'prepare', value: event.value, promises: {}, seenRound: 0 },
    send: [{ type: 'prepare', from: id, to: acceptors, ballot }],
  };
};

/** The promises of the present ballot, with the one just received; undefined if the event brings none. */
export function promisesWith(
  state: ProposerState,
  event: ProposerEvent,
): ProposerState['promises'] | undefined {
  if (event.type !== 'receive' || event.message.type !== 'promise' || state.phase !== 'prepare')
    return undefined;
  const { from, ballot, accepted } = event.message;
  if (compareBallots(ballot, state.ballot) !== 0) return undefined;
  return { ...state.promises, [from]: accepted };
}

/**
 * Phase 2a (section 2.2): "If the proposer receives a response to its prepare requests (numbered n) from a majority of
 * acceptors, then it sends an accept request to each of those acceptors for a proposal numbered n with a value v, where v
 * is the value of the highest-numbered proposal among the responses, or is any value if the responses reported no
 * proposals." The step is taken on the promise that completes a phase 1 quorum; the request goes to all acceptors, as
 * the paper allows ("This need not be the same set of acceptors that responded to the initial requests").
 */
const phase2a: ProposerRule = ({ id, acceptors, quorums }, state, event) => {
  const promises = promisesWith(state, event);
  if (!promises || !includesQuorum(quorums.phase1, Object.keys(promises))) return undefined;
  if (state.ballot === null || state.value === null) return undefined;
  const value = highest(Object.values(promises))?.value ?? state.value;
  return {
    state: { ...state, phase: 'accept', value, promises: {} },
    send: [{ type: 'accept', from: id, to: acceptors, ballot: state.ballot, value }],
  };
};

/** A promise of the present ballot is noted, until a quorum has promised (the waiting in phase 2a). */
const collect: ProposerRule = (_context, state, event) => {
  const promises = promisesWith(state, event);
  return promises && { state: { ...state, promises }, send: [] };
};

/**
 * A nack tells that an acceptor has promised a higher ballot: the present one is abandoned, and the next will be higher
 * than what was promised (section 2.2: the proposer "should then abandon its proposal"). The first nack does it: what later
 * ones tell is ignored while the proposer is idle.
 */
const preempted: ProposerRule = (_context, state, event) => {
  if (event.type !== 'receive' || event.message.type !== 'nack' || state.phase === 'idle') return undefined;
  if (compareBallots(event.message.ballot, state.ballot) !== 0) return undefined;
  const seenRound = event.message.promised.round;
  return { state: { ...state, phase: 'idle', value: null, promises: {}, seenRound }, send: [] };
};

/** The proposer: carries all the burden of coordination, and need remember nothing but the ballots it has used. */
export const proposer: Role<ProposerContext, ProposerState, ProposerEvent> = {
  name: 'proposer',
  state: ProposerState,
  event: ProposerEvent,
  message: Message,
  initial: { ballot: null, phase: 'idle', value: null, promises: {}, seenRound: 0 },
  durable: ProposerState.pick({ ballot: true }),
  rules: { '1a': phase1a, '2a': phase2a, collect, preempted },
};
