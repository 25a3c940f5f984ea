/** Traces as long as one likes, of a log that is truncated as it grows. */
import { encodeCommand } from '../../spec/log/state-machine.ts';
import { TraceHeader, type TraceLine } from '../../src/trace/format.ts';
import { type AnyMessage, type Event, type Player, playersOf, type State } from '../../src/trace/players.ts';
import { lineOf, type RoleEvent } from '../../src/trace/record.ts';

export const header = TraceHeader.parse({
  format: 'synod-trace/1',
  system: 'multi-paxos',
  acceptors: ['a1', 'a2', 'a3'],
  leaders: ['p1', 'p2'],
  replicas: ['r1', 'r2'],
  tells: ['r1'],
  announcesTo: { r1: ['p1', 'p2', 'r2'] },
  window: 8,
});

/** Commands after which the replicas truncate the log, and after which another begins to lead. */
const TRUNCATE = 20;
const ELECT = 1000;

/**
 * The lines of a log of that many commands: a leader is asked for one after the other, and everything that is sent is received. Some
 * 11 lines for each command.
 *
 * @param length of the value that a command writes, in characters
 */
export function* longTrace(commands: number, length: number): Generator<TraceLine> {
  const { of } = playersOf(header);
  const states = new Map<string, State>([...of].map(([id, { initial }]) => [id, { ...initial }]));
  const queue: [string, Event][] = [];
  const take = function* (actor: string, event: Event): Generator<TraceLine> {
    queue.push([actor, event]);
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [id, due] = next;
      const { state, send } = (of.get(id) as Player).act(states.get(id) as State, due);
      states.set(id, state);
      yield lineOf(id, due as RoleEvent, send);
      for (const message of send as readonly AnyMessage[])
        for (const to of message.to) if (of.has(to)) queue.push([to, { type: 'receive', message }]);
    }
  };
  for (let k = 0; k < commands; k++) {
    const leader = `p${1 + (Math.floor(k / ELECT) % 2)}`;
    if (k % ELECT === 0) yield* take(leader, { type: 'time-out' });
    const operation = JSON.stringify({ op: 'set', key: `k${k % 10}`, value: `${k} `.padEnd(length, '.') });
    const value = encodeCommand({ client: `c${k % 5}`, number: Math.floor(k / 5) + 1, operation });
    yield* take(leader, { type: 'request', value });
    if (k % TRUNCATE === TRUNCATE - 1) for (const id of ['r1', 'r2']) yield* take(id, { type: 'truncate' });
  }
}
