import type { Clause } from '../../model-check/system.ts';
import { type Ballot, compareBallots, showBallot } from '../ballot.ts';
import type { AcceptorAt } from '../facts.ts';
import { highest, type Proposal } from '../proposal.ts';
import { showProposal } from '../show.ts';
import { clientProperties } from './client-properties.ts';
import type { LogCast } from './configuration.ts';
import { NO_OP, type Slot, showSlotProposal } from './entry.ts';
import {
  type LogFacts,
  type LogProperty,
  type LogRoleState,
  logNewlySent,
  logSent,
  type ReplicaView,
} from './facts.ts';
import { READ } from './journal.ts';
import type { LogMessage } from './message.ts';
import { decodeCommand } from './state-machine.ts';

type LogClause = Clause<LogRoleState, LogMessage>;

/** What is claimed of Multi-Paxos: consensus in each slot, what replicas make of it, and the lemmas of section 2.2 in each slot. */
export function logPropertiesOf(cast: LogCast, facts: LogFacts): LogProperty[] {
  return [
    ...consensusInEachSlot(cast, facts),
    ...stateMachine(cast, facts),
    ...clientProperties(cast, facts),
    ...lemmas(cast, facts),
  ];
}

const needsReplicas = ({ replicas }: LogCast, count: number) =>
  replicas.length < count ? `needs at least ${count === 1 ? '1 replica' : `${count} replicas`}` : undefined;

/** The safety requirements of section 2.1, in each instance. */
function consensusInEachSlot(cast: LogCast, { chosen, learned }: LogFacts): LogProperty[] {
  const valid = [...cast.commands, NO_OP];
  const validity = (slot: Slot) => (proposals: Proposal[]) => {
    const stray = proposals.find(({ value }) => !valid.includes(value));
    return (
      stray && `${showSlotProposal({ slot, ...stray })} is chosen; commands: ${cast.commands.join(', ')}`
    );
  };
  const agreement = (slot: Slot) => (proposals: Proposal[]) => {
    const other = proposals.find(({ value }) => value !== proposals[0]?.value);
    return (
      other &&
      `${showProposal(proposals[0] as Proposal)} and ${showProposal(other)} are both chosen in slot ${slot}`
    );
  };
  const learnedIsChosen =
    (slot: Slot) => (replicas: { replica: string; value: string | null }[], proposals: Proposal[]) => {
      const wrong = replicas.find(
        ({ value }) => value !== null && !proposals.some((proposal) => proposal.value === value),
      );
      return (
        wrong &&
        `${wrong.replica} learned ${wrong.value} in slot ${slot}; chosen: ${proposals.map(showProposal).join(', ') || 'nothing'}`
      );
    };
  return [
    {
      name: 'validity',
      kind: 'requirement',
      statement: "Only a client's command, or the no-op, may be chosen in a slot.",
      clauses: cast.slots.map((slot) => ({
        facts: [chosen(slot)],
        check: validity(slot) as LogClause['check'],
      })),
    },
    {
      name: 'agreement',
      kind: 'requirement',
      statement: 'Only a single value is chosen in a slot.',
      clauses: cast.slots.map((slot) => ({
        facts: [chosen(slot)],
        check: agreement(slot) as LogClause['check'],
      })),
    },
    {
      name: 'learned-is-chosen',
      kind: 'requirement',
      notApplicable: needsReplicas(cast, 1),
      statement: 'A replica never learns that a value has been chosen in a slot unless it actually has been.',
      clauses: cast.slots.map((slot) => ({
        facts: [learned(slot), chosen(slot)],
        check: learnedIsChosen(slot) as LogClause['check'],
      })),
    },
  ];
}

/** Section 3: the servers "will produce the same sequences of states and outputs if they all execute the same sequence of commands". */
function stateMachine(cast: LogCast, facts: LogFacts): LogProperty[] {
  const { applied } = facts;
  const everyReplica = (wrong: (view: ReplicaView) => string | undefined) => (views: ReplicaView[]) =>
    views.map(wrong).find((sentence) => sentence !== undefined);
  const everyPair =
    (wrong: (a: ReplicaView, b: ReplicaView) => string | undefined) => (views: ReplicaView[]) =>
      views.flatMap((a) => views.map((b) => wrong(a, b))).find((sentence) => sentence !== undefined);
  const about = (check: (views: ReplicaView[]) => string | undefined): LogClause[] => [
    { facts: [applied], check: check as LogClause['check'] },
  ];
  return [
    {
      name: 'prefix',
      kind: 'requirement',
      notApplicable: needsReplicas(cast, 2),
      statement: 'Of any two replicas, what one has applied is a prefix of what the other has applied.',
      clauses: about(
        everyPair((a, b) =>
          a.journal.startsWith(b.journal) || b.journal.startsWith(a.journal)
            ? undefined
            : `${a.replica} has applied ${a.journal}, and ${b.replica} ${b.journal}`,
        ),
      ),
    },
    {
      name: 'no-gap',
      kind: 'requirement',
      notApplicable: needsReplicas(cast, 1),
      statement:
        'A replica applies the command of a slot only if it knows what is chosen in each slot before it.',
      clauses: about(
        everyReplica(({ replica, applied: last, decided, truncated }) => {
          const missing = Array.from({ length: last }, (_, at) => at + 1).find(
            (slot) => slot > truncated && !decided.some((known) => known.slot === slot),
          );
          return missing === undefined
            ? undefined
            : `${replica} has applied slot ${last} and does not know what is chosen in slot ${missing}`;
        }),
      ),
    },
    {
      name: 'in-order',
      kind: 'requirement',
      notApplicable: needsReplicas(cast, 1),
      statement: 'What a replica has applied are the commands of the slots up to some slot, in their order.',
      clauses: cast.snapshots ? [appliedAsChosen(cast, facts)] : about(everyReplica(outOfOrder)),
    },
    {
      name: 'at-most-once',
      kind: 'requirement',
      notApplicable: needsReplicas(cast, 1),
      statement: 'A command takes effect at most once, in however many slots it is chosen.',
      clauses: about(
        everyReplica(({ replica, journal }) => {
          const twice = [...journal].find((operation, at) => journal.indexOf(operation) !== at);
          return twice && `${replica} has applied ${journal}: ${twice} took effect twice`;
        }),
      ),
    },
    {
      name: 'same-replies',
      kind: 'requirement',
      notApplicable: needsReplicas(cast, 2),
      statement: 'All replicas have the same reply to a command.',
      clauses: about(
        everyPair((a, b) => {
          const client = Object.keys(a.sessions).find(
            (name) => b.sessions[name] && b.sessions[name].reply !== a.sessions[name]?.reply,
          );
          return (
            client &&
            `${client} is answered ${a.sessions[client]?.reply} by ${a.replica} and ${b.sessions[client]?.reply} by ${b.replica}`
          );
        }),
      ),
    },
  ];
}

/** The same of a replica that may have forgotten what was chosen: by what has been chosen, as the votes say. */
function appliedAsChosen({ slots }: LogCast, { applied, chosen }: LogFacts): LogClause {
  const check = (views: ReplicaView[], ...proposals: Proposal[][]) => {
    const decided = slots.flatMap((slot, at) => (proposals[at] ?? []).map(({ value }) => ({ slot, value })));
    return views.map((view) => outOfOrder({ ...view, decided })).find((wrong) => wrong !== undefined);
  };
  return { facts: [applied, ...slots.map((slot) => chosen(slot))], check: check as LogClause['check'] };
}

function outOfOrder({
  replica,
  applied: last,
  decided,
  journal,
}: Pick<ReplicaView, 'replica' | 'applied' | 'decided' | 'journal'>): string | undefined {
  const operations = decided
    .filter(({ slot }) => slot <= last)
    .flatMap(({ value }) => decodeCommand(value)?.operation ?? [])
    .filter((operation) => operation !== READ);
  const due = [...new Set(operations)].join('');
  const once = [...new Set(journal)].join('');
  return due === once
    ? undefined
    : `${replica} has applied ${journal || 'nothing'}, where slots 1 to ${last} have ${due || 'no command'}`;
}

/** P1a, P2c and what they rest on, in each slot. */
function lemmas(cast: LogCast, facts: LogFacts): LogProperty[] {
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
