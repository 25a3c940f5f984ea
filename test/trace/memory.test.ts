/** What a trace checker keeps, and what it lets go: that it reads files larger than memory is tried with one of 300 MB, nightly. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { TraceChecker } from '../../src/trace/check.ts';
import type { TraceLine } from '../../src/trace/format.ts';
import { Network } from '../../src/trace/network.ts';
import type { AnyMessage } from '../../src/trace/players.ts';
import { playersOf } from '../../src/trace/players.ts';
import { Shown } from '../../src/trace/shown.ts';
import { header, longTrace } from './long.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** The states in which an actor is, as the checker has them. */
interface Inside {
  readonly run: { readonly locals: ReadonlyMap<string, { readonly state: object }> };
}

test.each([0, 1])('states are let go once they are past, with up to %d hidden steps', async (bridge) => {
  const checker = new TraceChecker(playersOf(header), { bridge, skew: 10 });
  const ordinals = new Map<string, number>();
  let number = 1;
  const feed = (told: TraceLine) => {
    number += 1;
    const ordinal = ordinals.get(told.actor) ?? 0;
    ordinals.set(told.actor, ordinal + 1);
    checker.feed({ number, place: `line ${number}`, ordinal, told });
  };
  const past: WeakRef<object>[] = [];
  for (const told of longTrace(180, 10)) {
    feed(JSON.parse(JSON.stringify(told)) as TraceLine);
    if (number > 50 && number <= 60)
      past.push(new WeakRef((checker as unknown as Inside).run.locals.get(told.actor)?.state as object));
  }
  // A weak reference holds on until the turn is over.
  await new Promise((resolve) => setImmediate(resolve));
  collectGarbage();
  expect(number).toBeGreaterThan(1500);
  expect(past.map((each) => each.deref())).toEqual(past.map(() => undefined));
  expect(checker.finish().verdict).toBe('holds');
});

test('long messages count for several of those that are remembered', () => {
  const network = new Network(10);
  const message = (slot: number, length: number) => {
    const sent = { type: 'decision', from: 'r1', to: ['r2'], slot, value: 'v'.repeat(length) } as const;
    return { key: JSON.stringify({ ...sent, to: undefined }), message: sent as AnyMessage };
  };
  for (let slot = 1; slot <= 6; slot++) network.add(message(slot, 10));
  expect(network.forgotten).toBe(false);
  network.add(message(7, 1600));
  expect(network.forgotten).toBe(true);
  const left = [...network.receivable('r2')].map((each) => 'slot' in each && each.slot);
  expect(left).toEqual([7, 6, 5, 4, 3]);
  // One that is longer than all that is to be remembered is remembered alone.
  network.add(message(8, 50_000));
  expect([...network.receivable('r2')]).toHaveLength(1);
});

describe('what votes show', () => {
  const vote = (from: string, slot: number, round: number, value: string) => {
    const ballot = { round, proposer: 'p1' };
    return { type: 'accepted', from, to: [], slot, ballot, value } as const;
  };
  const shown = () => new Shown({ phase1: [], phase2: [['a1', 'a2']] }, 10);

  test.each([
    [6, ['(1.p1, v) and (2.p1, w) are both chosen in slot 6']],
    // Half of its votes have been forgotten.
    [3, []],
  ])('slots are forgotten by how much there is of them: slot %d', (slot, wrong) => {
    const votes = shown();
    for (let each = 1; each <= 6; each++) votes.message(vote('a1', each, 1, 'v'), each);
    expect(votes.forgotten).toBe(false);
    votes.message(vote('a1', 7, 1, 'v'.repeat(2000)), 7);
    expect(votes.forgotten).toBe(true);
    votes.message(vote('a2', slot, 1, 'v'), 8);
    for (const acceptor of ['a1', 'a2']) votes.message(vote(acceptor, slot, 2, 'w'), 9);
    expect(votes.contradictions.map(({ facts }) => facts)).toEqual(wrong);
  });

  test('of one slot with ever new ballots, what was voted for first', () => {
    const votes = shown();
    for (let round = 1; round <= 10; round++) votes.message(vote('a1', 0, round, `v${round}`), round);
    expect(votes.forgotten).toBe(false);
    votes.message(vote('a1', 0, 11, 'v11'), 11);
    expect(votes.forgotten).toBe(true);
    for (const round of [1, 11, 10]) votes.message(vote('a2', 0, round, `v${round}`), 12);
    expect(votes.contradictions.map(({ facts }) => facts)).toEqual([
      '(11.p1, v11) and (10.p1, v10) are both chosen',
    ]);
  });
});
