import { z } from 'zod';
import type { StateMachine } from './state-machine.ts';

const Key = z.string();
const DECIMAL = /^-?(0|[1-9]\d*)$/;

/** An operation on one key. */
const OneKey = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('get'), key: Key }),
  /** With `if`: only where the key is absent, or only where it is present. */
  z.strictObject({
    op: z.literal('set'),
    key: Key,
    value: z.string(),
    if: z.enum(['absent', 'present']).optional(),
  }),
  z.strictObject({ op: z.literal('delete'), key: Key }),
  /** `expected` null: where the key is absent. */
  z.strictObject({
    op: z.literal('compare-and-set'),
    key: Key,
    expected: z.string().nullable(),
    value: z.string(),
  }),
  /** Values are whole numbers in decimal, of any length; an absent key counts as 0. */
  z.strictObject({ op: z.literal('increment'), key: Key, by: z.int() }),
]);
type OneKey = z.infer<typeof OneKey>;

/** A command of the key-value machine: an operation on one key, or several that take effect together or not at all. */
export const KeyValueCommand = z.discriminatedUnion('op', [
  ...OneKey.options,
  z.strictObject({ op: z.literal('all'), operations: z.array(OneKey).readonly() }),
]);
export type KeyValueCommand = z.infer<typeof KeyValueCommand>;

/** The outcome of an operation: the value of the key afterwards (null: absent; of `delete` the value that it had), or why nothing was done. */
export const KeyValueReply = z.union([
  z.strictObject({ value: z.string().nullable() }),
  z.strictObject({ values: z.array(z.string().nullable()).readonly() }),
  z.strictObject({ refused: z.enum(['exists', 'absent', 'differs', 'not a number', 'not a command']) }),
]);
export type KeyValueReply = z.infer<typeof KeyValueReply>;

/** What is stored, by key: sorted, each key once. A list, for a key may be any string, also "__proto__". */
export type KeyValues = [key: string, value: string][];

type Refusal = Extract<KeyValueReply, { refused: string }>;
type Done = { readonly state: KeyValues; readonly value: string | null };

const valueAt = (state: KeyValues, key: string): string | null =>
  state.find(([known]) => known === key)?.[1] ?? null;

function without(state: KeyValues, key: string): KeyValues {
  return state.filter(([known]) => known !== key);
}

function storing(state: KeyValues, key: string, value: string): Done {
  const entries: KeyValues = [...without(state, key), [key, value]];
  return { state: entries.sort(([a], [b]) => (a < b ? -1 : 1)), value };
}

/** One operation on one key. */
function perform(state: KeyValues, operation: OneKey): Done | Refusal {
  const { key } = operation;
  const present = valueAt(state, key);
  switch (operation.op) {
    case 'get':
      return { state, value: present };
    case 'delete':
      return { state: without(state, key), value: present };
    case 'set':
      if (operation.if === 'absent' && present !== null) return { refused: 'exists' };
      if (operation.if === 'present' && present === null) return { refused: 'absent' };
      return storing(state, key, operation.value);
    case 'compare-and-set':
      return present === operation.expected ? storing(state, key, operation.value) : { refused: 'differs' };
    case 'increment': {
      const number = present ?? '0';
      if (!DECIMAL.test(number)) return { refused: 'not a number' };
      return storing(state, key, String(BigInt(number) + BigInt(operation.by)));
    }
  }
}

/** Several operations, each on what the one before has left; where one is refused, none takes effect. */
function performAll(
  state: KeyValues,
  operations: readonly OneKey[],
): { state: KeyValues; reply: KeyValueReply } {
  let after = state;
  const values: (string | null)[] = [];
  for (const operation of operations) {
    const outcome = perform(after, operation);
    if ('refused' in outcome) return { state, reply: outcome };
    after = outcome.state;
    values.push(outcome.value);
  }
  return { state: after, reply: { values } };
}

function execute(state: KeyValues, command: KeyValueCommand): { state: KeyValues; reply: KeyValueReply } {
  if (command.op === 'all') return performAll(state, command.operations);
  const outcome = perform(state, command);
  if ('refused' in outcome) return { state, reply: outcome };
  return { state: outcome.state, reply: { value: outcome.value } };
}

/** A command as the operation of a client's command. */
export function encodeKeyValue(command: KeyValueCommand): string {
  return JSON.stringify(KeyValueCommand.parse(command));
}

/** The command that an operation encodes; null if none. */
function decodeKeyValue(operation: string): KeyValueCommand | null {
  try {
    return KeyValueCommand.safeParse(JSON.parse(operation)).data ?? null;
  } catch {
    return null;
  }
}

/** A key-value store as a state machine. Operations are encoded by `encodeKeyValue`; replies are `KeyValueReply` as JSON. */
export const keyValue: StateMachine<KeyValues> = {
  initial: [],
  apply(state, operation) {
    const command = decodeKeyValue(operation);
    if (!command) return { state, reply: JSON.stringify({ refused: 'not a command' }) };
    const outcome = execute(state, command);
    return { state: outcome.state, reply: JSON.stringify(outcome.reply) };
  },
  /** A query is a key; the answer that of `get`. */
  query: (state, key) => JSON.stringify({ value: valueAt(state, key) }),
};
