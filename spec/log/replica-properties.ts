import type { Clause } from '../../model-check/system.ts';
import type { Proposal } from '../proposal.ts';
import type { LogCast } from './configuration.ts';
import type { LogFacts, LogProperty, LogRoleState, ReplicaView } from './facts.ts';
import { READ } from './journal.ts';
import type { LogMessage } from './message.ts';
import { decodeCommand } from './state-machine.ts';

type LogClause = Clause<LogRoleState, LogMessage>;

/** Why a property of replicas says nothing where there are fewer. */
export const needsReplicas = ({ replicas }: LogCast, count: number) =>
  replicas.length < count ? `needs at least ${count === 1 ? '1 replica' : `${count} replicas`}` : undefined;

/** Section 3: the servers "will produce the same sequences of states and outputs if they all execute the same sequence of commands". */
export function replicaProperties(cast: LogCast, facts: LogFacts): LogProperty[] {
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
