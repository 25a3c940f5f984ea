/** What users ask the store of the nodes, and what they are answered, as a history of the key-value machine of the specification has it. */
import type { KeyValueCommand, KeyValueReply } from '../../spec/log/key-value.ts';
import type { StoreCommand, StoreReply } from '../node/store/machine.ts';

/**
 * The command of the specification's machine that does the same.
 *
 * @throws TypeError for `del`, `exists`, and `set` with `get`, whose answers are other than those of any such command
 */
export function asKeyValue(command: StoreCommand): KeyValueCommand {
  switch (command.op) {
    case 'get':
      return command;
    case 'set':
      if (command.get) throw new TypeError('set with get: there is no such command of the specification');
      return command;
    case 'incr':
      return { op: 'increment', key: command.key, by: 1 };
    case 'mget':
      return { op: 'all', operations: command.keys.map((key) => ({ op: 'get', key })) };
    case 'mset':
      return { op: 'all', operations: command.pairs.map(([key, value]) => ({ op: 'set', key, value })) };
    default:
      throw new TypeError(`${command.op}: there is no such command of the specification`);
  }
}

/**
 * The answer to it that says the same as the store's.
 *
 * @throws TypeError if it is none that the store gives to such a command
 */
export function asReply(command: StoreCommand, reply: StoreReply): KeyValueReply {
  const isValue = reply === null || typeof reply === 'string';
  const isDone = typeof reply === 'object' && reply !== null && 'ok' in reply;
  switch (command.op) {
    case 'get':
      if (isValue) return { value: reply };
      break;
    case 'set':
      if (isDone) return { value: command.value };
      if (reply === null && command.if) return { refused: command.if === 'absent' ? 'exists' : 'absent' };
      break;
    case 'incr':
      if (typeof reply === 'string') return { value: reply };
      if (typeof reply === 'object' && reply !== null && 'error' in reply) return { refused: 'not a number' };
      break;
    case 'mget':
      if (Array.isArray(reply)) return { values: reply };
      break;
    case 'mset':
      if (isDone) return { values: command.pairs.map(([, value]) => value) };
  }
  throw new TypeError(`${JSON.stringify(reply)}: no answer to ${JSON.stringify(command)}`);
}
