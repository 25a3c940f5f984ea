/**
 * Who leads. "A reliable algorithm for electing a proposer must use either randomness or real time" (section 2.4). Here it is by
 * time-outs, which are events: a leader says now and then that it leads; who has not heard so for a while begins a ballot, and who
 * does so in vain waits longer before the next. Nothing of this is needed for safety: a ballot may be begun at any time. Ballots
 * decide between leaders, so that no votes are counted here: phase 1 is the election.
 */
import { type Ballot, compareBallots } from '../ballot.ts';
import { acceptRequests, prepareRequest } from './requests.ts';
import type { LeaderContext, LeaderRule, LeaderState } from './states.ts';

/**
 * For how long a server waits before it takes a time-out, in units of the shortest wait: for a heartbeat, or, if it tries to lead, for
 * promises. Each attempt in vain doubles it. Whoever runs the server draws a time between this and twice this, so that
 * two do not try at the same time for ever, and begins to wait anew whenever one of the rules 1a, follow and 2a has been taken.
 */
export function patience({ attempts }: LeaderState): number {
  return 2 ** attempts;
}

/** The attempts in vain, with one more. */
export function triedAgain({ election }: LeaderContext, { attempts }: LeaderState): number {
  return Math.min(attempts + 1, election?.backOff ?? 0);
}

/** What is left of a server that leads, or tries to, when it does so no more. */
export function stoodDown(state: LeaderState): LeaderState {
  return { ...state, phase: 'idle', next: 1, promises: {}, reported: [], proposed: [], reads: {} };
}

/** Whether it is led by the leader of a ballot: not if it has begun a higher one, or has heard of the leader of one. */
export function isLedBy(state: LeaderState, ballot: Ballot): boolean {
  return compareBallots(ballot, state.ballot) > 0 && compareBallots(ballot, state.following) >= 0;
}

/** A leader says that it leads. */
export const heartbeat: LeaderRule = ({ id, election }, state, event) => {
  if (event.type !== 'beat' || !election || state.phase !== 'lead' || state.ballot === null) return undefined;
  return { state, send: [{ type: 'heartbeat', from: id, to: election.peers, ballot: state.ballot }] };
};

/** It hears of a leader, and waits. If it leads itself, it is deposed: the other one has a higher ballot, and a quorum for it. */
export const follow: LeaderRule = (_context, state, event) => {
  if (event.type !== 'receive' || event.message.type !== 'heartbeat') return undefined;
  const { ballot } = event.message;
  if (!isLedBy(state, ballot)) return undefined;
  return { state: { ...stoodDown(state), following: ballot, attempts: 0 }, send: [] };
};

/** It asks again for what it has asked for in its ballot: for promises, or for votes in slots of which it does not know that they are decided. */
export const resend: LeaderRule = (context, state, event) => {
  const { ballot, phase, next, proposed } = state;
  if (event.type !== 'resend' || ballot === null || phase === 'idle') return undefined;
  const send =
    phase === 'prepare' ? [prepareRequest(context, ballot, next)] : acceptRequests(context, ballot, proposed);
  return { state, send };
};
