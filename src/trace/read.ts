/** Trace files, read line by line: a file may be larger than memory. */
import { createReadStream } from 'node:fs';
import type { z } from 'zod';
import { canonical } from '../../model-check/canonical.ts';
import type { ActorId } from '../../spec/index.ts';
import { InputError, inputError, parseJson, shortly } from '../input-error.ts';
import { LogTraceLine, PaxosTraceLine, TraceHeader, type TraceLine } from './format.ts';
import { mapped, type TraceMapping } from './mapping.ts';
import { type Players, playersOf } from './players.ts';
import type { Line } from './run.ts';

/** Characters in one line: more would be no line. */
const LONGEST = 16 * 1024 * 1024;

/** The lines of a file, or of standard input for `-`, with their numbers. Empty ones are left out. */
export async function* linesOf(path: string): AsyncGenerator<{ number: number; text: string }> {
  const stream = path === '-' ? process.stdin : createReadStream(path);
  stream.setEncoding('utf8');
  let rest = '';
  let number = 0;
  try {
    for await (const chunk of stream as AsyncIterable<string>) {
      const parts = `${rest}${chunk}`.split('\n');
      rest = parts.pop() as string;
      for (const text of parts) {
        number += 1;
        if (text.trim() !== '') yield { number, text };
      }
      if (rest.length > LONGEST)
        throw new InputError(
          `${path}: line ${number + 1}: longer than ${LONGEST} characters: expected JSON lines`,
        );
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(
      `${path || '""'}: cannot be read (${(error as NodeJS.ErrnoException).code}): expected a trace file`,
    );
  }
  if (rest.trim() !== '') yield { number: number + 1, text: rest };
}

/** Names a field of a line: `run.jsonl: line 17: message.ballot`. */
const within = (place: string) => (path: readonly PropertyKey[]) =>
  path.length === 0 ? place : `${place}: ${path.map(String).join('.')}`;

/** The header of a trace. @throws InputError if it is none */
export function headerFrom(value: unknown, place: string): TraceHeader {
  const header = TraceHeader.safeParse(value);
  if (header.success) return header.data;
  throw inputError(header.error, value, within(place));
}

/** A line of a trace, as a line of one of these players. @throws InputError if it is none */
export function lineFrom(value: unknown, place: string, players: Players): TraceLine {
  const schema = players.header.system === 'paxos' ? PaxosTraceLine : LogTraceLine;
  const line = withoutOverflow(() => schema.safeParse(value), place);
  if (!line.success) throw inputError(line.error as z.ZodError, value, within(place));
  const problem = problemIn(line.data as TraceLine, players);
  if (problem)
    throw new InputError(`${within(place)(problem.path)}: ${shortly(problem.value)}: ${problem.expected}`);
  return line.data as TraceLine;
}

function withoutOverflow<T>(parse: () => T, place: string): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InputError(`${place}: nested too deeply: expected a line of a trace`);
  }
}

const STEPPERS: Readonly<Record<string, readonly string[]>> = {
  'timed-out': ['proposer', 'leader'],
  requested: ['leader'],
  heartbeat: ['leader'],
  resent: ['leader'],
  truncated: ['replica'],
  asked: ['replica'],
  learned: ['learner', 'replica'],
  applied: ['replica'],
};

/** What a line says that nobody of that role can do. */
function problemIn(line: TraceLine, { of }: Players) {
  const role = of.get(line.actor)?.role;
  const problem = (path: string[], value: unknown, expected: string) => ({ path, value, expected });
  if (role === undefined)
    return problem(['actor'], line.actor, `expected one of ${[...of.keys()].join(', ')}`);
  const able = STEPPERS[line.event];
  if (able && !able.includes(role))
    return problem(
      ['event'],
      line.event,
      `${line.actor} is ${an(role)}: expected this of ${able.map(an).join(' or ')}`,
    );
  if (line.event === 'timed-out' && (role === 'proposer') !== (line.value !== undefined))
    return problem(
      ['value'],
      line.value,
      role === 'proposer'
        ? 'expected the value that it would like to have chosen'
        : 'expected none of a leader',
    );
  if (line.event === 'learned' && (role === 'replica') !== (line.slot !== undefined))
    return problem(
      ['slot'],
      line.slot,
      role === 'replica' ? 'expected a slot' : 'expected none of a learner',
    );
  return undefined;
}

const an = (role: string) => (role === 'acceptor' ? `an ${role}` : `a ${role}`);

interface Source {
  readonly lines: AsyncGenerator<{ place: string; value: unknown }>;
  readonly place: string;
}

/** What one file holds, as JSON, by a mapping if there is one. */
async function* valuesOf(path: string, mapping: TraceMapping | undefined, prefix: string) {
  if (mapping) yield { place: `${prefix}header of the mapping`, value: mapping.header as unknown };
  for await (const { number, text } of linesOf(path)) {
    const place = `${prefix}line ${number}`;
    const value = parseJson(text, place);
    const becomes = mapping ? mapped(mapping, value) : value;
    if (becomes === undefined)
      throw new InputError(`${place}: ${shortly(value)}: expected a line that the mapping has a rule for`);
    if (mapping && becomes === null) continue;
    yield { place, value: becomes };
  }
}

/** A trace that is being read: who is who, and its lines. */
export interface OpenTrace {
  readonly players: Players;
  readonly lines: AsyncGenerator<Line>;
}

/**
 * Opens a trace: one file, or one for each process. Those are put together by the times of their lines, where all have one, and else
 * by turns.
 *
 * @throws InputError naming the line, what is there and what was expected; so does reading the lines
 */
export async function openTrace(paths: readonly string[], mapping?: TraceMapping): Promise<OpenTrace> {
  const sources = paths.map((path): Source => {
    const place = path === '-' ? 'standard input' : path;
    return { place, lines: valuesOf(path, mapping, `${place}: `) };
  });
  let header: TraceHeader | undefined;
  for (const { place, lines } of sources) {
    const first = await lines.next();
    if (first.done) throw new InputError(`${place}: is empty: expected the header of a trace`);
    const next = headerFrom(first.value.value, first.value.place);
    if (header && canonical(header) !== canonical(next))
      throw new InputError(`${first.value.place}: expected the header that ${sources[0]?.place} has`);
    header = next;
  }
  const players = playersOf(header as TraceHeader);
  return { players, lines: together(sources, players) };
}

async function* together(sources: readonly Source[], players: Players): AsyncGenerator<Line> {
  const ordinals = new Map<ActorId, number>();
  const heads: { source: Source; place: string; told: TraceLine; taken: number }[] = [];
  const pull = async (source: Source, taken: number) => {
    const next = await source.lines.next();
    if (next.done) return;
    const { place, value } = next.value;
    heads.push({ source, place, told: lineFrom(value, place, players), taken });
  };
  for (const source of sources) await pull(source, 0);
  for (let number = 2; heads.length > 0; number++) {
    const timed = heads.every(({ told }) => told.time !== undefined);
    heads.sort((a, b) => (timed ? (a.told.time as number) - (b.told.time as number) : a.taken - b.taken));
    const { source, place, told, taken } = heads.shift() as (typeof heads)[number];
    const ordinal = ordinals.get(told.actor) ?? 0;
    ordinals.set(told.actor, ordinal + 1);
    yield { number, place, ordinal, told };
    await pull(source, taken + 1);
  }
}
