/** Who is who in a trace: the role of each actor, and what that role is told about itself. */
import { canonical } from '../../model-check/canonical.ts';
import type { LocalStep, Outcome } from '../../model-check/index.ts';
import {
  type ActorId,
  acceptor,
  durablePart,
  keyValue,
  type LogMessage,
  leader,
  learner,
  logAcceptor,
  type Message,
  majorities,
  proposer,
  type QuorumSystem,
  type Role,
  replicaOf,
  restart,
  type StateMachine,
  step,
} from '../../spec/index.ts';
import { journal } from '../../spec/log/journal.ts';
import { showLog } from '../../spec/log/show.ts';
import { tellLog } from '../../spec/log/tell.ts';
import type { Identity } from '../../spec/role.ts';
import { show } from '../../spec/show.ts';
import { tell } from '../../spec/tell.ts';
import { store } from '../node/store/machine.ts';
import { learnersOf, proposersOf, type TraceHeader } from './format.ts';

export type AnyMessage = Message | LogMessage;
/** The state of any role. */
export type State = Readonly<Record<string, unknown>>;
/** An event of any role. */
export type Event = { readonly type: string } & Readonly<Record<string, unknown>>;

/** An actor of a trace: its role, with states and events of which only the role knows what they are. */
export interface Player {
  readonly actor: ActorId;
  readonly node: string;
  /** The name of its role: acceptor, proposer, learner, leader or replica. */
  readonly role: string;
  readonly initial: State;
  /** One transition, asked of the role's function once for each event in each state that is held. */
  act(state: State, event: Event): Outcome<State, AnyMessage>;
  restart(durable: State): State;
  durable(state: State): State;
}

const MACHINES: Readonly<Record<string, unknown>> = { 'key-value': keyValue, journal, store };

/** The actors of a trace by name, and how what they do is put in words. */
export interface Players {
  readonly header: TraceHeader;
  readonly quorums: QuorumSystem;
  readonly of: ReadonlyMap<ActorId, Player>;
  /** A step in the words of the paper. */
  tell(player: Player, before: State, event: Event): string;
  show(value: unknown): string;
}

export function playersOf(header: TraceHeader): Players {
  const first = (header.system === 'multi-paxos' && header.first) || header.acceptors;
  const quorums = header.quorums ?? majorities(first);
  const nodes = new Map(
    Object.entries(header.nodes ?? {}).flatMap(([node, actors]) => actors.map((id) => [id, node])),
  );
  const of = new Map<ActorId, Player>();
  const cast = <C extends Identity, S extends object, E>(
    ids: readonly ActorId[],
    role: Role<C, S, E, never>,
    context: (id: ActorId) => C,
  ) => {
    for (const id of ids) of.set(id, player(role as unknown as AnyRole, context(id), nodes.get(id) ?? id));
  };
  const learners = learnersOf(header);
  const { acceptors, nacks } = header;
  const tells = header.tells ?? learners;
  const announces = (id: ActorId) =>
    Object.hasOwn(header.announcesTo, id) ? (header.announcesTo[id] ?? []) : [];
  if (header.system === 'paxos') {
    cast(proposersOf(header), proposer as never, (id) => ({ id, acceptors, quorums }));
    cast(acceptors, acceptor as never, (id) => ({ id, tells, nacks }));
    cast(learners, learner as never, (id) => ({ id, quorums, announcesTo: announces(id) }));
  } else {
    const { window, replies, changesAfter } = header;
    const replica = replicaOf(MACHINES[header.machine] as StateMachine);
    const { election } = header;
    cast(proposersOf(header), leader as never, (id) => {
      const peers = header.leaders.filter((other) => other !== id);
      const follows = election && { ...election, peers };
      return {
        ...{ id, acceptors: first, quorums, changesAfter },
        ...{ replicas: learners, window, election: follows },
      };
    });
    cast(acceptors, logAcceptor as never, (id) => ({ id, tells, nacks }));
    cast(learners, replica as never, (id) => {
      const peers = learners.filter((other) => other !== id);
      return { id, quorums, changesAfter, announcesTo: announces(id), replies, peers, acceptors };
    });
  }
  const log = header.system === 'multi-paxos';
  return {
    header,
    quorums,
    of,
    show: log ? showLog : show,
    tell: ({ actor, role, act }, state, event) => {
      const { rule, state: after, send } = act(state, event);
      const taken = {
        actor,
        role,
        event,
        rule,
        before: { state, sent: [] },
        after: { state: after, sent: send },
      };
      return (log ? tellLog : tell)(taken as unknown as LocalStep<never, never, never>);
    },
  };
}

type AnyRole = Role<Identity, State, Event, AnyMessage>;

/** Answers that are kept of one state: whoever searches asks for the same steps time and again. */
const MOST_ANSWERS = 1000;

const texts = new WeakMap<Event, string>();

function textOf(event: Event): string {
  const known = texts.get(event);
  if (known !== undefined) return known;
  const text = canonical(event);
  texts.set(event, text);
  return text;
}

function player(role: AnyRole, context: Identity, node: string): Player {
  // Answers hold the states after, and these theirs: they go when the state goes that they begin from.
  const asked = new WeakMap<State, Map<string, Outcome<State, AnyMessage>>>();
  const answersIn = (state: State) => {
    const known = asked.get(state);
    if (known && known.size < MOST_ANSWERS) return known;
    const answers = new Map<string, Outcome<State, AnyMessage>>();
    asked.set(state, answers);
    return answers;
  };
  return {
    actor: context.id,
    node,
    role: role.name,
    initial: role.initial,
    act(state, event) {
      const answers = answersIn(state);
      const text = textOf(event);
      const known = answers.get(text);
      if (known) return known;
      const outcome = step(role, context, state, event);
      // The same state stays the same object, by which its answers are found.
      const answer = outcome.rule === null ? { ...outcome, state } : outcome;
      answers.set(text, answer);
      return answer;
    },
    restart: (durable) => restart(role, { ...role.initial, ...durable }),
    durable: (state) => durablePart(role, state),
  };
}
