import { showMessage } from '../../spec/show.ts';
import { shortly } from '../input-error.ts';
import type { Answered, Input } from './situation.ts';

/** What an actor is told, in few words: `prepare 1.p1`, `start v1`, `restart`. */
export function showInput(input: Input): string {
  if (input === 'restart') return input;
  return input.type === 'start' ? `start ${input.value}` : showMessage(input.message);
}

/** An answer, in few words. */
export function showAnswer({ state, send }: Answered): string {
  const after = 'state' in state ? `state ${shortly(state.state)} and ` : '';
  return `${after}${send.map(showMessage).join(', ') || 'nothing sent'}`;
}
