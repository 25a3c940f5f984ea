import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { expect, test } from 'vitest';
import { budget } from '../budget.ts';
import { root } from '../cli/run.ts';
import { header, longTrace } from './long.ts';

/** Commands, each of 11 lines of 1.4 kB: 6 MB, and 300 MB at night. */
const commands = budget({ ci: 400, night: 20_000 });
/** MiB that the process has for what it keeps. */
const HEAP = budget({ ci: 32, night: 128 });

test(`a trace of ${commands} commands, from a pipe, is checked in ${HEAP} MiB`, async () => {
  let characters = 0;
  const texts = function* () {
    for (const line of (function* () {
      yield header;
      yield* longTrace(commands, 600);
    })()) {
      const text = `${JSON.stringify(line)}\n`;
      characters += text.length;
      yield text;
    }
  };
  const words = ['--import', join(root, 'register.mjs'), join(root, 'src/cli/main.ts')];
  const limit = `--max-old-space-size=${HEAP}`;
  const child = spawn(process.execPath, [limit, ...words, 'trace', 'check', '-', '--json']);
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const closed = once(child, 'close');
  await pipeline(Readable.from(texts()), child.stdin);
  const [status] = await closed;
  expect([status, stderr]).toEqual([0, '']);
  const { verdict, lines, explained } = JSON.parse(stdout) as Record<string, unknown>;
  expect([verdict, explained]).toEqual(['holds', (lines as number) - 1]);
  expect(lines).toBeGreaterThan(10 * commands);
  expect(characters).toBeGreaterThan(14_000 * commands);
});
