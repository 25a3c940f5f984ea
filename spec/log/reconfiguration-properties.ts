import type { Clause } from '../../model-check/system.ts';
import type { Proposal } from '../proposal.ts';
import type { LogCast, MultiPaxosConfiguration } from './configuration.ts';
import type { IssuedTo, LogFacts, LogProperty, LogRoleState, LogSituation, LogStep } from './facts.ts';
import type { LogMessage } from './message.ts';
import { encodeChange } from './reconfiguration.ts';

type LogClause = Clause<LogRoleState, LogMessage>;

const NEEDED = 'needs a change of the acceptors (reconfigure)';

/** What is claimed of acceptors that change. */
export function reconfigurationProperties(cast: LogCast, { issuedTo }: LogFacts): LogProperty[] {
  const notApplicable = cast.changed ? undefined : NEEDED;
  const oneConfiguration = (slot: number) => (issued: IssuedTo[]) => {
    const other = issued.find(({ to }) => to.join() !== issued[0]?.to.join());
    return (
      other &&
      `in slot ${slot} ${issued[0]?.ballot.proposer} asks ${issued[0]?.to.join(', ')} and ${other.ballot.proposer} asks ${other.to.join(', ')}`
    );
  };
  return [
    {
      name: 'removed-cannot-disturb',
      kind: 'requirement',
      notApplicable,
      statement:
        'A leader is not deposed by one who is an acceptor in no slot that it does not know to be decided.',
      step: (step) => (cast.changed ? disturbed(cast, step) : undefined),
    },
    {
      name: 'one-configuration',
      kind: 'lemma',
      notApplicable,
      statement: 'At most one set of acceptors is asked to accept proposals in a slot.',
      clauses: cast.changed
        ? cast.slots.map((slot) => ({
            facts: [issuedTo(slot)],
            check: oneConfiguration(slot) as LogClause['check'],
          }))
        : [],
    },
  ];
}

/** Whether a leader obeys the nack of one who was removed from all slots that are open. There is one change of the acceptors. */
function disturbed({ window }: LogCast, { actor, rule, event, before }: LogStep): string | undefined {
  if (rule !== 'preempted' || event.type !== 'receive' || !('chosenUpTo' in before.state)) return undefined;
  const { from } = event.message;
  const { chosenUpTo, changes } = before.state;
  const [change] = changes;
  return change && change.slot + window <= chosenUpTo + 1 && !change.acceptors.includes(from)
    ? `${actor} steps down because of ${from}, which is no acceptor from slot ${change.slot + window} on; slots are open from ${chosenUpTo + 1} on`
    : undefined;
}

const holds = (test: (...values: never[]) => boolean) => test as (...values: readonly unknown[]) => boolean;

/** What must come of a change of the acceptors. */
export function reconfigurationSituations(
  { crashes }: MultiPaxosConfiguration,
  { changed = [], slots, window, leaders, ballots }: LogCast,
  { chosen, issuedTo }: LogFacts,
): LogSituation[] {
  const change = encodeChange(changed);
  const last = slots.length;
  const notApplicable =
    changed.length === 0 ? NEEDED : last <= window ? 'needs more slots than the window has' : undefined;
  const again = ballots.length > 1 ? undefined : 'needs at least 2 ballots in all';
  const byChanged = ({ to }: IssuedTo) => to.join() === changed.join();
  return [
    {
      name: 'reconfigured',
      statement: 'a value is chosen by the acceptors that a change has put in the place of others',
      notApplicable: notApplicable ?? again,
      state: {
        facts: [chosen(last), issuedTo(last)],
        holds: holds((values: Proposal[], issued: IssuedTo[]) => values.length > 0 && issued.some(byChanged)),
      },
    },
    {
      name: 'changed-while-a-leader-falls',
      statement:
        'the change is chosen in the ballot of one leader, and it is another that leads the new acceptors',
      notApplicable: notApplicable ?? (leaders.length < 2 ? 'needs at least 2 leaders' : undefined),
      state: {
        facts: [chosen(1), issuedTo(last)],
        holds: holds((first: Proposal[], issued: IssuedTo[]) => {
          const decided = first.find(({ value }) => value === change);
          return (
            decided !== undefined &&
            issued.some((each) => byChanged(each) && each.ballot.proposer !== decided.ballot.proposer)
          );
        }),
      },
    },
    {
      name: 'change-survives-a-crash',
      statement: 'a leader that knows of the change crashes, and forgets it',
      notApplicable: notApplicable ?? (crashes < 1 ? 'needs at least 1 crash' : undefined),
      step: ({ event, before }) =>
        event.type === 'crash' && 'changes' in before.state && before.state.changes.length > 0,
    },
  ];
}
