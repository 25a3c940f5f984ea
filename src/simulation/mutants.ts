/** Mistakes that one can make around the roles, or in them: a simulation must notice each. */
import type { LogMessage } from '../../spec/log/message.ts';
import { applied } from '../../spec/log/state-machine.ts';
import type { LeaderRule, ReplicaRule } from '../../spec/log/states.ts';
import { type NodeRoles, nodeRoles } from '../node/roles.ts';
import type { Syncing } from './host.ts';
import { RUNTIME_MUTANTS, type RuntimeMutantName } from './mutant-names.ts';

/** A node that does one thing wrong. */
export interface RuntimeMutant {
  readonly name: RuntimeMutantName;
  /** One sentence: what it does instead. */
  readonly breaks: string;
  readonly syncing?: Syncing;
  readonly roles?: NodeRoles;
  /** Whoever runs the nodes: whether the disk of one that is to vote no more is taken away at once. */
  readonly discards?: boolean;
}

function withLeader(rules: Record<string, LeaderRule>): NodeRoles {
  const { leader } = nodeRoles;
  return { ...nodeRoles, leader: { ...leader, rules: { ...leader.rules, ...rules } } };
}

/** Each rule of the replica, done wrongly. */
function withReplica(wrongly: (rule: ReplicaRule) => ReplicaRule): NodeRoles {
  const { replica } = nodeRoles;
  const rules = Object.fromEntries(
    Object.entries(replica.rules).map(([name, rule]) => [name, wrongly(rule)] as const),
  );
  return { ...nodeRoles, replica: { ...replica, rules } };
}

const rightRead = nodeRoles.leader.rules['read'] as LeaderRule;

/** The leader asks whether it still leads, and does not wait for the answer. */
const readsAtOnce: LeaderRule = (context, state, event) => {
  const effect = rightRead(context, state, event);
  if (!effect || event.type !== 'receive' || event.message.type !== 'read') return effect;
  const { from: client, number, query } = event.message;
  const index = effect.state.reads[client]?.waiting?.index ?? 0;
  const handed = { type: 'read-index' as const, from: context.id, to: context.replicas };
  return {
    state: { ...effect.state, reads: { ...effect.state.reads, [client]: { number, waiting: null } } },
    send: [...effect.send, { ...handed, client, number, query, index }],
  };
};

/** What is decided beyond a gap is applied as soon as it is decided; what fills the gap is not. */
const overGaps =
  (rule: ReplicaRule): ReplicaRule =>
  (context, state, event) => {
    const effect = rule(context, state, event);
    if (!effect) return effect;
    const found = effect.state.decided.find(
      ({ slot }) => slot > effect.state.applied && !state.decided.some((known) => known.slot === slot),
    );
    if (!found) return effect;
    const { votes, ...replicated } = effect.state;
    const { state: after, answer } = applied(nodeRoles.machine, replicated, found.value);
    const reply = answer && {
      type: 'reply' as const,
      from: context.id,
      to: [answer.client],
      number: answer.number,
      reply: answer.reply,
    };
    const send: LogMessage[] = reply ? [...effect.send, reply] : [...effect.send];
    return { state: { votes, ...after, applied: found.slot }, send };
  };

/** Every command is taken for the first of its client. */
const withoutSessions =
  (rule: ReplicaRule): ReplicaRule =>
  (context, state, event) =>
    rule(context, { ...state, sessions: {} }, event);

/** What is forgotten is forgotten with the changes of the nodes in it. */
const withoutChanges =
  (rule: ReplicaRule): ReplicaRule =>
  (context, state, event) => {
    const effect = rule(context, state, event);
    if (!effect) return effect;
    const { truncated } = effect.state;
    const decided = effect.state.decided.filter(({ slot }) => slot > truncated);
    const send = effect.send.map((message) => {
      if (message.type !== 'truncated' && message.type !== 'snapshot') return message;
      const { changes: _forgotten, ...rest } = message;
      return rest;
    });
    return { state: { ...effect.state, decided }, send };
  };

const mistakes: Readonly<Record<RuntimeMutantName, Omit<RuntimeMutant, 'name'>>> = {
  'send-before-sync': {
    breaks: 'What a role sends leaves when the write of its state begins, not when that is on disk.',
    syncing: 'late',
  },
  'skip-the-sync': {
    breaks: 'Nothing is ever synced: a crash may take all that was written.',
    syncing: 'never',
  },
  'reads-without-a-quorum': {
    breaks: 'A leader hands a read over without waiting for a quorum to confirm that it leads.',
    roles: withLeader({ read: readsAtOnce }),
  },
  'apply-over-a-gap': {
    breaks: 'A replica applies what is decided at once, although it does not know what comes before.',
    roles: withReplica(overGaps),
  },
  'forget-sessions': {
    breaks:
      'Replicas do not know which commands they have applied: one that was sent again is applied again.',
    roles: withReplica(withoutSessions),
  },
  'discard-at-once': {
    breaks:
      'A node that is to vote no more gets an empty disk as soon as that is asked for, not when the change is in force.',
    discards: true,
  },
  'forget-changes': {
    breaks: 'When the log is truncated, the changes of who votes are forgotten with the rest.',
    roles: withReplica(withoutChanges),
  },
};

export const runtimeMutants: readonly RuntimeMutant[] = RUNTIME_MUTANTS.map((name) => ({
  name,
  ...mistakes[name],
}));
