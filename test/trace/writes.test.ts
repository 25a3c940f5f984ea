import { describe, expect, test } from 'vitest';
import { TraceHeader } from '../../src/trace/format.ts';
import { checked } from './checked.ts';

const ballot = { round: 1, proposer: 'p1' };
const prepare = { type: 'prepare', from: 'p1', ballot };
const promise = { type: 'promise', from: 'a1', ballot, accepted: null };
const header = (more: object = {}) =>
  TraceHeader.parse({
    format: 'synod-trace/1',
    system: 'paxos',
    acceptors: ['a1'],
    proposers: ['p1'],
    ...more,
  });

const starts = { event: 'timed-out', actor: 'p1', value: 'v' };
const writes = { event: 'persisted', actor: 'p1' };
const promises = { event: 'received', actor: 'a1', message: prepare };
const written = { event: 'persisted', actor: 'a1', persisted: { promised: ballot, accepted: null } };
const sends = { event: 'sent', actor: 'a1', sent: [promise] };
const restarts = (promised: unknown) => ({ event: 'restarted', actor: 'a1', state: { promised } });

describe('writes that are told', () => {
  const told = header({ writes: 'told' });

  test('what is on disk may leave', () => {
    expect(checked(told, [starts, writes, promises, written, sends, restarts(ballot)]).verdict).toBe('holds');
  });

  test('what is not may not', () => {
    expect(checked(told, [starts, writes, promises, sends, written]).refusal).toMatchObject({
      line: 5,
      because: 'it sends promise 1.p1, nothing accepted before what that follows from is on disk',
    });
    expect(checked(told, [starts, promises]).refusal).toMatchObject({
      line: 3,
      because: 'p1 has not sent prepare 1.p1 to it',
    });
  });

  test('a restart begins from what is on disk', () => {
    expect(checked(told, [starts, writes, promises, restarts(null)]).verdict).toBe('holds');
    expect(checked(told, [starts, writes, promises, restarts(ballot)]).refusal?.line).toBe(5);
    expect(checked(told, [starts, writes, promises, written, restarts(null)]).refusal?.line).toBe(6);
    expect(checked(header(), [starts, promises, restarts(null)]).refusal?.line).toBe(4);
  });
});

describe('the order of lines', () => {
  test('a receipt may stand before its sending, by the skew and no more', () => {
    const late = [promises, starts];
    expect(checked(header(), late).verdict).toBe('holds');
    expect(checked(header(), late, { skew: 0 })).toMatchObject({
      verdict: 'incomplete',
      refusal: { line: 2, bound: 'lines at most 0 lines too late (--skew)' },
    });
    expect(checked(header(), [promises], { skew: 0 }).verdict).toBe('violated');
  });

  test('but not within one node', () => {
    const one = header({ nodes: { n1: ['a1', 'p1'] } });
    expect(checked(one, [promises, starts]).refusal?.line).toBe(2);
    expect(checked(one, [starts, promises]).verdict).toBe('holds');
  });

  test('nobody does anything between a crash and a restart', () => {
    const crashes = { event: 'crashed', actor: 'a1' };
    expect(checked(header(), [starts, crashes, promises]).refusal).toMatchObject({
      line: 4,
      because: 'it has crashed',
    });
    expect(checked(header(), [starts, crashes, restarts(null), promises]).verdict).toBe('holds');
  });
});

describe('what is remembered', () => {
  test('a message received after it has been forgotten makes the verdict incomplete', () => {
    const more = Array.from({ length: 5 }, () => starts);
    expect(checked(header(), [starts, ...more, promises]).verdict).toBe('holds');
    expect(checked(header(), [starts, ...more, promises], { remember: 3, skew: 0 })).toMatchObject({
      verdict: 'incomplete',
      refusal: { line: 8, bound: 'the last 3 messages remembered (--remember)' },
    });
  });

  test('lines that are kept for hidden steps are let go, and what was explained stays explained', () => {
    const lines = Array.from({ length: 500 }, (_, at) => {
      const own = { round: at + 1, proposer: 'p1' };
      return [starts, { ...promises, message: { ...prepare, ballot: own } }];
    }).flat();
    // One of the first and one of the last is lost.
    lines.splice(990, 1);
    lines.splice(10, 1);
    const report = checked(header(), lines, { bridge: 1, remember: 100 });
    expect(report).toMatchObject({ verdict: 'holds', lines: 999, explained: 998, bridged: { steps: 2 } });
  });
});
