import type { ActorId } from '../ballot.ts';
import { type ProposerRule, promisesWith } from '../proposer.ts';
import { majorities, type QuorumSystem, subsets } from '../quorum.ts';
import { type Mutant, withPhase2a, withProposer } from './mutant.ts';

/** A promise counts in the present ballot, whichever ballot it was given for. */
const whicheverBallot: typeof promisesWith = (state, event) => {
  if (event.type !== 'receive' || event.message.type !== 'promise' || state.phase !== 'prepare')
    return undefined;
  return { ...state.promises, [event.message.from]: event.message.accepted };
};

/** Each promise received counts as one more, whoever it is from. */
const eachMessage: typeof promisesWith = (state, event) => {
  if (!promisesWith(state, event) || event.type !== 'receive' || event.message.type !== 'promise')
    return undefined;
  const { promises } = state;
  return { ...promises, [`message ${Object.keys(promises).length + 1}`]: event.message.accepted };
};

const bySize = (size: number) => (acceptors: readonly ActorId[]) => subsets(acceptors, size);
const half = (acceptors: readonly ActorId[]) => bySize(Math.ceil(acceptors.length / 2))(acceptors);

/** All of `members`, in `phase`, and nobody else. */
const split = (acceptors: readonly ActorId[]): QuorumSystem => {
  const middle = Math.ceil(acceptors.length / 2);
  const rest = acceptors.slice(middle);
  return { phase1: [acceptors.slice(0, middle)], phase2: [rest.length > 0 ? rest : acceptors.slice()] };
};

/** What is counted as a quorum is none. */
export const counting: readonly Mutant[] = [
  {
    name: 'old-promises-counted',
    breaks: 'The proposer counts a late promise of one of its earlier ballots as one for the present ballot.',
    who: 'Implementations that do not compare the ballot of an answer with the one they asked for.',
    roles: (roles) => withPhase2a(roles, { collects: whicheverBallot }),
    smallest: { acceptors: 1, proposers: 2, ballots: [2, 1] },
    also: [{ acceptors: 3, proposers: 2, ballots: [2, 1] }],
  },
  {
    name: 'old-promises-kept',
    breaks: 'The proposer does not clear its list of promises when it starts a new ballot.',
    who: 'Implementations that reset the ballot and forget the set beside it.',
    roles: (roles) => {
      const phase1a: ProposerRule = (context, state, event) => {
        const effect = roles.proposer.rules['1a']?.(context, state, event);
        return effect && { ...effect, state: { ...effect.state, promises: state.promises } };
      };
      return withProposer(roles, { '1a': phase1a });
    },
    smallest: { acceptors: 3, proposers: 2, ballots: [2, 1] },
  },
  {
    name: 'promise-counted-twice',
    breaks:
      'The proposer counts messages and not acceptors, so that one promise delivered twice counts as two.',
    who: 'Implementations that count answers with a number and not with a set; a network that delivers twice does the rest.',
    roles: (roles) =>
      withPhase2a(roles, {
        collects: eachMessage,
        suffice: (promises, { phase1 }) =>
          phase1.some(({ length }) => length <= Object.keys(promises).length),
      }),
    smallest: { acceptors: 3, proposers: 2, ballots: 1 },
  },
  {
    name: 'half-is-a-quorum',
    breaks: 'Half of the acceptors count as a quorum, where more than half are needed.',
    who: 'Off by one: n / 2 rounded up, which is more than half only where n is odd.',
    quorums: (acceptors) => ({ phase1: half(acceptors), phase2: half(acceptors) }),
    smallest: { acceptors: 2, proposers: 2, ballots: 1 },
    also: [{ acceptors: 4, proposers: 2, ballots: 1 }],
  },
  {
    name: 'quorums-apart',
    breaks:
      'Phase 1 asks one half of the acceptors and phase 2 the other, so that no phase 1 quorum meets a phase 2 quorum.',
    who: 'A wrong reading of Flexible Paxos, which lets quorums of one phase be disjoint, never those of the two phases.',
    source: 'H. Howard, D. Malkhi, A. Spiegelman, "Flexible Paxos: Quorum Intersection Revisited" (2016)',
    quorums: split,
    smallest: { acceptors: 2, proposers: 2, ballots: 1 },
    also: [{ acceptors: 3, proposers: 2, ballots: 1 }],
  },
  {
    name: 'one-is-asked',
    breaks: 'Phase 2 waits for a majority, and phase 1 for the promise of any one acceptor.',
    who: 'Another wrong reading of Flexible Paxos: a smaller phase 1 quorum without a larger phase 2 quorum to pay for it.',
    source: 'H. Howard, D. Malkhi, A. Spiegelman, "Flexible Paxos: Quorum Intersection Revisited" (2016)',
    quorums: (acceptors) => ({ phase1: bySize(1)(acceptors), phase2: majorities(acceptors).phase2 }),
    smallest: { acceptors: 3, proposers: 2, ballots: 1 },
  },
];
