import type { Fact, Local, LocalStep, Property, Situation } from '../../model-check/system.ts';
import { type ActorId, type Ballot, compareBallots, showBallot } from '../ballot.ts';
import { type AcceptorAt, chosenIn } from '../facts.ts';
import { highest, type Proposal } from '../proposal.ts';
import { majorities, type QuorumSystem } from '../quorum.ts';
import type { LogCast } from './configuration.ts';
import { bySlot, type Slot, type SlotProposal } from './entry.ts';
import type { History } from './linearizability.ts';
import type { LogMessage } from './message.ts';
import type { Replicated } from './state-machine.ts';
import type {
  ClientEvent,
  ClientState,
  LeaderEvent,
  LeaderState,
  LogAcceptorState,
  ReplicaEvent,
  ReplicaState,
} from './states.ts';

/** The local state of any role. */
export type LogRoleState = LogAcceptorState | LeaderState | ReplicaState | ClientState;
export type LogLocal = Local<LogRoleState, LogMessage>;
export type LogFact = Fact<LogRoleState, LogMessage>;
export type LogEvent = LeaderEvent | ReplicaEvent | ClientEvent;
export type LogProperty = Property<LogRoleState, LogMessage, LogEvent>;
export type LogSituation = Situation<LogRoleState, LogMessage, LogEvent>;
export type LogStep = LocalStep<LogRoleState, LogMessage, LogEvent>;

/** The messages of one type that an actor has ever sent. */
export function logSent<T extends LogMessage['type']>(local: LogLocal, type: T) {
  return local.sent.filter((message): message is Extract<LogMessage, { type: T }> => message.type === type);
}

/** The messages of one type that a step added to those its actor had sent. */
export function logNewlySent<T extends LogMessage['type']>(before: LogLocal, after: LogLocal, type: T) {
  const had = new Set(logSent(before, type).map((message) => JSON.stringify(message)));
  return logSent(after, type).filter((message) => !had.has(JSON.stringify(message)));
}

/** The observer that keeps the history of what clients asked and were answered. */
export const HISTORY = 'history';

/** What properties ask of a replica. */
export interface ReplicaView {
  readonly replica: ActorId;
  readonly decided: Replicated['decided'];
  readonly applied: number;
  readonly truncated: number;
  /** The operations applied, in order: the state of the checker's machine. */
  readonly journal: string;
  readonly sessions: Replicated['sessions'];
}

const proposals = (messages: readonly SlotProposal[], slot: Slot): Proposal[] =>
  messages
    .filter((message) => message.slot === slot)
    .sort(bySlot)
    .map(({ ballot, value }) => ({ ballot, value }));

const isAt = (ballot: Ballot) => (each: { readonly ballot: Ballot }) =>
  compareBallots(each.ballot, ballot) === 0;

/** A proposal, and who was asked to accept it. */
export interface IssuedTo extends Proposal {
  readonly to: readonly ActorId[];
}

const isSame = (a: Proposal, b: Proposal) => compareBallots(a.ballot, b.ballot) === 0 && a.value === b.value;

/** The quorums among those who are asked to accept a proposal: of those of the beginning, as the configuration says; of others, majorities. */
export function quorumsOf({ first, quorums }: LogCast, members: readonly ActorId[]): QuorumSystem {
  return members.join() === first.join() ? quorums : majorities(members);
}

/** One fact for each key, made once. */
function each<K extends readonly unknown[]>(make: (...key: K) => LogFact): (...key: K) => LogFact {
  const made = new Map<string, LogFact>();
  return (...key) => {
    const text = JSON.stringify(key);
    const fact = made.get(text) ?? make(...key);
    made.set(text, fact);
    return fact;
  };
}

/**
 * What properties speak of, slot by slot: a fact about one slot has few values, one about the whole log nearly as many as there
 * are states. All but what replicas hold is read off the messages ever sent.
 */
export function logFactsOf(cast: LogCast) {
  const { acceptors, leaders, replicas, quorums } = cast;

  /** The proposals issued in a slot, with those who were asked to accept them: the acceptors of the slot, as the leader sees it. */
  const issuedTo = each((slot: Slot) => ({
    name: `issued in slot ${slot}, and to whom`,
    of: leaders,
    view: (local) =>
      logSent(local, 'accept')
        .filter((accept) => accept.slot === slot)
        .map(({ ballot, value, to }): IssuedTo => ({ ballot, value, to })),
    combine: (views) => (views as IssuedTo[][]).flat().sort((a, b) => compareBallots(a.ballot, b.ballot)),
  }));

  /** The proposals chosen in a slot. Where acceptors change, by a quorum of those who were asked to accept them. */
  const chosen = each((slot: Slot): LogFact => {
    const votesOf = (views: readonly unknown[]) =>
      acceptors.map((acceptor, at) => ({ acceptor, votes: views[at] as Proposal[] }));
    const votes = {
      name: `chosen in slot ${slot}`,
      of: acceptors,
      view: (local: LogLocal) => proposals(logSent(local, 'accepted'), slot),
    };
    if (!cast.changed) return { ...votes, combine: (views) => chosenIn(quorums, votesOf(views)) };
    const { view: issuedBy, combine: issuedIn } = issuedTo(slot);
    return {
      name: votes.name,
      of: [...acceptors, ...leaders],
      view: (local, actor) => (acceptors.includes(actor) ? votes.view(local) : issuedBy(local, actor)),
      combine: (views) => {
        const issued = issuedIn(views.slice(acceptors.length)) as IssuedTo[];
        return issued.flatMap(({ to, ...proposal }) =>
          chosenIn(quorumsOf(cast, to), votesOf(views)).filter((each) => isSame(each, proposal)),
        );
      },
    };
  });

  /** The proposals issued in a slot: an accept request was sent. */
  const issued = each((slot: Slot) => ({
    name: `issued in slot ${slot}`,
    of: leaders,
    view: (local) => proposals(logSent(local, 'accept'), slot),
    combine: (views) => (views as Proposal[][]).flat().sort((a, b) => compareBallots(a.ballot, b.ballot)),
  }));

  /** The values issued in a slot in one ballot. */
  const issuedAt = each((slot: Slot, ballot: Ballot) => ({
    name: `issued in slot ${slot} in ballot ${showBallot(ballot)}`,
    of: leaders,
    view: (local) =>
      proposals(logSent(local, 'accept'), slot)
        .filter(isAt(ballot))
        .map(({ value }) => value),
    combine: (views) => [...new Set((views as string[][]).flat())].sort(),
  }));

  /** The acceptors as a ballot sees them in a slot. */
  const acceptorsAt = each((slot: Slot, ballot: Ballot) => ({
    name: `acceptors in slot ${slot} at ballot ${showBallot(ballot)}`,
    of: acceptors,
    view: (local, acceptor): AcceptorAt => {
      const votes = proposals(logSent(local, 'accepted'), slot);
      return {
        acceptor,
        promised: logSent(local, 'promise').some(isAt(ballot)),
        votes: votes.filter(isAt(ballot)).map(({ value }) => value),
        below: highest(votes.filter((vote) => compareBallots(vote.ballot, ballot) < 0)),
      };
    },
    combine: (views) => views,
  }));

  /** By replica, what it takes to be chosen in a slot, or null. */
  const learned = each((slot: Slot) => ({
    name: `learned in slot ${slot}`,
    of: replicas,
    view: ({ state }) =>
      'decided' in state ? (state.decided.find((known) => known.slot === slot)?.value ?? null) : null,
    combine: (views) => replicas.map((replica, at) => ({ replica, value: views[at] as string | null })),
  }));

  /** By replica, what it has applied. */
  const applied: LogFact = {
    name: 'applied',
    of: replicas,
    view: ({ state }, replica) => {
      if (!('decided' in state)) return undefined;
      const { decided, applied, truncated, machine, sessions } = state;
      return { replica, decided, applied, truncated, journal: String(machine), sessions };
    },
    combine: (views) => views,
  };

  /** The different answers that replicas have given to what a client asked as its number `number`. */
  const replies = each((client: ActorId, number: number) => ({
    name: `replies to ${client}, number ${number}`,
    of: replicas,
    view: (local) =>
      logSent(local, 'reply')
        .filter((reply) => reply.to.includes(client) && reply.number === number)
        .map(({ reply }) => reply),
    combine: (views) => [...new Set((views as string[][]).flat())].sort(),
  }));

  /** What is wrong with the history of invocations and answers, or null. */
  const history: LogFact = {
    name: 'history',
    of: cast.clients.length > 0 ? [HISTORY] : [],
    view: ({ state }) => (state as unknown as History).wrong,
    combine: ([wrong]) => wrong ?? null,
  };

  /** By client, whether it waits for an answer. */
  const waiting: LogFact = {
    name: 'waiting',
    of: cast.clients.map(({ id }) => id),
    view: ({ state }) => 'pending' in state && state.pending !== null,
    combine: (views) => views,
  };

  return { replies, history, waiting, chosen, issued, issuedTo, issuedAt, acceptorsAt, learned, applied };
}

export type LogFacts = ReturnType<typeof logFactsOf>;
