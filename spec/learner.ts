import { z } from 'zod';
import { ActorId, compareBallots } from './ballot.ts';
import { Message, Receive } from './message.ts';
import { Proposal, Value } from './proposal.ts';
import { includesQuorum, type QuorumSystem } from './quorum.ts';
import type { Role, Rule } from './role.ts';

/** A vote that a learner was told of. */
const Vote = z.strictObject({ acceptor: ActorId, proposal: Proposal });
type Vote = z.infer<typeof Vote>;

/**
 * What a learner holds: the votes that it was told of, in a fixed order, until they show that a value was chosen; then
 * that value, and the votes are forgotten. A learner that lost what it learned can learn it again, so that nothing here
 * need be durable; `learned` is, so as not to trouble the others after each restart.
 */
export const LearnerState = z.strictObject({ learned: Value.nullable(), votes: z.array(Vote).readonly() });
export type LearnerState = z.infer<typeof LearnerState>;

export interface LearnerContext {
  readonly id: ActorId;
  readonly quorums: QuorumSystem;
  /** The learners that this one tells what it has learned: none, or, of a distinguished learner, all the others. */
  readonly announcesTo: readonly ActorId[];
}

export type LearnerRule = Rule<LearnerContext, LearnerState, Receive>;

/** The votes told of so far, with the one just received; undefined if the event brings none or the value is known. */
export function votesWith(state: LearnerState, { message }: Receive): readonly Vote[] | undefined {
  if (message.type !== 'accepted' || state.learned !== null) return undefined;
  const vote: Vote = { acceptor: message.from, proposal: { ballot: message.ballot, value: message.value } };
  const others = state.votes.filter(
    ({ acceptor, proposal }) => acceptor !== vote.acceptor || !equal(proposal, vote.proposal),
  );
  return [...others, vote].sort(inOrder);
}

/** The state and the announcement of a learner that has found out that `value` is chosen. */
export function learns({ id, announcesTo }: LearnerContext, value: Value) {
  const send =
    announcesTo.length === 0 ? [] : [{ type: 'decision' as const, from: id, to: announcesTo, value }];
  return { state: { learned: value, votes: [] }, send };
}

/**
 * Learning (section 2.3): "To learn that a value has been chosen, a learner must find out that a proposal has been
 * accepted by a majority of acceptors." One proposal: votes in different ballots do not add up.
 */
const learn: LearnerRule = (context, state, event) => {
  const votes = votesWith(state, event);
  if (!votes || event.message.type !== 'accepted') return undefined;
  const { ballot, value } = event.message;
  const voters = votes
    .filter(({ proposal }) => equal(proposal, { ballot, value }))
    .map(({ acceptor }) => acceptor);
  return includesQuorum(context.quorums.phase2, voters) ? learns(context, value) : undefined;
};

/** A vote is noted, until a quorum has voted. */
const count: LearnerRule = (_context, state, event) => {
  const votes = votesWith(state, event);
  return votes && { state: { ...state, votes }, send: [] };
};

/** Learning from a distinguished learner (section 2.3): it "informs the other learners when a value has been chosen". */
const learnFromDecision: LearnerRule = (_context, state, { message }) => {
  if (message.type !== 'decision' || state.learned !== null) return undefined;
  return { state: { learned: message.value, votes: [] }, send: [] };
};

function equal(a: Proposal, b: Proposal): boolean {
  return compareBallots(a.ballot, b.ballot) === 0 && a.value === b.value;
}

/** The order in which a learner holds its votes. */
export function inOrder(a: Vote, b: Vote): number {
  const text = (vote: Vote) => `${vote.acceptor} ${vote.proposal.value}`;
  const byBallot = compareBallots(a.proposal.ballot, b.proposal.ballot);
  return byBallot !== 0 ? byBallot : text(a) < text(b) ? -1 : 1;
}

/** The learner: finds out what was chosen, and decides nothing. */
export const learner: Role<LearnerContext, LearnerState, Receive> = {
  name: 'learner',
  state: LearnerState,
  event: Receive,
  message: Message,
  initial: { learned: null, votes: [] },
  durable: LearnerState.pick({ learned: true }),
  rules: { learn, count, 'learn-decision': learnFromDecision },
};
