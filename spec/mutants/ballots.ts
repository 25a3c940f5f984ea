import type { AcceptorRule } from '../acceptor.ts';
import { compareBallots } from '../ballot.ts';
import type { Cast } from '../configuration.ts';
import { nextRound, type ProposerRule } from '../proposer.ts';
import type { Roles } from '../single-decree.ts';
import { type Mutant, withAcceptor, withProposer } from './mutant.ts';

/** Phase 1b that also answers a ballot equal to the promise. */
const promisesAgain: AcceptorRule = ({ id }, state, { message }) => {
  if (message.type !== 'prepare' || compareBallots(message.ballot, state.promised) < 0) return undefined;
  const { ballot, from } = message;
  const promise = { type: 'promise' as const, from: id, to: [from], ballot, accepted: state.accepted };
  return { state: { ...state, promised: ballot }, send: [promise] };
};

/** Ballots that are bare numbers: all proposers use those of the one that may start the most. */
function shared(roles: Roles, { ballots }: Cast): Roles {
  const owner = ballots.at(-1)?.proposer ?? '';
  const phase1a: ProposerRule = ({ id, acceptors }, state, event) => {
    if (event.type !== 'start') return undefined;
    const ballot = { round: nextRound(state), proposer: owner };
    return {
      state: { ballot, phase: 'prepare', value: event.value, promises: {}, seenRound: 0 },
      send: [{ type: 'prepare', from: id, to: acceptors, ballot }],
    };
  };
  return withProposer(roles, { '1a': phase1a });
}

/** Phase 1b as it should be, with the promise sent to these. */
function promising(roles: Roles, to: (from: string) => readonly string[]): Roles {
  const phase1b: AcceptorRule = (context, state, event) => {
    const effect = roles.acceptor.rules['1b']?.(context, state, event);
    return (
      effect && {
        ...effect,
        send: effect.send.map((promise) => ({ ...promise, to: to(event.message.from) })),
      }
    );
  };
  return withAcceptor(roles, { '1b': phase1b });
}

/** Ballots are not what they should be, or not compared as they should be. */
export const ballots: readonly Mutant[] = [
  {
    name: 'shared-ballots',
    breaks:
      'Two proposers use the same ballots, and each takes a promise for its own that was given to the other.',
    who: 'Ballots as bare counters, without the proposer in them, and promises that everybody hears.',
    roles: (roles, cast) => promising(shared(roles, cast), () => cast.proposers),
    smallest: { acceptors: 1, proposers: 2, ballots: 1 },
    also: [{ acceptors: 3, proposers: 2, ballots: 1 }],
  },
  {
    name: 'shared-ballots-promised-again',
    breaks:
      'Two proposers use the same ballots; promises go only to the one that asked, and an acceptor promises again for a ballot equal to its promise.',
    who: 'Ballots as bare counters together with >= for >: each alone is harmless, the two together are not.',
    roles: (roles, cast) => withAcceptor(shared(roles, cast), { '1b': promisesAgain }),
    smallest: { acceptors: 1, proposers: 2, ballots: 1 },
    also: [{ acceptors: 3, proposers: 2, ballots: 1 }],
  },
  {
    name: 'shared-ballots-addressed',
    breaks: 'Two proposers use the same ballots, but each promise goes only to the one that asked.',
    who: 'Ballots as bare counters, in a request-response protocol.',
    harmless:
      'An acceptor promises a ballot once, to one proposer; two majorities have an acceptor in common, so that only one proposer can have a majority of promises for a ballot: in effect it owns the ballot. It costs progress: two proposers that start together split the promises between them.',
    roles: (roles, cast) => promising(shared(roles, cast), (from) => [from]),
    smallest: { acceptors: 3, proposers: 2, ballots: 2 },
    also: [{ acceptors: 3, proposers: 2, learners: 1, ballots: 1, crashes: 1 }],
  },
  {
    name: 'promises-again',
    breaks:
      'An acceptor promises again for a ballot equal to its promise (>= where the paper has "greater than").',
    who: 'Everybody who has to choose between > and >=; many do it on purpose, to answer a request that was sent again.',
    harmless:
      'A ballot has one owner, who asks for it again or not. The second promise may report a proposal accepted in that very ballot, but such a proposal has the value that the ballot has anyway. It costs messages.',
    roles: (roles) => withAcceptor(roles, { '1b': promisesAgain }),
    smallest: { acceptors: 3, proposers: 2, ballots: [2, 1] },
    also: [{ acceptors: 3, proposers: 2, learners: 1, ballots: 1, crashes: 1 }],
  },
  {
    name: 'accepts-lower',
    breaks: 'An acceptor accepts whatever it is asked to accept, though it has promised a higher ballot.',
    who: 'Implementations that check ballots in phase 1 and forget to check them again in phase 2.',
    roles: (roles) =>
      withAcceptor(roles, {
        '2b': (context, state, event) =>
          roles.acceptor.rules['2b']?.(context, { ...state, promised: null }, event),
      }),
    smallest: { acceptors: 1, proposers: 2, ballots: 1 },
    also: [
      { acceptors: 2, proposers: 2, ballots: 1 },
      { acceptors: 3, proposers: 2, ballots: 1 },
    ],
  },
  {
    name: 'accepts-only-what-it-promised',
    breaks: 'An acceptor accepts a proposal only if it has promised exactly that ballot.',
    who: 'Implementations that keep one session for each ballot, opened by the prepare request.',
    harmless:
      'It accepts less than it might, and what is not accepted cannot be chosen. It costs progress: an acceptor that missed the prepare request cannot help, so that lemma P1 is broken.',
    roles: (roles) =>
      withAcceptor(roles, {
        '2b': (context, state, event) => {
          const { message } = event;
          if (message.type !== 'accept' || compareBallots(message.ballot, state.promised) !== 0)
            return undefined;
          return roles.acceptor.rules['2b']?.(context, state, event);
        },
      }),
    smallest: { acceptors: 3, proposers: 2, ballots: [2, 1] },
    also: [{ acceptors: 3, proposers: 2, learners: 1, ballots: 1, crashes: 1 }],
  },
];
