/**
 * npm run bench: how fast the engine is and what a state costs in memory, beside Spin, a hand-written search in C++ and a bare
 * hash table, on the same state spaces, in one run on one machine. Exits with 1 if anything counts something else than it must.
 *
 *   --full        also the space of 10^8 states, which takes minutes
 *   --smallest    only see that it works, on spaces of a few thousand states
 *   --times N     run each row N times and take the best; 3 by default
 *   --json FILE   write the run
 *   --svg FILE    draw it
 *   --docs        write it to docs/benchmark.json, .svg and .md
 *   --from FILE   do all that with a run that was written, and measure nothing
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { InputError, oneLine, thrown } from '../../src/input-error.ts';
import { picture } from './picture.ts';
import { type Run, readRun } from './results.ts';
import { runBenchmark } from './run.ts';
import { smallestSpaces, spaces } from './spaces.ts';
import { document, filled } from './table.ts';

const DOCS = new URL('../../docs/', import.meta.url);

const options = {
  full: { type: 'boolean', default: false },
  smallest: { type: 'boolean', default: false },
  times: { type: 'string', default: '3' },
  json: { type: 'string' },
  svg: { type: 'string' },
  docs: { type: 'boolean', default: false },
  from: { type: 'string', multiple: true },
} as const;

async function main(args: readonly string[]) {
  const { full, smallest, times, json, svg, docs, from } = parse(args);
  const run = from
    ? readRun(from.map((path) => ({ path, text: read(path) })))
    : await runBenchmark(
        smallest ? smallestSpaces : spaces.filter(({ large }) => full || !large),
        smallest ? 1 : timesOf(times),
        (line) => process.stderr.write(`${line}\n`),
      );
  process.stdout.write(`${document(run)}\n`);
  if (json !== undefined) writeFileSync(json, jsonOf(run));
  if (svg !== undefined) writeFileSync(svg, picture(run));
  if (docs) writeDocs(run);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new InputError(oneLine(thrown(error)));
  }
}

function timesOf(text: string): number {
  const times = Number(text);
  if (Number.isInteger(times) && times >= 1 && times <= 100) return times;
  throw new InputError(`--times: ${text}: expected a whole number from 1 to 100`);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new InputError(`--from: ${oneLine(thrown(error))}: expected a file that --json wrote`);
  }
}

function jsonOf(run: Run): string {
  return `${JSON.stringify(run, null, 2)}\n`;
}

function writeDocs(run: Run) {
  const page = new URL('benchmark.md', DOCS);
  writeFileSync(new URL('benchmark.json', DOCS), jsonOf(run));
  writeFileSync(new URL('benchmark.svg', DOCS), picture(run));
  writeFileSync(page, filled(readFileSync(page, 'utf8'), run));
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`npm run bench: ${oneLine(thrown(error))}\n`);
  process.exitCode = error instanceof InputError ? 2 : 1;
}
