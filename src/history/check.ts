import type { KeyValueReply } from '../../spec/log/key-value.ts';
import { BUDGET, type HistoryReport, type Operation, type Violation } from './format.ts';
import { keysOf, type Operations, partsOf, upTo } from './operations.ts';
import { type Budget, type Found, search } from './search.ts';

/** Of the answers that would have fitted, so many are found at most. */
const MOST_FITTING = 8;

/**
 * Says whether a history is linearizable, and if not, where it first is not. A report that is `incomplete` says nothing of the history but
 * that the budget was used up.
 *
 * Yields now and then, so that a caller may do something else, or set what is left of the budget to 0.
 */
export function* checking(
  { operations, failed }: Operations,
  budget: Budget = { left: BUDGET },
): Generator<void, HistoryReport> {
  const all = budget.left;
  const parts = partsOf(operations);
  const violations: Violation[] = [];
  let incomplete = false;
  for (const part of parts) {
    const found = yield* search(part, budget);
    if (found === null) incomplete = true;
    else if (!found.linearizable) violations.push(yield* explained(part, found, budget));
  }
  const violation = violations.sort((a, b) => a.line - b.line)[0] ?? null;
  return {
    verdict: violation ? 'violated' : incomplete ? 'incomplete' : 'holds',
    operations: operations.length,
    unknown: operations.filter(({ returned }) => returned === null).length,
    failed,
    clients: new Set(operations.map(({ client }) => client)).size,
    parts: parts.length,
    configurations: all - budget.left,
    violation,
  };
}

/** The same, at one go. */
export function checkHistory(operations: Operations, budget?: Budget): HistoryReport {
  const steps = checking(operations, budget);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** What is wrong with a part of a history that has no order, of which `found` is what its search has come to. */
function* explained(part: readonly Operation[], found: Found, budget: Budget): Generator<void, Violation> {
  const { line, shortest, order } = yield* firstWithoutOrder(part, found, budget);
  const operation = part.find(({ returned }) => returned === line)!;
  const { client, command, reply } = operation;
  return {
    line,
    shortest,
    client,
    command,
    reply: reply!,
    ...(yield* fittingIn(upTo(part, line), operation, budget)),
    keys: [...new Set(part.flatMap(keysOf))].sort(),
    order: order.map(({ operation: each }) => each.invoked),
  };
}

/**
 * The first answer up to which no order explains a history that has none. The answers before the first one that the furthest order did
 * not reach are explained by that order; and what has no order has none however it goes on.
 */
function* firstWithoutOrder(part: readonly Operation[], { order, reached }: Found, budget: Budget) {
  const lines = part
    .flatMap(({ returned }) => (returned === null || returned < reached! ? [] : [returned]))
    .sort((a, b) => a - b);
  let [from, to] = [0, lines.length - 1];
  let furthest = order;
  for (let middle = from; from < to; middle = (from + to) >> 1) {
    const tried = yield* search(upTo(part, lines[middle]!), budget);
    if (tried === null) break;
    if (tried.linearizable) from = middle + 1;
    else [to, furthest] = [middle, tried.order];
  }
  return { line: lines[to]!, shortest: from === to, order: furthest };
}

/** The answers of an operation with which an order would explain the history. */
function* fittingIn(part: readonly Operation[], operation: Operation, budget: Budget) {
  const fitting: KeyValueReply[] = [];
  while (fitting.length < MOST_FITTING) {
    const found = yield* search(part, budget, { operation, than: fitting });
    if (found === null || !found.linearizable) return { fitting, all: found !== null };
    fitting.push(found.order.find((each) => each.operation.invoked === operation.invoked)!.reply);
  }
  return { fitting, all: false };
}
