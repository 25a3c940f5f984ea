/** `synod history check`: what it says of histories, what it draws, and what it refuses. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type HistoryLine, HistoryReport } from '../../src/history/format.ts';
import { refusal, synod, temporaryFile, temporaryFolder } from './run.ts';

const jsonLines = (lines: readonly unknown[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('');
const invoke = (client: string, command: (HistoryLine & { type: 'invoke' })['command']): HistoryLine => ({
  type: 'invoke',
  client,
  command,
});
const answer = (client: string, value: string | null): HistoryLine => ({
  type: 'return',
  client,
  reply: { value },
});

/** A value is read, and then an older one. */
const stale = [
  invoke('ann', { op: 'set', key: 'x', value: '1' }),
  answer('ann', '1'),
  invoke('ann', { op: 'set', key: 'x', value: '2' }),
  { type: 'unknown', client: 'ann' },
  invoke('bob', { op: 'get', key: 'x' }),
  answer('bob', '2'),
  invoke('bob', { op: 'get', key: 'x' }),
  answer('bob', '1'),
] as const;

describe('a verdict', () => {
  test('of a history that some order explains', async () => {
    const file = temporaryFile('history.jsonl', jsonLines(stale.slice(0, -2)));
    const page = join(temporaryFolder(), 'page.html');
    const told = await synod('history', 'check', file, '--html', page);
    expect(told).toEqual({
      status: 0,
      stderr: `${page}: not written, since there is no history that no order explains\n`,
      stdout: `${file}: 3 operations of 2 clients, 1 without an answer; 1 part without a common key; 2 configurations looked at\n✓ holds: an order of the operations explains every answer\n`,
    });
    expect(existsSync(page)).toBe(false);
  });

  test('of one that none does, with a page', async () => {
    const file = temporaryFile('history.jsonl', jsonLines(stale));
    const page = join(temporaryFolder(), 'page.html');
    const told = await synod('history', 'check', file, '--html', page);
    expect(told).toMatchObject({ status: 1, stderr: '' });
    expect(told.stdout).toContain(
      'No order of the operations explains the answer of line 8: bob is answered 1 to get x; 2 would have fitted.\n  Up to any line before that, an order explains the history.\n',
    );
    expect(told.stdout).toContain(
      '    1  line 1  ann  set x 1 -> 1\n      2  line 3  ann  set x 2 -> no answer\n',
    );
    const html = readFileSync(page, 'utf8');
    expect(html.match(/<g class="offends">/g)).toHaveLength(1);
    expect(html.match(/<g class="in/g)).toHaveLength(3);
    const report = HistoryReport.parse(JSON.parse((await synod('history', 'check', file, '--json')).stdout));
    expect(report).toMatchObject({ verdict: 'violated', violation: { line: 8, order: [1, 3, 5] } });
  });

  test('of one that is not looked at to the end', async () => {
    const file = temporaryFile('history.jsonl', jsonLines(stale.slice(0, -2)));
    const told = await synod('history', 'check', file, '--max-configurations', '1');
    expect(told).toMatchObject({ status: 3, stderr: '' });
    expect(told.stdout).toContain('? incomplete: ');
  });

  test('a name or a value is only ever text in the page', async () => {
    const nasty = `"'<script>&\u0000\ud800</svg>`;
    const lines = [
      invoke(nasty, { op: 'set', key: nasty, value: nasty }),
      answer(nasty, nasty),
      invoke(nasty, { op: 'get', key: nasty }),
      answer(nasty, null),
    ];
    const page = join(temporaryFolder(), 'page.html');
    const file = temporaryFile('history.jsonl', jsonLines(lines));
    expect(await synod('history', 'check', file, '--html', page)).toMatchObject({ status: 1 });
    const html = readFileSync(page, 'utf8');
    expect(html).toContain('&#60;script&#62;');
    expect(html).not.toContain('<script');
    expect(html.match(/<\/svg>/g)).toHaveLength(1);
    expect(html.replaceAll('\n', ' ')).not.toMatch(/[\p{Cc}\p{Cs}]/u);
  });
});

describe('what is refused', () => {
  const [line] = stale;
  test.each([
    ['nothing', '', 'history.jsonl: is empty: expected the lines of a history'],
    ['no JSON', `${jsonLines([line])}{"type":`, 'history.jsonl: line 2: not JSON: '],
    ['a blank line', `\n${jsonLines([line])}`, 'history.jsonl: line 1: not JSON: '],
    ['another type', jsonLines([{ ...line, type: 'ok' }]), 'history.jsonl: line 1: type: "ok": '],
    ['no client', jsonLines([{ ...line, client: '' }]), 'line 1: client: "": expected the name of a client'],
    ['no command', jsonLines([{ ...line, command: { op: 'pop', key: 'x' } }]), 'line 1: command.op: "pop": '],
    ['another name', jsonLines([{ ...line, at: 3 }]), 'line 1: "at": is not a known name here'],
    [
      'an answer to nothing',
      jsonLines([answer('ann', null)]),
      'line 1: "return" of client "ann": expected that it has invoked something before',
    ],
    [
      'two questions at once',
      jsonLines([line, line]),
      'line 2: "invoke" of client "ann": expected the end of its operation of line 1 first',
    ],
    [
      'time that runs back',
      jsonLines([
        { ...line, time: 3 },
        { ...answer('ann', '1'), time: 2 },
      ]),
      'line 2: time: 2: expected 3 or more, the time of a line before it',
    ],
  ])('%s', async (_what, text, expected) => {
    expect(refusal(await synod('history', 'check', temporaryFile('history.jsonl', text)))).toContain(
      expected,
    );
  });

  test('bad options', async () => {
    const file = temporaryFile('history.jsonl', jsonLines(stale));
    for (const count of ['0', 'many', '1e3', '-1'])
      expect(refusal(await synod('history', 'check', file, '--max-configurations', count))).toContain(
        `--max-configurations: "${count}": expected a whole number of 1 or more`,
      );
    expect(refusal(await synod('history', 'check', file, '--html', '/nowhere/page.html'))).toContain(
      'ENOENT',
    );
    expect(refusal(await synod('history', 'check', join(temporaryFolder(), 'none')))).toContain('ENOENT');
  });

  test('whatever else lines may be: one sentence, or a verdict', async () => {
    const good = stale.map((each) => JSON.stringify(each));
    const odd = fc.oneof(
      fc.json(),
      fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\n', '')),
      fc.tuple(fc.constantFrom(...good), fc.nat(), fc.string({ maxLength: 3 })).map(([text, at, other]) => {
        const cut = at % text.length;
        return `${text.slice(0, cut)}${other}${text.slice(cut + other.length)}`.replaceAll('\n', '');
      }),
      fc
        .tuple(
          fc.constantFrom(...stale),
          fc.constantFrom('type', 'client', 'command', 'reply', '__proto__'),
          fc.jsonValue(),
        )
        .map(([each, name, value]) =>
          JSON.stringify(Object.fromEntries([...Object.entries(each), [name, value]])),
        ),
    );
    const statuses = new Map<number | null, number>();
    const check = async (before: readonly string[], line: string) => {
      const file = temporaryFile('history.jsonl', [...before, line].join('\n'));
      const told = await synod('history', 'check', file);
      statuses.set(told.status, (statuses.get(told.status) ?? 0) + 1);
      if (told.status === 2) expect(refusal(told)).toMatch(/history\.jsonl: line \d+: /);
      else expect(told).toMatchObject({ stderr: '' });
    };
    await fc.assert(fc.asyncProperty(fc.subarray(good), odd, check), { numRuns: 200, seed: 6 });
    expect(statuses.get(2)).toBeGreaterThan(100);
    expect([...statuses.keys()].filter((status) => ![0, 1, 2].includes(status ?? -1))).toEqual([]);
  });
});
