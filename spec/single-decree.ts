import type { Actor, Permutation, System } from '../model-check/system.ts';
import { type AcceptorContext, type AcceptorState, acceptor } from './acceptor.ts';
import type { ActorId } from './ballot.ts';
import { type Cast, castOf, type PaxosConfiguration, plural } from './configuration.ts';
import { factsOf, type RoleState } from './facts.ts';
import { inOrder, type LearnerContext, LearnerState, learner } from './learner.ts';
import type { Message, Receive } from './message.ts';
import { type PaxosEvent, propertiesOf } from './properties.ts';
import {
  nextRound,
  type ProposerContext,
  type ProposerEvent,
  type ProposerState,
  proposer,
} from './proposer.ts';
import { type Role, restart, step } from './role.ts';
import { show } from './show.ts';
import { situationsOf } from './situations.ts';
import { permutationsOf, quorumSymmetries, symmetries } from './symmetry.ts';
import { tell } from './tell.ts';

export type PaxosSystem = System<RoleState, Message, PaxosEvent>;
type PaxosActor = Actor<RoleState, Message, PaxosEvent>;

/** The three roles; the gallery puts others in their place. */
export interface Roles {
  readonly acceptor: Role<AcceptorContext, AcceptorState, Receive>;
  readonly proposer: Role<ProposerContext, ProposerState, ProposerEvent>;
  readonly learner: Role<LearnerContext, LearnerState, Receive>;
  /** Whether a crash of an acceptor may undo its last write, while the messages of that transition stay sent. */
  readonly acceptorWritesBehind?: boolean;
}

/** The roles of this specification: what an implementation ships. */
export const paxosRoles: Roles = { acceptor, proposer, learner };

/**
 * Single-decree Paxos (the paper's section 2) as a system to be checked: the actors of a configuration, what is claimed
 * of them, and what must be reachable.
 */
export function paxos(configuration: PaxosConfiguration, roles: Roles = paxosRoles): PaxosSystem {
  const cast = castOf(configuration);
  const facts = factsOf(cast);
  return {
    name: 'paxos',
    covers: coverage(configuration, cast),
    actors: [
      ...cast.proposers.map((id) => proposerActor(roles, cast, id)),
      ...cast.acceptors.map((id) => acceptorActor(roles, configuration, cast, id)),
      ...cast.learners.map((id) => learnerActor(roles, configuration, cast, id)),
    ],
    crashes: { budget: configuration.crashes },
    symmetry: symmetries(interchangeable(configuration, cast), votesInOrder),
    properties: propertiesOf(cast, facts),
    situations: situationsOf(configuration, cast, facts),
    rules: [...Object.values(paxosRoles).flatMap((role) => Object.keys(role.rules)), 'crash'],
    idleRules: idleRules(configuration, cast),
    tell,
    show,
  };
}

function proposerActor(roles: Roles, cast: Cast, id: ActorId): PaxosActor {
  const { proposer: role } = roles;
  const context = { id, acceptors: cast.acceptors, quorums: cast.quorums };
  const start = { type: 'start' as const, value: cast.values[id] as string };
  return {
    ...actor(role, context),
    internal: (state) => (nextRound(state as ProposerState) <= (cast.bounds[id] as number) ? [start] : []),
  };
}

function acceptorActor(roles: Roles, { nacks }: PaxosConfiguration, cast: Cast, id: ActorId): PaxosActor {
  const behind = roles.acceptorWritesBehind ? { writeBehind: true } : {};
  return { ...actor(roles.acceptor, { id, tells: cast.toldOfVotes, nacks }), ...behind };
}

function learnerActor(roles: Roles, { learning }: PaxosConfiguration, cast: Cast, id: ActorId): PaxosActor {
  const others = cast.learners.filter((other) => !cast.toldOfVotes.includes(other));
  const announcesTo = learning === 'distinguished' && cast.toldOfVotes.includes(id) ? others : [];
  return actor(roles.learner, { id, quorums: cast.quorums, announcesTo });
}

function actor<C extends { readonly id: ActorId }, S extends RoleState, E>(
  role: Role<C, S, E>,
  context: C,
): PaxosActor {
  return {
    name: context.id,
    role: role.name,
    initial: role.initial,
    transition: (state, event) => step(role, context, state, event),
    restart: (state) => restart(role, state),
  };
}

/** The acceptors where the quorums allow, and the learners that are told alike. */
function interchangeable({ learning }: PaxosConfiguration, cast: Cast): Permutation[] {
  const told = permutationsOf(cast.toldOfVotes);
  const others =
    learning === 'all' ? [] : permutationsOf(cast.learners.filter((id) => !cast.toldOfVotes.includes(id)));
  return [...quorumSymmetries(cast.acceptors, cast.quorums), ...told, ...others];
}

/** A learner keeps its votes in an order in which acceptors have a part. */
function votesInOrder(value: unknown): unknown {
  const learner = LearnerState.safeParse(value);
  return learner.success ? { ...learner.data, votes: [...learner.data.votes].sort(inOrder) } : value;
}

/** The rules that cannot fire in a configuration, each with the reason. */
function idleRules(configuration: PaxosConfiguration, cast: Cast): Record<string, string> {
  const { learners, learning, crashes, nacks, proposers } = configuration;
  const alone = (family: readonly (readonly string[])[]) =>
    cast.acceptors.every((id) => family.some((quorum) => quorum.length === 1 && quorum[0] === id));
  const told = cast.toldOfVotes.length;
  const idle: Record<string, string | false> = {
    collect: alone(cast.quorums.phase1) && 'every acceptor alone is a phase 1 quorum',
    learn: told === 0 && 'no learners',
    count:
      (told === 0 && 'no learners') ||
      (alone(cast.quorums.phase2) && 'every acceptor alone is a phase 2 quorum'),
    'learn-decision':
      (learning === 'all' || learners === told) && 'no learner is told by a distinguished one',
    nack: (!nacks && 'nacks are off') || (cast.ballots.length < 2 && 'only one ballot'),
    preempted: (!nacks && 'nacks are off') || (proposers < 2 && 'only one proposer'),
    crash: crashes === 0 && 'no crashes',
  };
  return Object.fromEntries(
    Object.entries(idle).filter((entry): entry is [string, string] => Boolean(entry[1])),
  );
}

/** What "holds" covers, in words. */
function coverage(configuration: PaxosConfiguration, cast: Cast): string[] {
  const { acceptors, learners, crashes, nacks, learning, quorums } = configuration;
  const bounds = cast.proposers.map((id) => {
    const rounds = cast.bounds[id] as number;
    return `${id} at most ${plural(rounds, 'ballot')} (${rounds === 1 ? 'round 1' : `rounds 1 to ${rounds}`}) for ${cast.values[id]}`;
  });
  const told =
    learning === 'all'
      ? 'all told of every vote'
      : `${cast.toldOfVotes.join(', ')} told of votes, the rest by decision`;
  return [
    `${plural(acceptors, 'acceptor')}; ${bounds.join(', ')}; ${learners === 0 ? 'no learners' : `${plural(learners, 'learner')}, ${told}`}`,
    quorums
      ? `phase 1 quorums ${family(quorums.phase1)}; phase 2 quorums ${family(quorums.phase2)}`
      : 'quorums: majorities',
    'every order, delay, duplication and loss of messages (any message sent may be received at any later time, often or never)',
    crashes === 0
      ? 'no crashes'
      : `up to ${plural(crashes, 'crash')}, of any process at any point, of which only the durable state is left`,
    nacks ? 'refusals answered by nacks' : 'no nacks (a refusal is silence)',
  ];
}

function family(quorums: readonly (readonly string[])[]): string {
  return quorums.map((quorum) => `{${quorum.join(', ')}}`).join(' ');
}
