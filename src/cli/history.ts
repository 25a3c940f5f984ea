import { checking } from '../history/check.ts';
import {
  BUDGET,
  HistoryLine,
  type HistoryReport,
  type Operation,
  type Violation,
} from '../history/format.ts';
import { type Operations, operationsOf } from '../history/operations.ts';
import { historyPage } from '../history/page.ts';
import { explain, showCommand, showReply } from '../history/words.ts';
import { InputError, inputError, parseJson, shortly } from '../input-error.ts';
import { interruptibly } from './check.ts';
import { nameOf, placeIn, readText, refuseUnwritable, writeIfAny } from './files.ts';
import { STATUS } from './output.ts';
import { bad, digits, good, open } from './print.ts';

export interface HistoryOptions {
  readonly html?: string;
  readonly maxConfigurations?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** `synod history check`. Returns the exit status. */
export async function runHistoryCheck(file: string, options: HistoryOptions): Promise<number> {
  const { html, json = false, quiet = false, maxConfigurations } = options;
  if (html !== undefined) refuseUnwritable(html);
  const budget = { left: maxConfigurations === undefined ? BUDGET : wholeNumber(maxConfigurations) };
  const name = nameOf(file);
  const lines = linesOf(readText(file, 'a history'), name);
  const operations = operationsOf(lines, (line) => `${name}: line ${line}`);
  const report = await interruptibly({ json, quiet }, async (signal, progress) => {
    const all = budget.left;
    const steps = checking(operations, budget);
    for (;;) {
      const { done, value } = steps.next();
      if (done) return value;
      progress.note(`${digits(all - budget.left)} configurations`);
      await new Promise((resolve) => setImmediate(resolve));
      if (signal.aborted) budget.left = 0;
    }
  });
  process.stdout.write(`${json ? JSON.stringify(report) : printed(report, name, operations)}\n`);
  if (html !== undefined) writePage(html, lines, operations, report.violation);
  return STATUS[report.verdict];
}

/** A bound on the command line. */
function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new InputError(`--max-configurations: ${shortly(text)}: expected a whole number of 1 or more`);
}

/** The lines of a history, of which there must be one. */
export function linesOf(text: string, name: string): HistoryLine[] {
  if (text.trim() === '') throw new InputError(`${name}: is empty: expected the lines of a history`);
  return text
    .replace(/\n$/, '')
    .split('\n')
    .map((line, at) => {
      const place = `${name}: line ${at + 1}`;
      const value = parseJson(line, place);
      const checked = HistoryLine.safeParse(value);
      if (!checked.success) throw inputError(checked.error, value, placeIn(place));
      return checked.data;
    });
}

/** Of an order so many operations are printed, the last ones. */
const MOST_PRINTED = 10;

function printed(report: HistoryReport, name: string, { operations }: Operations): string {
  return [`${name}: ${counted(report)}`, ...concluded(report, operations)].join('\n');
}

function counted({ operations, clients, unknown, failed, parts, configurations }: HistoryReport): string {
  const without = unknown === 0 ? '' : `, ${digits(unknown)} without an answer`;
  const apart = failed === 0 ? '' : `, and ${digits(failed)} that failed`;
  const all = `${many(operations, 'operation')} of ${many(clients, 'client')}${without}${apart}`;
  return `${all}; ${many(parts, 'part')} without a common key; ${many(configurations, 'configuration')} looked at`;
}

const many = (count: number, what: string) => `${digits(count)} ${what}${count === 1 ? '' : 's'}`;

function concluded({ verdict, violation }: HistoryReport, operations: readonly Operation[]): string[] {
  if (verdict === 'holds') return [`${good()} holds: an order of the operations explains every answer`];
  if (!violation)
    return [`${open()} incomplete: ended before it was known whether some order explains every answer`];
  const { order } = violation;
  const left = Math.max(0, order.length - MOST_PRINTED);
  const byLine = new Map(operations.map((each) => [each.invoked, each]));
  return [
    `${bad()} violated: not linearizable`,
    ...explain(violation).map((sentence) => `  ${sentence}`),
    `  The order that comes furthest${left === 0 ? '' : `, without the first ${digits(left)}`}:`,
    ...order.slice(left).map((line, at) => {
      const { client, command, reply } = byLine.get(line)!;
      return `  ${String(left + at + 1).padStart(5)}  line ${line}  ${client}  ${showCommand(command)} -> ${showReply(reply)}`;
    }),
  ];
}

/** Draws a history that no order explains. */
export function writePage(
  path: string,
  lines: readonly HistoryLine[],
  { operations }: Operations,
  violation: Violation | null,
): void {
  const text = violation && historyPage(lines, operations, violation);
  writeIfAny(path, text, 'history that no order explains');
}
