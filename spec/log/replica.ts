import { compareBallots } from '../ballot.ts';
import { includesQuorum, type QuorumSystem } from '../quorum.ts';
import type { Effect, Role } from '../role.ts';
import { ask, supply } from './catch-up.ts';
import { bySlot, type Decided, type Slot, type SlotProposal } from './entry.ts';
import { LogMessage } from './message.ts';
import { answer } from './reads.ts';
import { changesOf, membersAt } from './reconfiguration.ts';
import { install, replies, truncate } from './snapshots.ts';
import { decide, isDecided, type StateMachine } from './state-machine.ts';
import { type ReplicaContext, ReplicaEvent, type ReplicaRule, ReplicaState, type Vote } from './states.ts';

/** The votes told of so far, with the one just received; undefined if the event brings none or the slot's value is known. */
export function logVotesWith(state: ReplicaState, event: ReplicaEvent): readonly Vote[] | undefined {
  if (event.type !== 'receive' || event.message.type !== 'accepted') return undefined;
  const { from, slot, ballot, value } = event.message;
  if (isDecided(state, slot)) return undefined;
  const vote: Vote = { acceptor: from, proposal: { slot, ballot, value } };
  const others = state.votes.filter(
    ({ acceptor, proposal }) => acceptor !== vote.acceptor || !equal(proposal, vote.proposal),
  );
  return [...others, vote].sort(logVotesInOrder);
}

/** The replica finds out what is chosen in a slot: it forgets the votes and applies what it can; answers are for clients. */
function finds(
  machine: StateMachine,
  context: ReplicaContext,
  state: ReplicaState,
  entry: Decided,
): Effect<ReplicaState, LogMessage> {
  const { votes, ...replicated } = state;
  const { state: after, answers } = decide(machine, replicated, entry);
  const undecided = votes.filter(({ proposal }) => proposal.slot !== entry.slot);
  return { state: { votes: undecided, ...after }, send: replies(context, answers) };
}

/** The quorums that count in a slot; undefined as long as it is not known who its acceptors are. */
export function quorumsAt(
  { quorums, changesAfter }: ReplicaContext,
  { applied, decided }: ReplicaState,
  slot: Slot,
): QuorumSystem | undefined {
  if (changesAfter === undefined) return quorums;
  if (slot > applied + changesAfter) return undefined;
  return membersAt({ acceptors: [], quorums, changesAfter }, changesOf(decided), slot).quorums;
}

/** Whether a phase 2 quorum has voted for a proposal. */
function isVotedFor(context: ReplicaContext, state: ReplicaState, proposal: SlotProposal): boolean {
  const quorums = quorumsAt(context, state, proposal.slot);
  const voters = state.votes.filter((vote) => equal(vote.proposal, proposal)).map(({ acceptor }) => acceptor);
  return quorums !== undefined && includesQuorum(quorums.phase2, voters);
}

/** What follows from what it has found out: of slots whose acceptors were not known before, the votes are counted now. */
function settled(
  machine: StateMachine,
  context: ReplicaContext,
  effect: Effect<ReplicaState, LogMessage>,
): Effect<ReplicaState, LogMessage> {
  if (context.changesAfter === undefined) return effect;
  const found = effect.state.votes.find(({ proposal }) => isVotedFor(context, effect.state, proposal));
  if (!found) return effect;
  const { slot, value } = found.proposal;
  const next = finds(machine, context, effect.state, { slot, value });
  const send = [...effect.send, ...announcement(context, { slot, value }), ...next.send];
  return settled(machine, context, { state: next.state, send });
}

function announcement({ id, announcesTo }: ReplicaContext, entry: Decided): LogMessage[] {
  return announcesTo.length === 0 ? [] : [{ type: 'decision', from: id, to: announcesTo, ...entry }];
}

/** Learning in one instance (section 2.3): a phase 2 quorum has accepted one proposal. The instances do not mix. */
const learn =
  (machine: StateMachine): ReplicaRule =>
  (context, state, event) => {
    const votes = logVotesWith(state, event);
    if (!votes || event.type !== 'receive' || event.message.type !== 'accepted') return undefined;
    const { slot, ballot, value } = event.message;
    if (!isVotedFor(context, { ...state, votes }, { slot, ballot, value })) return undefined;
    const effect = finds(machine, context, { ...state, votes }, { slot, value });
    const send = [...announcement(context, { slot, value }), ...effect.send];
    return settled(machine, context, { ...effect, send });
  };

/** A vote is noted, until a quorum has voted. */
const count: ReplicaRule = (_context, state, event) => {
  const votes = logVotesWith(state, event);
  return votes && { state: { ...state, votes }, send: [] };
};

/** Another replica has learned what is chosen in a slot, and says so. */
const learnFromDecision =
  (machine: StateMachine): ReplicaRule =>
  (context, state, event) => {
    if (event.type !== 'receive' || event.message.type !== 'decision') return undefined;
    const { slot, value } = event.message;
    return isDecided(state, slot)
      ? undefined
      : settled(machine, context, finds(machine, context, state, { slot, value }));
  };

function equal(a: SlotProposal, b: SlotProposal): boolean {
  return a.slot === b.slot && compareBallots(a.ballot, b.ballot) === 0 && a.value === b.value;
}

/** The order in which a replica holds its votes. */
export function logVotesInOrder(a: Vote, b: Vote): number {
  return equal(a.proposal, b.proposal) ? (a.acceptor < b.acceptor ? -1 : 1) : bySlot(a.proposal, b.proposal);
}

/** The replica of a user's state machine: learns the log, and applies it. It decides nothing. */
export function replicaOf(
  machine: StateMachine,
): Role<ReplicaContext, ReplicaState, ReplicaEvent, LogMessage> {
  return {
    name: 'replica',
    state: ReplicaState,
    event: ReplicaEvent,
    message: LogMessage,
    initial: { votes: [], decided: [], applied: 0, truncated: 0, machine: machine.initial, sessions: {} },
    durable: ReplicaState.pick({
      decided: true,
      applied: true,
      truncated: true,
      machine: true,
      sessions: true,
    }),
    rules: {
      learn: learn(machine),
      count,
      'learn-decision': learnFromDecision(machine),
      answer: answer(machine),
      truncate,
      install: (context, state, event) => {
        const effect = install(machine)(context, state, event);
        return effect && settled(machine, context, effect);
      },
      ask,
      supply,
    },
  };
}
