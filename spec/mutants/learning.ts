import type { ActorId } from '../ballot.ts';
import type { Cast } from '../configuration.ts';
import { factsOf } from '../facts.ts';
import { type LearnerRule, learns, votesWith } from '../learner.ts';
import type { PaxosProperty } from '../properties.ts';
import type { Proposal } from '../proposal.ts';
import { includesQuorum } from '../quorum.ts';
import { type Mutant, withLearner, withProposer } from './mutant.ts';

/** A quorum of votes for one value, whatever the ballots. */
const byValue: LearnerRule = (context, state, event) => {
  const votes = votesWith(state, event);
  if (!votes || event.message.type !== 'accepted') return undefined;
  const { value } = event.message;
  const voters = votes.filter(({ proposal }) => proposal.value === value).map(({ acceptor }) => acceptor);
  return includesQuorum(context.quorums.phase2, voters) ? learns(context, value) : undefined;
};

/** One vote is enough. */
const fromOne: LearnerRule = (context, state, { message }) =>
  message.type === 'accepted' && state.learned === null ? learns(context, message.value) : undefined;

/** Where this fails, two learners of `byValue` need only be told of the votes to learn different values. */
function learnersAgree(cast: Cast): PaxosProperty {
  const check = (acceptors: { acceptor: ActorId; votes: Proposal[] }[]) => {
    const values = [...new Set(acceptors.flatMap(({ votes }) => votes.map(({ value }) => value)))];
    const learnable = values.filter((value) => {
      const voters = acceptors.filter(({ votes }) => votes.some((vote) => vote.value === value));
      return includesQuorum(
        cast.quorums.phase2,
        voters.map(({ acceptor }) => acceptor),
      );
    });
    return learnable.length > 1
      ? `${learnable.join(' and ')} each have the votes of a phase 2 quorum, cast in different ballots`
      : undefined;
  };
  return {
    name: 'learners-by-value-agree',
    kind: 'lemma',
    statement: 'No two values each have the votes of a phase 2 quorum, votes of different ballots added up.',
    clauses: [
      { facts: [factsOf(cast).votes], check: check as (...values: readonly unknown[]) => string | undefined },
    ],
  };
}

/** A value is taken for chosen that is not. */
export const learning: readonly Mutant[] = [
  {
    name: 'learner-counts-values',
    breaks: 'The learner adds up votes for a value that were cast in different ballots.',
    who: 'Learners that are told the value accepted and not the ballot, or that ignore it.',
    roles: (roles) => withLearner(roles, { learn: byValue }),
    smallest: { acceptors: 2, proposers: 1, learners: 1, ballots: 2 },
    also: [
      { acceptors: 3, proposers: 2, learners: 1, ballots: 1 },
      ...[
        [1, 2],
        [2, 1],
        [2, 2],
      ].map((ballots) => ({ acceptors: 3, proposers: 2, ballots })),
      { acceptors: 3, proposers: 3, ballots: 1 },
    ],
    statements: (cast) => [learnersAgree(cast)],
  },
  {
    name: 'learner-believes-one',
    breaks: 'The learner takes the first vote that it is told of for the choice.',
    who: 'Clients that ask one server, or servers that apply a command when they have accepted it.',
    roles: (roles) => withLearner(roles, { learn: fromOne }),
    smallest: { acceptors: 2, proposers: 1, learners: 1, ballots: 1 },
  },
  {
    name: 'announced-after-phase-1',
    breaks:
      'The proposer announces its value as chosen when it has the promises, together with its accept requests.',
    who: 'Implementations that answer the client early to save a round trip: nothing has been accepted by then.',
    roles: (roles, { learners }) =>
      withProposer(roles, {
        '2a': (context, state, event) => {
          const effect = roles.proposer.rules['2a']?.(context, state, event);
          if (!effect || effect.state.value === null) return effect;
          const { value } = effect.state;
          return {
            ...effect,
            send: [...effect.send, { type: 'decision', from: context.id, to: learners, value }],
          };
        },
      }),
    smallest: { acceptors: 1, proposers: 1, learners: 1, ballots: 1 },
    also: [{ acceptors: 3, proposers: 1, learners: 1, ballots: 1 }],
  },
];
