import { compareBallots } from '../ballot.ts';
import type { Role } from '../role.ts';
import { type SlotProposal, withEntry } from './entry.ts';
import { LogMessage, LogReceive } from './message.ts';
import { confirm } from './reads.ts';
import { forget } from './snapshots.ts';
import { type LogAcceptorContext, type LogAcceptorRule, LogAcceptorState } from './states.ts';

/**
 * Phase 1b for all instances (section 3): "Using the same proposal number for all instances, it can do this by sending a single
 * reasonably short message to the other servers. In phase 1, an acceptor responds with more than a simple OK only if it has
 * already received a phase 2 message from some proposer."
 */
const phase1b: LogAcceptorRule = ({ id }, state, { message }) => {
  if (message.type !== 'prepare' || compareBallots(message.ballot, state.promised) <= 0) return undefined;
  const { ballot, first } = message;
  const accepted = state.accepted.filter(({ slot }) => slot >= first);
  const { truncated } = state;
  const promise = { type: 'promise' as const, from: id, to: [ballot.proposer], ballot, first };
  return { state: { ...state, promised: ballot }, send: [{ ...promise, accepted, truncated }] };
};

/** Phase 2b in one instance, unless it is truncated. Accepting in a ballot also promises it, for all slots. */
const phase2b: LogAcceptorRule = ({ id, tells }, state, { message }) => {
  if (message.type !== 'accept' || compareBallots(message.ballot, state.promised) < 0) return undefined;
  const { ballot, slot, value } = message;
  if (slot <= state.truncated) return undefined;
  const vote = { type: 'accepted' as const, from: id, to: tells, ballot, slot, value };
  return {
    state: { ...state, promised: ballot, accepted: acceptedWith(state, { slot, ballot, value }) },
    send: [vote],
  };
};

/** A request numbered lower than the promise is refused; the answer tells a deposed leader that it is one. */
const nack: LogAcceptorRule = ({ id, nacks }, state, { message }) => {
  if (!nacks || !(message.type === 'prepare' || message.type === 'accept' || message.type === 'confirm'))
    return undefined;
  if (state.promised === null || compareBallots(message.ballot, state.promised) >= 0) return undefined;
  const { ballot } = message;
  const refusal = { type: 'nack' as const, from: id, to: [ballot.proposer], ballot };
  return { state, send: [{ ...refusal, promised: state.promised }] };
};

/** What an acceptor remembers to have accepted, after it has accepted one more proposal. */
export function acceptedWith(
  { accepted }: LogAcceptorState,
  proposal: SlotProposal,
): LogAcceptorState['accepted'] {
  return withEntry(accepted, proposal);
}

/** The acceptor of all instances. */
export const logAcceptor: Role<LogAcceptorContext, LogAcceptorState, LogReceive, LogMessage> = {
  name: 'acceptor',
  state: LogAcceptorState,
  event: LogReceive,
  message: LogMessage,
  initial: { promised: null, accepted: [], truncated: 0 },
  durable: LogAcceptorState.pick({ promised: true, accepted: true, truncated: true }),
  rules: { '1b': phase1b, '2b': phase2b, forget, confirm, nack },
};
