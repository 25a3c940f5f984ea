import { includesQuorum } from '../../quorum.ts';
import { firstOpen, highestReported, leads, logPromisesWith } from '../leader.ts';
import { type LogRoles, logRoles } from '../multi-paxos.ts';
import { askedFrom } from '../requests.ts';
import type { LeaderContext, LeaderRule, ReplicaContext } from '../states.ts';
import { type LogMutant, withLeader, withReplica } from './mutant.ts';

/** The same rules, told something else of the acceptors. */
function rulesWith<C, S, E, O>(
  rules: Readonly<Record<string, (context: C, state: S, event: E) => O>>,
  told: (context: C, state: S) => C,
) {
  return Object.fromEntries(
    Object.entries(rules).map(([name, rule]) => [
      name,
      (context: C, state: S, event: E) => rule(told(context, state), state, event),
    ]),
  );
}

/** A change is in force in the next slot, for leaders and replicas alike. */
function atOnce(roles: LogRoles): LogRoles {
  const leaders = rulesWith(roles.leader.rules, (context: LeaderContext) => ({
    ...context,
    changesAfter: 1,
  }));
  const replicas = rulesWith(roles.replica.rules, (context: ReplicaContext) => ({
    ...context,
    changesAfter: 1,
  }));
  return withReplica(withLeader(roles, leaders), replicas);
}

/** Leads when the acceptors of the last slots of its window have promised. */
const asksNewest: LeaderRule = (context, state, event) => {
  const promises = logPromisesWith(state, event);
  const newest = askedFrom(context, state, state.next).at(-1);
  if (!promises || !newest || !includesQuorum(newest.quorums.phase1, Object.keys(promises))) return undefined;
  const first = firstOpen(promises, state.next);
  return leads(context, state, first, highestReported(promises, first));
};

/** Leads in whatever slots come, by the promises that it has. */
const leadsOn: LeaderRule = (context, state, event) => {
  const covered = state.changes.at(-1)?.slot ?? 0;
  return logRoles.leader.rules['propose']?.(context, { ...state, covered }, event);
};

/** Leads when so many have promised as make a majority of each, whoever they are. */
const countsPromises: LeaderRule = (context, state, event) => {
  const promises = logPromisesWith(state, event);
  if (!promises) return undefined;
  const many = Object.keys(promises).length;
  const enough = askedFrom(context, state, state.next).every(({ quorums }) =>
    quorums.phase1.some(({ length }) => length <= many),
  );
  const first = firstOpen(promises, state.next);
  return enough ? leads(context, state, first, highestReported(promises, first)) : undefined;
};

const one = {
  acceptors: 1,
  leaders: 2,
  replicas: 1,
  slots: 3,
  window: 2,
  commands: 1,
  learning: 'distinguished',
} as const;

/** Mistakes with acceptors that change. */
export const reconfiguration: readonly LogMutant[] = [
  {
    name: 'change-at-once',
    breaks:
      'A change of the acceptors is in force in the slot after its own, while leaders propose in that slot before they know of it.',
    who: 'Implementations that apply a change of members as they apply any command, and let several commands be under way.',
    roles: atOnce,
    smallest: { ...one, slots: 2, reconfigure: 'a2' },
  },
  {
    name: 'change-at-once-of-one',
    breaks: 'A change of the acceptors is in force in the slot after its own, and adds one.',
    who: 'Implementations that add and remove one member at a time, such as those of Raft.',
    harmless:
      'If one acceptor is added or removed, any majority of the old ones meets any majority of the new ones: a new leader that knows of the change hears of what was chosen by those who did not.',
    roles: atOnce,
    smallest: { ...one, slots: 2, reconfigure: 'a1,a2' },
  },
  {
    name: 'asks-newest-acceptors-only',
    breaks:
      'A new leader needs the promises of the acceptors of the last slots of its window only, and proposes in all of it.',
    who: 'Implementations that replace the list of members when they learn of the change, while slots of the old ones are open.',
    roles: (roles) => withLeader(roles, { '2a': asksNewest }),
    smallest: { ...one, reconfigure: 'a2' },
  },
  {
    name: 'leads-without-promises-of-new-acceptors',
    breaks: 'A leader goes on in the slots of new acceptors, of which it has no promises.',
    who: 'Implementations in which phase 1 is what a leader does when it is elected, and never again.',
    roles: (roles) => withLeader(roles, { propose: leadsOn }),
    smallest: { ...one, reconfigure: 'a2' },
  },
  {
    name: 'removed-member-counted',
    breaks:
      'A new leader counts promises, and does not look who has promised: one who was removed stands for one who has come.',
    who: 'Implementations that keep the number of members, and a counter for each ballot.',
    roles: (roles) => withLeader(roles, { '2a': countsPromises }),
    smallest: { ...one, reconfigure: 'a2' },
  },
  {
    name: 'removed-member-deposes',
    breaks: 'A leader steps down for the nack of one who was removed.',
    who: 'The authors of Raft had to add a rule for servers that were removed, do not know it, and begin elections.',
    roles: (roles) =>
      withLeader(roles, {
        preempted: (context, state, event) =>
          logRoles.leader.rules['preempted']?.({ ...context, changesAfter: undefined }, state, event),
      }),
    smallest: { ...one, slots: 2, nacks: true, reconfigure: 'a2' },
  },
];
