import { describe, expect, test } from 'vitest';
import { ZodError } from 'zod';
import { type LearnerContext, learner } from '../../spec/learner.ts';
import { durablePart, restart, step } from '../../spec/role.ts';
import {
  accept,
  accepted,
  actor,
  ballot,
  decision,
  nack,
  prepare,
  promise,
  QUORUMS,
  receive,
} from './paper.ts';

const l1: LearnerContext = { id: 'l1', quorums: QUORUMS, announcesTo: [] };
const fresh = () => actor(learner, l1);

describe('learning from votes', () => {
  test('"a learner must find out that a proposal has been accepted by a majority of acceptors"', () => {
    const each = fresh();
    expect(each.takes(receive(accepted('a3', '1.p1', 'v1')))).toEqual({ rule: 'count', send: [] });
    expect(each.state.learned).toBeNull();
    expect(each.takes(receive(accepted('a1', '1.p1', 'v1')))).toEqual({ rule: 'learn', send: [] });
    expect(each.state).toEqual({ learned: 'v1', votes: [] });
  });

  test('one acceptor told of twice is no majority', () => {
    const each = fresh();
    each.takes(receive(accepted('a1', '1.p1', 'v1')));
    const { state } = each;
    expect(each.takes(receive(accepted('a1', '1.p1', 'v1'))).rule).toBe('count');
    expect(each.state).toEqual(state);
  });

  test('votes for one value in different ballots do not add up', () => {
    const each = fresh();
    each.takes(receive(accepted('a1', '1.p1', 'v1')));
    expect(each.takes(receive(accepted('a2', '2.p1', 'v1'))).rule).toBe('count');
    expect(each.takes(receive(accepted('a3', '1.p2', 'v1'))).rule).toBe('count');
    expect(each.state).toMatchObject({ learned: null });
    expect(each.state.votes).toHaveLength(3);
    expect(each.takes(receive(accepted('a3', '2.p1', 'v1'))).rule).toBe('learn');
  });

  test('votes for different values in one ballot do not add up either', () => {
    const each = fresh();
    each.takes(receive(accepted('a1', '1.p1', 'v1')));
    expect(each.takes(receive(accepted('a2', '1.p1', 'v2'))).rule).toBe('count');
    expect(each.takes(receive(accepted('a3', '1.p1', 'v2'))).rule).toBe('learn');
    expect(each.state.learned).toBe('v2');
  });

  test('what it holds does not depend on the order in which it was told', () => {
    const votes = [
      accepted('a1', '1.p1', 'v1'),
      accepted('a2', '2.p1', 'v1'),
      accepted('a1', '1.p2', 'v2'),
      accepted('a3', '10.p1', 'v1'),
    ];
    const [forwards, backwards] = [fresh(), fresh()];
    for (const vote of votes) forwards.takes(receive(vote));
    for (const vote of [...votes].reverse()) backwards.takes(receive(vote));
    expect(forwards.state).toEqual(backwards.state);
    expect(forwards.state.votes.map(({ proposal }) => proposal.ballot)).toEqual([
      ballot('1.p1'),
      ballot('1.p2'),
      ballot('2.p1'),
      ballot('10.p1'),
    ]);
  });

  test('the phase 2 quorums are those of the configuration', () => {
    const each = actor(learner, { ...l1, quorums: { phase1: [['a1', 'a2', 'a3']], phase2: [['a2']] } });
    expect(each.takes(receive(accepted('a1', '1.p1', 'v1'))).rule).toBe('count');
    expect(each.takes(receive(accepted('a2', '1.p1', 'v1'))).rule).toBe('learn');
  });

  test('once it knows, it takes no more notice', () => {
    const each = fresh();
    each.takes(receive(accepted('a1', '1.p1', 'v1')));
    each.takes(receive(accepted('a2', '1.p1', 'v1')));
    each.ignores(receive(accepted('a3', '1.p1', 'v1')));
    each.ignores(receive(accepted('a3', '2.p2', 'v2')));
    each.ignores(receive(decision('l2', ['l1'], 'v2')));
  });
});

describe('a distinguished learner', () => {
  const distinguished = () => actor(learner, { ...l1, announcesTo: ['l2', 'l3'] });

  test('"informs the other learners when a value has been chosen", and not before', () => {
    const each = distinguished();
    expect(each.takes(receive(accepted('a1', '1.p1', 'v1'))).send).toEqual([]);
    expect(each.takes(receive(accepted('a2', '1.p1', 'v1')))).toEqual({
      rule: 'learn',
      send: [decision('l1', ['l2', 'l3'], 'v1')],
    });
  });

  test('is believed by the others, who tell nobody', () => {
    const each = actor(learner, { ...l1, id: 'l2' });
    each.takes(receive(accepted('a1', '1.p1', 'v1')));
    expect(each.takes(receive(decision('l1', ['l2'], 'v9')))).toEqual({ rule: 'learn-decision', send: [] });
    expect(each.state).toEqual({ learned: 'v9', votes: [] });
  });
});

test('what is not for a learner it ignores', () => {
  const each = fresh();
  each.takes(receive(accepted('a1', '1.p1', 'v1')));
  for (const message of [
    prepare('1.p1'),
    promise('a2', '1.p1'),
    accept('1.p1', 'v1'),
    nack('a2', '1.p1', '2.p2'),
  ])
    each.ignores(receive(message));
});

describe('a restart', () => {
  test('keeps what was learned, and of votes nothing', () => {
    const votes = [{ acceptor: 'a1', proposal: { ballot: ballot('1.p1'), value: 'v1' } }];
    expect(restart(learner, { learned: null, votes })).toEqual({ learned: null, votes: [] });
    expect(restart(learner, { learned: 'v1', votes: [] })).toEqual({ learned: 'v1', votes: [] });
    expect(durablePart(learner, { learned: 'v1', votes })).toEqual({ learned: 'v1' });
  });
});

describe('malformed input', () => {
  test.each<[string, unknown, unknown]>([
    ['an empty value', { learned: '', votes: [] }, receive(accepted('a1', '1.p1', 'v1'))],
    [
      'a vote of nobody',
      { learned: null, votes: [{ proposal: null }] },
      receive(accepted('a1', '1.p1', 'v1')),
    ],
    [
      'a vote without a value',
      learner.initial,
      receive({ ...accepted('a1', '1.p1', 'v1'), value: 7 } as never),
    ],
    [
      'a decision with a ballot',
      learner.initial,
      receive({ ...decision('l2', ['l1'], 'v'), ballot: ballot('1.p1') } as never),
    ],
  ])('%s is a ZodError, and nothing has changed', (_name, state, event) => {
    const before = JSON.stringify([state, event]);
    expect(() => step(learner, l1, state, event)).toThrow(ZodError);
    expect(JSON.stringify([state, event])).toBe(before);
  });
});
