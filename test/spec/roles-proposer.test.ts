import { describe, expect, test } from 'vitest';
import { ZodError } from 'zod';
import { nextRound, type ProposerContext, type ProposerState, proposer } from '../../spec/proposer.ts';
import { durablePart, restart, step } from '../../spec/role.ts';
import {
  ACCEPTORS,
  accept,
  accepted,
  actor,
  ballot,
  decision,
  nack,
  prepare,
  promise,
  proposal,
  QUORUMS,
  receive,
  start,
} from './paper.ts';

const p1: ProposerContext = { id: 'p1', acceptors: ACCEPTORS, quorums: QUORUMS };
const fresh = () => actor(proposer, p1);
/** A proposer that has sent its prepare request in 1.p1. */
const preparing = () => {
  const each = fresh();
  each.takes(start('v1'));
  return each;
};

describe('phase 1a', () => {
  test('"A proposer selects a proposal number n and sends a prepare request with number n" to the acceptors', () => {
    const each = fresh();
    expect(each.takes(start('v1'))).toEqual({ rule: '1a', send: [prepare('1.p1')] });
    expect(each.state).toEqual({
      ballot: ballot('1.p1'),
      phase: 'prepare',
      value: 'v1',
      promises: {},
      seenRound: 0,
    });
  });

  test('its numbers are its own: two proposers never use one', () => {
    const p2 = actor(proposer, { ...p1, id: 'p2' });
    const [one, other] = [fresh().takes(start('v1')), p2.takes(start('v1'))];
    expect(one.send).toEqual([prepare('1.p1')]);
    expect(other.send).toEqual([prepare('1.p2')]);
  });

  test('it may begin a new ballot at any time, higher than all before, and forgets the one it had', () => {
    const each = preparing();
    each.takes(receive(promise('a1', '1.p1', proposal('1.p0', 'v0'))));
    expect(each.takes(start('v2'))).toEqual({ rule: '1a', send: [prepare('2.p1')] });
    expect(each.state).toMatchObject({ phase: 'prepare', value: 'v2', promises: {} });
    each.ignores(receive(promise('a2', '1.p1')));
    each.takes(receive(promise('a1', '2.p1')));
    each.takes(receive(promise('a2', '2.p1')));
    expect(each.state.phase).toBe('accept');
    expect(each.takes(start('v1')).send).toEqual([prepare('3.p1')]);
  });

  test('the next number is higher than what it has used and than what it was told of', () => {
    const at = (round: number | null, seenRound: number): ProposerState => ({
      ...proposer.initial,
      ballot: round === null ? null : { round, proposer: 'p1' },
      seenRound,
    });
    expect(nextRound(at(null, 0))).toBe(1);
    expect(nextRound(at(3, 0))).toBe(4);
    expect(nextRound(at(3, 7))).toBe(8);
    expect(nextRound(at(9, 7))).toBe(10);
  });
});

describe('phase 2a', () => {
  test('"If the proposer receives a response to its prepare requests from a majority of acceptors, then it sends an accept request"', () => {
    const each = preparing();
    expect(each.takes(receive(promise('a2', '1.p1')))).toEqual({ rule: 'collect', send: [] });
    expect(each.state).toMatchObject({ phase: 'prepare', promises: { a2: null } });
    expect(each.takes(receive(promise('a3', '1.p1')))).toEqual({ rule: '2a', send: [accept('1.p1', 'v1')] });
    expect(each.state).toEqual({
      ballot: ballot('1.p1'),
      phase: 'accept',
      value: 'v1',
      promises: {},
      seenRound: 0,
    });
  });

  test('one acceptor that answers twice is not a majority', () => {
    const each = preparing();
    each.takes(receive(promise('a2', '1.p1')));
    expect(each.takes(receive(promise('a2', '1.p1'))).rule).toBe('collect');
    expect(each.state.phase).toBe('prepare');
  });

  test('"v is the value of the highest-numbered proposal among the responses"', () => {
    const five = ['a1', 'a2', 'a3', 'a4', 'a5'];
    const family = [['a1', 'a2', 'a3', 'a4']];
    const quorums = { phase1: family, phase2: family };
    const each = actor(proposer, { id: 'p1', acceptors: five, quorums });
    for (let round = 1; round <= 5; round++) each.takes(start('v1'));
    each.takes(receive(promise('a1', '5.p1', proposal('2.p3', 'low'))));
    each.takes(receive(promise('a2', '5.p1', proposal('4.p2', 'high'))));
    each.takes(receive(promise('a3', '5.p1')));
    const { send } = each.takes(receive(promise('a4', '5.p1', proposal('4.p1', 'lower'))));
    expect(send).toEqual([{ ...accept('5.p1', 'high'), to: five }]);
    expect(each.state.value).toBe('high');
  });

  test('the highest counts, whether it comes first or last', () => {
    for (const [first, last] of [
      ['1.p1', '1.p2'],
      ['1.p2', '1.p1'],
    ] as const) {
      const each = preparing();
      each.takes(start('v1'));
      each.takes(receive(promise('a1', '2.p1', proposal(first, first))));
      const { send } = each.takes(receive(promise('a2', '2.p1', proposal(last, last))));
      expect(send).toEqual([accept('2.p1', '1.p2')]);
    }
  });

  test('"or is any value if the responses reported no proposals": its own', () => {
    const each = preparing();
    each.takes(receive(promise('a1', '1.p1')));
    expect(each.takes(receive(promise('a3', '1.p1'))).send).toEqual([accept('1.p1', 'v1')]);
  });

  test('the phase 1 quorums are those of the configuration', () => {
    const quorums = { phase1: [['a3'], ['a1', 'a2']], phase2: [['a1', 'a2', 'a3']] };
    const one = actor(proposer, { ...p1, quorums });
    one.takes(start('v1'));
    expect(one.takes(receive(promise('a1', '1.p1'))).rule).toBe('collect');
    expect(one.takes(receive(promise('a3', '1.p1'))).rule).toBe('2a');
  });

  test('promises for other ballots, or after the quorum, or when idle, do not count', () => {
    const idle = fresh();
    idle.ignores(receive(promise('a1', '1.p1')));
    const each = preparing();
    each.ignores(receive(promise('a1', '1.p2')));
    each.ignores(receive(promise('a1', '2.p1')));
    each.takes(receive(promise('a1', '1.p1')));
    each.takes(receive(promise('a2', '1.p1')));
    each.ignores(receive(promise('a3', '1.p1')));
    each.ignores(receive(promise('a1', '1.p1')));
  });
});

describe('a nack', () => {
  test('makes it abandon its ballot, and go above what was promised with the next', () => {
    for (const inPhase2 of [false, true]) {
      const each = preparing();
      if (inPhase2) for (const id of ['a1', 'a2']) each.takes(receive(promise(id, '1.p1')));
      expect(each.takes(receive(nack('a3', '1.p1', '4.p2')))).toEqual({ rule: 'preempted', send: [] });
      expect(each.state).toEqual({
        ballot: ballot('1.p1'),
        phase: 'idle',
        value: null,
        promises: {},
        seenRound: 4,
      });
      each.ignores(receive(nack('a2', '1.p1', '9.p2')));
      each.ignores(receive(promise('a1', '1.p1')));
      expect(each.takes(start('v1')).send).toEqual([prepare('5.p1')]);
      expect(each.state.seenRound).toBe(0);
    }
  });

  test('for another ballot is ignored', () => {
    const each = preparing();
    each.ignores(receive(nack('a3', '2.p1', '4.p2')));
    each.ignores(receive(nack('a3', '1.p2', '4.p2')));
  });
});

test('what is not for a proposer it ignores', () => {
  const each = preparing();
  for (const message of [
    prepare('2.p2'),
    accept('2.p2', 'v2'),
    accepted('a1', '1.p1', 'v1'),
    decision('l1', ['l2'], 'v1'),
  ])
    each.ignores(receive(message));
});

describe('a restart', () => {
  test('keeps the ballot and nothing else: it can "forget all about" the proposal', () => {
    const state: ProposerState = {
      ballot: ballot('3.p1'),
      phase: 'prepare',
      value: 'v1',
      promises: { a1: null, a2: proposal('1.p2', 'v2') },
      seenRound: 0,
    };
    const after = restart(proposer, state);
    expect(after).toEqual({ ...proposer.initial, ballot: ballot('3.p1') });
    expect(durablePart(proposer, state)).toEqual({ ballot: ballot('3.p1') });
    expect(restart(proposer, after)).toEqual(after);
  });

  test('never leads it to "issue another proposal with the same number"', () => {
    const each = preparing();
    const again = actor(proposer, p1, restart(proposer, each.state));
    again.ignores(receive(promise('a1', '1.p1')));
    expect(again.takes(start('v1')).send).toEqual([prepare('2.p1')]);
  });
});

describe('malformed input', () => {
  test.each<[string, unknown, unknown]>([
    ['a state in no known phase', { ...proposer.initial, phase: 'lost' }, start('v1')],
    ['a promise from nobody in the state', { ...proposer.initial, promises: { '': null } }, start('v1')],
    ['half a round', { ...proposer.initial, seenRound: 0.5 }, start('v1')],
    ['a start without a value', proposer.initial, { type: 'start' }],
    ['an empty value', proposer.initial, start('')],
    ['a crash, which no role sees', proposer.initial, { type: 'crash', actors: ['p1'] }],
    [
      'a promise without a report',
      proposer.initial,
      receive({ ...promise('a1', '1.p1'), accepted: undefined } as never),
    ],
  ])('%s is a ZodError, and nothing has changed', (_name, state, event) => {
    const before = JSON.stringify([state, event]);
    expect(() => step(proposer, p1, state, event)).toThrow(ZodError);
    expect(JSON.stringify([state, event])).toBe(before);
  });
});
