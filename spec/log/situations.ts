import { compareBallots } from '../ballot.ts';
import type { Proposal } from '../proposal.ts';
import { clientSituations } from './client-properties.ts';
import type { LogCast, MultiPaxosConfiguration } from './configuration.ts';
import { catchUpSituations, electionSituations } from './election-properties.ts';
import { NO_OP } from './entry.ts';
import {
  type LogFacts,
  type LogSituation,
  type LogStep,
  logNewlySent,
  logSent,
  type ReplicaView,
} from './facts.ts';
import { READ } from './journal.ts';
import { decodeCommand } from './state-machine.ts';

const holds = (test: (...values: never[]) => boolean) => test as (...values: readonly unknown[]) => boolean;
const needs = (enough: boolean, what: string) => (enough ? undefined : `needs ${what}`);

/** What must be reachable, so that "holds" is not said of a log in which nothing happens. */
export function logSituationsOf(
  configuration: MultiPaxosConfiguration,
  cast: LogCast,
  facts: LogFacts,
): LogSituation[] {
  return [
    ...leaders(configuration, cast, facts),
    ...replicas(configuration, cast, facts),
    ...truncation(cast),
    ...electionSituations(configuration, cast),
    ...catchUpSituations(cast),
    ...clientSituations(configuration, cast, facts),
  ];
}

/** How it comes to a second leader, and what that one finds. Slots 1 and 2 stand for any two that follow one another. */
function leaders({ crashes }: MultiPaxosConfiguration, cast: LogCast, facts: LogFacts): LogSituation[] {
  const pipeline = cast.slots.length >= 2 && cast.window >= 2;
  const ballots = cast.ballots.length;
  const pipelineOfTwo = 'at least 2 slots, a window of 2 or more, and 2 ballots in all';
  return [
    {
      name: 'chosen',
      statement: 'a value is chosen in slot 1',
      state: { facts: [facts.chosen(1)], holds: holds((chosen: Proposal[]) => chosen.length > 0) },
    },
    {
      name: 'pipelined',
      statement: 'a command is proposed in slot 2 before a value is chosen in slot 1',
      notApplicable: needs(pipeline, 'at least 2 slots and a window of 2 or more'),
      state: {
        facts: [facts.chosen(1), facts.issued(2)],
        holds: holds((chosen: Proposal[], issued: Proposal[]) => chosen.length === 0 && issued.length > 0),
      },
    },
    {
      name: 'leader-changed',
      statement: 'two leaders have both passed phase 1 and proposed in slot 1',
      notApplicable: needs(cast.leaders.length >= 2, 'at least 2 leaders'),
      state: {
        facts: [facts.issued(1)],
        holds: holds((issued: Proposal[]) => new Set(issued.map(({ ballot }) => ballot.proposer)).size >= 2),
      },
    },
    {
      name: 'hole-found',
      statement: 'a new leader finds a hole, with a command in the slot after it, and fills it with a no-op',
      notApplicable: needs(pipeline && ballots >= 2, pipelineOfTwo),
      step: ({ before, after }) => {
        const accepts = logNewlySent(before, after, 'accept');
        return accepts.some(
          ({ slot, value }) =>
            value === NO_OP && accepts.some((next) => next.slot === slot + 1 && next.value !== NO_OP),
        );
      },
    },
    {
      name: 'no-op-chosen',
      statement: 'a no-op is chosen',
      notApplicable: needs(pipeline && ballots >= 2, pipelineOfTwo),
      state: {
        facts: [facts.chosen(1)],
        holds: holds((chosen: Proposal[]) => chosen.some(({ value }) => value === NO_OP)),
      },
    },
    {
      name: 'hole-filled-with-old-command',
      statement:
        'a value is chosen in slot 2 and none in slot 1, where a new leader proposes a command again',
      notApplicable: needs(
        pipeline && ballots >= 2 && cast.quorums.phase2.every((quorum) => quorum.length >= 2),
        `${pipelineOfTwo}, and phase 2 quorums of 2 or more`,
      ),
      state: {
        facts: [facts.chosen(1), facts.chosen(2), facts.issued(1)],
        holds: holds((first: Proposal[], second: Proposal[], issued: Proposal[]) => {
          const again = issued.some(
            ({ ballot, value }, at) =>
              value !== NO_OP &&
              issued
                .slice(0, at)
                .some((old) => old.value === value && compareBallots(old.ballot, ballot) < 0),
          );
          return first.length === 0 && second.length > 0 && again;
        }),
      },
    },
    {
      name: 'preempted',
      statement:
        'an acceptor that has promised a higher ballot refuses a proposal in a slot it has heard nothing of',
      notApplicable: needs(ballots >= 2, 'at least 2 ballots in all'),
      step: refusedInAnUnknownSlot,
    },
    {
      name: 'acceptor-came-back',
      statement: 'an acceptor crashes after accepting, and comes back',
      notApplicable: needs(crashes >= 1, 'at least 1 crash'),
      step: ({ role, event, before }) =>
        role === 'acceptor' && event.type === 'crash' && logSent(before, 'accepted').length > 0,
    },
  ];
}

function refusedInAnUnknownSlot({ role, event, before, after }: LogStep): boolean {
  if (role !== 'acceptor' || event.type !== 'receive' || event.message.type !== 'accept') return false;
  const { ballot, slot } = event.message;
  return (
    logSent(before, 'promise').some((promise) => compareBallots(promise.ballot, ballot) > 0) &&
    logSent(after, 'accepted').every((vote) => vote.slot !== slot)
  );
}

/** What replicas meet. */
function replicas(
  { learning }: MultiPaxosConfiguration,
  cast: LogCast,
  { applied }: LogFacts,
): LogSituation[] {
  const some = cast.replicas.length;
  const slots = cast.slots.length;
  return [
    {
      name: 'applied',
      statement: 'a replica has applied a command',
      notApplicable: needs(some >= 1, 'at least 1 replica'),
      state: {
        facts: [applied],
        holds: holds((views: ReplicaView[]) => views.some(({ journal }) => journal !== '')),
      },
    },
    {
      name: 'waiting',
      statement: 'a replica knows what is chosen in slot 2, and waits for slot 1',
      notApplicable: needs(
        some >= 1 && slots >= 2 && cast.window >= 2,
        'at least 1 replica, 2 slots and a window of 2',
      ),
      state: {
        facts: [applied],
        holds: holds((views: ReplicaView[]) =>
          views.some((view) => view.applied === 0 && view.decided.some(({ slot }) => slot === 2)),
        ),
      },
    },
    {
      name: 'retried',
      statement: 'a command that has taken effect is chosen again, and answered from the session',
      notApplicable: needs(
        some >= 1 && mayBeRetried(cast),
        'at least 1 replica, and a leader that is asked for a command again in a later slot',
      ),
      step: ({ before, after }) => {
        if (!('applied' in before.state) || !('applied' in after.state)) return false;
        const [from, upTo] = [before.state.applied, after.state.applied];
        const applying = after.state.decided.filter(({ slot }) => slot > from && slot <= upTo);
        const commands = applying.filter(
          ({ value }) => (decodeCommand(value)?.operation ?? READ) !== READ,
        ).length;
        return commands > String(after.state.machine).length - String(before.state.machine).length;
      },
    },
    {
      name: 'behind',
      statement: 'one replica has applied a command, and another nothing yet',
      notApplicable: needs(some >= 2, 'at least 2 replicas'),
      state: {
        facts: [applied],
        holds: holds(
          (views: ReplicaView[]) =>
            views.some(({ applied: last }) => last === 0) && views.some(({ journal }) => journal !== ''),
        ),
      },
    },
    {
      name: 'window-moved',
      statement: 'a leader is told that slot 1 is decided, and proposes beyond its first window',
      notApplicable: needs(
        learning === 'distinguished' && slots > cast.window,
        'learning "distinguished" and more slots than the window has',
      ),
      step: ({ rule, after }) =>
        rule === 'propose' && 'next' in after.state && after.state.next > cast.window + 1,
    },
  ];
}

/** What comes of a log that is truncated. */
function truncation({ snapshots, replicas, slots, ballots }: LogCast): LogSituation[] {
  const needed = 'snapshots';
  return [
    {
      name: 'snapshot-installed',
      statement: 'a replica that has learned nothing installs the snapshot of another',
      notApplicable: needs(snapshots && replicas.length >= 2, `${needed} and at least 2 replicas`),
      step: ({ rule, before }) =>
        rule === 'install' && 'applied' in before.state && before.state.applied === 0,
    },
    {
      name: 'truncation-reported',
      statement: 'a new leader is told that the log is truncated beyond the first slot that it asks about',
      notApplicable: needs(snapshots && ballots.length >= 2, `${needed} and 2 ballots in all`),
      step: ({ rule, before, event }) =>
        (rule === '2a' || rule === 'collect') &&
        'next' in before.state &&
        event.type === 'receive' &&
        event.message.type === 'promise' &&
        event.message.truncated >= before.state.next,
    },
    {
      name: 'refused-as-truncated',
      statement:
        'an acceptor does not accept in a slot that it has truncated, though it has promised no higher ballot',
      notApplicable: needs(snapshots, needed),
      step: ({ rule, before, event }) =>
        rule === null &&
        event.type === 'receive' &&
        event.message.type === 'accept' &&
        'promised' in before.state &&
        event.message.slot <= before.state.truncated &&
        compareBallots(event.message.ballot, before.state.promised) >= 0,
    },
    {
      name: 'led-on-after-truncation',
      statement: 'an acceptor that has truncated slot 1 accepts a proposal in slot 2',
      notApplicable: needs(snapshots && slots.length >= 2, `${needed} and at least 2 slots`),
      step: ({ rule, before, event }) =>
        rule === '2b' &&
        'promised' in before.state &&
        before.state.truncated >= 1 &&
        event.type === 'receive' &&
        event.message.type === 'accept' &&
        event.message.slot === 2,
    },
  ];
}

/** Whether a command may be asked for in two slots: the second time by the same leader, or by one that has adopted the first. */
function mayBeRetried({ slots, leaders, ballots, commands, asked, window }: LogCast): boolean {
  const alone = leaders.some((leader) =>
    commands.some(
      (command) => slots.filter((slot) => slot <= window && asked(leader, slot).includes(command)).length > 1,
    ),
  );
  return alone || (slots.length >= 2 && window >= 2 && leaders.length >= 2 && ballots.length >= 2);
}
