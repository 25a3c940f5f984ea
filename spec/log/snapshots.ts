/**
 * The log is shortened from its beginning. A replica that has applied a slot may forget what was chosen there: the user's state and
 * the sessions have it all, and bring a replica that is behind up to date. Then acceptors may forget what they accepted
 * there, if they do not forget that they have: a new leader that was told "nothing accepted" would propose something else.
 */
import type { ActorId } from '../ballot.ts';
import type { LogMessage } from './message.ts';
import { type Change, changesIn, encodeChange } from './reconfiguration.ts';
import { type Answer, applyReady, type StateMachine } from './state-machine.ts';
import type { LogAcceptorRule, ReplicaContext, ReplicaRule, ReplicaState } from './states.ts';

/**
 * A replica forgets the slots that it has applied, but for changes of the acceptors, and says what they have led to. When is not its affair: whoever wants to survive
 * the loss of replicas waits until enough of them have applied as much. (To say it again is to truncate again.)
 */
export const truncate: ReplicaRule = ({ id, peers, acceptors, announcesTo }, state, event) => {
  if (event.type !== 'truncate' || state.applied === 0) return undefined;
  const { applied: last } = state;
  const changes = changesIn(state.decided).map(({ slot }) => slot);
  const decided = state.decided.filter(({ slot }) => slot > last || changes.includes(slot));
  return {
    state: { ...state, decided, truncated: last },
    send: [
      { type: 'truncated', from: id, to: [...acceptors, ...announcesTo].sort(), last, ...changesUpTo(state) },
      snapshotOf(id, peers, state),
    ],
  };
};

/** What the slots that a replica has applied have led to. */
export function snapshotOf(id: ActorId, to: readonly ActorId[], state: ReplicaState): LogMessage {
  const { applied: last, machine, sessions } = state;
  return { type: 'snapshot', from: id, to, last, machine, sessions, ...changesUpTo(state) };
}

/** The changes of the acceptors in the slots that a replica has applied, if there are any. */
export function changesUpTo({ applied, decided }: Pick<ReplicaState, 'applied' | 'decided'>): {
  changes?: Change[];
} {
  const changes = changesIn(decided.filter(({ slot }) => slot <= applied));
  return changes.length === 0 ? {} : { changes };
}

/** A replica that has applied less takes over what the slots up to the snapshot's have led to, and goes on from there. */
export const install =
  (machine: StateMachine): ReplicaRule =>
  (context, state, event) => {
    if (event.type !== 'receive' || event.message.type !== 'snapshot') return undefined;
    const { last, machine: taken, sessions, changes = [] } = event.message;
    if (last <= state.applied) return undefined;
    const { votes, ...replicated } = state;
    const { state: after, answers } = applyReady(machine, {
      ...replicated,
      decided: [
        ...changes.map((change) => ({ slot: change.slot, value: encodeChange(change.acceptors, change) })),
        ...state.decided.filter(({ slot }) => slot > last),
      ],
      applied: last,
      truncated: last,
      machine: taken,
      sessions,
    });
    const undecided = votes.filter(({ proposal }) => proposal.slot > last);
    const { id, announcesTo } = context;
    const announced: LogMessage[] =
      announcesTo.length === 0
        ? []
        : [
            {
              type: 'truncated',
              from: id,
              to: announcesTo,
              last,
              ...(changes.length > 0 ? { changes } : {}),
            },
          ];
    return { state: { votes: undecided, ...after }, send: [...announced, ...replies(context, answers)] };
  };

/** An acceptor forgets what it has accepted in the slots up to one that is applied, and from now on accepts nothing there. */
export const forget: LogAcceptorRule = (_context, state, { message }) => {
  if (message.type !== 'truncated' || message.last <= state.truncated) return undefined;
  const { last: truncated } = message;
  const accepted = state.accepted.filter(({ slot }) => slot > truncated);
  return { state: { ...state, accepted, truncated }, send: [] };
};

/** What a replica tells clients of the commands that it has applied. */
export function replies(
  { id, replies: answering }: ReplicaContext,
  answers: readonly Answer[],
): LogMessage[] {
  return answering
    ? answers.map(({ client, ...answer }) => ({ type: 'reply', from: id, to: [client], ...answer }))
    : [];
}
