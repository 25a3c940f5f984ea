import type { z } from 'zod';
import { includesQuorum } from '../../quorum.ts';
import { type LogCast, logCastOf, type MultiPaxosConfiguration } from '../configuration.ts';
import type { Decided, Slot } from '../entry.ts';
import { acceptRequests, firstOpen, knowingUpTo, logPromisesWith } from '../leader.ts';
import { type LogRoles, logRoles, type MultiPaxosSystem, multiPaxos } from '../multi-paxos.ts';
import type { LeaderRule, LeaderState, LogAcceptorRule, ReplicaRule } from '../states.ts';

/** One broken variant of Multi-Paxos: the same roles with one rule, or the durable part of a state, replaced. */
export interface LogMutant {
  /** In kebab-case. */
  readonly name: string;
  /** One sentence: what it does instead. */
  readonly breaks: string;
  /** One sentence: who makes this mistake. */
  readonly who: string;
  /** If no requirement breaks in the configuration below: why not. */
  readonly harmless?: string;
  readonly roles: (roles: LogRoles, cast: LogCast) => LogRoles;
  /** A small configuration that shows it; of a harmless one, where it is checked. */
  readonly smallest: z.input<typeof MultiPaxosConfiguration>;
}

/** Multi-Paxos in a configuration, with the mutant's rule in place of the right one. */
export function logMutated(configuration: MultiPaxosConfiguration, mutant: LogMutant): MultiPaxosSystem {
  const system = multiPaxos(configuration, mutant.roles(logRoles, logCastOf(configuration)));
  return { ...system, covers: [...system.covers, `broken on purpose (${mutant.name}): ${mutant.breaks}`] };
}

export function withAcceptor(roles: LogRoles, rules: Record<string, LogAcceptorRule>): LogRoles {
  return { ...roles, acceptor: { ...roles.acceptor, rules: { ...roles.acceptor.rules, ...rules } } };
}

export function withLeader(roles: LogRoles, rules: Record<string, LeaderRule>): LogRoles {
  return { ...roles, leader: { ...roles.leader, rules: { ...roles.leader.rules, ...rules } } };
}

export function withReplica(roles: LogRoles, rules: Record<string, ReplicaRule>): LogRoles {
  return { ...roles, replica: { ...roles.replica, rules: { ...roles.replica.rules, ...rules } } };
}

/** The roles with other proposals of a new leader: from the promises of a quorum and the first slot they are about. */
export function withReproposals(
  roles: LogRoles,
  values: (promises: LeaderState['promises'], first: Slot, leader: string) => Decided[],
): LogRoles {
  return withLeader(roles, {
    '2a': (context, state, event) => {
      const promises = logPromisesWith(state, event);
      if (!promises || !includesQuorum(context.quorums.phase1, Object.keys(promises)) || !state.ballot)
        return undefined;
      const first = firstOpen(promises, state.next);
      const proposed = values(promises, first, context.id);
      const next = Math.max(first, ...proposed.map(({ slot }) => slot + 1));
      return {
        state: { ...state, phase: 'lead', next, promises: {}, chosen: knowingUpTo(state.chosen, first - 1) },
        send: acceptRequests(context, state.ballot, proposed),
      };
    },
  });
}
