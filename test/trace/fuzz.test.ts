import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/input-error.ts';
import { playersOf } from '../../src/trace/players.ts';
import { lineFrom, openTrace } from '../../src/trace/read.ts';
import { walkTraces } from '../../src/trace/walks.ts';
import { folderForAll, synod } from '../cli/run.ts';
import { checked, systemOf } from './checked.ts';
import { type Chance, chance } from './corrupt.ts';

const folder = folderForAll();

const configuration = { acceptors: 3, proposers: 2, learners: 1, crashes: 1, nacks: true };
const { header, trace } = walkTraces('paxos', configuration, systemOf('paxos', configuration), 17);

const JUNK: readonly unknown[] = [
  null,
  -1,
  0,
  1.5,
  1e300,
  '',
  'a1',
  '__proto__',
  'constructor',
  [],
  {},
  [[]],
  true,
  { round: 0 },
  { to: 'a1' },
  '\u0000',
  'x'.repeat(5000),
];

/** A line with one thing that should not be there, or should be and is not. */
function malformed(line: unknown, pick: Chance): unknown {
  const copy = JSON.parse(JSON.stringify(line)) as Record<string, unknown>;
  let at: Record<string, unknown> = copy;
  for (;;) {
    const keys = Object.keys(at);
    const key = keys[pick(keys.length)];
    const inner = key === undefined ? undefined : at[key];
    if (key !== undefined && typeof inner === 'object' && inner !== null && pick(3) > 0) {
      at = inner as Record<string, unknown>;
      continue;
    }
    const what = pick(3);
    if (key !== undefined && what === 0) delete at[key];
    else if (key !== undefined && what === 1) at[key] = JUNK[pick(JUNK.length)];
    else at[['extra', '__proto__', 'event', 'actor', 'type'][pick(5)] as string] = JUNK[pick(JUNK.length)];
    return copy;
  }
}

describe('malformed lines', () => {
  test('ten thousand: each is refused with its place, or is a line like others and is judged as one', () => {
    const players = playersOf(header);
    const lines = trace(0, 60);
    const findings = new Map<string, number>();
    for (let number = 0; number < 10_000; number++) {
      const pick = chance(19, number);
      const line = malformed(lines[pick(lines.length)], pick);
      let outcome: string;
      try {
        lineFrom(JSON.parse(JSON.stringify(line)), `line ${number}`, players);
        const { verdict, refusal, explained } = checked(header, [line]);
        outcome = verdict;
        // What is left well-formed holds only if it was explained.
        if (verdict === 'holds') expect(explained).toBe(1);
        else expect(refusal?.line, `seed 19, number ${number}`).toBe(2);
      } catch (error) {
        expect(error, `seed 19, number ${number}: ${JSON.stringify(line)}`).toBeInstanceOf(InputError);
        expect((error as InputError).message).toMatch(
          new RegExp(`^line (${number}|2): .*([Ee]xpected|is not a known name)`, 's'),
        );
        outcome = 'bad input';
      }
      findings.set(outcome, (findings.get(outcome) ?? 0) + 1);
    }
    expect(findings.get('bad input')).toBeGreaterThan(5000);
    expect(findings.get('violated')).toBeGreaterThan(100);
  });

  test.each([
    ['', /is empty: expected the header/],
    ['nonsense\n', /line 1: not JSON/],
    ['{"format":"synod-trace/2"}\n', /line 1: /],
    [`${JSON.stringify(header)}\n`, /no lines after the header/],
    [`${JSON.stringify(header)}\n{"event":"received"`, /line 2: not JSON/],
    [`${JSON.stringify(header)}\n${'['.repeat(50_000)}${']'.repeat(50_000)}\n`, /line 2: /],
    [
      `${JSON.stringify(header)}\n{"event":"persisted","actor":"a1","persisted":{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}}\n`,
      /line 2: nested too deeply/,
    ],
    [`${JSON.stringify(header)}\n{"event":"crashed","actor":"z9"}\n`, /line 2: actor: "z9": expected one of/],
    [
      `${JSON.stringify(header)}\n{"event":"applied","actor":"a1","slot":1}\n`,
      /line 2: event: "applied": a1 is an acceptor/,
    ],
    [`${JSON.stringify({ ...header, acceptors: ['a1', 'a1'] })}\n`, /line 1: .*expected/],
  ])('a file is bad input: case %#', async (text, words) => {
    const path = join(folder, 'trace.jsonl');
    writeFileSync(path, text);
    const { status, stderr, stdout } = await synod('trace', 'check', path);
    expect(stderr).toMatch(words);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  });

  test('files of several processes are put together by time, or by turns', async () => {
    const lines = trace(1, 40);
    const first = lines.map((line, at) => ({ ...line, time: at }));
    const paths = header.acceptors.map((_, at) => join(folder, `n${at}.jsonl`));
    const of = (actor: string) =>
      [...actor].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % paths.length;
    for (const timed of [true, false]) {
      paths.forEach((path, at) => {
        const own = (timed ? first : lines).filter(({ actor }) => of(actor) === at);
        writeFileSync(path, [header, ...own].map((line) => `${JSON.stringify(line)}\n`).join(''));
      });
      const { lines: read } = await openTrace(paths);
      const order: string[] = [];
      for await (const { told } of read) order.push(told.actor);
      if (timed) expect(order).toEqual(lines.map(({ actor }) => actor));
      expect(await synod('trace', 'check', ...paths)).toMatchObject({ status: 0 });
    }
  });
});
