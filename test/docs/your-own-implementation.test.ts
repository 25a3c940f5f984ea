import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Answer, Question } from '../../src/foreign/protocol.ts';
import { root } from '../cli/run.ts';
import { has } from '../programs.ts';

const page = readFileSync(join(root, 'docs/your-own-implementation.md'), 'utf8');
/** The exchanges that it shows: a question, then its answer, and so on. */
const exchanges = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text]) =>
  (text as string).trim().split('\n'),
);

test('the lines that the page shows are questions and answers', () => {
  expect(exchanges.map(({ length }) => length)).toEqual([2, 6, 4, 4]);
  for (const line of exchanges.flat().filter((_, at) => at % 2 === 0)) Question.parse(JSON.parse(line));
  for (const line of exchanges.flat().filter((_, at) => at % 2 === 1)) Answer.parse(JSON.parse(line));
});

test.skipIf(!has('python3'))('the acceptor in Python answers as the page says', () => {
  const lines = exchanges.slice(0, 2).flat();
  const questions = lines.filter((_, at) => at % 2 === 0);
  const { stdout } = spawnSync('python3', [join(root, 'examples/python/acceptor.py')], {
    input: `${questions.join('\n')}\n`,
    encoding: 'utf8',
  });
  const said = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(said).toEqual(lines.filter((_, at) => at % 2 === 1).map((line) => JSON.parse(line)));
});
