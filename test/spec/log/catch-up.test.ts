/** A replica that lacks something gets it from another, row by row. */
import { describe, expect, test } from 'vitest';
import { journal } from '../../../spec/log/journal.ts';
import type { LogMessage } from '../../../spec/log/message.ts';
import { replicaOf } from '../../../spec/log/replica.ts';
import { ACCEPTORS, actor, QUORUMS } from '../paper.ts';
import { accepted, decision, receive } from './log.ts';

const catchUp = { type: 'catch-up' as const };
const truncate = { type: 'truncate' as const };
const ask = (from: string, after: number): LogMessage => ({ type: 'ask', from, to: ['r1'], after });
const named = (id: string, announcesTo: string[] = []) =>
  actor(replicaOf(journal), {
    id,
    quorums: QUORUMS,
    announcesTo,
    replies: false,
    peers: ['r1', 'r2'].filter((other) => other !== id),
    acceptors: ACCEPTORS,
  });
/** r1, having been told of commands with these letters in these slots. */
const having = (...entries: [number, string][]) => {
  const r1 = named('r1', ['p1', 'r2']);
  for (const [slot, letter] of entries)
    r1.takes(receive(decision('r2', ['r1'], slot, `c${slot}:1:${letter}`)));
  return r1;
};

describe('a replica', () => {
  test('asks for what comes after what it has applied', () => {
    const r2 = named('r2');
    expect(r2.takes(catchUp)).toEqual({ rule: 'ask', send: [ask('r2', 0)] });
    r2.takes(receive(decision('r1', ['r2'], 1, 'c1:1:x')));
    r2.takes(receive(decision('r1', ['r2'], 3, 'c3:1:z')));
    expect(r2.takes(catchUp).send).toEqual([ask('r2', 1)]);
  });

  test('tells another what it knows after that, with the slots, and nothing that is not chosen', () => {
    const r1 = having([1, 'x'], [2, 'y'], [4, 'z']);
    r1.takes(receive(accepted('a1', '1.p1 3 c3:1:w')));
    expect(r1.takes(receive(ask('r2', 1)))).toEqual({
      rule: 'supply',
      send: [decision('r1', ['r2'], 2, 'c2:1:y'), decision('r1', ['r2'], 4, 'c4:1:z')],
    });
    r1.ignores(receive(ask('r2', 4)));
  });

  test('tells of a long log a part at a time', () => {
    const r1 = having(...Array.from({ length: 100 }, (_, at): [number, string] => [at + 1, 'x']));
    const { send } = r1.takes(receive(ask('r2', 0)));
    expect(send).toHaveLength(64);
    const r2 = named('r2');
    for (const message of send) r2.takes(receive(message));
    expect(r2.takes(catchUp).send).toEqual([ask('r2', 64)]);
    expect(r1.takes(receive(ask('r2', 64))).send).toHaveLength(36);
  });

  test('that has forgotten what it is asked for sends what that has led to, and what waits behind it', () => {
    const r1 = having([1, 'x'], [2, 'y'], [4, 'z']);
    r1.takes(truncate);
    r1.takes(receive(decision('r2', ['r1'], 3, 'c3:1:w')));
    r1.takes(receive(decision('r2', ['r1'], 6, 'c6:1:v')));
    const { send } = r1.takes(receive(ask('r2', 1)));
    expect(send).toMatchObject([
      { type: 'snapshot', from: 'r1', to: ['r2'], last: 4, machine: 'xywz' },
      decision('r1', ['r2'], 6, 'c6:1:v'),
    ]);
    const r2 = named('r2', ['p2']);
    const installed = r2.takes(receive(send[0] as LogMessage));
    // Whoever is told of what it learns is told that so much of the log is decided.
    expect(installed).toEqual({
      rule: 'install',
      send: [{ type: 'truncated', from: 'r2', to: ['p2'], last: 4 }],
    });
    r2.takes(receive(send[1] as LogMessage));
    expect(r2.state).toMatchObject({ applied: 4, machine: 'xywz', decided: [{ slot: 6 }] });
    // What it has not forgotten it tells by decisions.
    expect(r1.takes(receive(ask('r2', 4))).send).toEqual([decision('r1', ['r2'], 6, 'c6:1:v')]);
  });

  test('that is told of decisions tells those who are told by it what it truncates', () => {
    expect(having([1, 'x']).takes(truncate).send[0]).toEqual({
      type: 'truncated',
      from: 'r1',
      to: [...ACCEPTORS, 'p1', 'r2'],
      last: 1,
    });
  });
});
