/** Random histories, and the naive way to explain one: all orders, one after another. */
import fc from 'fast-check';
import { encodeKeyValue, KeyValueReply, keyValue } from '../../spec/log/key-value.ts';
import type { HistoryLine, Operation } from '../../src/history/format.ts';
import { upTo } from '../../src/history/operations.ts';

type KeyValueCommand = Operation['command'];

/** All orders of some of these. */
function* orders<T>(items: readonly T[]): Generator<T[]> {
  yield [];
  for (const [at, first] of items.entries())
    for (const rest of orders(items.filter((_, other) => other !== at))) yield [first, ...rest];
}

/** Whether an order keeps to real time, has every operation that was answered, and answers what they were answered. */
export function explains(order: readonly Operation[], operations: readonly Operation[]): boolean {
  const late = order.some((later, at) =>
    order.slice(0, at).some((earlier) => later.returned !== null && later.returned < earlier.invoked),
  );
  if (late || operations.some((each) => each.returned !== null && !order.includes(each))) return false;
  let state = keyValue.initial;
  return order.every(({ command, reply }) => {
    const effect = keyValue.apply(state, encodeKeyValue(command));
    state = effect.state;
    return reply === null || effect.reply === JSON.stringify(reply);
  });
}

/** The naive way. */
export function isLinearizable(operations: readonly Operation[]): boolean {
  for (const order of orders(operations)) if (explains(order, operations)) return true;
  return false;
}

/** The first answer up to which the naive way finds no order, and the answers that it would have found one for; null if there is none. */
export function explanation(operations: readonly Operation[]) {
  const lines = operations.flatMap(({ returned }) => returned ?? []).sort((a, b) => a - b);
  const line = lines.find((each) => !isLinearizable(upTo(operations, each)));
  if (line === undefined) return null;
  const prefix = upTo(operations, line);
  const replies = new Set([...orders(prefix)].flatMap((order) => replyIn(order, line) ?? []));
  const answering = (reply: string) =>
    prefix.map((each) =>
      each.returned === line ? { ...each, reply: KeyValueReply.parse(JSON.parse(reply)) } : each,
    );
  return { line, fitting: [...replies].filter((reply) => isLinearizable(answering(reply))).sort() };
}

/** What the operation that is answered at a line would be answered in an order. */
function replyIn(order: readonly Operation[], line: number): string | undefined {
  let state = keyValue.initial;
  for (const { command, returned } of order) {
    const effect = keyValue.apply(state, encodeKeyValue(command));
    state = effect.state;
    if (returned === line) return effect.reply;
  }
  return undefined;
}

const key = fc.constantFrom('a', 'a', 'a', 'b');
const text = fc.constantFrom('1', '2');
const one = fc.oneof(
  { weight: 3, arbitrary: fc.record({ op: fc.constant('get' as const), key }) },
  { weight: 3, arbitrary: fc.record({ op: fc.constant('set' as const), key, value: text }) },
  fc.record({ op: fc.constant('set' as const), key, value: text, if: fc.constantFrom('absent', 'present') }),
  fc.record({ op: fc.constant('delete' as const), key }),
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constant('compare-and-set' as const),
      key,
      expected: fc.option(text, { freq: 4 }),
      value: text,
    }),
  },
  fc.record({ op: fc.constant('increment' as const), key, by: fc.constant(1) }),
);
const command: fc.Arbitrary<KeyValueCommand> = fc.oneof(
  { weight: 6, arbitrary: one },
  {
    weight: 1,
    arbitrary: fc.record({ op: fc.constant('all' as const), operations: fc.array(one, { maxLength: 2 }) }),
  },
);

const someReply: fc.Arbitrary<KeyValueReply> = fc.oneof(
  fc.record({ value: fc.constantFrom(null, '1', '2', '3') }),
  fc.constantFrom<KeyValueReply>({ refused: 'exists' }, { refused: 'absent' }, { refused: 'differs' }),
  fc.record({ values: fc.array(fc.constantFrom(null, '1', '2'), { maxLength: 2 }) }),
);

interface Move {
  readonly client: string;
  readonly command: KeyValueCommand;
  readonly does: 'go on' | 'effect' | 'unknown' | 'fail';
  /** Answers this in place of the truth. */
  readonly lie: KeyValueReply | null;
}

const lie = fc.option(someReply, { freq: 8 });
const client = fc.constantFrom('c1', 'c2', 'c3');

/** Clients go on by chance. */
const byChance = (most: number): fc.Arbitrary<Move[]> =>
  fc.array(
    fc.record({
      client,
      command,
      does: fc.oneof(
        { weight: 6, arbitrary: fc.constantFrom('go on' as const, 'effect' as const) },
        { weight: 1, arbitrary: fc.constantFrom('unknown' as const, 'fail' as const) },
      ),
      lie,
    }),
    { maxLength: 4 * most },
  );

/** What makes a difference to what comes after it. */
const write: fc.Arbitrary<KeyValueCommand> = fc.oneof(
  fc.record({ op: fc.constant('set' as const), key: fc.constant('a'), value: text }),
  fc.record({
    op: fc.constant('compare-and-set' as const),
    key: fc.constant('a'),
    expected: text,
    value: text,
  }),
  fc.record({ op: fc.constant('increment' as const), key: fc.constant('a'), by: fc.constant(1) }),
);

/** Clients race: two or three invoke something, all of it takes effect in some order, then all are answered; and so on. */
const inRaces: fc.Arbitrary<Move[]> = fc
  .array(
    fc
      .tuple(
        fc.shuffledSubarray(['c1', 'c2', 'c3'], { minLength: 2 }),
        fc.array(write, { minLength: 3, maxLength: 3 }),
        lie,
      )
      .map(([racing, commands, told]) =>
        [[...racing].sort(), racing, racing].flatMap((turn) =>
          turn.map((name, at) => ({
            client: name,
            command: commands[at]!,
            does: 'effect' as const,
            lie: told,
          })),
        ),
      ),
    { maxLength: 4 },
  )
  .map((races) => races.flat());

/** The same, where who is answered is an exception: what takes effect, and when, is found out by few answers, the last of them. */
const inVain: fc.Arbitrary<Move[]> = fc
  .tuple(
    fc.array(
      fc.record({
        client: fc.constantFrom('c1', 'c2'),
        command: fc.oneof({ weight: 3, arbitrary: write }, { weight: 1, arbitrary: command }),
        takesEffect: fc.boolean(),
        end: fc.constantFrom('unknown' as const, 'unknown' as const, 'effect' as const),
      }),
      { minLength: 3, maxLength: 5 },
    ),
    command,
    lie,
  )
  .map(([asked, last, told]) => [
    ...asked.flatMap(({ client, command, takesEffect, end }) => [
      { client, command, does: 'go on' as const, lie: null },
      ...(takesEffect ? [{ client, command, does: 'effect' as const, lie: null }] : []),
      { client, command, does: end, lie: null },
    ]),
    ...Array.from({ length: 3 }, () => ({ client: 'c3', command: last, does: 'effect' as const, lie: told })),
  ]);

/**
 * Histories of at most `most` operations: clients invoke, take effect on one machine, and are answered, in turns left to chance; some
 * answers are lies, which may be right all the same.
 */
export function histories(most: number): fc.Arbitrary<HistoryLine[]> {
  return fc.oneof(byChance(most), inRaces, inVain).map((moves) => played(moves, most));
}

function played(moves: readonly Move[], most: number): HistoryLine[] {
  const lines: HistoryLine[] = [];
  const open = new Map<string, { command: KeyValueCommand; reply: string | null }>();
  let state = keyValue.initial;
  let count = 0;
  for (const { client, command, does, lie } of moves) {
    const waits = open.get(client);
    if (!waits) {
      count += 1;
      if (count > most) continue;
      open.set(client, { command, reply: null });
      lines.push({ type: 'invoke', client, command });
    } else if (does === 'unknown' || (does === 'fail' && waits.reply === null)) {
      open.delete(client);
      lines.push({ type: does, client });
    } else if (waits.reply === null) {
      const effect = keyValue.apply(state, encodeKeyValue(waits.command));
      state = effect.state;
      open.set(client, { ...waits, reply: effect.reply });
    } else {
      open.delete(client);
      lines.push({ type: 'return', client, reply: lie ?? KeyValueReply.parse(JSON.parse(waits.reply)) });
    }
  }
  return lines;
}
