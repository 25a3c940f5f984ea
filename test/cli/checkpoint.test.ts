/** Checkpoint files and --resume, on the command line and in files; processes that are killed are in kill.ts. */
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Checkpoint } from '../../model-check/index.ts';
import { openCheckpoint, writeCheckpoint } from '../../src/cli/checkpoint.ts';
import { InputError } from '../../src/input-error.ts';
import { killedAndResumed } from './kill.ts';
import {
  command,
  folderForAll,
  refusal,
  reportIn,
  root,
  start,
  synod,
  temporaryFile,
  temporaryFolder,
  timeless,
} from './run.ts';

const last = (folder: string) => join(folder, 'run.checkpoint');

describe('a run that a limit ends', () => {
  test.each([
    ['paxos', '--crashes 1', 3000],
    ['a mutant that breaks agreement', '--mutant own-value --acceptors 3', 800],
    ['another, before its level is done', '--mutant promise-counted-twice --property agreement', 2500],
    ['symmetry', 'lamport-paxos --ballots 2 --symmetry on', 200],
    ['observers, and a module', './docs/examples/two-phase-commit.ts', 40],
    ['a configuration from a file', '--config bounds.json', 1000],
  ])('and that is gone on with, ends as one that is not: %s', async (_name, asked, maxStates) => {
    const folder = temporaryFolder();
    const bounds = temporaryFile('bounds.json', { system: 'paxos', learners: 1, maxStates: 100_000 });
    const args = asked.split(' ').map((arg) => (arg === 'bounds.json' ? bounds : arg));
    const straight = reportIn(await synod('check', ...args, '--json'));
    const limited = ['--max-states', `${maxStates}`, '--checkpoint', last(folder), '--json'];
    const first = await synod('check', ...args, ...limited);
    expect(reportIn(first)).toMatchObject({ stopped: `the bound of ${maxStates} states` });
    const rest = await synod('check', '--resume', last(folder), '--json');
    expect(timeless(reportIn(rest))).toEqual(timeless(straight));
    expect(rest.status).toBe({ holds: 0, violated: 1, incomplete: 3 }[straight.verdict]);
    expect(reportIn(rest).seconds).toBeGreaterThan(openCheckpoint(last(folder)).run.position.seconds);
  });

  test('saves to the file that it was resumed from, or to another if it is told so', async () => {
    const folder = temporaryFolder();
    const [one, two] = [join(folder, 'one'), join(folder, 'two')];
    const expanded = (path: string) => openCheckpoint(path).run.position.cursor;
    await synod('check', '--crashes', '1', '--max-states', '1000', '--checkpoint', one);
    const first = expanded(one);
    await synod('check', '--resume', one, '--max-states', '3000');
    const second = expanded(one);
    expect(second).toBeGreaterThan(first);
    await synod('check', '--resume', one, '--max-states', '6000', '--checkpoint', two);
    expect(expanded(one)).toBe(second);
    expect(expanded(two)).toBeGreaterThan(second);
  });

  test('by a signal, SIGTERM as well, saves what it has', async () => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      const file = last(temporaryFolder());
      const { child, ended } = start([
        ...command,
        'check',
        '--ballots',
        '2',
        '--checkpoint',
        file,
        '--every',
        '0.3',
        '--json',
      ]);
      while (!existsSync(file) && child.exitCode === null) await sleep(10);
      child.kill(signal);
      const report = reportIn(await ended);
      expect(report).toMatchObject({ verdict: 'incomplete', stopped: 'an interrupt' });
      const { states, transitions } = openCheckpoint(file).run.position;
      expect({ states, transitions }).toEqual({
        states: report.distinctStates,
        transitions: report.transitions,
      });
    }
  });
});

test('a process that is killed again and again comes to the same end', async () => {
  await killedAndResumed('--crashes 1 --ballots 2,1 --acceptors 2 --learners 1', { seed: 3, kills: 3 });
});

/** A checkpoint of a small run, as a file. */
let whole: Buffer;
const shared = folderForAll();
beforeAll(async () => {
  await synod('check', '--max-states', '200', '--checkpoint', last(shared));
  whole = readFileSync(last(shared));
});

const damaged = (bytes: Buffer | string) => {
  const file = last(temporaryFolder());
  writeFileSync(file, bytes);
  return file;
};

describe('a checkpoint that is not as it was written is refused', () => {
  test('with any byte another', () => {
    const file = last(temporaryFolder());
    fc.assert(
      fc.property(fc.nat({ max: whole.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, bits) => {
        const bytes = Buffer.from(whole);
        bytes[at] = (bytes[at] as number) ^ bits;
        writeFileSync(file, bytes);
        expect(() => openCheckpoint(file)).toThrow(InputError);
      }),
      { numRuns: 600 },
    );
    writeFileSync(file, whole);
    expect(openCheckpoint(file).run.position.states).toBeGreaterThan(200);
  });

  test('cut short, or with something after it', () => {
    const file = last(temporaryFolder());
    fc.assert(
      fc.property(fc.nat({ max: whole.length - 1 }), (length) => {
        writeFileSync(file, whole.subarray(0, length));
        expect(() => openCheckpoint(file)).toThrow(InputError);
      }),
      { numRuns: 100 },
    );
    writeFileSync(file, Buffer.concat([whole, Buffer.from('x')]));
    expect(() => openCheckpoint(file)).toThrow(InputError);
  });

  const text = () => whole.toString('latin1');
  test.each<[string, () => Buffer | string, RegExp]>([
    ['nothing', () => '', /: it begins with "": expected a checkpoint/],
    [
      'another file',
      () => '{"format":"synod-report/1"}',
      /: it begins with ".*synod-report.*": expected a checkpoint/,
    ],
    ['half of it', () => whole.subarray(0, whole.length >> 1), /: \d+ bytes long: expected \d+/],
    [
      'a changed word',
      () => {
        const bytes = Buffer.from(whole);
        bytes[whole.length - 100] = (bytes[whole.length - 100] as number) ^ 4;
        return bytes;
      },
      /: its content is not what its checksum says: expected it as it was written$/,
    ],
    [
      'another version of Synod',
      () => Buffer.from(text().replace('"version":"', '"version":"9.'), 'latin1'),
      /: "synod-checkpoint\/1" of synod "9\.[\d.]+": expected "synod-checkpoint\/1" of synod "\d/,
    ],
    [
      'another format',
      () => Buffer.from(text().replace('synod-checkpoint/1', 'synod-checkpoint/2'), 'latin1'),
      /"synod-checkpoint\/2" of synod/,
    ],
  ])('%s', async (_name, bytes, sentence) => {
    const file = damaged(bytes());
    const line = refusal(await synod('check', '--resume', file));
    expect(line.startsWith(`${file}: `)).toBe(true);
    expect(line).toMatch(sentence);
  });

  test('with a module that answers otherwise by now', async () => {
    const folder = temporaryFolder();
    const module = join(folder, 'counter.mjs');
    const text = readFileSync(join(root, 'test/cli/fixtures/counter.mjs'), 'utf8');
    writeFileSync(module, text);
    const run = (...args: string[]) => start([...command, 'check', ...args]).ended;
    expect(await run(module, '--max-states', '50', '--checkpoint', last(folder))).toMatchObject({
      status: 3,
    });
    const kept = join(folder, 'kept');
    copyFileSync(last(folder), kept);
    writeFileSync(module, text.replace('at + 1', 'at + 2'));
    expect(refusal(await run('--resume', last(folder)))).toMatch(
      /run\.checkpoint: .*counter\.mjs does not answer as it did when this was written: expected the specification to be the same$/,
    );
    expect(readFileSync(last(folder)).equals(readFileSync(kept))).toBe(true);
    writeFileSync(module, text);
    expect(await run('--resume', last(folder))).toMatchObject({ status: 0 });
  });
});

describe('what is asked wrongly is refused', () => {
  test.each<[string, RegExp]>([
    ['--resume ./nowhere', /^\.\/nowhere: cannot be read \(ENOENT\): expected a checkpoint/],
    ['--resume .', /^\.: cannot be read \(EISDIR\): expected a checkpoint/],
    [
      'paxos --resume x',
      /^system: "paxos": the checkpoint says what is checked: expected with --resume only --max-states/,
    ],
    ['--resume x --acceptors 3', /^--acceptors: 3: the checkpoint says what is checked/],
    ['--resume x --symmetry on', /^--symmetry: "on": the checkpoint says/],
    ['--resume x --property agreement', /^--property: \["agreement"\]: the checkpoint says/],
    ['--every 5', /^--every: 5: is the time between checkpoints: expected --checkpoint with it$/],
    ['--checkpoint x --every 0', /^--every: 0: expected a number of seconds, more than 0$/],
    ['--checkpoint ./no/such/x', /^\.\/no\/such\/x: cannot be written \(ENOENT\)/],
    ['--checkpoint .', /^\.: cannot be written \(EISDIR\)/],
    [
      '--simulate --checkpoint x',
      /^--checkpoint: "x": random walks keep no states.*expected none with --simulate$/,
    ],
    ['--simulate --resume x', /^--resume: "x"/],
  ])('%s', async (args, sentence) => {
    expect(refusal(await synod('check', ...args.split(' ')))).toMatch(sentence);
  });
});

test('what cannot be written leaves the file as it was, and nothing beside it', () => {
  const file = damaged(whole);
  const { recipe, run } = openCheckpoint(file);
  const full = (): Checkpoint => ({
    position: run.position,
    words: 100,
    *pieces() {
      yield new Int32Array(50);
      throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
    },
  });
  expect(() => writeCheckpoint(file, recipe, full())).toThrow(
    /: no checkpoint written \(ENOSPC\): expected a file that can be written, and room for \d+ bytes$/,
  );
  expect(readFileSync(file).equals(whole)).toBe(true);
  expect(existsSync(`${file}.part`)).toBe(false);
});
