import { describe, expect, test } from 'vitest';
import { ZodError } from 'zod';
import { type AcceptorContext, acceptor } from '../../spec/acceptor.ts';
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
  proposal,
  receive,
} from './paper.ts';

const a1: AcceptorContext = { id: 'a1', tells: ['l1', 'l2'], nacks: false };
const fresh = () => actor(acceptor, a1);

describe('phase 1b', () => {
  test('"If an acceptor receives a prepare request with number n greater than that of any prepare request to which it has already responded, then it responds"', () => {
    const acceptor = fresh();
    expect(acceptor.takes(receive(prepare('1.p2')))).toEqual({ rule: '1b', send: [promise('a1', '1.p2')] });
    expect(acceptor.state).toEqual({ promised: ballot('1.p2'), accepted: null });
    expect(acceptor.takes(receive(prepare('2.p1')))).toEqual({ rule: '1b', send: [promise('a1', '2.p1')] });
    expect(acceptor.state.promised).toEqual(ballot('2.p1'));
  });

  test('a ballot is higher by its round, and in one round by its proposer', () => {
    const acceptor = fresh();
    acceptor.takes(receive(prepare('1.p1')));
    expect(acceptor.takes(receive(prepare('1.p2'))).rule).toBe('1b');
    acceptor.ignores(receive(prepare('1.p1')));
    expect(acceptor.takes(receive(prepare('2.p1'))).rule).toBe('1b');
    expect(acceptor.takes(receive(prepare('10.p1'))).rule).toBe('1b');
    acceptor.ignores(receive(prepare('9.p9')));
  });

  test('an equal or lower number gets no answer: "it can ignore" them', () => {
    const acceptor = fresh();
    acceptor.takes(receive(prepare('2.p1')));
    for (const at of ['2.p1', '1.p1', '1.p2']) acceptor.ignores(receive(prepare(at)));
  });

  test('"with the highest-numbered proposal (if any) that it has accepted"', () => {
    const acceptor = fresh();
    acceptor.takes(receive(accept('1.p1', 'v1')));
    acceptor.takes(receive(accept('2.p2', 'v2')));
    const { send } = acceptor.takes(receive(prepare('3.p1')));
    expect(send).toEqual([promise('a1', '3.p1', proposal('2.p2', 'v2'))]);
    expect(acceptor.state).toEqual({ promised: ballot('3.p1'), accepted: proposal('2.p2', 'v2') });
  });

  test('the answer goes to the owner of the ballot, whoever passed the request on', () => {
    const passedOn = { ...prepare('1.p2'), from: 'p9' };
    expect(fresh().takes(receive(passedOn)).send).toEqual([promise('a1', '1.p2')]);
  });
});

describe('phase 2b', () => {
  test('"it accepts the proposal unless it has already responded to a prepare request having a number greater than n"', () => {
    const acceptor = fresh();
    acceptor.takes(receive(prepare('2.p1')));
    acceptor.ignores(receive(accept('1.p2', 'v2')));
    expect(acceptor.takes(receive(accept('2.p1', 'v1')))).toEqual({
      rule: '2b',
      send: [accepted('a1', '2.p1', 'v1')],
    });
    expect(acceptor.state).toEqual({ promised: ballot('2.p1'), accepted: proposal('2.p1', 'v1') });
  });

  test('an acceptor that has promised nothing accepts the first proposal that it receives (P1)', () => {
    expect(fresh().takes(receive(accept('1.p2', 'v2'))).rule).toBe('2b');
  });

  test('accepting in a ballot promises it', () => {
    const acceptor = fresh();
    acceptor.takes(receive(accept('3.p2', 'v2')));
    expect(acceptor.state.promised).toEqual(ballot('3.p2'));
    acceptor.ignores(receive(prepare('3.p2')));
    acceptor.ignores(receive(prepare('2.p3')));
    acceptor.ignores(receive(accept('3.p1', 'v1')));
  });

  test('a proposal that it has accepted it accepts again, to the same effect', () => {
    const acceptor = fresh();
    acceptor.takes(receive(accept('1.p1', 'v1')));
    const { state } = acceptor;
    expect(acceptor.takes(receive(accept('1.p1', 'v1')))).toEqual({
      rule: '2b',
      send: [accepted('a1', '1.p1', 'v1')],
    });
    expect(acceptor.state).toEqual(state);
  });

  test('of two values in one ballot it accepts the second as well, as the TLA+ rule does', () => {
    const acceptor = fresh();
    acceptor.takes(receive(accept('1.p1', 'v1')));
    expect(acceptor.takes(receive(accept('1.p1', 'v2'))).rule).toBe('2b');
    expect(acceptor.state.accepted).toEqual(proposal('1.p1', 'v2'));
  });

  test('its vote goes to the learners it tells, if any', () => {
    const alone = actor(acceptor, { ...a1, tells: [] });
    expect(alone.takes(receive(accept('1.p1', 'v1'))).send).toEqual([accepted('a1', '1.p1', 'v1', [])]);
  });
});

describe('a refusal', () => {
  const refusing = () => actor(acceptor, { ...a1, nacks: true });

  test('is told to the sender, with the promise that stands in the way, where nacks are on', () => {
    const acceptor = refusing();
    acceptor.takes(receive(prepare('2.p2')));
    for (const request of [prepare('1.p1'), accept('1.p1', 'v1')]) {
      const before = acceptor.state;
      expect(acceptor.takes(receive(request))).toEqual({ rule: 'nack', send: [nack('a1', '1.p1', '2.p2')] });
      expect(acceptor.state).toEqual(before);
    }
  });

  test('is no refusal of a prepare request that was answered before', () => {
    const acceptor = refusing();
    acceptor.takes(receive(prepare('2.p2')));
    acceptor.ignores(receive(prepare('2.p2')));
  });
});

test('what is not for an acceptor it ignores, nacks or not', () => {
  for (const nacks of [false, true]) {
    const each = actor(acceptor, { ...a1, nacks });
    each.takes(receive(accept('2.p1', 'v1')));
    for (const message of [
      promise('a2', '1.p1'),
      accepted('a2', '1.p1', 'v1'),
      nack('a2', '1.p1', '3.p1'),
      decision('l1', ['l2'], 'v1'),
    ])
      each.ignores(receive(message));
  }
});

describe('a restart', () => {
  test('keeps all of it: "an acceptor must remember this information even if it fails and then restarts"', () => {
    const state = { promised: ballot('3.p1'), accepted: proposal('2.p2', 'v2') };
    expect(restart(acceptor, state)).toEqual(state);
    expect(durablePart(acceptor, state)).toEqual(state);
    expect(restart(acceptor, acceptor.initial)).toEqual(acceptor.initial);
  });
});

describe('malformed input', () => {
  test.each<[string, unknown, unknown]>([
    ['no state', undefined, receive(prepare('1.p1'))],
    ['a state with a field too many', { promised: null, accepted: null, x: 1 }, receive(prepare('1.p1'))],
    ['a state with a field too few', { promised: null }, receive(prepare('1.p1'))],
    [
      'a ballot in round 0',
      acceptor.initial,
      receive({ ...prepare('1.p1'), ballot: { round: 0, proposer: 'p1' } } as never),
    ],
    [
      'a ballot without an owner',
      acceptor.initial,
      receive({ ...prepare('1.p1'), ballot: { round: 1, proposer: '' } } as never),
    ],
    ['no event', acceptor.initial, undefined],
    ['a bare message', acceptor.initial, prepare('1.p1')],
    [
      'a message of no known type',
      acceptor.initial,
      receive({ ...prepare('1.p1'), type: 'propose' } as never),
    ],
    [
      'an accept request without a value',
      acceptor.initial,
      receive({ ...accept('1.p1', 'v'), value: undefined } as never),
    ],
    ['an event of another role', acceptor.initial, { type: 'start', value: 'v1' }],
    ['a message with a field too many', acceptor.initial, receive({ ...prepare('1.p1'), extra: 1 } as never)],
  ])('%s is a ZodError, and nothing has changed', (_name, state, event) => {
    const before = JSON.stringify([state, event]);
    expect(() => step(acceptor, a1, state, event)).toThrow(ZodError);
    expect(JSON.stringify([state, event])).toBe(before);
  });
});
