/**
 * What a replica lacks it gets from any other: votes may be lost, and it may have been away. What others know to be chosen is chosen;
 * they tell it as they would tell anybody, by decisions and snapshots.
 */
import type { LogMessage } from './message.ts';
import { snapshotOf } from './snapshots.ts';
import type { ReplicaRule } from './states.ts';

/** How many decisions there are in one answer: who lacks more asks again. */
export const MOST = 64;

/** It asks the others for what is chosen after what it has applied. */
export const ask: ReplicaRule = ({ id, peers }, state, event) =>
  event.type === 'catch-up'
    ? { state, send: [{ type: 'ask', from: id, to: peers, after: state.applied }] }
    : undefined;

/** It tells another what it knows to be chosen after a slot; of what it has forgotten, what that has led to. */
export const supply: ReplicaRule = ({ id }, state, event) => {
  if (event.type !== 'receive' || event.message.type !== 'ask') return undefined;
  const { from, after } = event.message;
  const forgotten = after < Math.min(state.truncated, state.applied);
  const first = forgotten ? state.applied : after;
  const decisions = state.decided
    .filter(({ slot }) => slot > first)
    .slice(0, MOST)
    .map((entry): LogMessage => ({ type: 'decision', from: id, to: [from], ...entry }));
  const send = [...(forgotten ? [snapshotOf(id, [from], state)] : []), ...decisions];
  return send.length === 0 ? undefined : { state, send };
};
