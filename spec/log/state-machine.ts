import { z } from 'zod';
import type { Value } from '../proposal.ts';
import { type Decided, entriesAfter, hasEntry, Slot } from './entry.ts';
import { withDecided } from './reconfiguration.ts';

/** A client's command: its number, which grows with each command of that client, makes a retry known for one. */
export const Command = z.strictObject({
  // No record can be trusted to keep the key "__proto__", and sessions are kept by client. A value that begins with "acceptors=" is a change of these.
  client: z.string().regex(/^(?!__proto__$|acceptors=)[^:]+$/, {
    error: 'expected a name without a colon, and not "acceptors="',
  }),
  number: z.int().min(1),
  operation: z.string(),
});
export type Command = z.infer<typeof Command>;

/** A command as a value that can be chosen: `c1:1:set x`. */
export function encodeCommand(command: Command): Value {
  const { client, number, operation } = Command.parse(command);
  return `${client}:${number}:${operation}`;
}

/** The command that a value encodes; null if it encodes none, as the no-op. */
export function decodeCommand(value: Value): Command | null {
  const [, client, number, operation] = /^([^:]+):([1-9]\d*):(.*)$/s.exec(value) ?? [];
  const command = Command.safeParse({ client, number: Number(number), operation });
  return command.success ? command.data : null;
}

/**
 * A deterministic state machine (section 3): "it performs a step by taking as input a command and producing an output and a
 * new state". Pure and total; its state is a JSON value.
 */
export interface StateMachine<T extends z.core.util.JSONType = z.core.util.JSONType> {
  readonly initial: T;
  apply(state: T, operation: string): { readonly state: T; readonly reply: string };
  /** The answer to a query, which changes nothing; without it there are no reads but those that `apply` answers. */
  query?(state: T, query: string): string;
}

/** By client: the number of its last command that took effect, and the reply to it. */
export const Sessions = z
  .record(z.string(), z.strictObject({ number: z.int().min(1), reply: z.string() }))
  .readonly();

/** What a replica has made of the log. It does not depend on how values are chosen: see `decide`. */
export const Replicated = z.strictObject({
  /** What it knows to be chosen, by slot; but not what it has forgotten. */
  decided: z.array(z.strictObject({ slot: Slot, value: z.string().min(1) })).readonly(),
  /** Up to which slot commands have been applied: all of them, in order. */
  applied: z.int().min(0),
  /** Up to which slot it has forgotten what was chosen, having applied it; 0 if it has forgotten nothing. */
  truncated: z.int().min(0),
  /** The user's state. */
  machine: z.json(),
  sessions: Sessions,
});
export type Replicated = z.infer<typeof Replicated>;

/** Whether a replica knows what is chosen in a slot, or has known it. */
export function isDecided({ decided, truncated }: Replicated, slot: Slot): boolean {
  return slot <= truncated || hasEntry(decided, slot);
}

/** An answer for a client. */
export interface Answer {
  readonly client: string;
  readonly number: number;
  readonly reply: string;
}

/**
 * The replica finds out that `value` is chosen in `slot`: it applies that command, and those waiting behind it, as far as there
 * is no gap. Each slot is decided once; a second decision of it is ignored, for agreement is not this function's affair.
 */
export function decide(
  machine: StateMachine,
  state: Replicated,
  { slot, value }: Decided,
): { state: Replicated; answers: Answer[] } {
  if (isDecided(state, slot)) return { state, answers: [] };
  return applyReady(machine, { ...state, decided: withDecided(state.decided, { slot, value }) });
}

/** Applies what is decided behind what is applied, as far as there is no gap. */
export function applyReady(
  machine: StateMachine,
  state: Replicated,
): { state: Replicated; answers: Answer[] } {
  const answers: Answer[] = [];
  let after = state;
  for (const ready of entriesAfter(state.decided, state.applied)) {
    if (ready.slot !== after.applied + 1) break;
    const effect = applied(machine, after, ready.value);
    after = { ...effect.state, applied: ready.slot };
    if (effect.answer) answers.push(effect.answer);
  }
  return { state: after, answers };
}

/**
 * One command takes effect, at most once: one whose number its client has already used up is a retry. The last is answered as it
 * was before; older ones get no answer, since a client that goes on has had one.
 */
export function applied(
  machine: StateMachine,
  state: Replicated,
  value: Value,
): { state: Replicated; answer?: Answer } {
  const command = decodeCommand(value);
  if (!command) return { state };
  const { client, number, operation } = command;
  const last = Object.hasOwn(state.sessions, client) ? state.sessions[client] : undefined;
  if (last && last.number > number) return { state };
  if (last && last.number === number) return { state, answer: { client, number, reply: last.reply } };
  const effect = machine.apply(state.machine, operation);
  const { reply } = effect;
  const sessions = { ...state.sessions, [client]: { number, reply } };
  return { state: { ...state, machine: effect.state, sessions }, answer: { client, number, reply } };
}
