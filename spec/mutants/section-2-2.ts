import type { AcceptorRule } from '../acceptor.ts';
import { compareBallots } from '../ballot.ts';
import { highest, type Proposal } from '../proposal.ts';
import type { Roles } from '../single-decree.ts';
import { type Mutant, withAcceptor, withPhase2a } from './mutant.ts';

/** Phase 2b to the letter: accepting raises no promise. What is remembered is up to `remembers`. */
function literal(
  roles: Roles,
  remembers: (before: Proposal | null, accepted: Proposal) => Proposal | null,
): Roles {
  const phase2b: AcceptorRule = ({ id, tells }, state, { message }) => {
    if (message.type !== 'accept' || compareBallots(message.ballot, state.promised) < 0) return undefined;
    const { ballot, value } = message;
    const vote = { type: 'accepted' as const, from: id, to: tells, ballot, value };
    return { state: { ...state, accepted: remembers(state.accepted, { ballot, value }) }, send: [vote] };
  };
  return withAcceptor(roles, { '2b': phase2b });
}

const last = (_before: Proposal | null, accepted: Proposal) => accepted;
const theHighest = (before: Proposal | null, accepted: Proposal) => highest([before, accepted]);

const deardeuff =
  'Stack Overflow, "Contradiction in Lamport\'s Paxos Made Simple paper"; M. Brooker, "The Bug in Paxos Made Simple" (2021), https://brooker.co.za/blog/2021/11/16/paxos.html';

const threeBallots = { acceptors: 3, proposers: 2, ballots: [1, 2] };
const threeProposers = { acceptors: 3, proposers: 3, ballots: 1 };
const learnerAndCrash = { acceptors: 3, proposers: 2, learners: 1, ballots: 1, crashes: 1 };

/**
 * Section 2.2 to the letter. An acceptor "accepts the proposal unless it has already responded to a prepare request having
 * a number greater than n": nothing is said of promising n by accepting it. Whether that matters depends on what the
 * acceptor remembers, and on whom the accept requests go to.
 */
export const section22: readonly Mutant[] = [
  {
    name: 'accepting-is-no-promise',
    breaks:
      'Accepting a proposal does not promise its ballot, accept requests go to all acceptors, and an acceptor remembers the proposal that it accepted last.',
    who: 'Implementations of section 2.2 of the paper with a register that each accept request overwrites; the paper has "the highest-numbered proposal that it has ever accepted".',
    source: deardeuff,
    roles: (roles) => literal(roles, last),
    smallest: threeBallots,
    also: [threeProposers],
  },
  {
    name: 'accepting-is-no-promise-highest',
    breaks:
      'Accepting a proposal does not promise its ballot, accept requests go to all acceptors, and an acceptor remembers the highest-numbered proposal that it accepted.',
    who: 'A literal reading of section 2.2 of the paper, which says "the highest-numbered proposal (if any) that it has accepted".',
    source: deardeuff,
    harmless:
      'A vote cast late in a low ballot neither hides a higher one nor, reported, outranks it. An acceptor may accept a lower ballot after a higher one, and that does no harm, since nobody was promised otherwise.',
    roles: (roles) => literal(roles, theHighest),
    smallest: threeBallots,
    also: [threeProposers, learnerAndCrash],
    large: [{ acceptors: 3, proposers: 2, ballots: 2 }],
  },
  {
    name: 'accepting-is-no-promise-to-promisers',
    breaks:
      'Accepting a proposal does not promise its ballot, an acceptor remembers the proposal that it accepted last, and accept requests go only to the acceptors whose promises the proposer has.',
    who: 'The other reading of section 2.2, "to each of those acceptors".',
    source: deardeuff,
    harmless:
      'An acceptor is asked to accept only ballots that it has promised, so that each proposal it accepts is numbered higher than the one before: the last is the highest. It costs progress: other acceptors are not asked.',
    roles: (roles) => withPhase2a(literal(roles, last), { to: (promises) => Object.keys(promises).sort() }),
    smallest: threeBallots,
    also: [threeProposers, learnerAndCrash, { acceptors: 3, proposers: 2, ballots: 2 }],
  },
  {
    name: 'accepting-is-no-promise-below',
    breaks:
      'Accepting a proposal does not promise its ballot, accept requests go to all acceptors, and an acceptor remembers the highest-numbered proposal that it accepted, but reports it only if it is numbered lower than the promise.',
    who: 'A reading of section 2.2 that takes "the proposal with the highest number less than n that it has accepted" from its explanation, and keeps one register.',
    roles: (roles) => {
      const phase1b: AcceptorRule = (context, state, event) => {
        const effect = roles.acceptor.rules['1b']?.(context, state, event);
        const send = effect?.send.map((message) =>
          message.type === 'promise' && compareBallots(message.accepted?.ballot ?? null, message.ballot) > 0
            ? { ...message, accepted: null }
            : message,
        );
        return effect && send && { ...effect, send };
      };
      return withAcceptor(literal(roles, theHighest), { '1b': phase1b });
    },
    smallest: { acceptors: 5, proposers: 2, ballots: 2 },
    hears: {
      a1: ['prepare 1.p1', 'accept 1.p1', 'prepare 2.p1', 'prepare 2.p2', 'accept 2.p2'],
      a2: ['prepare 1.p1', 'accept 1.p1', 'prepare 2.p1'],
      a3: ['prepare 1.p2', 'prepare 2.p1', 'prepare 2.p2', 'accept 2.p2'],
      a4: ['prepare 1.p1', 'accept 1.p1', 'accept 2.p1', 'prepare 1.p2'],
      a5: ['prepare 1.p2', 'accept 1.p2', 'prepare 2.p2', 'accept 2.p2'],
    },
    also: [threeBallots, threeProposers],
    large: [{ acceptors: 3, proposers: 2, ballots: 2 }],
  },
];
