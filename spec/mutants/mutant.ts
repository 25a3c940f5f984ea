import type { z } from 'zod';
import type { AcceptorRule } from '../acceptor.ts';
import type { ActorId } from '../ballot.ts';
import type { Cast, PaxosConfiguration } from '../configuration.ts';
import type { LearnerRule } from '../learner.ts';
import type { PaxosProperty } from '../properties.ts';
import { highest, type Value } from '../proposal.ts';
import { type ProposerRule, type ProposerState, promisesWith } from '../proposer.ts';
import { includesQuorum, type QuorumSystem } from '../quorum.ts';
import type { Roles } from '../single-decree.ts';

/** A configuration as it is written: what is left out has its default. */
export type Bounds = z.input<typeof PaxosConfiguration>;

/** One broken variant of single-decree Paxos: the same roles with one rule replaced, or a wrong quorum system. */
export interface Mutant {
  /** In kebab-case. */
  readonly name: string;
  /** One sentence: what it does instead. */
  readonly breaks: string;
  /** One sentence: who makes this mistake, or where it is known from. */
  readonly who: string;
  /** Where that can be read. */
  readonly source?: string;
  /** If no safety requirement breaks within the bounds on which it is checked: why not, and what it costs. */
  readonly harmless?: string;
  /** The same roles with one rule, or the durable part of one state, replaced. */
  readonly roles?: (roles: Roles, cast: Cast) => Roles;
  /** A wrong quorum system. */
  readonly quorums?: (acceptors: readonly ActorId[]) => QuorumSystem;
  /** The smallest configuration that shows it (the README says in which order); of a harmless one, where it is checked. */
  readonly smallest: Bounds;
  /**
   * Where the smallest configuration has too many runs to look at all of them: the requests that each acceptor receives, as
   * `prepare 1.p1`, in the runs that are looked at. A message may always be lost, so that each of them is a run of the mutant.
   */
  readonly hears?: Readonly<Record<ActorId, readonly string[]>>;
  /** Other configurations that are recorded in the gallery. */
  readonly also?: readonly Bounds[];
  /** More of them, which take minutes and are run on demand only. */
  readonly large?: readonly Bounds[];
  /** Statements of interest for this mutant alone, checked beside the others. */
  readonly statements?: (cast: Cast) => readonly PaxosProperty[];
}

/** The roles with some rules of the acceptor replaced; each keeps its name and its place. */
export function withAcceptor(roles: Roles, rules: Record<string, AcceptorRule>): Roles {
  return { ...roles, acceptor: { ...roles.acceptor, rules: { ...roles.acceptor.rules, ...rules } } };
}

/** The roles with some rules of the proposer replaced. */
export function withProposer(roles: Roles, rules: Record<string, ProposerRule>): Roles {
  return { ...roles, proposer: { ...roles.proposer, rules: { ...roles.proposer.rules, ...rules } } };
}

/** The roles with some rules of the learner replaced. */
export function withLearner(roles: Roles, rules: Record<string, LearnerRule>): Roles {
  return { ...roles, learner: { ...roles.learner, rules: { ...roles.learner.rules, ...rules } } };
}

/** What phase 2a does, in parts that a mutant may replace one at a time. */
export interface Phase2a {
  /** The promises with the one just received; undefined if the event brings none that counts. */
  readonly collects: typeof promisesWith;
  /** Whether these are the promises of a phase 1 quorum. */
  readonly suffice: (promises: ProposerState['promises'], quorums: QuorumSystem) => boolean;
  /** The value to propose. */
  readonly value: (promises: ProposerState['promises'], own: Value) => Value;
  /** Whom the accept request is sent to. */
  readonly to: (promises: ProposerState['promises'], acceptors: readonly ActorId[]) => readonly ActorId[];
}

/** Phase 2a as it should be (`spec/proposer.ts` is where it is read; a test holds the two against one another). */
const right: Phase2a = {
  collects: promisesWith,
  suffice: (promises, { phase1 }) => includesQuorum(phase1, Object.keys(promises)),
  value: (promises, own) => highest(Object.values(promises))?.value ?? own,
  to: (_promises, acceptors) => acceptors,
};

/** The roles with a part of phase 2a replaced: the rules `2a` and `collect`. */
export function withPhase2a(roles: Roles, wrong: Partial<Phase2a>): Roles {
  const { collects, suffice, value: choose, to: recipients } = { ...right, ...wrong };
  const phase2a: ProposerRule = ({ id, acceptors, quorums }, state, event) => {
    const promises = collects(state, event);
    if (!promises || !suffice(promises, quorums) || state.ballot === null || state.value === null)
      return undefined;
    const value = choose(promises, state.value);
    const to = recipients(promises, acceptors);
    return {
      state: { ...state, phase: 'accept', value, promises: {} },
      send: [{ type: 'accept', from: id, to, ballot: state.ballot, value }],
    };
  };
  const collect: ProposerRule = (_context, state, event) => {
    const promises = collects(state, event);
    return promises && { state: { ...state, promises }, send: [] };
  };
  return withProposer(roles, { '2a': phase2a, collect });
}
