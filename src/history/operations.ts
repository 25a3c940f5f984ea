import { InputError } from '../input-error.ts';
import type { HistoryLine, Operation } from './format.ts';

/** The operations of a history, in the order of their invocations, and how many failed. */
export interface Operations {
  readonly operations: readonly Operation[];
  readonly failed: number;
}

/**
 * Puts invocations and answers together. What has no end yet has an unknown outcome.
 *
 * @throws InputError where a client does not ask and end by turns, or time runs back; `place` names a line, counted from 1
 */
export function operationsOf(
  lines: readonly HistoryLine[],
  place: (line: number) => string = (line) => `line ${line}`,
): Operations {
  const open = new Map<string, { line: HistoryLine & { type: 'invoke' }; at: number }>();
  const operations: Operation[] = [];
  let failed = 0;
  let now = 0;
  const end = (client: string, returned: number | null, reply: Operation['reply']) => {
    const { line, at } = open.get(client)!;
    open.delete(client);
    operations.push({ client, command: line.command, invoked: at, returned, reply });
  };
  lines.forEach((line, index) => {
    const at = index + 1;
    const { client, type, time = now } = line;
    if (time < now)
      throw new InputError(
        `${place(at)}: time: ${time}: expected ${now} or more, the time of a line before it`,
      );
    now = time;
    const before = open.get(client);
    if ((type === 'invoke') !== (before === undefined)) {
      const expected = before
        ? `expected the end of its operation of line ${before.at} first`
        : 'expected that it has invoked something before';
      throw new InputError(`${place(at)}: "${type}" of client ${JSON.stringify(client)}: ${expected}`);
    }
    if (type === 'invoke') open.set(client, { line, at });
    else if (type === 'return') end(client, at, line.reply);
    else if (type === 'unknown') end(client, null, null);
    else {
      open.delete(client);
      failed += 1;
    }
  });
  for (const client of [...open.keys()]) end(client, null, null);
  return { operations: operations.sort((a, b) => a.invoked - b.invoked), failed };
}

/** The operations of the part of a history that ends with `line`: what is answered later has an unknown outcome there. */
export function upTo(operations: readonly Operation[], line: number): Operation[] {
  return operations
    .filter(({ invoked }) => invoked <= line)
    .map((each) =>
      each.returned === null || each.returned > line ? { ...each, returned: null, reply: null } : each,
    );
}

/** The keys of a command. */
export function keysOf({ command }: Pick<Operation, 'command'>): string[] {
  return command.op === 'all' ? command.operations.map(({ key }) => key) : [command.key];
}

/**
 * Takes a history apart into parts that have no key in common, in the order of their first invocations. A history is linearizable if and only if
 * each of them is (Herlihy and Wing, 1990: linearizability is local), since the machine is one machine for each key, and a command
 * of several keys makes these one.
 */
export function partsOf(operations: readonly Operation[]): Operation[][] {
  const over = new Map<string, string>();
  const root = (key: string): string => {
    let at = key;
    for (let next = over.get(at); next !== undefined; next = over.get(at)) at = next;
    if (at !== key) over.set(key, at);
    return at;
  };
  for (const operation of operations) {
    const [first, ...others] = keysOf(operation).map(root);
    for (const other of others)
      if (first !== undefined && root(other) !== root(first)) over.set(root(other), root(first));
  }
  const parts = new Map<string | null, Operation[]>();
  for (const operation of operations) {
    const [key] = keysOf(operation);
    const part = key === undefined ? null : root(key);
    const known = parts.get(part);
    if (known) known.push(operation);
    else parts.set(part, [operation]);
  }
  return [...parts.values()];
}
