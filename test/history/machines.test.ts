/** The search for an order is right of any machine, not only of that which stores keys: so the argument in search.ts says, and so do random machines. */
import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import type { Operation } from '../../src/history/format.ts';
import { Search } from '../../src/history/search.ts';
import { Tabulated } from '../../src/history/tabulated.ts';

/** By state, then by command. State 0 is the initial one. */
type Table = readonly (readonly { readonly state: number; readonly reply: number }[])[];

const STATES = 5;
const COMMANDS = 4;
const REPLIES = 3;
const upTo = (count: number) => fc.nat({ max: count - 1 });

const tables: fc.Arbitrary<Table> = fc.array(
  fc.array(fc.record({ state: upTo(STATES), reply: upTo(REPLIES) }), {
    minLength: COMMANDS,
    maxLength: COMMANDS,
  }),
  { minLength: STATES, maxLength: STATES },
);

/** All invoked before the first is answered; most are not. Then the last one. */
const histories = fc
  .tuple(
    fc.array(
      fc.record({
        command: upTo(COMMANDS),
        reply: fc.option(upTo(REPLIES), { freq: 1 }),
      }),
      { minLength: 2, maxLength: 6 },
    ),
    upTo(COMMANDS),
    upTo(REPLIES),
  )
  .map(([open, command, reply]) => {
    const count = open.length;
    const early = open.map((each, at) =>
      operationBy({ ...each, invoked: at + 1, returned: each.reply === null ? null : count + 1 + at }),
    );
    return [...early, operationBy({ command, reply, invoked: 2 * count + 1, returned: 2 * count + 2 })];
  });

interface Made {
  readonly command: number;
  readonly reply: number | null;
  readonly invoked: number;
  readonly returned: number | null;
}

/** An operation whose command and reply are numbers, written as those of a store. */
function operationBy({ command, reply, invoked, returned }: Made): Operation {
  return {
    client: `c${invoked}`,
    command: { op: 'set', key: 'x', value: String(command) },
    invoked,
    returned,
    reply: reply === null ? null : { value: String(reply) },
  };
}

/** Has every search take a table for its machine. */
function takeFor(table: Table): void {
  vi.restoreAllMocks();
  const numberOf = (of: unknown) => Number((of as { value: string }).value);
  vi.spyOn(Tabulated.prototype, 'command').mockImplementation(numberOf);
  vi.spyOn(Tabulated.prototype, 'reply').mockImplementation(numberOf);
  vi.spyOn(Tabulated.prototype, 'replyOf').mockImplementation((value) => ({ value: String(value) }));
  vi.spyOn(Tabulated.prototype, 'apply').mockImplementation((state, command) => table[state]![command]!);
}

/** The naive way: whatever may come next is tried, and nothing is remembered. */
function hasOrder(table: Table, left: readonly Operation[], state = 0): boolean {
  const first = Math.min(...left.map(({ returned }) => returned ?? Infinity));
  if (first === Infinity) return true;
  return left.some(({ command, reply, invoked }, at) => {
    const effect = table[state]![Number((command as { value: string }).value)]!;
    const fits = reply === null || (reply as { value: string }).value === String(effect.reply);
    return invoked < first && fits && hasOrder(table, left.toSpliced(at, 1), effect.state);
  });
}

afterEach(() => vi.restoreAllMocks());

test('of random machines, histories with few answers have an order if and only if the naive way finds one', () => {
  const seen = { true: 0, false: 0 };
  fc.assert(
    fc.property(tables, fc.array(histories, { minLength: 10, maxLength: 10 }), (table, given) => {
      takeFor(table);
      for (const operations of given) {
        const found = new Search(operations).run({ left: Infinity }).next().value!;
        expect(found.linearizable).toBe(hasOrder(table, operations));
        seen[`${found.linearizable}`] += 1;
      }
    }),
    { numRuns: 400, seed: 1987 },
  );
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(400);
});
