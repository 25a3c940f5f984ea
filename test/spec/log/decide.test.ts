/** What a replica makes of the log does not depend on who decides, nor on the order in which it hears of it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { learner } from '../../../spec/learner.ts';
import { journal } from '../../../spec/log/journal.ts';
import { type Answer, decide, decodeCommand, type Replicated } from '../../../spec/log/state-machine.ts';
import { accepted, actor, QUORUMS, receive } from '../paper.ts';

const empty: Replicated = { decided: [], applied: 0, truncated: 0, machine: journal.initial, sessions: {} };

function decideAll(entries: readonly { slot: number; value: string }[]) {
  const answers: Answer[] = [];
  const state = entries.reduce((before, entry) => {
    const effect = decide(journal, before, entry);
    answers.push(...effect.answers);
    return effect.state;
  }, empty);
  return { state, answers };
}

/** A log, and its slots in some order, some of them more than once. */
const logs = fc
  .array(fc.constantFrom('c1:1:x', 'c1:2:y', 'c2:1:z', 'c2:3:u', 'no-op', 'not a command'), { maxLength: 8 })
  .chain((values) => {
    const entries = values.map((value, at) => ({ slot: at + 1, value }));
    const once = fc.shuffledSubarray(entries, { minLength: entries.length });
    const again = fc.array(fc.constantFrom(...entries, { slot: 99, value: 'c9:1:w' }), { maxLength: 4 });
    return fc.tuple(fc.constant(entries), once, again);
  });

describe('decide', () => {
  test('comes to the same state and the same answers in whatever order it is told', () => {
    fc.assert(
      fc.property(logs, ([inOrder, shuffled, again]) => {
        const known = again.filter(({ slot }) => slot !== 99);
        expect(decideAll([...shuffled, ...known])).toEqual(decideAll(inOrder));
      }),
    );
  });

  test('applies of a log what a reader would: each command once, of a client only upwards', () => {
    fc.assert(
      fc.property(logs, ([inOrder, shuffled]) => {
        const last: Record<string, number> = {};
        let machine = '';
        for (const { value } of inOrder) {
          const command = decodeCommand(value);
          if (!command || command.number <= (last[command.client] ?? 0)) continue;
          last[command.client] = command.number;
          machine += command.operation;
        }
        const { state } = decideAll(shuffled);
        expect(state).toMatchObject({ machine, applied: inOrder.length });
      }),
    );
  });

  test('stops at a gap', () => {
    fc.assert(
      fc.property(logs, fc.nat(), ([inOrder, shuffled], which) => {
        fc.pre(inOrder.length > 0);
        const gap = (which % inOrder.length) + 1;
        const { state } = decideAll(shuffled.filter(({ slot }) => slot !== gap));
        expect(state).toMatchObject({
          applied: gap - 1,
          machine: decideAll(inOrder.slice(0, gap - 1)).state.machine,
        });
      }),
    );
  });
});

test('instances of single-decree Paxos in a row decide as well', () => {
  const values = ['c1:1:x', 'c2:1:y', 'c1:1:x'];
  const learners = values.map(() => actor(learner, { id: 'l1', quorums: QUORUMS, announcesTo: [] }));
  let state = empty;
  // The last instance is the first to be decided.
  for (const slot of [3, 1, 2]) {
    for (const from of ['a1', 'a3'])
      learners[slot - 1]?.takes(receive(accepted(from, '1.p1', values[slot - 1] as string)));
    const value = learners[slot - 1]?.state.learned as string;
    state = decide(journal, state, { slot, value }).state;
  }
  expect(state).toMatchObject({ applied: 3, machine: 'xy' });
});
