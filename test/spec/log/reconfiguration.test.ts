/** Acceptors that change: who they are in which slot, what that makes of the roles row by row, and the system under the checker. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { check } from '../../../model-check/check.ts';
import { MultiPaxosConfiguration } from '../../../spec/log/configuration.ts';
import type { Decided } from '../../../spec/log/entry.ts';
import { journal } from '../../../spec/log/journal.ts';
import { isOutgrown, leader } from '../../../spec/log/leader.ts';
import type { LogMessage } from '../../../spec/log/message.ts';
import { multiPaxos } from '../../../spec/log/multi-paxos.ts';
import { logMutants, logMutated } from '../../../spec/log/mutants/index.ts';
import {
  changesIn,
  changesOf,
  encodeChange,
  lastCovered,
  membersAt,
  membersFrom,
  succession,
  withDecided,
} from '../../../spec/log/reconfiguration.ts';
import { replicaOf } from '../../../spec/log/replica.ts';
import { byEngine, byOracle } from '../../model-check/compare.ts';
import { ACCEPTORS, actor, QUORUMS } from '../paper.ts';
import { accepted, decision, nack, promise, receive, request, timeOut } from './log.ts';

const membership = { acceptors: ACCEPTORS, quorums: QUORUMS, changesAfter: 2 };
const moved = encodeChange(['a5', 'a4']);
const change = { slot: 1, acceptors: ['a4', 'a5'] };

describe('who the acceptors are', () => {
  test('is said by values that are no commands, and by nothing else', () => {
    expect(moved).toBe('acceptors=a4,a5');
    expect(changesIn([{ slot: 1, value: moved }])).toEqual([change]);
    for (const value of [
      'no-op',
      'c1:1:acceptors=a1',
      'acceptors=',
      'acceptors=a1,,a2',
      'acceptors',
      'acceptors=a1 after 0',
      'acceptors=a1: ',
      'acceptors= after 3',
    ])
      expect(changesIn([{ slot: 1, value }])).toEqual([]);
  });

  test('is known of a log that grows, in whatever order, as it is found by a look at all of it', () => {
    const value = fc.constantFrom('no-op', moved, encodeChange(['a6'], { after: 1 }));
    const entry = fc.record({ slot: fc.integer({ min: 1, max: 12 }), value });
    fc.assert(
      fc.property(fc.uniqueArray(entry, { selector: ({ slot }) => slot }), (entries) => {
        let log: readonly Decided[] = [];
        for (const each of entries) {
          log = withDecided(log, each);
          expect(changesOf(log)).toEqual(changesIn(log));
        }
      }),
    );
  });

  test('of a slot follows from the changes in slots up to a window before it', () => {
    const changes = [change, { slot: 4, acceptors: ['a6'], after: 1 }];
    const since = (slot: number) => membersAt(membership, changes, slot).since;
    expect([1, 2, 3, 4, 5, 6, 99].map(since)).toEqual([0, 0, 1, 1, 1, 4, 4]);
    expect(membersAt(membership, changes, 3).quorums.phase1).toEqual([['a4', 'a5']]);
    const between = (first: number, last: number) =>
      membersFrom(membership, changes, first, last).map((each) => each.since);
    expect([between(1, 2), between(2, 3), between(3, 5), between(2, 6)]).toEqual([
      [0],
      [0, 1],
      [1],
      [0, 1, 4],
    ]);
    expect(membersFrom(membership, changes, 1).map((each) => each.since)).toEqual([0, 1, 4]);
    expect(
      membersFrom({ ...membership, changesAfter: undefined }, changes, 9).map((each) => each.since),
    ).toEqual([0]);
  });
});

describe('a change', () => {
  test('says in the place of which it comes, and more, in the same words after a snapshot', () => {
    const whole = { slot: 9, acceptors: ['a1', 'a2'], after: 7, about: 'n2 is at {"x: after 3":\n1}' };
    const value = encodeChange(whole.acceptors, whole);
    expect(value).toBe('acceptors=a1,a2 after 7: n2 is at {"x: after 3":\n1}');
    expect(changesIn([{ slot: 9, value }])).toEqual([whole]);
  });

  test('of what was changed meanwhile does not count, nor one that comes twice', () => {
    const at = (slot: number, after?: number) => ({
      slot,
      acceptors: [`a${slot}`],
      ...(after === undefined ? {} : { after }),
    });
    const changes = [at(2), at(3), at(5, 2), at(6), at(7, 3), at(8, 5), at(9, 5)];
    expect(succession(changes).map(({ slot }) => slot)).toEqual([2, 5, 8]);
    expect(membersFrom(membership, changes, 1).map(({ since }) => since)).toEqual([0, 2, 5, 8]);
    expect(membersAt(membership, changes, 9).acceptors).toEqual(['a5']);
    expect([2, 5].map((covered) => lastCovered(membership, { changes, covered }))).toEqual([6, 9]);
    expect(lastCovered(membership, { changes, covered: 8 })).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('a leader', () => {
  const named = (id: string) => actor(leader, { id, ...membership, replicas: [], window: 2 });
  const told = (p: ReturnType<typeof named>, slot: number, value = moved) =>
    p.takes(receive(decision('r1', ['p1', 'p2'], slot, value)));
  const leading = () => {
    const p1 = named('p1');
    p1.takes(timeOut);
    for (const from of ['a1', 'a2']) p1.takes(receive(promise(from, '1.p1', 1)));
    return p1;
  };

  test('proposes with those whom it has asked, and then begins a ballot for the others', () => {
    const p1 = leading();
    expect(p1.takes(request(moved)).send).toMatchObject([{ slot: 1, to: ACCEPTORS }]);
    told(p1, 1);
    expect(p1.takes(request('x')).send).toMatchObject([{ slot: 2, to: ACCEPTORS }]);
    // Within its window, but of acceptors of whom it has no promises.
    p1.ignores(request('y'));
    expect(isOutgrown({ changesAfter: 2 }, p1.state)).toBe(true);
    expect(p1.takes(timeOut).send).toMatchObject([
      { type: 'prepare', first: 2, to: ['a1', 'a2', 'a3', 'a4', 'a5'] },
    ]);
    expect(isOutgrown({ changesAfter: 2 }, p1.state)).toBe(false);
    for (const from of ['a4', 'a5', 'a1'])
      expect(p1.takes(receive(promise(from, '2.p1', 2))).rule).toBe('collect');
    const { rule, send } = p1.takes(receive(promise('a2', '2.p1', 2, '1.p1 2 x')));
    expect(rule).toBe('2a');
    expect(send).toMatchObject([{ slot: 2, value: 'x', to: ACCEPTORS }]);
    expect(p1.takes(request('y')).send).toMatchObject([{ slot: 3, to: ['a4', 'a5'] }]);
    expect(p1.takes({ type: 'resend' }).send.map(({ to }) => to)).toEqual([ACCEPTORS, ['a4', 'a5']]);
  });

  test('that knows the change asks those only who have a say in slots that are open', () => {
    const p2 = named('p2');
    told(p2, 1);
    told(p2, 2, 'x');
    const { send } = p2.takes(timeOut);
    expect(send).toMatchObject([{ type: 'prepare', first: 3, to: ['a4', 'a5'] }]);
    expect(p2.takes({ type: 'resend' }).send).toEqual(send);
    for (const from of ['a1', 'a2', 'a4'])
      expect(p2.takes(receive(promise(from, '1.p2', 3))).rule).toBe('collect');
    expect(p2.takes(receive(promise('a5', '1.p2', 3))).rule).toBe('2a');
    // One who was removed may promise whatever it likes.
    p2.ignores(receive(nack('a1', '1.p2', '9.p1')));
    expect(p2.takes(receive(nack('a4', '1.p2', '9.p1'))).rule).toBe('preempted');
  });

  test('does not propose again what is reported in slots of others than it has asked', () => {
    const p1 = named('p1');
    p1.takes(timeOut);
    for (const from of ['a1', 'a2']) p1.takes(receive(promise(from, '1.p1', 1, '1.p0 3 z')));
    expect(p1.state.proposed.map(({ slot }) => slot)).toEqual([1, 2]);
    expect(told(p1, 1).send).toEqual([]);
    p1.ignores(request('y'));
  });

  test('does not lead behind truncated slots of which it does not know whether they have changed the acceptors', () => {
    const p1 = named('p1');
    p1.takes(timeOut);
    for (const from of ['a1', 'a2', 'a3'])
      p1.takes(receive({ ...promise(from, '1.p1', 1), truncated: 2 } as LogMessage));
    expect(p1.state.phase).toBe('prepare');
    p1.takes(receive({ type: 'truncated', from: 'r1', to: ['p1'], last: 2, changes: [change] }));
    expect(p1.state).toMatchObject({ chosenUpTo: 2, changes: [change] });
    expect(p1.takes(timeOut).send).toMatchObject([{ first: 3, to: ['a4', 'a5'] }]);
  });

  test('takes no read while it is not known who the next acceptors are, and then asks these as well', () => {
    const read = (number: number): LogMessage => ({
      type: 'read',
      from: 'c1',
      to: ['p1'],
      number,
      query: '?',
    });
    const p1 = leading();
    p1.takes(request(moved));
    p1.ignores(receive(read(1)));
    told(p1, 1);
    expect(p1.takes(receive(read(1))).send).toMatchObject([
      { type: 'confirm', to: ['a1', 'a2', 'a3', 'a4', 'a5'] },
    ]);
    const confirms = (from: string) => {
      const ballot = { round: 1, proposer: 'p1' };
      return p1.takes(receive({ type: 'confirmed', from, to: ['p1'], ballot, client: 'c1', number: 1 })).rule;
    };
    expect(['a1', 'a2', 'a3', 'a4'].map(confirms)).toEqual([
      'count-confirmed',
      'count-confirmed',
      'count-confirmed',
      'read-index',
    ]);
  });
});

describe('a leader that has outgrown its ballot', () => {
  test('takes no read: those who are acceptors next were not asked in it', () => {
    const context = { id: 'p2', ...membership, changesAfter: 1, replicas: ['r1'], window: 1 };
    const p2 = actor(leader, context);
    p2.takes(timeOut);
    for (const from of ['a1', 'a2']) p2.takes(receive(promise(from, '1.p2', 1)));
    p2.takes(request(moved));
    p2.takes(receive(decision('r1', ['p1', 'p2'], 1, moved)));
    expect(isOutgrown(context, p2.state)).toBe(true);
    p2.ignores(receive({ type: 'read', from: 'c1', to: ['p2'], number: 1, query: '?' }));
  });
});

describe('a replica', () => {
  const replica = () => {
    const rest = { announcesTo: ['p1'], replies: false, peers: ['r2'], acceptors: ACCEPTORS };
    return actor(replicaOf(journal), { id: 'r1', ...membership, ...rest });
  };
  const votes = (r1: ReturnType<typeof replica>, text: string, ...from: string[]) =>
    from.map((each) => r1.takes(receive(accepted(each, text))).rule);

  test('counts the votes of those who are acceptors in the slot, when it knows who they are', () => {
    const r1 = replica();
    expect(votes(r1, '1.p1 3 c3:1:z', 'a1', 'a2', 'a3', 'a4', 'a5')).toEqual(Array(5).fill('count'));
    expect(votes(r1, '1.p1 4 c4:1:w', 'a1', 'a2')).toEqual(['count', 'count']);
    expect(votes(r1, `1.p1 1 ${moved}`, 'a4', 'a5', 'a1', 'a2')).toEqual([
      'count',
      'count',
      'count',
      'learn',
    ]);
    // Slot 3 was decided by a4 and a5; of slot 4 it is not known yet.
    expect(r1.state.decided.map(({ slot }) => slot)).toEqual([1, 3]);
    r1.takes(receive(decision('r2', ['r1'], 2, 'c2:1:y')));
    expect(r1.state).toMatchObject({ applied: 3, machine: 'yz' });
    expect(votes(r1, '1.p1 4 c4:1:w', 'a3', 'a4', 'a5')).toEqual(['count', 'count', 'learn']);
  });

  test('tells what follows from what it learns', () => {
    const r1 = replica();
    for (const from of ['a4', 'a5']) r1.takes(receive(accepted(from, '1.p1 3 c3:1:z')));
    r1.takes(receive(accepted('a1', `1.p1 1 ${moved}`)));
    const { send } = r1.takes(receive(accepted('a2', `1.p1 1 ${moved}`)));
    expect(send).toEqual([decision('r1', ['p1'], 1, moved), decision('r1', ['p1'], 3, 'c3:1:z')]);
  });

  test('that truncates the log keeps the changes, and hands them on', () => {
    const r1 = replica();
    r1.takes(receive(decision('r2', ['r1'], 1, moved)));
    r1.takes(receive(decision('r2', ['r1'], 2, 'c1:1:x')));
    const { send } = r1.takes({ type: 'truncate' });
    expect(send).toMatchObject([
      { type: 'truncated', last: 2, changes: [change] },
      { type: 'snapshot', last: 2, changes: [change] },
    ]);
    expect(r1.state.decided).toEqual([{ slot: 1, value: moved }]);
    const r2 = replica();
    for (const from of ['a4', 'a5']) r2.takes(receive(accepted(from, '1.p1 3 c3:1:z')));
    const installed = r2.takes(receive(send[1] as LogMessage));
    expect(installed.rule).toBe('install');
    expect(installed.send).toMatchObject([
      { type: 'truncated', last: 2, changes: [change] },
      decision('r1', ['p1'], 3, 'c3:1:z'),
    ]);
    expect(r2.state).toMatchObject({ applied: 3, machine: 'xz' });
    expect(votes(r2, '1.p1 5 c5:1:w', 'a1', 'a2', 'a4', 'a5')).toEqual(['count', 'count', 'count', 'learn']);
  });
});

describe('under the checker', () => {
  const bounds = { leaders: 2, replicas: 1, commands: 1, learning: 'distinguished' };
  const parsed = (more: object) => MultiPaxosConfiguration.parse({ ...bounds, ...more });
  const atOnce = logMutants.find(({ name }) => name === 'change-at-once');

  test('against the oracle', async () => {
    const system = multiPaxos(parsed({ acceptors: 1, slots: 2, window: 1, reconfigure: 'a2' }));
    const counts = await byEngine(system);
    expect(counts).toEqual(byOracle(system));
    expect(counts.distinctStates).toBe(195);
  });

  test.each([
    ['only one slot is open at a time', { acceptors: 1, window: 1, reconfigure: 'a2' }, 'holds'],
    ['one is added', { acceptors: 2, window: 2, reconfigure: 'a1,a2,a3' }, 'holds'],
    ['one is removed', { acceptors: 2, window: 2, reconfigure: 'a1' }, 'holds'],
    ['nobody stays', { acceptors: 1, window: 2, reconfigure: 'a2' }, 'violated'],
  ] as const)('agreement, if a change is in force at once and %s', async (_what, more, verdict) => {
    const system = logMutated(parsed({ ...more, slots: 2 }), atOnce as NonNullable<typeof atOnce>);
    const { properties, frontier } = await check(system, { enough: () => false });
    expect(frontier).toBe(0);
    const agreement = properties.find(({ name }) => name === 'agreement');
    expect(agreement?.verdict).toBe(verdict);
  });

  test('a configuration says whom the change names, and how leaders hear of it', () => {
    expect(() => parsed({ reconfigure: 'a2', learning: 'all' })).toThrow(/distinguished/);
    for (const reconfigure of ['', 'b1', 'a1,', 'a10', 'a1 a2'])
      expect(() => parsed({ reconfigure })).toThrow(/a2,a3,a4/);
    expect(multiPaxos(parsed({ acceptors: 1, reconfigure: 'a2', window: 2 })).covers.at(-1)).toContain(
      'acceptors a1, and 2 slots after that is chosen a2',
    );
  });
});
