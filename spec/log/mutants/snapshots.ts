import { logRoles } from '../multi-paxos.ts';
import { type LeaderRule, type LogAcceptorRule, LogAcceptorState, type ReplicaRule } from '../states.ts';
import { type LogMutant, withAcceptor, withLeader, withReplica } from './mutant.ts';

const right1b = logRoles.acceptor.rules['1b'] as LogAcceptorRule;
const right2b = logRoles.acceptor.rules['2b'] as LogAcceptorRule;
const right2a = logRoles.leader.rules['2a'] as LeaderRule;
const rightForget = logRoles.acceptor.rules['forget'] as LogAcceptorRule;
const rightTruncate = logRoles.replica.rules['truncate'] as ReplicaRule;
const rightInstall = logRoles.replica.rules['install'] as ReplicaRule;

/** "Nothing accepted" in slots of which it has forgotten what was. */
const silent1b: LogAcceptorRule = (context, state, event) => {
  const effect = right1b(context, { ...state, truncated: 0 }, event);
  return effect && { ...effect, state: { ...effect.state, truncated: state.truncated } };
};

const acceptsAnywhere: LogAcceptorRule = (context, state, event) => {
  const effect = right2b(context, { ...state, truncated: 0 }, event);
  return effect && { ...effect, state: { ...effect.state, truncated: state.truncated } };
};

const forgetsEverything: LogAcceptorRule = (context, state, event) => {
  const effect = rightForget(context, state, event);
  return effect && { ...effect, state: { ...effect.state, promised: null } };
};

/** Takes the reports as they would be if nothing were truncated. */
const fillsTruncated: LeaderRule = (context, state, event) => {
  if (event.type !== 'receive' || event.message.type !== 'promise') return undefined;
  const promises = Object.fromEntries(
    Object.entries(state.promises).map(([id, report]) => [id, { ...report, truncated: 0 }]),
  );
  return right2a(context, { ...state, promises }, { ...event, message: { ...event.message, truncated: 0 } });
};

/** Truncates at the last slot that it knows of, whatever is missing before it. */
const truncatesWhatItKnows: ReplicaRule = (context, state, event) => {
  const last = Math.max(state.applied, ...state.decided.map(({ slot }) => slot));
  return rightTruncate(context, last === 0 ? state : { ...state, applied: last }, event);
};

const installsWithoutSessions: ReplicaRule = (context, state, event) => {
  if (event.type !== 'receive' || event.message.type !== 'snapshot') return undefined;
  return rightInstall(context, state, { ...event, message: { ...event.message, sessions: {} } });
};

/** Goes back to an older snapshot. What it has forgotten meanwhile it does not get back. */
const installsOlder: ReplicaRule = (context, state, event) => {
  if (event.type !== 'receive' || event.message.type !== 'snapshot') return undefined;
  return rightInstall(context, { ...state, applied: 0 }, event);
};

/** Every phase 1 quorum is all acceptors, so that one of them decides, and one that has forgotten is one that is asked. */
const oneDecides = {
  acceptors: 2,
  leaders: 2,
  replicas: 1,
  slots: 1,
  snapshots: true,
  quorums: { phase1: [['a1', 'a2']], phase2: [['a1'], ['a2']] },
};

/** Mistakes with what is forgotten, and with what is kept of it. */
export const snapshots: readonly LogMutant[] = [
  {
    name: 'truncation-not-reported',
    breaks:
      'An acceptor that has truncated its log reports "nothing accepted" of the slots that it has forgotten.',
    who: 'Implementations that delete old instances, and answer of an instance that is not there as of one that never was.',
    roles: (roles) => withAcceptor(roles, { '1b': silent1b }),
    smallest: oneDecides,
  },
  {
    name: 'truncation-ignored',
    breaks: 'A new leader fills slots with no-ops of which an acceptor has told it that they are truncated.',
    who: 'Leaders that look only at the proposals reported.',
    roles: (roles) => withLeader(roles, { '2a': fillsTruncated }),
    smallest: oneDecides,
  },
  {
    name: 'accepts-truncated',
    breaks: 'An acceptor accepts again in slots that it has truncated.',
    who: 'Implementations that know the truncation when they promise, and not when they accept.',
    harmless:
      'While promises report the truncation no leader proposes anything else there than what is chosen. It is the second line of defence, and brings back what was to be forgotten.',
    roles: (roles) => withAcceptor(roles, { '2b': acceptsAnywhere }),
    smallest: oneDecides,
  },
  {
    name: 'truncated-as-new',
    breaks:
      'An acceptor keeps no record of its truncation: it neither reports it nor refuses to accept there.',
    who: 'Implementations that delete old instances, and no more.',
    roles: (roles) => withAcceptor(roles, { '1b': silent1b, '2b': acceptsAnywhere }),
    smallest: { ...oneDecides, acceptors: 1, quorums: { phase1: [['a1']], phase2: [['a1']] } },
  },
  {
    name: 'truncation-not-durable',
    breaks: 'An acceptor that restarts has forgotten that it has truncated its log.',
    who: 'Implementations that delete a file of the log, and keep where it began in memory.',
    roles: (roles) => ({
      ...roles,
      acceptor: { ...roles.acceptor, durable: LogAcceptorState.pick({ promised: true, accepted: true }) },
    }),
    smallest: {
      ...oneDecides,
      acceptors: 1,
      quorums: { phase1: [['a1']], phase2: [['a1']] },
      crashes: 1,
    },
  },
  {
    name: 'promise-truncated',
    breaks: 'An acceptor that truncates its log forgets its promise with it.',
    who: 'Implementations that keep promises in the log, as entries among others.',
    roles: (roles) => withAcceptor(roles, { forget: forgetsEverything }),
    smallest: { ...oneDecides, slots: 2, acceptors: 1, quorums: { phase1: [['a1']], phase2: [['a1']] } },
  },
  {
    name: 'truncated-unapplied',
    breaks: 'A replica truncates up to the last slot that it knows, though it has not applied all before it.',
    who: 'Implementations that truncate at what is decided, and take that for what is applied.',
    roles: (roles) => withReplica(roles, { truncate: truncatesWhatItKnows }),
    smallest: { acceptors: 1, leaders: 1, replicas: 1, slots: 3, snapshots: true },
  },
  {
    name: 'snapshot-without-sessions',
    breaks: "A snapshot has the user's state and not the sessions.",
    who: "Implementations whose snapshot is what the user's machine gives them.",
    roles: (roles) => withReplica(roles, { install: installsWithoutSessions }),
    smallest: { acceptors: 1, leaders: 1, replicas: 2, slots: 2, commands: 1, snapshots: true },
  },
  {
    name: 'older-snapshot-installed',
    breaks: 'A replica installs a snapshot that is older than what it has applied.',
    who: 'Implementations that install whatever snapshot arrives; over networks that delay, an old one may.',
    harmless:
      'The sessions go back with the state, so that nothing takes effect twice, and a read says how much has to be applied: it is like a replica that is slow. It breaks the lemma only-grow, and what was truncated has to come again.',
    roles: (roles) => withReplica(roles, { install: installsOlder }),
    smallest: { acceptors: 1, leaders: 1, replicas: 2, slots: 2, snapshots: true, clients: 'w,wr' },
  },
];
