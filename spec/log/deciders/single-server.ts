/**
 * One server decides: the first thing that one would think of, and a foil. "The easiest way to implement a distributed system is
 * as a collection of clients that issue commands to a central server" (section 3). What is wrong with it: "the failure of the
 * acceptor makes any further progress impossible" (section 2.2).
 */
import { z } from 'zod';
import type { ActorId } from '../../ballot.ts';
import { Value } from '../../proposal.ts';
import { majorities } from '../../quorum.ts';
import { type Role, type Rule, restart, step } from '../../role.ts';
import type { LogCast } from '../configuration.ts';
import { LogDecision, LogReceive } from '../message.ts';
import type { Decider, DeciderActor } from './decider.ts';

type Told = z.infer<typeof LogDecision>;

/** What is decided, by slot: all of it is durable. */
export const ServerState = z.strictObject({ log: z.array(Value).readonly() });
export type ServerState = z.infer<typeof ServerState>;

/** A client asks for a command; one who gets no answer asks again. */
const Request = z.strictObject({ type: z.literal('request'), value: Value });
export const ServerEvent = z.discriminatedUnion('type', [Request, LogReceive]);
export type ServerEvent = z.infer<typeof ServerEvent>;

export interface ServerContext {
  readonly id: ActorId;
  /** Who is told of decisions. */
  readonly tells: readonly ActorId[];
}

/** What comes first is first. */
const append: Rule<ServerContext, ServerState, ServerEvent, Told> = ({ id, tells }, { log }, event) => {
  if (event.type !== 'request') return undefined;
  const { value } = event;
  return {
    state: { log: [...log, value] },
    send: [{ type: 'decision', from: id, to: tells, slot: log.length + 1, value }],
  };
};

/** A server that decides alone. */
export const server: Role<ServerContext, ServerState, ServerEvent, Told> = {
  name: 'server',
  state: ServerState,
  event: ServerEvent,
  message: LogDecision,
  initial: { log: [] },
  durable: ServerState.pick({ log: true }),
  rules: { append },
};

/** A single server that is asked for any of the commands as long as it has a slot, and tells the replicas. */
export function singleServer({ slots, commands, replicas }: LogCast, role: typeof server = server): Decider {
  const id = 's1';
  const actor: DeciderActor = {
    name: id,
    role: role.name,
    initial: role.initial,
    transition: (state, event) => step(role, { id, tells: replicas }, state, event),
    internal: (state) =>
      (state as ServerState).log.length < slots.length
        ? commands.map((value) => ({ type: 'request', value }))
        : [],
    restart: (state) => restart(role, state),
  };
  return {
    covers: [
      `one server, s1, which decides alone; in each slot it is asked for any of ${commands.join(', ')}`,
    ],
    actors: [actor],
    quorums: majorities([id]),
    decided: (slot) => ({
      name: `decided in slot ${slot}`,
      of: [id],
      view: ({ sent }) =>
        (sent as readonly unknown[] as Told[])
          .filter((decision) => decision.slot === slot)
          .map(({ value }) => value),
      combine: ([values]) => [...new Set(values as Value[])].sort(),
    }),
    interchangeable: [],
    rules: Object.keys(role.rules),
    idleRules: {},
    tell: ({ actor: name, event, after: { state } }) => {
      if (event.type !== 'request') return undefined;
      const { log } = state as ServerState;
      return `server ${name} decides ${log.at(-1)} in slot ${log.length}`;
    },
  };
}
