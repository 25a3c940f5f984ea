import type { KeyValueCommand, KeyValueReply } from '../../spec/log/key-value.ts';
import type { Violation } from './format.ts';

/** A key or a value: as it is if it is one plain word, else in quotation marks. */
function word(text: string): string {
  return /^[\w.:/+-]+$/.test(text) && text !== 'absent' ? text : JSON.stringify(text);
}

const valueOrAbsent = (value: string | null) => (value === null ? 'absent' : word(value));

/** A command in words. */
export function showCommand(command: KeyValueCommand): string {
  switch (command.op) {
    case 'all':
      return `all of [${command.operations.map(showCommand).join('; ')}]`;
    case 'set':
      return `set ${word(command.key)} ${word(command.value)}${command.if ? ` if ${command.if}` : ''}`;
    case 'compare-and-set':
      return `compare-and-set ${word(command.key)} ${valueOrAbsent(command.expected)} -> ${word(command.value)}`;
    case 'increment':
      return `increment ${word(command.key)} by ${command.by}`;
    default:
      return `${command.op} ${word(command.key)}`;
  }
}

/** An answer in words; null: there is none. */
export function showReply(reply: KeyValueReply | null): string {
  if (reply === null) return 'no answer';
  if ('refused' in reply) return `refused (${reply.refused})`;
  if ('values' in reply) return `[${reply.values.map(valueOrAbsent).join(', ')}]`;
  return valueOrAbsent(reply.value);
}

/** What is stored, in words. */
export function showState(state: readonly (readonly [string, string])[]): string {
  return state.length === 0
    ? 'nothing'
    : state.map(([key, value]) => `${word(key)} = ${word(value)}`).join(', ');
}

/** What is wrong with a history, in sentences. */
export function explain(violation: Violation): string[] {
  const { line, shortest, client, command, reply, fitting, all } = violation;
  const other = fitting.map(showReply).join(' or ');
  const fitted =
    fitting.length === 0
      ? 'what would have fitted was not found'
      : `${other}${all ? '' : ', say,'} would have fitted`;
  return [
    `No order of the operations explains the answer of line ${line}: ${client} is answered ${showReply(reply)} to ${showCommand(command)}; ${fitted}.`,
    shortest
      ? 'Up to any line before that, an order explains the history.'
      : 'Perhaps the history goes wrong before that already: the search for the first such line was cut short.',
  ];
}
