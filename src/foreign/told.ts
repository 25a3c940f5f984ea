import type { LogMessage, Message } from '../../spec/index.ts';
import { showLogMessage } from '../../spec/log/show.ts';
import { showMessage } from '../../spec/show.ts';
import { shortly } from '../input-error.ts';
import type { Answered, Input, Sent } from './situation.ts';

/** What an actor is told, in few words: `prepare 1.p1`, `start v1`, `time-out`, `restart`. */
export function showInput(input: Input): string {
  if (input === 'restart') return input;
  if (input.type === 'receive') return showSent(input.message);
  return 'value' in input ? `${input.type} ${input.value}` : input.type;
}

/** A message, in few words. */
export function showSent(message: Sent): string {
  const { type } = message;
  const alone = type === 'prepare' || type === 'promise' || type === 'accept' || type === 'accepted';
  const ofOne =
    type === 'nack' || ((alone || type === 'decision') && !('slot' in message || 'first' in message));
  return ofOne ? showMessage(message as Message) : showLogMessage(message as LogMessage);
}

/** An answer, in few words. */
export function showAnswer({ state, send }: Answered): string {
  const { applied, decided, truncated, machine, sessions } = state;
  const after = 'state' in state ? `state ${shortly(state.state)} and ` : '';
  const log = decided ? `log ${shortly({ applied, decided, truncated, machine, sessions })} and ` : '';
  return `${after}${log}${send.map(showSent).join(', ') || 'nothing sent'}`;
}
