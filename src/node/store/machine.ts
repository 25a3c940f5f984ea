/** The store that the nodes replicate: strings by key, with the commands of the Redis protocol that are supported. */
import { z } from 'zod';
import type { StateMachine } from '../../../spec/log/state-machine.ts';
import { differences, lookUp, mapOf, type StringMap, sizeOf, withValue } from './map.ts';

/** Bytes, one to a character (U+0000 to U+00FF), so that any bytes are a string, and JSON. */
const Bytes = z.string();

/** A command. `get` of `set` asks for the value before, whether or not the condition holds. */
export const StoreCommand = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('get'), key: Bytes }),
  z.strictObject({
    op: z.literal('set'),
    key: Bytes,
    value: Bytes,
    if: z.enum(['absent', 'present']).optional(),
    get: z.boolean().optional(),
  }),
  z.strictObject({ op: z.literal('del'), keys: z.array(Bytes).readonly() }),
  z.strictObject({ op: z.literal('exists'), keys: z.array(Bytes).readonly() }),
  z.strictObject({ op: z.literal('incr'), key: Bytes }),
  z.strictObject({ op: z.literal('mget'), keys: z.array(Bytes).readonly() }),
  z.strictObject({ op: z.literal('mset'), pairs: z.array(z.tuple([Bytes, Bytes])).readonly() }),
]);
export type StoreCommand = z.infer<typeof StoreCommand>;

/** The outcome of a command: a value or none, values, a count, that it is done, or why it is not. */
export const StoreReply = z.union([
  Bytes.nullable(),
  z.int(),
  z.array(Bytes.nullable()).readonly(),
  z.strictObject({ ok: z.literal(true) }),
  z.strictObject({ error: z.string() }),
]);
export type StoreReply = z.infer<typeof StoreReply>;

const Commands = z.array(StoreCommand).readonly();
const Replies = z.array(StoreReply);
const DONE: StoreReply = { ok: true };
const NOT_A_NUMBER: StoreReply = { error: 'ERR value is not an integer or out of range' };
const WHOLE = /^(0|-?[1-9]\d{0,18})$/;

/** The commands that change nothing. */
export function isQuery({ op }: StoreCommand): boolean {
  return op === 'get' || op === 'mget' || op === 'exists';
}

/** One command. */
export function perform(state: StringMap, command: StoreCommand): { state: StringMap; reply: StoreReply } {
  switch (command.op) {
    case 'get':
      return { state, reply: lookUp(state, command.key) };
    case 'mget':
      return { state, reply: command.keys.map((key) => lookUp(state, key)) };
    case 'exists':
      return { state, reply: command.keys.filter((key) => lookUp(state, key) !== null).length };
    case 'set':
      return set(state, command);
    case 'mset': {
      const after = command.pairs.reduce((map, [key, value]) => withValue(map, key, value), state);
      return { state: after, reply: DONE };
    }
    case 'del': {
      const after = command.keys.reduce((map, key) => withValue(map, key, null), state);
      return { state: after, reply: sizeOf(state) - sizeOf(after) };
    }
    case 'incr': {
      const present = lookUp(state, command.key) ?? '0';
      const next = WHOLE.test(present) ? BigInt(present) + 1n : null;
      if (next === null || BigInt.asIntN(64, next) !== next) return { state, reply: NOT_A_NUMBER };
      // As text: not every number of 64 bits is one of JSON.
      return { state: withValue(state, command.key, String(next)), reply: String(next) };
    }
  }
}

function set(
  state: StringMap,
  { key, value, if: condition, get }: Extract<StoreCommand, { op: 'set' }>,
): { state: StringMap; reply: StoreReply } {
  const present = lookUp(state, key);
  const refused = condition === 'absent' ? present !== null : condition === 'present' && present === null;
  const after = refused ? state : withValue(state, key, value);
  if (get) return { state: after, reply: present };
  return { state: after, reply: refused ? null : DONE };
}

/** Several commands as one operation, or one query: they take effect one after the other, with nothing in between. */
export function encodeCommands(commands: readonly StoreCommand[]): string {
  return JSON.stringify(commands);
}

/** The replies to them, in their order. */
export function decodeReplies(reply: string): StoreReply[] {
  return Replies.parse(JSON.parse(reply));
}

/** A state machine whose state can be stored piece by piece. */
export interface StoredMachine<T extends StateMachine['initial']> extends StateMachine<T> {
  /** What is to be written where `before` is stored, so that it is `after`: rows by key; null removes one. */
  changes(before: T, after: T): Iterable<readonly [string, string | null]>;
  /** How many rows a state takes. */
  size(state: T): number;
  /** The state that rows hold. */
  restore(rows: Iterable<readonly [string, string]>): T;
}

/** The store as a state machine. An operation that encodes no commands changes nothing and has no replies. */
export const store: StoredMachine<StringMap & StateMachine['initial']> = {
  initial: null,
  apply(state, operation) {
    let after: StringMap = state;
    const replies = decode(operation).map((command) => {
      const outcome = perform(after, command);
      after = outcome.state;
      return outcome.reply;
    });
    return { state: after as typeof state, reply: JSON.stringify(replies) };
  },
  query: (state, query) => JSON.stringify(decode(query).map((command) => perform(state, command).reply)),
  changes: differences,
  size: sizeOf,
  restore: (rows) => mapOf(rows) as StringMap & StateMachine['initial'],
};

function decode(operation: string): readonly StoreCommand[] {
  try {
    return Commands.safeParse(JSON.parse(operation)).data ?? [];
  } catch {
    return [];
  }
}
