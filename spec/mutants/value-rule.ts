import { compareBallots } from '../ballot.ts';
import type { Proposal } from '../proposal.ts';
import { type ProposerRule, type ProposerState, promisesWith } from '../proposer.ts';
import { includesQuorum } from '../quorum.ts';
import { type Mutant, withAcceptor, withPhase2a, withProposer } from './mutant.ts';

/** The proposals reported by some promises, the lowest-numbered first. */
function reports(promises: ProposerState['promises']): Proposal[] {
  return Object.values(promises)
    .filter((report) => report !== null)
    .sort((a, b) => compareBallots(a.ballot, b.ballot));
}

/** The value reported most often; of several, the one that was last to appear in `proposals` wins. */
function mostOften(proposals: readonly Proposal[]): string | undefined {
  const votes = (value: string) => proposals.filter((report) => report.value === value).length;
  const most = Math.max(...proposals.map(({ value }) => votes(value)));
  return proposals.findLast(({ value }) => votes(value) === most)?.value;
}

/** The first report that is received counts; those received after it are taken for reports of nothing. */
const firstReportOnly: typeof promisesWith = (state, event) => {
  const promises = promisesWith(state, event);
  if (!promises || event.type !== 'receive') return undefined;
  const heard = Object.values(state.promises).some((report) => report !== null);
  const { from } = event.message;
  return heard ? { ...promises, [from]: state.promises[from] ?? null } : promises;
};

/** Each promise of the ballot, be it one too many, makes a proposal of what was reported so far. */
const phase2aAgain: ProposerRule = ({ id, acceptors, quorums }, state, event) => {
  const promises = promisesWith({ ...state, phase: 'prepare' }, event);
  if (!promises || !includesQuorum(quorums.phase1, Object.keys(promises))) return undefined;
  if (state.ballot === null || state.value === null) return undefined;
  const value = reports(promises).at(-1)?.value ?? state.value;
  const accept = { type: 'accept' as const, from: id, to: acceptors, ballot: state.ballot, value };
  return { state: { ...state, phase: 'accept', promises }, send: [accept] };
};

const threeBallots = { acceptors: 3, proposers: 2, ballots: [1, 2] };
const threeProposers = { acceptors: 3, proposers: 3, ballots: 1 };

/** The proposer proposes something else than the value of the highest-numbered proposal reported. */
export const valueRule: readonly Mutant[] = [
  {
    name: 'own-value',
    breaks: 'The proposer proposes its own value although a promise reports an accepted proposal.',
    who: 'Readers who take phase 1 for a lock: whoever has the promises of a majority may write what it likes.',
    roles: (roles) => withPhase2a(roles, { value: (_promises, own) => own }),
    smallest: { acceptors: 1, proposers: 2, ballots: 1 },
    also: [
      { acceptors: 2, proposers: 2, ballots: 1 },
      { acceptors: 3, proposers: 2, ballots: 1 },
    ],
  },
  {
    name: 'default-value',
    breaks:
      'If no promise reports a proposal, the proposer proposes an empty default value that nobody asked for.',
    who: 'Languages in which a variable that was never assigned has a value, such as zero or the empty string.',
    roles: (roles) =>
      withPhase2a(roles, { value: (promises) => reports(promises).at(-1)?.value ?? 'default' }),
    smallest: { acceptors: 1, proposers: 1, ballots: 1 },
    also: [{ acceptors: 3, proposers: 2, ballots: 1 }],
  },
  {
    name: 'most-often-reported',
    breaks:
      'The proposer takes the value reported most often; among values reported equally often, the one of the higher ballot.',
    who: 'Readers who think of a vote: what most acceptors report must be what the majority wants.',
    roles: (roles) => withPhase2a(roles, { value: (promises, own) => mostOften(reports(promises)) ?? own }),
    smallest: { acceptors: 5, proposers: 2, ballots: [2, 1] },
    hears: {
      a1: ['prepare 1.p1', 'accept 1.p1', 'prepare 2.p1', 'accept 2.p1'],
      a2: ['prepare 1.p1', 'accept 1.p1', 'prepare 2.p1', 'accept 2.p1'],
      a3: ['prepare 1.p1', 'prepare 1.p2', 'accept 1.p2', 'prepare 2.p1', 'accept 2.p1'],
      a4: ['prepare 1.p2', 'accept 1.p2'],
      a5: ['prepare 1.p2', 'accept 1.p2'],
    },
    also: [
      threeBallots,
      threeProposers,
      { acceptors: 3, proposers: 2, ballots: 2 },
      { acceptors: 4, proposers: 2, ballots: [2, 1] },
    ],
    large: [{ acceptors: 5, proposers: 2, ballots: [2, 1] }],
  },
  {
    name: 'most-often-reported-lower',
    breaks:
      'The proposer takes the value reported most often; among values reported equally often, the one of the lower ballot.',
    who: 'The same readers; the first maximum that a loop finds is the one that it keeps.',
    roles: (roles) =>
      withPhase2a(roles, { value: (promises, own) => mostOften(reports(promises).reverse()) ?? own }),
    smallest: threeBallots,
    also: [threeProposers],
  },
  {
    name: 'first-reported',
    breaks:
      'The proposer takes the first accepted value that is reported to it, and does not compare ballots.',
    who: 'Implementations that set the value "if it is not yet set" on each promise that they receive.',
    roles: (roles) => withPhase2a(roles, { collects: firstReportOnly }),
    smallest: threeBallots,
    also: [threeProposers],
  },
  {
    name: 'lowest-reported',
    breaks: 'The proposer takes the value of the lowest-numbered proposal reported.',
    who: 'A comparison the wrong way round; or the thought that what was accepted first must have been chosen first.',
    roles: (roles) => withPhase2a(roles, { value: (promises, own) => reports(promises)[0]?.value ?? own }),
    smallest: threeBallots,
    also: [threeProposers],
  },
  {
    name: 'reports-first-accepted',
    breaks: 'The acceptor remembers and reports the first proposal that it accepted, for ever.',
    who: 'Readers for whom "accepted" means decided: a register that is written once.',
    roles: (roles) =>
      withAcceptor(roles, {
        '2b': (context, state, event) => {
          const effect = roles.acceptor.rules['2b']?.(context, state, event);
          return (
            effect && {
              ...effect,
              state: { ...effect.state, accepted: state.accepted ?? effect.state.accepted },
            }
          );
        },
      }),
    smallest: threeBallots,
    also: [threeProposers],
  },
  {
    name: 'value-recomputed',
    breaks:
      'The proposer keeps no record of what it proposed: on each further promise it works out the value again, and proposes twice in one ballot.',
    who: 'Proposers without memory, which answer each promise beyond the quorum as they answered the one that made it.',
    roles: (roles) => withProposer(roles, { '2a': phase2aAgain }),
    smallest: { acceptors: 3, proposers: 2, ballots: 1 },
  },
];
