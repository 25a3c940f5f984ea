import { type ActorId, compareBallots } from '../ballot.ts';
import type { Value } from '../proposal.ts';
import { includesQuorum } from '../quorum.ts';
import type { Effect, Role } from '../role.ts';
import { follow, heartbeat, resend, stoodDown, triedAgain } from './election.ts';
import { bySlot, NO_OP, type Slot, type SlotProposal } from './entry.ts';
import { LogMessage } from './message.ts';
import { countConfirmed, read, readIndex } from './reads.ts';
import { type Change, changesIn, lastCovered, membersFrom, withChanges } from './reconfiguration.ts';
import { acceptRequests, askedFrom, prepareRequest } from './requests.ts';
import { type LeaderContext, LeaderEvent, type LeaderRule, LeaderState } from './states.ts';

/** The round of the next ballot that it would start. */
export function nextLeaderRound(state: LeaderState): number {
  return Math.max(state.ballot?.round ?? 0, state.seenRound, state.following?.round ?? 0) + 1;
}

/** Whether it may propose a command in its next slot: it leads, nothing reported comes first, and the slot is within the window and of acceptors that it has asked. */
export function mayPropose(
  state: LeaderState,
  context: Pick<LeaderContext, 'window' | 'changesAfter'>,
): boolean {
  const { phase, next, reported, chosenUpTo } = state;
  return (
    phase === 'lead' &&
    reported.length === 0 &&
    next <= Math.min(chosenUpTo + context.window, lastCovered(context, state))
  );
}

/**
 * Whether it leads, and its next slot is of acceptors that it has not asked: it is to begin another ballot, without waiting for
 * anything. (It might ask the new ones only, in the same ballot, and would have to keep who has promised.)
 */
export function isOutgrown(context: Pick<LeaderContext, 'changesAfter'>, state: LeaderState): boolean {
  return state.phase === 'lead' && state.next > lastCovered(context, state);
}

/**
 * Phase 1a (section 3): "A newly chosen leader executes phase 1 for infinitely many instances of the consensus algorithm". They
 * begin with the first whose value it does not know to be chosen; one further on that it does know (138 and 139 in the
 * paper's scenario) is asked about again, which does no harm. It asks the acceptors of all slots within its window.
 */
const phase1a: LeaderRule = (context, state, event) => {
  if (event.type !== 'time-out') return undefined;
  const ballot = { round: nextLeaderRound(state), proposer: context.id };
  const first = state.chosenUpTo + 1;
  const covered =
    membersFrom(context, state.changes, first, state.chosenUpTo + context.window).at(-1)?.since ?? 0;
  const after = { ...stoodDown(state), ballot, next: first, covered, seenRound: 0 };
  return {
    state: { ...after, phase: 'prepare', attempts: triedAgain(context, state) },
    send: [prepareRequest(context, after, ballot, first)],
  };
};

/** The promises of the present ballot, with the one just received; undefined if the event brings none. */
export function logPromisesWith(state: LeaderState, event: LeaderEvent): LeaderState['promises'] | undefined {
  if (event.type !== 'receive' || event.message.type !== 'promise' || state.phase !== 'prepare')
    return undefined;
  const { from, ballot, accepted, truncated } = event.message;
  if (compareBallots(ballot, state.ballot) !== 0) return undefined;
  return { ...state.promises, [from]: { accepted, truncated } };
}

/** The first slot in which a new leader may propose: what an acceptor has forgotten is chosen, whatever others report of it. */
export function firstOpen(reports: LeaderState['promises'], first: Slot): Slot {
  return Math.max(first, ...Object.values(reports).map(({ truncated }) => truncated + 1));
}

/** Of what was reported, in each slot from the first open one on the highest-numbered proposal. */
export function highestReported(reports: LeaderState['promises'], first: Slot): SlotProposal[] {
  const best = new Map<Slot, SlotProposal>();
  for (const proposal of Object.values(reports).flatMap(({ accepted }) => accepted)) {
    const known = best.get(proposal.slot);
    if (compareBallots(proposal.ballot, known?.ballot ?? null) > 0) best.set(proposal.slot, proposal);
  }
  return [...best.values()].filter(({ slot }) => slot >= first).sort(bySlot);
}

/**
 * What a leader proposes before anything else: in each slot in which a proposal was reported, its value; and in the holes below
 * the last of these "a special no-op command that leaves the state unchanged" (section 3). As far as the window goes: the rest
 * follows when it moves, so that one report of a slot far away does not make it fill all slots before that at once.
 */
export function proposeReported(context: LeaderContext, state: LeaderState): Effect<LeaderState, LogMessage> {
  const { phase, ballot, reported, chosenUpTo } = state;
  const end = reported.at(-1)?.slot;
  if (phase !== 'lead' || ballot === null || end === undefined) return { state, send: [] };
  const first = Math.max(state.next, chosenUpTo + 1);
  const last = Math.min(end, chosenUpTo + context.window, lastCovered(context, state));
  const slots = Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => first + at);
  const values = slots.map((slot) => ({
    slot,
    value: reported.find((each) => each.slot === slot)?.value ?? NO_OP,
  }));
  const next = first + slots.length;
  return {
    state: {
      ...state,
      next,
      reported: reported.filter(({ slot }) => slot >= next),
      proposed: [...state.proposed, ...values],
    },
    send: acceptRequests(context, state, ballot, values),
  };
}

/**
 * Whether phase 1 is over: a phase 1 quorum of the acceptors of every slot within its window has promised. Where acceptors
 * change, it has to know all changes in slots that are truncated, too: it waits to be told.
 */
export function hasPromises(
  context: LeaderContext,
  state: LeaderState,
  promises: LeaderState['promises'],
): boolean {
  const asked = askedFrom(context, state, state.next);
  const known = context.changesAfter === undefined || firstOpen(promises, 1) <= state.chosenUpTo + 1;
  return known && asked.every(({ quorums }) => includesQuorum(quorums.phase1, Object.keys(promises)));
}

/** Phase 2a on the promise that completes a phase 1 quorum: from now on it leads, and phase 1 is over for every slot. */
const phase2a: LeaderRule = (context, state, event) => {
  const promises = logPromisesWith(state, event);
  if (!promises || !hasPromises(context, state, promises)) return undefined;
  const first = firstOpen(promises, state.next);
  return leads(context, state, first, highestReported(promises, first));
};

/** A leader, from the first open slot on, with what was reported to it. */
export function leads(
  context: LeaderContext,
  state: LeaderState,
  first: Slot,
  reported: readonly SlotProposal[],
): Effect<LeaderState, LogMessage> {
  const known = knowingUpTo(state, first - 1);
  const leading = { ...state, ...known, phase: 'lead' as const, next: first, promises: {}, reported };
  return proposeReported(context, { ...leading, attempts: 0 });
}

/** What is known to be chosen, when a value is chosen in each slot up to `last`. */
function knowingUpTo({ chosenUpTo, chosen }: LeaderState, last: number) {
  let upTo = Math.max(chosenUpTo, last);
  const beyond = chosen.filter((slot) => slot > upTo);
  while (beyond[0] === upTo + 1) upTo = beyond.shift() as Slot;
  return { chosenUpTo: upTo, chosen: beyond };
}

/** A promise of the present ballot is noted, until a quorum has promised. */
const collect: LeaderRule = (_context, state, event) => {
  const promises = logPromisesWith(state, event);
  return promises && { state: { ...state, promises }, send: [] };
};

/**
 * Phase 2a for a client's command (section 3): the leader "can propose commands i + 1 through i + α after commands 1 through i
 * are chosen", and does not wait for one to be chosen before it proposes the next. A request that comes too early is not
 * kept: the client asks again.
 */
const propose: LeaderRule = (context, state, event) => {
  const value = requested(event);
  if (value === undefined || state.ballot === null || !mayPropose(state, context)) return undefined;
  const proposal = { slot: state.next, value };
  return {
    state: { ...state, next: state.next + 1, proposed: [...state.proposed, proposal] },
    send: acceptRequests(context, state, state.ballot, [proposal]),
  };
};

/** The command that a leader is asked for, if it is. */
export function requested(event: LeaderEvent): Value | undefined {
  const request = event.type === 'receive' ? event.message : event;
  return request.type === 'request' ? request.value : undefined;
}

/** It is told what is chosen in a slot, by whom it is learned first, or that so much of the log is: the window moves on. */
const decided: LeaderRule = (context, state, event) => {
  const known = event.type === 'receive' ? knowingBy(context, state, event.message) : undefined;
  if (!known) return undefined;
  const open = (slot: Slot) => slot > known.chosenUpTo && !known.chosen.includes(slot);
  const proposed = state.proposed.filter(({ slot }) => open(slot));
  return proposeReported(context, { ...state, ...known, proposed });
};

/** What is known to be chosen after a message that says so; undefined if that was known, or is said of nothing. */
function knowingBy({ changesAfter }: LeaderContext, state: LeaderState, message: LogMessage) {
  const changed = (more: readonly Change[]) => ({
    changes: changesAfter === undefined ? [] : withChanges(state.changes, more),
  });
  if (message.type === 'truncated')
    return message.last > state.chosenUpTo
      ? { ...knowingUpTo(state, message.last), ...changed(message.changes ?? []) }
      : undefined;
  if (message.type !== 'decision') return undefined;
  const { slot } = message;
  if (slot <= state.chosenUpTo || state.chosen.includes(slot)) return undefined;
  const chosen = [...state.chosen, slot].sort((a, b) => a - b);
  return { ...knowingUpTo({ ...state, chosen }, state.chosenUpTo), ...changed(changesIn([message])) };
}

/** Whether an acceptor has a say in a slot that is not known to be decided. One that was removed before has none, and disturbs nobody. */
export function hasSay(
  context: LeaderContext,
  { changes, chosenUpTo }: LeaderState,
  acceptor: ActorId,
): boolean {
  if (context.changesAfter === undefined) return true;
  const members = membersFrom(context, changes, chosenUpTo + 1, chosenUpTo + context.window);
  return members.some(({ acceptors }) => acceptors.includes(acceptor));
}

/** A nack tells that an acceptor has promised a higher ballot, for all slots: the leader is deposed, and steps down. */
const preempted: LeaderRule = (context, state, event) => {
  if (event.type !== 'receive' || event.message.type !== 'nack' || state.phase === 'idle') return undefined;
  if (compareBallots(event.message.ballot, state.ballot) !== 0) return undefined;
  if (!hasSay(context, state, event.message.from)) return undefined;
  return { state: { ...stoodDown(state), seenRound: event.message.promised.round }, send: [] };
};

/** The leader: the distinguished proposer of all instances. */
export const leader: Role<LeaderContext, LeaderState, LeaderEvent, LogMessage> = {
  name: 'leader',
  state: LeaderState,
  event: LeaderEvent,
  message: LogMessage,
  initial: {
    ballot: null,
    phase: 'idle',
    next: 1,
    promises: {},
    reported: [],
    proposed: [],
    chosenUpTo: 0,
    chosen: [],
    changes: [],
    covered: 0,
    seenRound: 0,
    reads: {},
    following: null,
    attempts: 0,
  },
  durable: LeaderState.pick({ ballot: true }),
  rules: {
    '1a': phase1a,
    '2a': phase2a,
    collect,
    propose,
    decided,
    preempted,
    read,
    'read-index': readIndex,
    'count-confirmed': countConfirmed,
    follow,
    heartbeat,
    resend,
  },
};
