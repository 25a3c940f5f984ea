import type { Clause } from '../../model-check/system.ts';
import { type Ballot, compareBallots, showBallot } from '../ballot.ts';
import type { AcceptorAt } from '../facts.ts';
import { highest } from '../proposal.ts';
import type { LogCast } from './configuration.ts';
import { type Slot, showSlotProposal } from './entry.ts';
import { type LogFacts, type LogProperty, type LogRoleState, logNewlySent, logSent } from './facts.ts';
import type { LogMessage } from './message.ts';

type LogClause = Clause<LogRoleState, LogMessage>;

/** P1a, P2c and what they rest on, in each slot. */
export function logLemmas(cast: LogCast, facts: LogFacts): LogProperty[] {
  const everywhere = (clause: (slot: Slot, ballot: Ballot) => LogClause) =>
    cast.slots.flatMap((slot) => cast.ballots.map((ballot) => clause(slot, ballot)));
  return [
    {
      name: 'P1a',
      kind: 'lemma',
      statement:
        'An acceptor accepts a proposal numbered n, in any slot, only if it has not promised a ballot greater than n.',
      step: ({ actor, before, after }) => {
        for (const vote of logNewlySent(before, after, 'accepted')) {
          const above = logSent(before, 'promise').find(
            (promise) => compareBallots(promise.ballot, vote.ballot) > 0,
          );
          if (above)
            return `${actor} accepts ${showSlotProposal(vote)} though it has promised ${showBallot(above.ballot)}`;
        }
        return undefined;
      },
    },
    {
      name: 'P2c',
      kind: 'lemma',
      statement:
        'If a proposal numbered n with value v is issued in a slot, then there is a phase 1 quorum S such that either no acceptor ' +
        'in S has accepted any proposal numbered less than n in that slot, or v is the value of the highest-numbered of those accepted there.',
      clauses: everywhere((slot, ballot) => p2c(cast, facts, slot, ballot)),
    },
    {
      name: 'one-value-per-ballot',
      kind: 'lemma',
      statement: 'Proposals that are issued or accepted in one slot in one ballot have one value.',
      clauses: everywhere((slot, ballot) => oneValue(facts, slot, ballot)),
    },
    onlyGrow,
  ];
}

function p2c(cast: LogCast, { issuedAt, acceptorsAt }: LogFacts, slot: Slot, ballot: Ballot): LogClause {
  const check = (values: string[], acceptors: AcceptorAt[]) => {
    const allowed = (value: string) =>
      cast.quorums.phase1.some((quorum) => {
        const below = acceptors.filter(({ acceptor }) => quorum.includes(acceptor)).map((at) => at.below);
        const last = highest(below);
        return last === null || last.value === value;
      });
    const wrong = values.find((value) => !allowed(value));
    return (
      wrong &&
      `${showSlotProposal({ slot, ballot, value: wrong })} is issued, and no phase 1 quorum allows that value`
    );
  };
  return { facts: [issuedAt(slot, ballot), acceptorsAt(slot, ballot)], check: check as LogClause['check'] };
}

function oneValue({ issuedAt, acceptorsAt }: LogFacts, slot: Slot, ballot: Ballot): LogClause {
  const check = (issued: string[], acceptors: AcceptorAt[]) => {
    const values = [...new Set([...issued, ...acceptors.flatMap(({ votes }) => votes)])];
    return values.length > 1
      ? `slot ${slot} has the values ${values.join(' and ')} in ballot ${showBallot(ballot)}`
      : undefined;
  };
  return { facts: [issuedAt(slot, ballot), acceptorsAt(slot, ballot)], check: check as LogClause['check'] };
}

/** What is promised, accepted, started or applied is never taken back, through crashes as well. */
const onlyGrow: LogProperty = {
  name: 'only-grow',
  kind: 'lemma',
  statement:
    "An acceptor's promise, the ballot of what it has accepted in a slot, a leader's ballot, and how far a replica has applied never get lower.",
  step: ({ actor, before, after }) => {
    const [was, is] = [before.state, after.state];
    const falls = (what: string, from: Ballot | null, to: Ballot | null) =>
      compareBallots(to, from) < 0
        ? `the ${what} of ${actor} falls from ${showBallot(from)} to ${showBallot(to)}`
        : undefined;
    if ('promised' in was && 'promised' in is) {
      const kept = was.accepted.filter(({ slot }) => slot > is.truncated);
      const lower = kept.map(({ slot, ballot }) =>
        falls(
          `accepted ballot in slot ${slot}`,
          ballot,
          is.accepted.find((each) => each.slot === slot)?.ballot ?? null,
        ),
      );
      return [falls('promise', was.promised, is.promised), ...lower].find((wrong) => wrong !== undefined);
    }
    if ('ballot' in was && 'ballot' in is) return falls('ballot', was.ballot, is.ballot);
    return 'decided' in was && 'decided' in is && is.applied < was.applied
      ? `${actor} had applied slot ${was.applied}, and now only slot ${is.applied}`
      : undefined;
  },
};
