/** Clients, answers and reads, row by row: who asks whom, and what may be answered when. */
import { describe, expect, test } from 'vitest';
import { logAcceptor } from '../../../spec/log/acceptor.ts';
import { client } from '../../../spec/log/client.ts';
import { journal } from '../../../spec/log/journal.ts';
import { leader } from '../../../spec/log/leader.ts';
import type { LogMessage } from '../../../spec/log/message.ts';
import { replicaOf } from '../../../spec/log/replica.ts';
import { restart } from '../../../spec/role.ts';
import { ACCEPTORS, actor, ballot, QUORUMS } from '../paper.ts';
import { accept, decision, nack, prepare, promise, receive, timeOut } from './log.ts';

const read = (number: number, from = 'c1'): LogMessage => ({
  type: 'read',
  from,
  to: ['p1', 'p2'],
  number,
  query: '?',
});
const confirm = (at: string, number: number, of = 'c1'): LogMessage => ({
  type: 'confirm',
  from: ballot(at).proposer,
  to: ACCEPTORS,
  ballot: ballot(at),
  client: of,
  number,
});
const confirmed = (from: string, at: string, number: number, of = 'c1'): LogMessage => ({
  type: 'confirmed',
  from,
  to: [ballot(at).proposer],
  ballot: ballot(at),
  client: of,
  number,
});
const readIndex = (from: string, number: number, index: number, of = 'c1'): LogMessage => ({
  type: 'read-index',
  from,
  to: ['r1', 'r2'],
  client: of,
  number,
  query: '?',
  index,
});

describe('a client', () => {
  const context = { id: 'c1', leaders: ['p1', 'p2'] };
  const invoke = (kind: 'command' | 'query', operation: string) => ({
    type: 'invoke' as const,
    kind,
    operation,
  });
  const reply = (number: number, text: string): LogMessage => ({
    type: 'reply',
    from: 'r1',
    to: ['c1'],
    number,
    reply: text,
  });

  test('asks all leaders, for one thing at a time, under a number of its own', () => {
    const c1 = actor(client, context);
    expect(c1.takes(invoke('command', 'x'))).toEqual({
      rule: 'invoke',
      send: [{ type: 'request', from: 'c1', to: ['p1', 'p2'], value: 'c1:1:x' }],
    });
    c1.ignores(invoke('query', '?'));
    c1.ignores(receive(reply(2, 'x')));
    expect(c1.takes(receive(reply(1, 'x')))).toEqual({ rule: 'return', send: [] });
    c1.ignores(receive(reply(1, 'xy')));
    expect(c1.takes(invoke('query', '?')).send).toEqual([read(2)]);
  });

  test('that restarts has forgotten what it waited for, and not its number', () => {
    const c1 = actor(client, context);
    c1.takes(invoke('command', 'x'));
    const again = actor(client, context, restart(client, c1.state));
    again.ignores(receive(reply(1, 'x')));
    expect(again.takes(invoke('query', '?')).send).toEqual([read(2)]);
  });
});

describe('a leader that is asked for a read', () => {
  const leading = (...reports: string[]) => {
    const p1 = actor(leader, {
      id: 'p1',
      acceptors: ACCEPTORS,
      quorums: QUORUMS,
      replicas: ['r1', 'r2'],
      window: 9,
    });
    p1.takes(timeOut);
    p1.takes(receive(promise('a1', '1.p1', 1, ...reports)));
    p1.takes(receive(promise('a2', '1.p1', 1)));
    return p1;
  };

  test('hands it to the replicas when enough confirm that it leads, at the last slot in which it had proposed', () => {
    const p1 = leading('1.p0 3 c9:1:z');
    expect(p1.takes(receive(read(1)))).toEqual({ rule: 'read', send: [confirm('1.p1', 1)] });
    p1.takes(receive({ type: 'request', from: 'c2', to: ['p1'], value: 'c2:1:y' }));
    expect(p1.takes(receive(confirmed('a3', '1.p1', 1)))).toEqual({ rule: 'count-confirmed', send: [] });
    expect(p1.takes(receive(confirmed('a3', '1.p1', 1)))).toEqual({ rule: 'count-confirmed', send: [] });
    expect(p1.takes(receive(confirmed('a1', '1.p1', 1)))).toEqual({
      rule: 'read-index',
      send: [readIndex('p1', 1, 3)],
    });
    p1.ignores(receive(confirmed('a2', '1.p1', 1)));
  });

  test('takes each read once, and confirmations of that read in that ballot only', () => {
    const p1 = leading();
    p1.takes(receive(read(2)));
    p1.ignores(receive(read(2)));
    p1.ignores(receive(read(1)));
    for (const stray of [
      confirmed('a1', '1.p1', 1),
      confirmed('a1', '2.p1', 2),
      confirmed('a1', '1.p1', 2, 'c2'),
    ])
      p1.ignores(receive(stray));
    // A later read of the same client has a round of its own.
    p1.takes(receive(read(3)));
    p1.ignores(receive(confirmed('a1', '1.p1', 2)));
    expect(p1.takes(receive(read(2, 'c2'))).rule).toBe('read');
    p1.takes(receive(confirmed('a1', '1.p1', 3)));
    expect(p1.takes(receive(confirmed('a2', '1.p1', 3))).send).toEqual([readIndex('p1', 3, 0)]);
  });

  test('does not, unless it leads; and forgets reads when it is deposed', () => {
    const p2 = actor(leader, {
      id: 'p2',
      acceptors: ACCEPTORS,
      quorums: QUORUMS,
      replicas: ['r1'],
      window: 9,
    });
    p2.ignores(receive(read(1)));
    p2.takes(timeOut);
    p2.ignores(receive(read(1)));
    const p1 = leading();
    p1.takes(receive(read(1)));
    p1.takes(receive(nack('a1', '1.p1', '1.p2')));
    expect(p1.state.reads).toEqual({});
    p1.ignores(receive(confirmed('a2', '1.p1', 1)));
    const restarted = restart(leader, leading().state);
    expect(restarted.reads).toEqual({});
  });
});

test('an acceptor confirms a leader unless it has promised a higher ballot, and promises nothing by that', () => {
  const a1 = actor(logAcceptor, { id: 'a1', tells: ['r1'], nacks: true });
  expect(a1.takes(receive(confirm('1.p1', 1)))).toEqual({
    rule: 'confirm',
    send: [confirmed('a1', '1.p1', 1)],
  });
  expect(a1.state.promised).toBeNull();
  a1.takes(receive(prepare('1.p2', 1)));
  expect(a1.takes(receive(confirm('1.p2', 1))).rule).toBe('confirm');
  expect(a1.takes(receive(confirm('1.p1', 1)))).toEqual({ rule: 'nack', send: [nack('a1', '1.p1', '1.p2')] });
  a1.takes(receive(accept('2.p1 1 x')));
  expect(a1.takes(receive(confirm('1.p2', 1))).rule).toBe('nack');
});

test('a replica answers a read when it has applied enough, with what it has applied; one without queries never', () => {
  const context = {
    id: 'r1',
    quorums: QUORUMS,
    announcesTo: [],
    replies: true,
    peers: ['r2'],
    acceptors: ACCEPTORS,
  };
  const r1 = actor(replicaOf(journal), context);
  r1.ignores(receive(readIndex('p1', 4, 2)));
  for (const slot of [2, 1, 3])
    r1.takes(receive(decision('r2', ['r1'], slot, `c2:${slot}:${'xyz'[slot - 1]}`)));
  expect(r1.takes(receive(readIndex('p1', 4, 2)))).toEqual({
    rule: 'answer',
    send: [{ type: 'reply', from: 'r1', to: ['c1'], number: 4, reply: 'xyz' }],
  });
  const { query: _query, ...mute } = journal;
  actor(replicaOf(mute), context).ignores(receive(readIndex('p1', 4, 0)));
  actor(replicaOf(journal), { ...context, replies: false }).ignores(receive(readIndex('p1', 4, 0)));
});
