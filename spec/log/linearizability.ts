/**
 * Linearizability (Herlihy and Wing, 1990), decided exactly while a history goes on: every operation takes effect at one
 * moment between its invocation and its answer, and the answers are those of the machine, in the order of these moments.
 *
 * What is kept of a history is all that matters for its future: every way in which the operations invoked so far may have taken
 * effect that agrees with the answers given so far. An invocation adds ways, an answer leaves those that have foreseen it;
 * a history is linearizable if and only if some way is left.
 */
import type { ActorId } from '../ballot.ts';
import type { StateMachine } from './state-machine.ts';
import type { ClientState } from './states.ts';

/** What a client asks for. */
export type Asked = NonNullable<ClientState['pending']>;

/** An operation that is invoked and not answered; `reply` is null where it has not taken effect, else the answer that it will get. */
interface Pending {
  readonly client: ActorId;
  readonly asked: Asked;
  readonly reply: string | null;
}

/** A way in which the operations may have taken effect: the machine's state since, and what is pending, by client. */
interface Way {
  readonly machine: StateMachine['initial'];
  readonly pending: readonly Pending[];
}

/** What is kept of a history. Once `wrong` is set, it is not linearizable, however it goes on. */
export interface History {
  /** In a fixed order, each once. */
  readonly ways: readonly Way[];
  readonly wrong: string | null;
}

/** The history in which nothing has happened. */
export function emptyHistory({ initial }: StateMachine): History {
  return { ways: [{ machine: initial, pending: [] }], wrong: null };
}

/** A client, which waits for nothing, asks. */
export function invoked(machine: StateMachine, history: History, client: ActorId, asked: Asked): History {
  const ways = history.ways.map((way) => withPending(way, { client, asked, reply: null }));
  return { ...history, ways: inOrder(ways.flatMap((way) => reachable(machine, way))) };
}

/** A client, which waits for it, is answered. */
export function returned(history: History, client: ActorId, reply: string): History {
  const foreseen = history.ways.filter(({ pending }) =>
    pending.some((each) => each.client === client && each.reply === reply),
  );
  const ways = inOrder(foreseen.map((way) => without(way, client)));
  if (ways.length > 0 || history.wrong !== null) return { ...history, ways };
  const asked = history.ways[0]?.pending.find((each) => each.client === client)?.asked;
  const due = history.ways.flatMap(({ pending }) =>
    pending.flatMap((each) => (each.client === client && each.reply !== null ? [each.reply] : [])),
  );
  const wrong = `${client} is answered ${reply || 'nothing'} to its ${asked?.kind} ${asked?.operation}; in any order that agrees with the answers before it, that is ${[...new Set(due)].map((each) => each || 'nothing').join(' or ')}`;
  return { ways, wrong };
}

/** This way, and all to which it leads when some of what is pending takes effect, in some order. */
function reachable(machine: StateMachine, way: Way): Way[] {
  const next = way.pending
    .filter(({ reply }) => reply === null)
    .map(({ client, asked }) => {
      const effect = effectOf(machine, way.machine, asked);
      return withPending({ ...way, machine: effect.state }, { client, asked, reply: effect.reply });
    });
  return [way, ...next.flatMap((each) => reachable(machine, each))];
}

function effectOf(machine: StateMachine, state: Way['machine'], { kind, operation }: Asked) {
  if (kind === 'command' || !machine.query) return machine.apply(state, operation);
  return { state, reply: machine.query(state, operation) };
}

function without({ machine, pending }: Way, client: ActorId): Way {
  return { machine, pending: pending.filter((each) => each.client !== client) };
}

function withPending(way: Way, one: Pending): Way {
  const pending = [...without(way, one.client).pending, one];
  return { machine: way.machine, pending: pending.sort((a, b) => (a.client < b.client ? -1 : 1)) };
}

function inOrder(ways: readonly Way[]): Way[] {
  const each = new Map(ways.map((way) => [JSON.stringify(way), way]));
  return [...each].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, way]) => way);
}
