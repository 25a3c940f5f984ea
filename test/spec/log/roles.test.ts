/** The rules of the log's roles, row by row, and the scenario of section 3 with every message handed over by hand. */
import { describe, expect, test } from 'vitest';
import { logAcceptor } from '../../../spec/log/acceptor.ts';
import { journal } from '../../../spec/log/journal.ts';
import { leader } from '../../../spec/log/leader.ts';
import type { LogMessage } from '../../../spec/log/message.ts';
import { replicaOf } from '../../../spec/log/replica.ts';
import { decide, decodeCommand, encodeCommand, type Replicated } from '../../../spec/log/state-machine.ts';
import { restart } from '../../../spec/role.ts';
import { ACCEPTORS, actor, ballot, QUORUMS } from '../paper.ts';
import { accept, accepted, at, decision, nack, prepare, promise, receive, request, timeOut } from './log.ts';

const acceptorNamed = (id: string, nacks = true) => actor(logAcceptor, { id, tells: ['r1'], nacks });
const leaderNamed = (id: string, window = 3) =>
  actor(leader, { id, acceptors: ACCEPTORS, quorums: QUORUMS, replicas: ['r1', 'r2'], window });
const replica = replicaOf(journal);
const replicaNamed = (id: string, announcesTo: string[] = [], replies = true) =>
  actor(replica, { id, quorums: QUORUMS, announcesTo, replies, peers: ['r2'], acceptors: ACCEPTORS });

describe('an acceptor', () => {
  test('makes one promise for all slots, and reports what it has accepted from the slot asked about on', () => {
    const a1 = acceptorNamed('a1');
    for (const text of ['1.p1 1 x', '1.p1 2 y', '1.p1 4 z']) a1.takes(receive(accept(text)));
    const { rule, send } = a1.takes(receive(prepare('1.p2', 2)));
    expect(rule).toBe('1b');
    expect(send).toEqual([promise('a1', '1.p2', 2, '1.p1 2 y', '1.p1 4 z')]);
  });

  test('is bound by its promise in slots that it has never heard of', () => {
    const a1 = acceptorNamed('a1');
    a1.takes(receive(prepare('1.p2', 1)));
    expect(a1.takes(receive(accept('1.p1 99 x')))).toEqual({
      rule: 'nack',
      send: [nack('a1', '1.p1', '1.p2')],
    });
    expect(a1.state.accepted).toEqual([]);
  });

  test('is bound by what it has accepted in another slot', () => {
    const a1 = acceptorNamed('a1', false);
    a1.takes(receive(accept('1.p2 1 x')));
    a1.ignores(receive(accept('1.p1 2 y')));
    a1.ignores(receive(prepare('1.p1', 1)));
    a1.ignores(receive(prepare('1.p2', 1)));
  });

  test('keeps one proposal a slot, the highest-numbered, in the order of slots', () => {
    const a1 = acceptorNamed('a1');
    for (const text of ['1.p1 3 x', '1.p1 1 y', '2.p1 3 z']) {
      const vote = a1.takes(receive(accept(text)));
      expect(vote).toEqual({ rule: '2b', send: [accepted('a1', text)] });
    }
    expect(a1.state.accepted).toEqual([at('1.p1 1 y'), at('2.p1 3 z')]);
    expect(restart(logAcceptor, a1.state)).toEqual(a1.state);
  });
});

describe('a leader', () => {
  const leading = (...reports: string[]) => {
    const p2 = leaderNamed('p2');
    p2.takes(timeOut);
    p2.takes(receive(promise('a1', '1.p2', 1, ...reports)));
    return { p2, ...p2.takes(receive(promise('a2', '1.p2', 1))) };
  };

  test('asks about every slot at once, from the first that it does not know to be chosen', () => {
    const p1 = leaderNamed('p1');
    for (const slot of [1, 3, 2, 5]) p1.takes(receive(decision('r1', ['p1'], slot, 'x')));
    expect(p1.takes(timeOut)).toEqual({ rule: '1a', send: [prepare('1.p1', 4)] });
    p1.ignores(receive(decision('r1', ['p1'], 5, 'x')));
  });

  test('proposes again what is reported, slot by slot, and fills the holes below with no-ops', () => {
    const p3 = leaderNamed('p3', 4);
    p3.takes(timeOut);
    p3.takes(receive(promise('a1', '1.p3', 1, '1.p1 2 x', '1.p1 4 y')));
    const { rule, send } = p3.takes(receive(promise('a2', '1.p3', 1, '1.p2 2 z')));
    expect(rule).toBe('2a');
    expect(send).toEqual(['1.p3 1 no-op', '1.p3 2 z', '1.p3 3 no-op', '1.p3 4 y'].map(accept));
    expect(p3.state).toMatchObject({ phase: 'lead', next: 5, promises: {} });
  });

  test('does so within its window, and takes no commands before it is done', () => {
    const { p2, send } = leading('1.p1 2 x', '1.p1 4 y', '1.p1 9007199254740990 z');
    expect(send).toEqual(['1.p2 1 no-op', '1.p2 2 x', '1.p2 3 no-op'].map(accept));
    p2.ignores(request('u'));
    expect(p2.takes(receive(decision('r1', ['p2'], 2, 'x'))).send).toEqual([]);
    expect(p2.takes(receive(decision('r1', ['p2'], 1, 'no-op'))).send).toEqual(
      ['1.p2 4 y', '1.p2 5 no-op'].map(accept),
    );
    p2.ignores(request('u'));
    // What is known to be chosen by now is not proposed again.
    for (const slot of [9, 8, 7, 6, 5, 4]) p2.takes(receive(decision('r1', ['p2'], slot, 'x')));
    expect(p2.takes(receive(decision('r1', ['p2'], 3, 'x'))).send).toEqual(
      ['1.p2 10 no-op', '1.p2 11 no-op', '1.p2 12 no-op'].map(accept),
    );
    expect(p2.state).toMatchObject({ chosenUpTo: 9, chosen: [], next: 13 });
  });

  test('proposes nothing where nothing is reported, and then each command in the next slot, without waiting', () => {
    const { p2, send } = leading();
    expect(send).toEqual([]);
    for (const slot of [1, 2, 3])
      expect(p2.takes(request('x'))).toEqual({ rule: 'propose', send: [accept(`1.p2 ${slot} x`)] });
  });

  test('keeps within its window, which moves with the first slot not known to be chosen', () => {
    const { p2 } = leading();
    for (const value of ['x', 'y', 'z']) p2.takes(request(value));
    p2.ignores(request('u'));
    p2.takes(receive(decision('r1', ['p2'], 2, 'y')));
    p2.ignores(request('u'));
    p2.takes(receive(decision('r1', ['p2'], 1, 'x')));
    expect(p2.takes(request('u')).send).toEqual([accept('1.p2 4 u')]);
    expect(p2.takes(request('v')).send).toEqual([accept('1.p2 5 v')]);
    p2.ignores(request('w'));
  });

  test('counts only promises of its ballot, each acceptor once, and takes no requests before it leads', () => {
    const p2 = leaderNamed('p2');
    p2.ignores(request('x'));
    p2.ignores(receive(promise('a1', '1.p2', 1)));
    p2.takes(timeOut);
    p2.ignores(receive(promise('a1', '1.p1', 1)));
    expect(p2.takes(receive(promise('a1', '1.p2', 1))).rule).toBe('collect');
    expect(p2.takes(receive(promise('a1', '1.p2', 1))).rule).toBe('collect');
    p2.ignores(request('x'));
    expect(p2.takes(receive(promise('a3', '1.p2', 1))).rule).toBe('2a');
    p2.ignores(receive(promise('a2', '1.p2', 1, '1.p1 1 x')));
  });

  test('that is told of a higher promise steps down, and overtakes in its next ballot', () => {
    const { p2 } = leading();
    p2.ignores(receive(nack('a1', '2.p2', '7.p1')));
    expect(p2.takes(receive(nack('a1', '1.p2', '7.p1'))).rule).toBe('preempted');
    p2.ignores(request('x'));
    p2.ignores(receive(nack('a2', '1.p2', '9.p1')));
    expect(p2.takes(timeOut).send).toEqual([prepare('8.p2', 1)]);
  });

  test('that restarts leads no more, and begins in a ballot that it has not used', () => {
    const { p2 } = leading();
    const again = actor(
      leader,
      { id: 'p2', acceptors: ACCEPTORS, quorums: QUORUMS, replicas: ['r1', 'r2'], window: 3 },
      restart(leader, p2.state),
    );
    again.ignores(request('x'));
    expect(again.takes(timeOut).send).toEqual([prepare('2.p2', 1)]);
  });
});

describe('a replica', () => {
  test('learns a slot from a quorum of one ballot in that slot', () => {
    const r1 = replicaNamed('r1', ['p1', 'r2'], false);
    for (const [from, text] of [
      ['a1', '1.p1 1 c1:1:x'],
      ['a1', '1.p1 1 c1:1:x'],
      ['a2', '1.p2 1 c1:1:x'],
      ['a3', '1.p1 2 c1:1:x'],
    ] as const)
      expect(r1.takes(receive(accepted(from, text)))).toEqual({ rule: 'count', send: [] });
    expect(r1.takes(receive(accepted('a3', '1.p1 1 c1:1:x')))).toEqual({
      rule: 'learn',
      send: [decision('r1', ['p1', 'r2'], 1, 'c1:1:x')],
    });
    expect(r1.state).toMatchObject({ applied: 1, machine: 'x' });
    expect(r1.state.votes.map(({ proposal }) => proposal.slot)).toEqual([2]);
    r1.ignores(receive(accepted('a2', '1.p1 1 c1:1:x')));
  });

  test('waits at a gap, then applies all that waited, in order, and answers each client', () => {
    const r1 = replicaNamed('r1');
    r1.takes(receive(decision('r2', ['r1'], 3, 'c3:1:z')));
    r1.takes(receive(decision('r2', ['r1'], 2, 'no-op')));
    expect(r1.state).toMatchObject({ applied: 0, machine: '' });
    const { rule, send } = r1.takes(receive(decision('r2', ['r1'], 1, 'c1:1:x')));
    expect(rule).toBe('learn-decision');
    expect(send).toEqual([
      { type: 'reply', from: 'r1', to: ['c1'], number: 1, reply: 'x' },
      { type: 'reply', from: 'r1', to: ['c3'], number: 1, reply: 'xz' },
    ]);
    expect(r1.state).toMatchObject({ applied: 3, machine: 'xz' });
    r1.ignores(receive(decision('r2', ['r1'], 2, 'no-op')));
    r1.ignores(receive(prepare('1.p1', 1)));
  });

  test('answers a retried command from the session, also after a restart, and an older one not at all', () => {
    const r1 = replicaNamed('r1');
    r1.takes(receive(decision('r2', ['r1'], 1, 'c1:4:x')));
    r1.takes(receive(decision('r2', ['r1'], 2, 'c2:1:y')));
    const context = {
      id: 'r1',
      quorums: QUORUMS,
      announcesTo: [],
      replies: true,
      peers: ['r2'],
      acceptors: ACCEPTORS,
    };
    const again = actor(replica, context, restart(replica, r1.state));
    expect(again.takes(receive(decision('r2', ['r1'], 3, 'c1:4:x'))).send).toEqual([
      { type: 'reply', from: 'r1', to: ['c1'], number: 4, reply: 'x' },
    ]);
    expect(again.takes(receive(decision('r2', ['r1'], 4, 'c1:3:w'))).send).toEqual([]);
    expect(again.state).toMatchObject({ applied: 4, machine: 'xy' });
  });
});

describe('commands', () => {
  test('survive being encoded, whatever is in the operation', () => {
    for (const operation of ['', 'x', 'set "a:b" to\n1', '::'])
      expect(decodeCommand(encodeCommand({ client: 'c 1', number: 12, operation }))).toEqual({
        client: 'c 1',
        number: 12,
        operation,
      });
    for (const client of ['a:b', '', '__proto__', 'acceptors=a9'])
      expect(() => encodeCommand({ client, number: 1, operation: 'x' })).toThrow(/without a colon/);
  });

  test('what encodes no command has no effect', () => {
    for (const value of [
      'no-op',
      'x',
      'c1:0:x',
      'c1:01:x',
      ':1:x',
      'c1:1',
      'c1:99999999999999999999:x',
      '__proto__:1:x',
      'acceptors=a9:1:x',
    ])
      expect({ value, command: decodeCommand(value) }).toEqual({ value, command: null });
  });

  test('a client with the name of a property of every object has a session like others', () => {
    const initial: Replicated = { decided: [], applied: 0, truncated: 0, machine: '', sessions: {} };
    const value = encodeCommand({ client: 'constructor', number: 1, operation: 'x' });
    const { state } = decide(journal, initial, { slot: 1, value });
    expect(decide(journal, state, { slot: 2, value }).state.machine).toBe('x');
  });
});

describe('the scenario of section 3, in small', () => {
  test('the old leader got 138, 139 and 140 out; the new one finds 135 and 140, and fills 136 and 137', () => {
    // Slots 1 to 6 stand for 135 to 140. The new leader knows 138 and 139: slots 4 and 5.
    const p2 = leaderNamed('p2', 9);
    const acceptors = ['a1', 'a2', 'a3'].map((id) => acceptorNamed(id));
    const hand = (message: LogMessage, to: readonly number[]) =>
      to.flatMap((index) => acceptors[index]?.takes(receive(message)).send ?? []);
    for (const slot of [4, 5]) {
      hand(accept(`1.p1 ${slot} c${slot}:1:x`), [0, 1]);
      p2.takes(receive(decision('r1', ['p2'], slot, `c${slot}:1:x`)));
    }
    hand(accept('1.p1 1 c1:1:x'), [1]);
    hand(accept('1.p1 6 c6:1:x'), [1]);
    const [request1] = p2.takes(timeOut).send as [LogMessage];
    const proposals = hand(request1, [1, 2]).flatMap((each) => p2.takes(receive(each)).send);
    expect(
      proposals.map((each) => 'slot' in each && 'value' in each && `${each.slot} ${each.value}`),
    ).toEqual(['1 c1:1:x', '2 no-op', '3 no-op', '4 c4:1:x', '5 c5:1:x', '6 c6:1:x']);
    const r1 = replicaNamed('r1');
    for (const proposal of [...proposals].reverse())
      for (const vote of hand(proposal, [0, 2])) r1.takes(receive(vote));
    expect(r1.state).toMatchObject({ applied: 6, machine: 'xxxx' });
    expect(p2.takes(request('c7:1:y')).send).toEqual([accept('1.p2 7 c7:1:y')]);
    expect(acceptors[0]?.state.promised).toEqual(ballot('1.p2'));
  });
});
