import type { ActorId } from '../../spec/ballot.ts';
import type { LogMessage } from '../../spec/log/message.ts';
import type { ReplicaState } from '../../spec/log/states.ts';

/** So much is sent at once: slots, and characters of values. */
const SLOTS = 256;
const CHARACTERS = 1024 * 1024;

/** What a replica can tell another that has applied the slots up to `after`: decisions, or, where it has forgotten them, what they have led to. */
export function missingOf(
  { decided, truncated, applied, machine, sessions }: ReplicaState,
  from: ActorId,
  to: ActorId,
  after: number,
): LogMessage[] {
  if (after < truncated) return [{ type: 'snapshot', from, to: [to], last: applied, machine, sessions }];
  let characters = 0;
  const known = decided.filter(({ slot }) => slot > after).slice(0, SLOTS);
  const fitting = known.filter(({ value }, at) => {
    characters += value.length;
    return at === 0 || characters <= CHARACTERS;
  });
  return fitting.map(({ slot, value }) => ({ type: 'decision', from, to: [to], slot, value }));
}
