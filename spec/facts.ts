import type { Fact, Local } from '../model-check/system.ts';
import type { AcceptorState } from './acceptor.ts';
import { type ActorId, type Ballot, compareBallots, showBallot } from './ballot.ts';
import type { Cast } from './configuration.ts';
import type { LearnerState } from './learner.ts';
import type { Message } from './message.ts';
import { highest, type Proposal } from './proposal.ts';
import type { ProposerState } from './proposer.ts';
import { type QuorumSystem, votesOfQuorum } from './quorum.ts';

/** The local state of any role. */
export type RoleState = AcceptorState | ProposerState | LearnerState;
export type RoleLocal = Local<RoleState, Message>;
export type PaxosFact = Fact<RoleState, Message>;

/** The messages of one type that an actor has ever sent. */
export function sent<T extends Message['type']>(local: RoleLocal, type: T): Extract<Message, { type: T }>[] {
  return local.sent.filter((message): message is Extract<Message, { type: T }> => message.type === type);
}

/** The messages of one type that a step added to those its actor had sent. */
export function newlySent<T extends Message['type']>(before: RoleLocal, after: RoleLocal, type: T) {
  const had = new Set(sent(before, type).map((message) => JSON.stringify(message)));
  return sent(after, type).filter((message) => !had.has(JSON.stringify(message)));
}

/** An acceptor as one ballot sees it. */
export interface AcceptorAt {
  readonly acceptor: ActorId;
  /** Whether it has promised the ballot. */
  readonly promised: boolean;
  /** The values for which it has voted in the ballot: one at most, if all is well. */
  readonly votes: readonly string[];
  /** The highest-numbered proposal below the ballot that it has accepted. */
  readonly below: Proposal | null;
}

const byBallot = (a: Proposal, b: Proposal) =>
  compareBallots(a.ballot, b.ballot) || (a.value < b.value ? -1 : 1);

const proposals = (messages: readonly Proposal[]): Proposal[] =>
  messages.map(({ ballot, value }) => ({ ballot, value })).sort(byBallot);

const isAt = (ballot: Ballot) => (message: { readonly ballot: Ballot }) =>
  compareBallots(message.ballot, ballot) === 0;

/** The proposals for which a phase 2 quorum has voted. */
export function chosenIn(
  quorums: QuorumSystem,
  votes: readonly { readonly acceptor: ActorId; readonly votes: readonly Proposal[] }[],
): Proposal[] {
  const key = ({ ballot, value }: Proposal) => `${showBallot(ballot)} ${value}`;
  return votesOfQuorum(quorums.phase2, votes, key).sort(byBallot);
}

/** One fact for each ballot, made once. */
function forEachBallot(fact: (ballot: Ballot) => PaxosFact): (ballot: Ballot) => PaxosFact {
  const made = new Map<string, PaxosFact>();
  return (ballot) => {
    const key = showBallot(ballot);
    const known = made.get(key) ?? fact(ballot);
    made.set(key, known);
    return known;
  };
}

/**
 * What properties speak of. All of it but what our learners have learned is read off the messages ever sent and not off
 * registers: a mutant (or somebody else's acceptor) may remember anything, but a vote once cast is a fact.
 */
export function factsOf(cast: Cast) {
  const { acceptors, proposers, learners, quorums } = cast;
  const announcers = [...proposers, ...learners];

  /** Every vote cast: by acceptor, the proposals it has accepted. */
  const votes: PaxosFact = {
    name: 'votes',
    of: acceptors,
    view: (local) => proposals(sent(local, 'accepted')),
    combine: (views) => acceptors.map((acceptor, at) => ({ acceptor, votes: views[at] as Proposal[] })),
  };

  /** The chosen proposals: a value is chosen when a phase 2 quorum has accepted it in one ballot. */
  const chosen: PaxosFact = {
    ...votes,
    name: 'chosen',
    combine: (views) => chosenIn(quorums, votes.combine(views) as Parameters<typeof chosenIn>[1]),
  };

  /** The proposals issued: an accept request was sent. */
  const issued: PaxosFact = {
    name: 'issued',
    of: proposers,
    view: (local) => proposals(sent(local, 'accept')),
    combine: (views) => (views as Proposal[][]).flat().sort(byBallot),
  };

  /** The values that were proposed: those of the proposers that have started. */
  const inputs: PaxosFact = {
    name: 'inputs',
    of: proposers,
    view: (local, id) => (local.sent.length === 0 ? [] : [cast.values[id]]),
    combine: (views) => [...new Set((views as string[][]).flat())].sort(),
  };

  /** By learner, the value it has learned or null. Somebody else's learner tells it by a decision, and may tell several. */
  const learned: PaxosFact = {
    name: 'learned',
    of: learners,
    view: (local) =>
      'learned' in local.state ? [local.state.learned] : sent(local, 'decision').map(({ value }) => value),
    combine: (views) =>
      learners.flatMap((learner, at) => {
        const values = views[at] as readonly (string | null)[];
        return (values.length === 0 ? [null] : values).map((value) => ({ learner, value }));
      }),
  };

  /** The values that a proposer or a learner has announced as chosen. */
  const announced: PaxosFact = {
    name: 'announced',
    of: announcers,
    view: (local) => sent(local, 'decision').map(({ value }) => value),
    combine: (views) => [...new Set((views as string[][]).flat())].sort(),
  };

  /** The acceptors as a ballot sees them: see `AcceptorAt`. */
  const acceptorsAt = forEachBallot((ballot) => ({
    name: 'acceptors at a ballot',
    of: acceptors,
    view: (local, acceptor) => {
      const votes = proposals(sent(local, 'accepted'));
      return {
        acceptor,
        promised: sent(local, 'promise').some(isAt(ballot)),
        votes: votes.filter(isAt(ballot)).map(({ value }) => value),
        below: highest(votes.filter((vote) => compareBallots(vote.ballot, ballot) < 0)),
      };
    },
    combine: (views) => views,
  }));

  /** The values proposed in a ballot. */
  const issuedAt = forEachBallot((ballot) => ({
    name: 'issued in a ballot',
    of: proposers,
    view: (local) =>
      sent(local, 'accept')
        .filter(isAt(ballot))
        .map(({ value }) => value),
    combine: (views) => [...new Set((views as string[][]).flat())].sort(),
  }));

  return { votes, chosen, issued, inputs, learned, announced, acceptorsAt, issuedAt };
}

export type PaxosFacts = ReturnType<typeof factsOf>;
