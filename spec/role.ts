import type { z } from 'zod';
import type { Outcome } from '../model-check/system.ts';
import type { ActorId } from './ballot.ts';
import type { Message } from './message.ts';

/** What a rule does where it applies: the state afterwards and the messages to send. */
export interface Effect<S, M = Message> {
  readonly state: S;
  readonly send: readonly M[];
}

/** One rule of a role: a pure handler that returns undefined where it does not apply. */
export type Rule<C, S, E, M = Message> = (context: C, state: S, event: E) => Effect<S, M> | undefined;

/** What every role is told about itself: its own name. */
export interface Identity {
  readonly id: ActorId;
}

/**
 * A role of the protocol: its schemas, its rules by their names in the paper, and which part of its state is durable.
 * Everything that acts as this role, in the checker or in a server, goes through `step`.
 */
export interface Role<C extends Identity, S extends object, E, M = Message> {
  readonly name: string;
  readonly state: z.ZodType<S>;
  readonly event: z.ZodType<E>;
  /** What it may send. */
  readonly message: z.ZodType<M>;
  readonly initial: S;
  /** The durable part of the state, as a `pick` of its schema: what must be on disk before the messages of a transition leave. */
  readonly durable: z.ZodObject;
  /** In this order; the first that applies is the rule of the step. */
  readonly rules: Readonly<Record<string, Rule<C, S, E, M>>>;
}

/**
 * One transition of a role. Pure and total: where no rule applies the state stays equal and nothing is sent.
 *
 * @throws z.ZodError if the state, the event or the outcome is malformed; nothing has changed then
 */
export function step<C extends Identity, S extends object, E, M = Message>(
  role: Role<C, S, E, M>,
  context: C,
  state: unknown,
  event: unknown,
): Outcome<S, M> {
  const { rule, state: after, send } = fire(role, context, role.state.parse(state), role.event.parse(event));
  if (rule === null) return { rule, state: after, send };
  return { rule, state: role.state.parse(after), send: send.map((message) => role.message.parse(message)) };
}

/**
 * The same for a state that a transition has led to and an event that is validated where it came in. A state grows with what is
 * stored; to validate all of it again in each step is for the checker, whose states are small.
 */
export function fire<C extends Identity, S extends object, E, M = Message>(
  { rules }: Role<C, S, E, M>,
  context: C,
  state: S,
  event: E,
): Outcome<S, M> {
  for (const rule in rules) {
    const effect = rules[rule]?.(context, state, event);
    if (effect) return { rule, ...effect };
  }
  return { rule: null, state, send: [] };
}

/** What a role begins from after a crash: the initial state with the durable part of the state it had. */
export function restart<C extends Identity, S extends object, E, M = Message>(
  role: Role<C, S, E, M>,
  state: unknown,
): S {
  return role.state.parse({ ...role.initial, ...durablePart(role, role.state.parse(state)) });
}

/** The durable part of a state. */
export function durablePart<C extends Identity, S extends object, E, M = Message>(
  role: Role<C, S, E, M>,
  state: S,
): Partial<S> {
  return Object.fromEntries(
    Object.entries(state).filter(([field]) => field in role.durable.shape),
  ) as Partial<S>;
}
