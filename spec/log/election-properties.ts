import type { Predicate } from '../../model-check/system.ts';
import { compareBallots, showBallot } from '../ballot.ts';
import type { Proposal } from '../proposal.ts';
import type { LogCast, MultiPaxosConfiguration } from './configuration.ts';
import { ballotsUsedUp } from './deciders/ballots.ts';
import type { LogFacts, LogProperty, LogRoleState, LogSituation, LogStep } from './facts.ts';
import type { LogMessage } from './message.ts';

/** What is claimed of elections: that nobody goes back to a leader that was deposed, and that none comes to nothing. */
export function electionProperties(cast: LogCast, { chosen }: LogFacts): LogProperty[] {
  const heartbeats = cast.election === undefined ? 'needs heartbeats' : undefined;
  const timely = cast.election === 'timely';
  return [
    {
      name: 'follows-highest',
      kind: 'requirement',
      notApplicable: heartbeats,
      statement:
        'Nobody follows the leader of a ballot lower than one that it has begun, or whose leader it has followed.',
      step: followsLower,
    },
    {
      name: 'decision-in-reach',
      kind: 'requirement',
      notApplicable: timely
        ? undefined
        : 'needs time-outs that are not taken where a leader is heard (election "timely")',
      statement:
        'Where servers time out only if they hear of no leader, a state can be reached from every reachable one in which a value is chosen in every slot, unless the last ballot that may be started was lost.',
      ...(timely
        ? {
            alwaysReachable: {
              facts: cast.slots.map((slot) => chosen(slot)),
              holds: (...all) => (all as Proposal[][]).every((proposals) => proposals.length > 0),
              unless: ballotsUsedUp(cast) as Predicate<LogRoleState, LogMessage>,
            },
          }
        : {}),
    },
  ];
}

/** Whether it is a heartbeat that a step is about, and of which leader. */
function heard({ event }: LogStep) {
  return event.type === 'receive' && event.message.type === 'heartbeat' ? event.message : undefined;
}

function followsLower(step: LogStep): string | undefined {
  const heartbeat = heard(step);
  const { actor, rule, before } = step;
  if (!heartbeat || rule !== 'follow' || !('following' in before.state)) return undefined;
  const higher = [before.state.ballot, before.state.following].find(
    (known) => compareBallots(known, heartbeat.ballot) > 0,
  );
  return higher
    ? `${actor} follows the leader of ${showBallot(heartbeat.ballot)}, though it knows of ${showBallot(higher)}`
    : undefined;
}

/** What must come of heartbeats. */
export function electionSituations(
  { crashes }: MultiPaxosConfiguration,
  { election, leaders, ballots }: LogCast,
): LogSituation[] {
  const notApplicable =
    election === undefined || leaders.length < 2 ? 'needs heartbeats and at least 2 leaders' : undefined;
  return [
    {
      name: 'deposed-by-heartbeat',
      statement: 'a leader hears of one of a higher ballot, and steps down',
      notApplicable,
      step: (step) =>
        step.rule === 'follow' && 'phase' in step.before.state && step.before.state.phase === 'lead',
    },
    {
      name: 'stale-heartbeat',
      statement: 'a server does not obey a leader, because it knows of a higher ballot',
      notApplicable,
      step: (step) => heard(step) !== undefined && step.rule === null,
    },
    {
      name: 'led-after-following',
      statement: 'a server that has followed a leader begins a ballot, and leads',
      notApplicable:
        notApplicable ??
        (ballots.some(({ round }) => round > 1) && (election === 'asynchronous' || crashes > 0)
          ? undefined
          : 'needs a leader with at least 2 ballots and, if time-outs are timely, at least 1 crash'),
      step: ({ rule, before }) =>
        rule === '2a' && 'following' in before.state && before.state.following !== null,
    },
  ];
}

/** What must come of replicas that ask one another. */
export function catchUpSituations({ catchUp, snapshots }: LogCast): LogSituation[] {
  const notApplicable = catchUp ? undefined : 'needs replicas that ask one another';
  return [
    {
      name: 'caught-up',
      statement: 'a replica that has asked learns from another what is chosen in a slot, and applies it',
      notApplicable,
      step: ({ rule, before, after }) =>
        rule === 'learn-decision' &&
        before.sent.some(({ type }) => type === 'ask') &&
        'applied' in before.state &&
        'applied' in after.state &&
        after.state.applied > before.state.applied,
    },
    {
      name: 'caught-up-by-snapshot',
      statement: 'a replica that is asked for what it has forgotten answers with a snapshot',
      notApplicable: notApplicable ?? (snapshots ? undefined : 'needs snapshots'),
      step: ({ rule, before, event }) =>
        rule === 'supply' &&
        event.type === 'receive' &&
        event.message.type === 'ask' &&
        'truncated' in before.state &&
        event.message.after < before.state.truncated,
    },
  ];
}
