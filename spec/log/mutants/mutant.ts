import type { z } from 'zod';
import type { Value } from '../../proposal.ts';
import { includesQuorum } from '../../quorum.ts';
import { type LogCast, logCastOf, type MultiPaxosConfiguration } from '../configuration.ts';
import { NO_OP, type Slot, type SlotProposal } from '../entry.ts';
import { firstOpen, leads, logPromisesWith } from '../leader.ts';
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

/** The roles with a new leader that takes something else for what was reported: from the promises of a quorum and the first open slot. */
export function withReported(
  roles: LogRoles,
  reported: (promises: LeaderState['promises'], first: Slot) => SlotProposal[],
): LogRoles {
  return withLeader(roles, {
    '2a': (context, state, event) => {
      const promises = logPromisesWith(state, event);
      if (!promises || !includesQuorum(context.quorums.phase1, Object.keys(promises))) return undefined;
      const first = firstOpen(promises, state.next);
      return leads(context, state, first, reported(promises, first));
    },
  });
}

/** The roles with a new leader that fills holes with something else. */
export function withHoles(roles: LogRoles, value: (leader: string, slot: Slot) => Value): LogRoles {
  const right = roles.leader.rules['2a'] as LeaderRule;
  return withLeader(roles, {
    '2a': (context, state, event) => {
      const effect = right(context, state, event);
      const send = effect?.send.map((message) =>
        message.type === 'accept' && message.value === NO_OP
          ? { ...message, value: value(context.id, message.slot) }
          : message,
      );
      return effect && { ...effect, send: send ?? [] };
    },
  });
}
