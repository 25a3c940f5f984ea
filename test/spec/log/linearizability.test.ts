/** The test for linearizability against the naive one, which tries every order; on histories with right and with wrong answers. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { journal } from '../../../spec/log/journal.ts';
import { encodeKeyValue, keyValue } from '../../../spec/log/key-value.ts';
import {
  type Asked,
  emptyHistory,
  type History,
  invoked,
  returned,
} from '../../../spec/log/linearizability.ts';
import type { StateMachine } from '../../../spec/log/state-machine.ts';

/** What happens at one moment: a client asks, or is answered. */
type Moment = { readonly client: string } & ({ readonly asked: Asked } | { readonly reply: string });

interface Operation {
  readonly asked: Asked;
  readonly from: number;
  /** Not before the end of the history, if it was not answered. */
  readonly until: number;
  readonly reply: string | null;
}

function operationsOf(history: readonly Moment[]): Operation[] {
  return history.flatMap((moment, from) => {
    if (!('asked' in moment)) return [];
    const after = history.findIndex((each, at) => at > from && each.client === moment.client);
    const answer = after === -1 ? undefined : history[after];
    const reply = answer && 'reply' in answer ? answer.reply : null;
    return [{ asked: moment.asked, from, until: reply === null ? history.length : after, reply }];
  });
}

/** The naive way: puts one operation first that no other has to precede, and tries to put the rest behind it. */
function inSomeOrder(
  machine: StateMachine,
  state: StateMachine['initial'],
  rest: readonly Operation[],
): boolean {
  if (rest.every(({ reply }) => reply === null)) return true;
  return rest.some((first) => {
    if (rest.some((other) => other.until < first.from)) return false;
    const { kind, operation } = first.asked;
    const effect =
      kind === 'query' && machine.query
        ? { state, reply: machine.query(state, operation) }
        : machine.apply(state, operation);
    if (first.reply !== null && first.reply !== effect.reply) return false;
    return inSomeOrder(
      machine,
      effect.state,
      rest.filter((other) => other !== first),
    );
  });
}

function kept(machine: StateMachine, history: readonly Moment[]): History {
  return history.reduce(
    (before, moment) =>
      'asked' in moment
        ? invoked(machine, before, moment.client, moment.asked)
        : returned(before, moment.client, moment.reply),
    emptyHistory(machine),
  );
}

/** Each client asks and is answered by turns; the answers are some that are given in one order or another, or another's. */
function histories(operations: readonly Asked[], replies: readonly string[]): fc.Arbitrary<Moment[]> {
  const choice = fc.record({
    client: fc.constantFrom('c1', 'c2', 'c3'),
    asked: fc.constantFrom(...operations),
    reply: fc.constantFrom(...replies),
  });
  return fc.array(choice, { maxLength: 9 }).map((choices) => {
    const waiting = new Set<string>();
    return choices.map(({ client, asked, reply }) => {
      if (waiting.delete(client)) return { client, reply };
      waiting.add(client);
      return { client, asked };
    });
  });
}

const command = (operation: string): Asked => ({ kind: 'command', operation });
const query = (operation: string): Asked => ({ kind: 'query', operation });

describe.each([
  [
    'a journal',
    journal as StateMachine,
    histories([command('x'), command('y'), query('?')], ['', 'x', 'y', 'xy', 'yx', 'xx']),
  ],
  [
    'a key-value store',
    keyValue as StateMachine,
    histories(
      [
        command(encodeKeyValue({ op: 'increment', key: 'k', by: 1 })),
        command(encodeKeyValue({ op: 'compare-and-set', key: 'k', expected: '1', value: '5' })),
        query('k'),
      ],
      [null, '1', '2', '5'].map((value) => JSON.stringify({ value })).concat('{"refused":"differs"}'),
    ),
  ],
] as const)('a history of %s', (_name, machine, arbitrary) => {
  test('is linearizable if and only if some order explains it', () => {
    const seen = { yes: 0, no: 0, concurrent: 0 };
    fc.assert(
      fc.property(arbitrary, (history) => {
        const operations = operationsOf(history);
        const expected = inSomeOrder(machine, machine.initial, operations);
        const found = kept(machine, history);
        expect(found.wrong === null).toBe(expected);
        expect(found.ways.length > 0).toBe(expected);
        if (operations.some(({ reply }) => reply !== null)) seen[expected ? 'yes' : 'no'] += 1;
        const overlap = operations.some((a) =>
          operations.some((b) => a !== b && a.from < b.from && b.from < a.until),
        );
        if (overlap && expected) seen.concurrent += 1;
      }),
      { numRuns: 3000 },
    );
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(100);
  });

  test('once wrong, stays wrong; and what is kept does not depend on the order of what was concurrent', () => {
    fc.assert(
      fc.property(arbitrary, (history) => {
        const wrong = history.findIndex((_, at) => kept(machine, history.slice(0, at + 1)).wrong !== null);
        if (wrong === -1) return;
        for (let length = wrong + 1; length <= history.length; length += 1)
          expect(kept(machine, history.slice(0, length)).wrong).not.toBeNull();
      }),
    );
    const asks = ['c1', 'c2', 'c3'].map((client) => ({ client, asked: command('x') }));
    expect(kept(machine, asks)).toEqual(kept(machine, [...asks].reverse()));
  });
});

test('it says what was answered, and what would have been right', () => {
  const history: Moment[] = [
    { client: 'c1', asked: command('x') },
    { client: 'c1', reply: 'x' },
    { client: 'c2', asked: command('y') },
    { client: 'c3', asked: query('?') },
    { client: 'c3', reply: '' },
  ];
  expect(kept(journal, history).wrong).toBe(
    'c3 is answered nothing to its query ?; in any order that agrees with the answers before it, that is x or xy',
  );
});
