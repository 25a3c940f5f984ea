/** Traces of what our roles do: a recorder needs these two functions and a place to write lines to. */
import type { ActorId, LogMessage, Message } from '../../spec/index.ts';
import type { TraceLine } from './format.ts';

/** Any event of a role, as `step` takes it, or the restart that follows a crash. */
export type RoleEvent =
  | { readonly type: 'receive'; readonly message: Message | LogMessage }
  | { readonly type: 'start'; readonly value: string }
  | { readonly type: 'request'; readonly value: string }
  | { readonly type: 'time-out' | 'beat' | 'resend' | 'truncate' | 'catch-up' | 'restart' };

/**
 * The line that tells of one step of one actor. A server writes it when the step's durable state is on disk and before its messages
 * leave, so that a crash loses no line of which anybody else has heard.
 *
 * @param sent what `step` said to send
 * @param state the state after the step, or some fields of it, to be compared as well
 */
export function lineOf(
  actor: ActorId,
  event: RoleEvent,
  sent: readonly (Message | LogMessage)[],
  state?: object,
): TraceLine {
  const told = { actor, ...(state ? { state } : {}) };
  const of = { ...told, sent };
  const line = ((): object => {
    switch (event.type) {
      case 'receive':
        return { event: 'received', ...of, message: event.message };
      case 'start':
        return { event: 'timed-out', ...of, value: event.value };
      case 'time-out':
        return { event: 'timed-out', ...of };
      case 'request':
        return { event: 'requested', ...of, value: event.value };
      case 'beat':
        return { event: 'heartbeat', ...of };
      case 'resend':
        return { event: 'resent', ...of };
      case 'truncate':
        return { event: 'truncated', ...of };
      case 'catch-up':
        return { event: 'asked', ...of };
      case 'restart':
        return { event: 'restarted', ...told };
    }
  })();
  return line as TraceLine;
}
