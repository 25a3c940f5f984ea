/** The checker of histories against the naive way, and against the observer with which the model checker decides the same. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeKeyValue, keyValue } from '../../spec/log/key-value.ts';
import { emptyHistory, invoked, returned } from '../../spec/log/linearizability.ts';
import type { StateMachine } from '../../spec/log/state-machine.ts';
import { checkHistory } from '../../src/history/check.ts';
import type { HistoryLine, HistoryReport } from '../../src/history/format.ts';
import { operationsOf, upTo } from '../../src/history/operations.ts';
import { explains, explanation, histories, isLinearizable } from './histories.ts';

/** What the observer of the specification says: it takes each client that gave up for one that is never heard of again. */
function observed(lines: readonly HistoryLine[]): boolean {
  const machine = keyValue as StateMachine;
  const failed = new Set<HistoryLine>();
  const open = new Map<string, HistoryLine>();
  for (const line of lines) {
    if (line.type === 'invoke') open.set(line.client, line);
    if (line.type === 'fail') failed.add(open.get(line.client)!);
  }
  const lives = new Map<string, number>();
  let history = emptyHistory(machine);
  for (const line of lines) {
    const client = `${line.client}.${lives.get(line.client) ?? 0}`;
    if (line.type === 'unknown') lives.set(line.client, (lives.get(line.client) ?? 0) + 1);
    if (line.type === 'invoke' && !failed.has(line)) {
      const asked = { kind: 'command' as const, operation: encodeKeyValue(line.command) };
      history = invoked(machine, history, client, asked);
    }
    if (line.type === 'return') history = returned(history, client, JSON.stringify(line.reply));
  }
  return history.wrong === null;
}

describe('random histories', () => {
  test('hold if and only if some order explains them; and where none does, the explanation is the naive one', () => {
    const seen = { holds: 0, violated: 0, unknown: 0, several: 0 };
    fc.assert(
      fc.property(histories(6), (lines) => {
        const given = operationsOf(lines);
        const { operations } = given;
        const report = checkHistory(given);
        const { verdict, violation, unknown, parts } = report;
        expect(verdict).toBe(isLinearizable(operations) ? 'holds' : 'violated');
        seen[verdict as 'holds' | 'violated'] += 1;
        if (unknown > 0 && violation) seen.unknown += 1;
        if (parts > 1 && violation) seen.several += 1;
        const expected = explanation(operations);
        expect(violation === null).toBe(expected === null);
        if (violation && expected) expectExplained(violation, expected, operations);
      }),
      { numRuns: 500, seed: 1990 },
    );
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(30);
  });

  function expectExplained(
    violation: NonNullable<HistoryReport['violation']>,
    expected: NonNullable<ReturnType<typeof explanation>>,
    operations: ReturnType<typeof operationsOf>['operations'],
  ) {
    expect({
      ...expected,
      shortest: true,
      all: true,
    }).toEqual({
      line: violation.line,
      fitting: violation.fitting.map((each) => JSON.stringify(each)).sort(),
      shortest: violation.shortest,
      all: violation.all,
    });
    const prefix = upTo(operations, violation.line);
    const order = violation.order.map((line) => prefix.find((each) => each.invoked === line)!);
    // What the order has, it explains, in a history that ends before the answer that does not fit.
    expect(explains(order, order)).toBe(true);
    expect(prefix.find(({ returned: line }) => line === violation.line)).toMatchObject({
      client: violation.client,
      command: violation.command,
      reply: violation.reply,
    });
  }

  test('are judged as by the observer of the specification, also longer ones', () => {
    const seen = { holds: 0, violated: 0 };
    fc.assert(
      fc.property(histories(14), (lines) => {
        const { verdict } = checkHistory(operationsOf(lines));
        expect(verdict).toBe(observed(lines) ? 'holds' : 'violated');
        seen[verdict as 'holds' | 'violated'] += 1;
      }),
      { numRuns: 400, seed: 1990 },
    );
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(30);
  });
});
