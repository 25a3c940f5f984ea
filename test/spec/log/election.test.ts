/** Who leads, row by row: heartbeats, what a deposed leader makes of them, how long it waits, and what it asks for again. */
import { describe, expect, test } from 'vitest';
import { logAcceptor } from '../../../spec/log/acceptor.ts';
import { patience } from '../../../spec/log/election.ts';
import { leader } from '../../../spec/log/leader.ts';
import type { LogMessage } from '../../../spec/log/message.ts';
import { restart } from '../../../spec/role.ts';
import { ACCEPTORS, actor, ballot, QUORUMS } from '../paper.ts';
import { accept, decision, nack, prepare, promise, receive, request, timeOut } from './log.ts';

const beat = { type: 'beat' as const };
const again = { type: 'resend' as const };
const heartbeat = (number: string, to = ['p1']): LogMessage => ({
  type: 'heartbeat',
  from: ballot(number).proposer,
  to,
  ballot: ballot(number),
});
const leaders = ['p1', 'p2', 'p3'];
const named = (id: string, backOff = 3) =>
  actor(leader, {
    id,
    acceptors: ACCEPTORS,
    quorums: QUORUMS,
    replicas: [],
    window: 3,
    election: { peers: leaders.filter((other) => other !== id), backOff },
  });

/** p1 as the leader of its first ballot. */
function leading(...reports: string[]) {
  const p1 = named('p1');
  p1.takes(timeOut);
  p1.takes(receive(promise('a1', '1.p1', 1, ...reports)));
  p1.takes(receive(promise('a2', '1.p1', 1)));
  return p1;
}

describe('heartbeats', () => {
  test('are sent by one that leads, and by nobody else', () => {
    const p1 = named('p1');
    p1.ignores(beat);
    p1.takes(timeOut);
    p1.ignores(beat);
    expect(leading().takes(beat)).toEqual({ rule: 'heartbeat', send: [heartbeat('1.p1', ['p2', 'p3'])] });
    const alone = actor(leader, { id: 'p1', acceptors: ['a1'], quorums: QUORUMS, replicas: [], window: 1 });
    alone.takes(timeOut);
    alone.takes(receive(promise('a1', '1.p1', 1)));
    alone.takes(receive(promise('a2', '1.p1', 1)));
    expect(alone.state.phase).toBe('lead');
    alone.ignores(beat);
  });

  test('of a higher ballot are followed, and those of lower ones are not any more', () => {
    const p1 = named('p1');
    expect(p1.takes(receive(heartbeat('2.p2')))).toEqual({ rule: 'follow', send: [] });
    expect(p1.state.following).toEqual(ballot('2.p2'));
    p1.ignores(receive(heartbeat('1.p3')));
    p1.takes(receive(heartbeat('2.p3')));
    p1.ignores(receive(heartbeat('2.p2')));
    // The next ballot is above all that it has heard of.
    expect(p1.takes(timeOut).send).toEqual([prepare('3.p1', 1)]);
    p1.ignores(receive(heartbeat('2.p3')));
    // It has heard none since it restarted, and remembers its own ballot.
    const restarted = restart(leader, p1.state);
    expect(restarted).toMatchObject({ ballot: ballot('3.p1'), following: null, attempts: 0 });
  });

  test('of a higher ballot depose a leader, which keeps nothing of its ballot', () => {
    const p1 = leading('1.p0 2 z');
    p1.takes(request('x'));
    expect(p1.state.proposed.map(({ slot }) => slot)).toEqual([1, 2, 3]);
    p1.takes(receive(heartbeat('1.p2')));
    expect(p1.state).toMatchObject({ phase: 'idle', proposed: [], reported: [], promises: {}, next: 1 });
    p1.ignores(request('x'));
    p1.ignores(again);
    // A promise for the ballot that it has given up comes too late.
    p1.ignores(receive(promise('a3', '1.p1', 1)));
  });
});

describe('how long it waits', () => {
  test('doubles with each attempt in vain, up to a bound, and is short again when there is a leader', () => {
    const p1 = named('p1');
    expect(patience(p1.state)).toBe(1);
    const waits = [1, 2, 3, 4, 5].map(() => {
      p1.takes(timeOut);
      return patience(p1.state);
    });
    expect(waits).toEqual([2, 4, 8, 8, 8]);
    p1.takes(receive(nack('a1', '5.p1', '6.p2')));
    expect(patience(p1.state)).toBe(8);
    p1.takes(receive(heartbeat('6.p2')));
    expect(patience(p1.state)).toBe(1);
    p1.takes(timeOut);
    expect(patience(p1.state)).toBe(2);
    for (const from of ['a1', 'a2']) p1.takes(receive(promise(from, '7.p1', 1)));
    expect([p1.state.phase, patience(p1.state)]).toEqual(['lead', 1]);
  });
});

describe('what may be lost', () => {
  test('is asked for again: promises, then votes in slots that are not known to be decided', () => {
    const p1 = named('p1');
    p1.ignores(again);
    p1.takes(timeOut);
    expect(p1.takes(again)).toEqual({ rule: 'resend', send: [prepare('1.p1', 1)] });
    p1.takes(receive(promise('a1', '1.p1', 1, '1.p0 2 z')));
    p1.takes(receive(promise('a2', '1.p1', 1)));
    p1.takes(request('x'));
    const proposed = ['1.p1 1 no-op', '1.p1 2 z', '1.p1 3 x'].map(accept);
    expect(p1.takes(again).send).toEqual(proposed);
    p1.takes(receive(decision('r1', ['p1'], 2, 'z')));
    expect(p1.takes(again).send).toEqual([proposed[0], proposed[2]]);
    p1.takes(receive({ type: 'truncated', from: 'r1', to: ['p1'], last: 2 }));
    expect(p1.takes(again).send).toEqual([proposed[2]]);
    expect(p1.state).toMatchObject({ chosenUpTo: 2, chosen: [] });
    p1.ignores(receive({ type: 'truncated', from: 'r1', to: ['p1'], last: 2 }));
    p1.takes(receive(decision('r1', ['p1'], 3, 'x')));
    expect(p1.takes(again).send).toEqual([]);
  });

  test('an acceptor that is asked again votes again', () => {
    const a1 = actor(logAcceptor, { id: 'a1', tells: ['r1'], nacks: true });
    const first = a1.takes(receive(accept('1.p1 1 x')));
    expect(a1.takes(receive(accept('1.p1 1 x')))).toEqual(first);
  });
});
