import type { Clause, LocalStep, Property } from '../model-check/system.ts';
import { type Ballot, compareBallots, showBallot } from './ballot.ts';
import type { Cast } from './configuration.ts';
import { type AcceptorAt, newlySent, type PaxosFacts, type RoleState, sent } from './facts.ts';
import type { Message, Receive } from './message.ts';
import { highest, type Proposal } from './proposal.ts';
import type { Start } from './proposer.ts';
import { showProposal as show } from './show.ts';

export type PaxosEvent = Start | Receive;
export type PaxosStep = LocalStep<RoleState, Message, PaxosEvent>;
export type PaxosProperty = Property<RoleState, Message, PaxosEvent>;
type PaxosClause = Clause<RoleState, Message>;

/**
 * What is claimed of single-decree Paxos: the three safety requirements of section 2.1, and the statements by which the
 * paper (section 2.2) and the reading in three steps of one of its readers lead to them.
 */
export function propertiesOf(cast: Cast, facts: PaxosFacts): PaxosProperty[] {
  return [
    ...requirements(cast, facts),
    ...acceptorLemmas(),
    ...chosenLemmas(cast, facts),
    ...chain(cast, facts),
    onlyGrow,
  ];
}

/** Where there are no learners, nothing is learned. */
const withoutLearners = (cast: Cast) => (cast.learners.length === 0 ? 'needs at least 1 learner' : undefined);

/** Section 2.1: "The safety requirements for consensus". */
function requirements(cast: Cast, { chosen, inputs, learned }: PaxosFacts): PaxosProperty[] {
  const validity = (proposals: Proposal[], values: string[]) => {
    const stray = proposals.find(({ value }) => !values.includes(value));
    return stray && `${show(stray)} is chosen; the values proposed are ${values.join(', ') || 'none'}`;
  };
  const agreement = (proposals: Proposal[]) => {
    const other = proposals.find(({ value }) => value !== proposals[0]?.value);
    return other && `${show(proposals[0] as Proposal)} and ${show(other)} are both chosen`;
  };
  const learnedIsChosen = (learners: { learner: string; value: string | null }[], proposals: Proposal[]) => {
    const wrong = learners.find(
      ({ value }) => value !== null && !proposals.some((proposal) => proposal.value === value),
    );
    return (
      wrong &&
      `${wrong.learner} learned ${wrong.value}; chosen: ${proposals.map(show).join(', ') || 'nothing'}`
    );
  };
  return [
    {
      name: 'validity',
      kind: 'requirement',
      statement: 'Only a value that has been proposed may be chosen.',
      clauses: [{ facts: [chosen, inputs], check: validity as PaxosClause['check'] }],
    },
    {
      name: 'agreement',
      kind: 'requirement',
      statement: 'Only a single value is chosen.',
      clauses: [{ facts: [chosen], check: agreement as PaxosClause['check'] }],
    },
    {
      name: 'learned-is-chosen',
      kind: 'requirement',
      notApplicable: withoutLearners(cast),
      statement: 'A process never learns that a value has been chosen unless it actually has been.',
      clauses: [{ facts: [learned, chosen], check: learnedIsChosen as PaxosClause['check'] }],
    },
  ];
}

/** P1 and P1a (section 2.2), as statements about one step of an acceptor. */
function acceptorLemmas(): PaxosProperty[] {
  return [
    {
      name: 'P1',
      kind: 'lemma',
      statement:
        'An acceptor accepts the first proposal that it receives, unless it has promised a higher ballot.',
      step: ({ actor, role, event, before, after }) => {
        if (role !== 'acceptor' || event.type !== 'receive' || event.message.type !== 'accept')
          return undefined;
        const { ballot } = event.message;
        const promisedHigher = sent(before, 'promise').some(
          (promise) => compareBallots(promise.ballot, ballot) > 0,
        );
        if (promisedHigher || sent(after, 'accepted').length > 0) return undefined;
        return `${actor} has accepted nothing and promised nothing higher, and yet does not accept ${show(event.message)}`;
      },
    },
    {
      name: 'P1a',
      kind: 'lemma',
      statement:
        'An acceptor accepts a proposal numbered n only if it has not promised a ballot greater than n.',
      step: (step) => {
        for (const vote of newlySent(step.before, step.after, 'accepted')) {
          const above = sent(step.before, 'promise').find(
            (promise) => compareBallots(promise.ballot, vote.ballot) > 0,
          );
          if (above)
            return `${step.actor} accepts ${show(vote)} though it has promised ${showBallot(above.ballot)}`;
        }
        return undefined;
      },
    },
  ];
}

/** P2 and its strengthenings (section 2.2), and what all of them rest on: one value in a ballot. */
function chosenLemmas(cast: Cast, facts: PaxosFacts): PaxosProperty[] {
  const { chosen, votes, issued } = facts;
  const above = (what: string) => (proposals: Proposal[], others: Proposal[]) => {
    for (const proposal of proposals) {
      const other = others.find(
        ({ ballot, value }) => compareBallots(ballot, proposal.ballot) > 0 && value !== proposal.value,
      );
      if (other) return `${show(proposal)} is chosen and the higher-numbered ${show(other)} is ${what}`;
    }
    return undefined;
  };
  const accepted = (all: { votes: Proposal[] }[]) => all.flatMap((each) => each.votes);
  return [
    {
      name: 'P2',
      kind: 'lemma',
      statement:
        'If a proposal with value v is chosen, then every higher-numbered proposal that is chosen has value v.',
      clauses: [
        { facts: [chosen], check: ((all: Proposal[]) => above('chosen')(all, all)) as PaxosClause['check'] },
      ],
    },
    {
      name: 'P2a',
      kind: 'lemma',
      statement:
        'If a proposal with value v is chosen, then every higher-numbered proposal accepted by any acceptor has value v.',
      clauses: [
        {
          facts: [chosen, votes],
          check: ((all: Proposal[], by: { votes: Proposal[] }[]) =>
            above('accepted')(all, accepted(by))) as PaxosClause['check'],
        },
      ],
    },
    {
      name: 'P2b',
      kind: 'lemma',
      statement:
        'If a proposal with value v is chosen, then every higher-numbered proposal issued by any proposer has value v.',
      clauses: [{ facts: [chosen, issued], check: above('issued') as PaxosClause['check'] }],
    },
    {
      name: 'P2c',
      kind: 'lemma',
      statement:
        'If a proposal numbered n with value v is issued, then there is a phase 1 quorum S such that either no acceptor in ' +
        'S has accepted any proposal numbered less than n, or v is the value of the highest-numbered proposal among all ' +
        'proposals numbered less than n accepted by the acceptors in S.',
      clauses: cast.ballots.map((ballot) => p2c(cast, facts, ballot)),
    },
    {
      name: 'one-value-per-ballot',
      kind: 'lemma',
      statement: 'Proposals that are issued or accepted in one ballot have one value.',
      clauses: cast.ballots.map((ballot) => oneValue(facts, ballot)),
    },
  ];
}

function p2c(cast: Cast, { issuedAt, acceptorsAt }: PaxosFacts, ballot: Ballot): PaxosClause {
  const check = (values: string[], acceptors: AcceptorAt[]) => {
    const wrong = values.find(
      (value) => !cast.quorums.phase1.some((quorum) => agrees(quorum, acceptors, value)),
    );
    return wrong && `${show({ ballot, value: wrong })} is issued, and no phase 1 quorum allows that value`;
  };
  return { facts: [issuedAt(ballot), acceptorsAt(ballot)], check: check as PaxosClause['check'] };
}

function oneValue({ issuedAt, acceptorsAt }: PaxosFacts, ballot: Ballot): PaxosClause {
  const check = (issued: string[], acceptors: AcceptorAt[]) => {
    const values = [...new Set([...issued, ...acceptors.flatMap(({ votes }) => votes)])];
    return values.length > 1
      ? `ballot ${showBallot(ballot)} has the values ${values.join(' and ')}`
      : undefined;
  };
  return { facts: [issuedAt(ballot), acceptorsAt(ballot)], check: check as PaxosClause['check'] };
}

/** Whether the highest-numbered lower proposal that the quorum has accepted, if any, has this value. */
function agrees(quorum: readonly string[], acceptors: readonly AcceptorAt[], value: string): boolean {
  const below = highest(
    acceptors.filter(({ acceptor }) => quorum.includes(acceptor)).map((each) => each.below),
  );
  return below === null || below.value === value;
}

/**
 * A reader's three steps: an object is installed as version n with value v only if (1) a quorum accepted version n with
 * value v, only if (2) a quorum agreed that no lower version will be accepted, and (3) within that quorum the
 * highest lower version, if any, has value v.
 */
function chain(cast: Cast, { announced, learned, chosen, acceptorsAt }: PaxosFacts): PaxosProperty[] {
  const installed = (values: string[], learners: { value: string | null }[], proposals: Proposal[]) => {
    const all = [...values, ...learners.flatMap(({ value }) => value ?? [])];
    const wrong = all.find((value) => !proposals.some((proposal) => proposal.value === value));
    return wrong && `${wrong} is installed, and no phase 2 quorum has accepted it`;
  };
  const perBallot = (
    allowed: (quorum: readonly string[], acceptors: readonly AcceptorAt[], value: string) => boolean,
    otherwise: string,
  ) =>
    cast.ballots.map((ballot): PaxosClause => {
      const check = (acceptors: AcceptorAt[]) => {
        for (const value of new Set(acceptors.flatMap(({ votes }) => votes))) {
          const accepted = cast.quorums.phase2.some((quorum) =>
            quorum.every((id) =>
              acceptors.some(({ acceptor, votes }) => acceptor === id && votes.includes(value)),
            ),
          );
          if (accepted && !cast.quorums.phase1.some((quorum) => allowed(quorum, acceptors, value))) {
            return `a quorum has accepted ${show({ ballot, value })}, and no phase 1 quorum ${otherwise}`;
          }
        }
        return undefined;
      };
      return { facts: [acceptorsAt(ballot)], check: check as PaxosClause['check'] };
    });
  const promised = (quorum: readonly string[], acceptors: readonly AcceptorAt[]) =>
    quorum.every((id) => acceptors.some((each) => each.acceptor === id && each.promised));
  return [
    {
      name: 'installed-is-accepted',
      kind: 'lemma',
      notApplicable: withoutLearners(cast),
      statement:
        'A value is installed (learned, or announced as chosen) only if a phase 2 quorum has accepted it in one ballot.',
      clauses: [{ facts: [announced, learned, chosen], check: installed as PaxosClause['check'] }],
    },
    {
      name: 'accepted-is-promised',
      kind: 'lemma',
      statement: 'A phase 2 quorum accepts a proposal numbered n only if a phase 1 quorum has promised n.',
      clauses: perBallot(promised, 'has promised that ballot'),
    },
    {
      name: 'promised-agrees',
      kind: 'lemma',
      statement:
        'A phase 2 quorum accepts a proposal numbered n only if some phase 1 quorum has promised n and the highest-numbered ' +
        'lower proposal that it has accepted, if any, has the same value.',
      clauses: perBallot(
        (quorum, acceptors, value) => promised(quorum, acceptors) && agrees(quorum, acceptors, value),
        'that has promised that ballot agrees on the value',
      ),
    },
  ];
}

/** A property of steps: what is promised is never taken back, through crashes as well. */
const onlyGrow: PaxosProperty = {
  name: 'only-grow',
  kind: 'lemma',
  statement:
    "An acceptor's promise, the ballot of what it has accepted and a proposer's ballot never get lower.",
  step: ({ actor, before, after }) => {
    const falls = (what: string, from: Ballot | null, to: Ballot | null) =>
      compareBallots(to, from) < 0
        ? `the ${what} of ${actor} falls from ${showBallot(from)} to ${showBallot(to)}`
        : undefined;
    const [was, is] = [before.state, after.state];
    if ('promised' in was && 'promised' in is) {
      return (
        falls('promise', was.promised, is.promised) ??
        falls('accepted ballot', was.accepted?.ballot ?? null, is.accepted?.ballot ?? null)
      );
    }
    return 'ballot' in was && 'ballot' in is ? falls('ballot', was.ballot, is.ballot) : undefined;
  },
};
