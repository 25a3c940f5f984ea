/** Traces of random walks, told in different ways, and random corruptions of them. */
import { RandomStream } from '../../model-check/random.ts';
import type { TraceLine } from '../../src/trace/format.ts';

export type Chance = (below: number) => number;

export function chance(seed: number, stream: number): Chance {
  const random = new RandomStream(seed, stream);
  return (below) => (below === 0 ? 0 : random.below(below));
}

const clone = <T>(value: T): T => JSON.parse(JSON.stringify(value));

/** The same run in other words: what is sent told apart or not at all, what is learned told, a crash told of. */
export function retold(lines: readonly TraceLine[], pick: Chance): TraceLine[] {
  return lines.flatMap((line): TraceLine[] => {
    const told = clone(line) as TraceLine & { sent?: TraceLine[]; message?: { to?: unknown } };
    if (told.message && pick(3) === 0) delete told.message.to;
    if (line.event === 'restarted')
      return pick(2) === 0 ? [{ event: 'crashed', actor: line.actor }, told] : [told];
    const { sent } = told;
    if (!sent || pick(3) > 0) return [told];
    delete told.sent;
    return pick(2) === 0 || sent.length === 0
      ? [told]
      : [told, { event: 'sent', actor: line.actor, sent } as unknown as TraceLine];
  });
}

/** A name, a value, or a command. */
const WORD = /^([apvlr]\d|c\d:\d:\w|no-op)$/;
const COMMANDS = ['c1:1:x', 'c2:1:y', 'no-op'];

/** Every place in a line that holds a number, or a name or value. */
function places(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== 'object' || value === null)
    return typeof value === 'number' || (typeof value === 'string' && WORD.test(value)) ? [path] : [];
  return Object.entries(value).flatMap(([key, item]) =>
    key === 'actor' || key === 'to' ? [] : places(item, [...path, Array.isArray(value) ? Number(key) : key]),
  );
}

/** A line in which one ballot, value or name is another. */
export function changed(line: TraceLine, pick: Chance): TraceLine {
  const copy = clone(line);
  const all = places(copy);
  const path = all[pick(all.length)];
  if (!path) return copy;
  const holder = path.slice(0, -1).reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], copy);
  const key = path.at(-1) as string;
  const old = (holder as Record<string, unknown>)[key];
  (holder as Record<string, unknown>)[key] =
    typeof old === 'number'
      ? old <= 1 || pick(2) === 0
        ? old + 1
        : old - 1
      : COMMANDS.includes(old as string)
        ? COMMANDS[pick(COMMANDS.length)]
        : `${`${old}`[0]}${1 + pick(3)}`;
  return copy;
}

export const KINDS = ['drop', 'swap', 'change', 'duplicate', 'forge', 'claim'] as const;

/** That somebody has learned something, or applied something: it has, if the line stands late enough. */
function claim(pick: Chance, learner: string): TraceLine {
  if (learner.startsWith('l')) return { event: 'learned', actor: learner, value: `v${1 + pick(2)}` };
  const [slot, value] = [1 + pick(2), COMMANDS[pick(2)] as string];
  if (pick(2) === 0) return { event: 'learned', actor: learner, slot, value };
  return { event: 'applied', actor: learner, slot, ...(pick(2) === 0 ? { value } : {}) };
}

/** A trace with one corruption. @param learners who may claim to have learned something */
export function corrupted(
  lines: readonly TraceLine[],
  others: readonly TraceLine[],
  kind: (typeof KINDS)[number],
  pick: Chance,
  learners: readonly string[] = [],
): TraceLine[] {
  const at = pick(lines.length);
  const line = lines[at] as TraceLine;
  const result = [...lines];
  switch (kind) {
    case 'drop':
      result.splice(at, 1);
      break;
    case 'swap': {
      const other = pick(lines.length);
      result[at] = lines[other] as TraceLine;
      result[other] = line;
      break;
    }
    case 'change':
      result[at] = changed(line, pick);
      break;
    case 'duplicate':
      result.splice(pick(lines.length + 1), 0, line);
      break;
    case 'forge':
      result.splice(at, 0, changed(others[pick(others.length)] ?? line, pick));
      break;
    case 'claim': {
      const learner = learners[pick(learners.length)];
      const place = at + 1 + pick(lines.length - at);
      if (learner !== undefined) result.splice(place, 0, claim(pick, learner));
      break;
    }
  }
  return result;
}
