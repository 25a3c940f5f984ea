/** Truncation and snapshots, row by row: what is forgotten, what is kept of it, and who may say so. */
import { describe, expect, test } from 'vitest';
import { check } from '../../../model-check/check.ts';
import { logAcceptor } from '../../../spec/log/acceptor.ts';
import { MultiPaxosConfiguration } from '../../../spec/log/configuration.ts';
import { journal } from '../../../spec/log/journal.ts';
import { leader } from '../../../spec/log/leader.ts';
import type { LogMessage } from '../../../spec/log/message.ts';
import { multiPaxos } from '../../../spec/log/multi-paxos.ts';
import { replicaOf } from '../../../spec/log/replica.ts';
import { restart } from '../../../spec/role.ts';
import { byEngine, byOracle } from '../../model-check/compare.ts';
import { ACCEPTORS, actor, QUORUMS } from '../paper.ts';
import { accept, accepted, at, decision, prepare, promise, receive, request, timeOut } from './log.ts';

const truncate = { type: 'truncate' as const };
const truncated = (last: number, from = 'r1'): LogMessage => ({
  type: 'truncated',
  from,
  to: ACCEPTORS,
  last,
});
const replica = replicaOf(journal);
const context = (id: string) => ({
  id,
  quorums: QUORUMS,
  announcesTo: [],
  replies: true,
  peers: ['r1', 'r2'].filter((other) => other !== id),
  acceptors: ACCEPTORS,
});

describe('a replica', () => {
  const having = (...values: string[]) => {
    const r1 = actor(replica, context('r1'));
    values.forEach((value, at) => {
      r1.takes(receive(decision('r2', ['r1'], at + 1, value)));
    });
    return r1;
  };

  test('forgets what it has applied and not what waits, and says both what is forgotten and what came of it', () => {
    const r1 = having('c1:1:x', 'no-op');
    r1.takes(receive(decision('r2', ['r1'], 4, 'c2:1:z')));
    const { rule, send } = r1.takes(truncate);
    expect(rule).toBe('truncate');
    const sessions = { c1: { number: 1, reply: 'x' } };
    expect(send).toEqual([
      truncated(2),
      { type: 'snapshot', from: 'r1', to: ['r2'], last: 2, machine: 'x', sessions },
    ]);
    expect(r1.state).toMatchObject({ applied: 2, truncated: 2, decided: [{ slot: 4, value: 'c2:1:z' }] });
    for (const slot of [1, 2]) {
      r1.ignores(receive(decision('r2', ['r1'], slot, 'c9:1:w')));
      r1.ignores(receive(accepted('a1', `1.p1 ${slot} c9:1:w`)));
    }
    expect(restart(replica, r1.state)).toEqual(r1.state);
    // Once more, for whom the first has not reached.
    expect(r1.takes(truncate).send).toEqual(send);
    r1.takes(receive(decision('r2', ['r1'], 3, 'c1:1:x')));
    expect(r1.state).toMatchObject({ applied: 4, machine: 'xz' });
  });

  test('that has applied nothing has nothing to forget', () => {
    actor(replica, context('r1')).ignores(truncate);
  });

  test('that is behind goes on from the snapshot: what waited behind it is applied and answered, retries are known', () => {
    const [, snapshot] = having('c1:1:x', 'c2:1:y').takes(truncate).send;
    const r2 = actor(replica, context('r2'));
    r2.takes(receive(accepted('a1', '1.p1 2 c2:1:y')));
    r2.takes(receive(accepted('a1', '1.p1 5 c2:1:y')));
    r2.takes(receive(decision('r1', ['r2'], 4, 'c1:1:x')));
    r2.takes(receive(decision('r1', ['r2'], 3, 'c3:1:z')));
    expect(r2.state.applied).toBe(0);
    expect(r2.takes(receive(snapshot as LogMessage))).toEqual({
      rule: 'install',
      send: [
        { type: 'reply', from: 'r2', to: ['c3'], number: 1, reply: 'xyz' },
        { type: 'reply', from: 'r2', to: ['c1'], number: 1, reply: 'x' },
      ],
    });
    expect(r2.state).toMatchObject({ applied: 4, truncated: 2, machine: 'xyz' });
    expect(r2.state.decided.map(({ slot }) => slot)).toEqual([3, 4]);
    expect(r2.state.votes.map(({ proposal }) => proposal.slot)).toEqual([5]);
    r2.ignores(receive(snapshot as LogMessage));
  });

  test('that has applied as much or more takes no snapshot', () => {
    const [, old] = having('c1:1:x').takes(truncate).send;
    having('c1:1:x').ignores(receive(old as LogMessage));
    having('c1:1:x', 'c2:1:y').ignores(receive(old as LogMessage));
  });
});

describe('an acceptor', () => {
  test('that has forgotten slots accepts nothing there, says so in its promises, and remembers it', () => {
    const a1 = actor(logAcceptor, { id: 'a1', tells: ['r1'], nacks: true });
    for (const text of ['1.p1 1 x', '1.p1 2 y', '1.p1 3 z']) a1.takes(receive(accept(text)));
    expect(a1.takes(receive(truncated(2)))).toEqual({ rule: 'forget', send: [] });
    for (const last of [1, 2]) a1.ignores(receive(truncated(last, 'r2')));
    a1.ignores(receive(accept('2.p1 2 y')));
    expect(a1.takes(receive(prepare('2.p2', 1))).send).toEqual([
      { ...promise('a1', '2.p2', 1, '1.p1 3 z'), truncated: 2 },
    ]);
    expect(a1.takes(receive(accept('2.p2 3 z'))).rule).toBe('2b');
    expect(restart(logAcceptor, a1.state)).toEqual(a1.state);
    expect(a1.state.accepted).toEqual([at('2.p2 3 z')]);
    // Slots of which it has never heard are truncated as well.
    a1.takes(receive(truncated(7)));
    a1.ignores(receive(accept('3.p1 7 z')));
  });
});

test('a new leader begins behind what an acceptor has truncated, whatever others report of it', () => {
  const p2 = actor(leader, { id: 'p2', acceptors: ACCEPTORS, quorums: QUORUMS, replicas: [], window: 2 });
  p2.takes(timeOut);
  p2.takes(receive({ ...promise('a1', '1.p2', 1, '1.p1 5 z'), truncated: 3 } as LogMessage));
  const { rule, send } = p2.takes(receive(promise('a2', '1.p2', 1, '1.p1 1 x', '1.p1 3 y')));
  expect(rule).toBe('2a');
  expect(send).toEqual(['1.p2 4 no-op', '1.p2 5 z'].map(accept));
  expect(p2.state).toMatchObject({ next: 6, chosenUpTo: 3, chosen: [] });
  // The window begins behind what is known to be chosen.
  p2.ignores(request('x'));
  p2.takes(receive(decision('r1', ['p2'], 4, 'no-op')));
  expect(p2.takes(request('x')).send).toEqual([accept('1.p2 6 x')]);
  expect(p2.takes(timeOut).send).toEqual([prepare('2.p2', 5)]);
});

describe('under the checker', () => {
  const systemOf = (bounds: object) =>
    multiPaxos(
      MultiPaxosConfiguration.parse({ acceptors: 1, leaders: 2, replicas: 2, snapshots: true, ...bounds }),
    );

  test.each([
    [{ leaders: 1, slots: 2 }, 227],
    [{ slots: 1, crashes: 1, replicas: 1 }, 235],
  ] as const)('against the oracle: %o', async (bounds, states) => {
    const system = systemOf(bounds);
    const counts = await byEngine(system);
    expect(counts).toEqual(byOracle(system));
    expect(counts.distinctStates).toBe(states);
  });

  test('symmetry leaves the number of states as it is', async () => {
    const system = systemOf({ acceptors: 3, replicas: 1, slots: 1 });
    const plain = await check(system);
    const reduced = await check(system, { symmetry: true });
    expect(plain).toMatchObject({ verdict: 'holds', distinctStates: 31_348 });
    expect(reduced).toMatchObject({ verdict: 'holds', symmetry: { represented: 31_348 } });
    expect(reduced.reached).toEqual(plain.reached);
  });
});
