/** A replica that fills a gap answers several clients in one step. */
import { expect, test } from 'vitest';
import { TraceHeader, type TraceLine } from '../../src/trace/format.ts';
import { checked } from './checked.ts';

const HEADER = TraceHeader.parse({
  ...{ format: 'synod-trace/1', system: 'multi-paxos', acceptors: ['a1'], leaders: ['p1'], replicas: ['r1'] },
  ...{ window: 2, replies: true },
});

const ballot = { round: 1, proposer: 'p1' };

/** The same command, of two clients, is chosen in slot 2 before it is in slot 1; with what is told of the answers. */
function traceWith(answers: readonly (readonly [client: string, reply: string])[]): TraceLine[] {
  const of = (slot: number) => ({ ballot, slot, value: `c${slot}:1:x` });
  const request = (slot: number) => ({
    type: 'request',
    from: `c${slot}`,
    to: ['p1'],
    value: of(slot).value,
  });
  const accept = (slot: number) => ({ type: 'accept', from: 'p1', to: ['a1'], ...of(slot) });
  const accepted = (slot: number) => ({ type: 'accepted', from: 'a1', to: ['r1'], ...of(slot) });
  const prepare = { type: 'prepare', from: 'p1', to: ['a1'], ballot, first: 1 };
  const promise = { type: 'promise', from: 'a1', to: ['p1'], ballot, first: 1, accepted: [], truncated: 0 };
  const receives = (actor: string, message: object, ...sent: object[]) => ({
    ...{ event: 'received', actor, message, sent },
  });
  const replies = answers.map(([client, reply]) => ({
    ...{ type: 'reply', from: 'r1', to: [client], number: 1, reply },
  }));
  return [
    { event: 'timed-out', actor: 'p1', sent: [prepare] },
    receives('a1', prepare, promise),
    receives('p1', promise),
    ...[1, 2].map((slot) => receives('p1', request(slot), accept(slot))),
    ...[1, 2].map((slot) => receives('a1', accept(slot), accepted(slot))),
    receives('r1', accepted(2)),
    receives('r1', accepted(1), ...replies),
  ] as unknown as TraceLine[];
}

test('one and the same answer to two clients is explained, and another is not', () => {
  const reply = '{"refused":"not a command"}';
  const verdict = (...answers: Parameters<typeof traceWith>[0]) =>
    checked(HEADER, traceWith(answers)).verdict;
  expect(verdict(['c1', reply], ['c2', reply])).toBe('holds');
  expect(verdict(['c1', reply])).toBe('holds');
  expect(verdict(['c1', reply], ['c3', reply])).toBe('violated');
  expect(verdict(['c1', reply], ['c2', 'x'])).toBe('violated');
});
