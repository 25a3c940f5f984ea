/** `synod check --simulate` and `synod merge`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { SimulationReport } from '../../model-check/index.ts';
import {
  command,
  type Ended,
  refusal,
  root,
  spawnSynod,
  start,
  surelyBegun,
  synod,
  temporaryFile,
} from './run.ts';

/** The report's JSON Schema as it is published, read by Zod's own reader of JSON Schema. */
const published = z.fromJSONSchema(
  JSON.parse(readFileSync(join(root, 'docs/schemas/simulation.schema.json'), 'utf8')),
);

const broken = ['check', '--mutant', 'half-is-a-quorum', '--simulate', '--walks', '60'];
const sound = ['check', 'paxos', '--acceptors', '2', '--simulate', '--walks', '60'];

function simulationIn({ stdout }: Ended): SimulationReport {
  expect(stdout).toMatch(/^\{"format":"synod-simulation\/1",[^\n]*\}\n$/);
  return SimulationReport.parse(JSON.parse(stdout));
}

function timeless({ seconds, stepsPerSecond, peakMemoryBytes, ...report }: SimulationReport) {
  return report;
}

async function simulated(...args: string[]): Promise<SimulationReport> {
  return simulationIn(await synod(...args, '--json'));
}

describe('check --simulate', () => {
  test('3, incomplete, where nothing is violated: never 0, never holds', async () => {
    const ended = await synod(...sound);
    expect(ended).toMatchObject({ status: 3, stderr: '' });
    expect(ended.stdout).toMatch(/^paxos {2}acceptors 2, .*\n60 walks at random from seed 1, each to where /);
    expect(ended.stdout).toMatch(/\n {2}\? agreement +Only a single value is chosen\. \(requirement\)\n/);
    expect(ended.stdout).toMatch(/\n {2}✓ chosen +a value is chosen \(in \d+ walks\)\n/);
    expect(ended.stdout).toMatch(
      /\n\? incomplete: no violation in 60 walks; random walks do not show .*\n {2}- 2 acc/,
    );
    expect(ended.stdout).not.toMatch(/holds in every|✓ agreement|shard/);
  });

  test('1, violated, with the walk, which a process of its own confirms', async () => {
    const ended = await synod(...broken);
    expect(ended).toMatchObject({ status: 1, stderr: '' });
    expect(ended.stdout).toMatch(
      /\n {2}✗ agreement +violated in \d+ of 60 walks, first in walk 1 after 9 steps: /,
    );
    expect(ended.stdout).toMatch(/\nagreement is violated in 9 steps, in walk 1; shorter runs may exist\. /);
    expect(ended.stdout).not.toMatch(/no run is shorter|none is shorter/);
    const { stdout } = await synod(...broken, '--json');
    const replayed = await spawnSynod(['replay', temporaryFile('found.json', stdout)]);
    expect(replayed).toMatchObject({ status: 1, stderr: '' });
    expect(replayed.stdout).toMatch(
      /\nreplayed 9 steps through the real functions: agreement is violated\n$/,
    );
  });

  test('--json: a report as published, the same each time', async () => {
    for (const args of [sound, broken]) {
      const report = await simulated(...args);
      expect(published.safeParse(report).error).toBeUndefined();
      expect(timeless(await simulated(...args))).toEqual(timeless(report));
    }
  });

  test('another seed, other walks', async () => {
    const { seed, ...one } = timeless(await simulated(...sound, '--seed', '2'));
    expect(seed).toBe(2);
    expect(one).not.toEqual(timeless(await simulated(...sound, '--seed', '3')));
  });

  test('options by file, and some properties only', async () => {
    const file = temporaryFile('walks.json', {
      simulate: true,
      seed: 9,
      walks: 30,
      steps: 4,
      shard: '1/3',
      property: 'agreement',
    });
    const report = await simulated('check', '--config', file);
    expect(report).toMatchObject({ seed: 9, walks: 30, steps: 4, walked: 10, longest: 4, deadEnds: 0 });
    expect(report.shards).toEqual({ of: 3, done: [1] });
    expect(report.properties.map(({ name }) => name)).toEqual(['agreement']);
    const flags = '--simulate --seed 9 --walks 30 --steps 4 --shard 1/3 --property agreement';
    expect(timeless(await simulated('check', ...flags.split(' ')))).toEqual(timeless(report));
  });

  test('a module, and a diagram of what is found', async () => {
    const ended = await synod('check', 'docs/examples/two-phase-commit.ts', '--simulate', '--walks', '50');
    expect(ended).toMatchObject({ status: 3, stderr: '' });
    const file = temporaryFile('story.mmd', '');
    expect((await synod(...broken, '--diagram', file)).status).toBe(1);
    expect(readFileSync(file, 'utf8')).toMatch(/^sequenceDiagram\n[\s\S]* agreement is violated: /);
  });

  test('a limit of time ends it with what was walked', async () => {
    const args = ['check', 'paxos', '--ballots', '3', '--simulate', '--walks', '100000000'];
    const report = await simulated(...args, '--time-limit', '0.3');
    expect(report.stopped).toEqual([{ shard: 0, by: 'the time limit of 0.3 s' }]);
    expect(report.walked).toBeGreaterThan(0);
    expect(report.seconds).toBeLessThan(5);
    const { stdout } = await synod(...args, '--time-limit', '0.3');
    expect(stdout).toMatch(/\nended by the time limit of 0\.3 s\n/);
  });

  test('so does Ctrl-C', async () => {
    const args = ['check', 'paxos', '--ballots', '3', '--simulate', '--walks', '100000000', '--json'];
    const { child, ended } = start([...command, ...args]);
    await surelyBegun();
    child.kill('SIGINT');
    const end = await ended;
    expect({ status: end.status, stderr: end.stderr }).toEqual({ status: 3, stderr: '' });
    const { stopped, walked } = simulationIn(end);
    expect(stopped).toEqual([{ shard: 0, by: 'an interrupt' }]);
    expect(walked).toBeGreaterThan(0);
  });

  test('--help has an example', async () => {
    const { stdout } = await synod('check', '--help');
    expect(stdout).toMatch(/\n {2}synod check .*--simulate .*--seed 7 --shard 0\/4 --json > walks-0\.json\n/);
    expect((await synod('merge', '--help')).stdout).toMatch(/\n {2}synod merge walks-\*\.json\n/);
  });

  test.each([
    [
      '--simulate --symmetry on',
      '--symmetry: "on": random walks make no use of symmetry: expected none with --simulate',
    ],
    [
      '--simulate --passive on',
      '--passive: "on": random walks take the steps of every actor: expected none with --simulate',
    ],
    [
      '--simulate --max-states 9',
      '--max-states: 9: random walks count no states (--walks and --time-limit bound them): expected none with --simulate',
    ],
    [
      '--simulate --memory 4GiB',
      '--memory: "4GiB": random walks keep no states (--walks and --time-limit bound them): expected none with --simulate',
    ],
    ['--seed 7', '--seed: 7: is for random walks: expected --simulate with it'],
    ['--shard 0/4', '--shard: "0/4": is for random walks: expected --simulate with it'],
    ['--walks 7', '--walks: 7: is for random walks: expected --simulate with it'],
    ['--steps 7', '--steps: 7: is for random walks: expected --simulate with it'],
    ['--simulate --seed -1', '--seed: -1: expected 0 or more'],
    ['--simulate --seed x', '--seed: "x": expected a whole number'],
    ['--simulate --seed 99999999999999999999', '--seed: 100000000000000000000: expected a whole number'],
    ['--simulate --walks 0', '--walks: 0: expected at least 1 walk'],
    ['--simulate --walks 1.5', '--walks: 1.5: expected a whole number of walks'],
    ['--simulate --steps 0', '--steps: 0: expected at least 1 step'],
    ...['4/4', '0/0', '-1/4', '1', '1/2/3', '0/100001', 'x/2', '1.5/2'].map((shard) => [
      `--simulate --shard ${shard}`,
      `--shard: "${shard}": expected i/n, i from 0 to n - 1 and n at most 100000, such as 0/8`,
    ]),
  ])('%s is refused', async (line, sentence) => {
    expect(refusal(await synod('check', ...line.split(' ')))).toBe(sentence);
  });

  test('symmetry off makes sense; an option in a file is told by its place', async () => {
    expect((await synod(...sound, '--symmetry', 'off')).status).toBe(3);
    const file = temporaryFile('walks.json', { simulate: true, memory: '4GiB' });
    expect(refusal(await synod('check', '--config', file))).toBe(
      `${file}: memory: "4GiB": random walks keep no states (--walks and --time-limit bound them): expected none with --simulate`,
    );
  });
});

describe('merge', () => {
  const shard = async (index: number, of: number, ...args: string[]) =>
    (await synod(...(args.length > 0 ? args : broken), '--shard', `${index}/${of}`, '--json')).stdout;

  test('all shards, from files: the report of one run', async () => {
    const files: string[] = [];
    for (const index of [2, 0, 1]) files.push(temporaryFile(`walks-${index}.json`, await shard(index, 3)));
    const ended = await synod('merge', ...files, '--json');
    expect(ended).toMatchObject({ status: 1, stderr: '' });
    const { shards, ...merged } = timeless(simulationIn(ended));
    const { shards: _, ...whole } = timeless(await simulated(...broken));
    expect(merged).toEqual(whole);
    expect(shards).toEqual({ of: 3, done: [0, 1, 2], missing: [] });
    expect(published.safeParse(JSON.parse(ended.stdout)).error).toBeUndefined();
    const { stdout } = await synod('merge', ...files);
    const lines = (text: string) => text.split('\n').filter((line) => !/ a second|^shards/.test(line));
    expect(lines(stdout)).toEqual(lines((await synod(...broken)).stdout));
    expect(stdout).toMatch(/\nshards 0-2 of 3, numbered from 0; all shards have 60 walks\n/);
    expect((await synod('replay', temporaryFile('merged.json', ended.stdout))).status).toBe(1);
  });

  test('some shards, from standard input: what is missing is said', async () => {
    const input = `${await shard(4, 6, ...sound)}\n${await shard(0, 6, ...sound)}${await shard(1, 6, ...sound)}`;
    const ended = await spawnSynod(['merge', '-'], { input });
    expect(ended).toMatchObject({ status: 3, stderr: '' });
    expect(ended.stdout).toMatch(
      /\nshards 0-1, 4 of 6, numbered from 0; all shards have 60 walks; missing: shards 2-3, 5\n/,
    );
    expect(ended.stdout).toMatch(/\n30 walks at random /);
  });

  test('a report of a module, which need not be there', async () => {
    const { stdout } = await synod('check', 'docs/examples/two-phase-commit.ts', '--simulate', '--json');
    const moved = stdout.replace('docs/examples/two-phase-commit.ts', './elsewhere.ts');
    expect((await synod('merge', temporaryFile('moved.json', moved))).status).toBe(3);
  });

  test('what does not belong together is refused, with the place', async () => {
    const [one, two] = [
      temporaryFile('one.json', await shard(0, 3)),
      temporaryFile('two.json', await shard(1, 4)),
    ];
    expect(refusal(await synod('merge', one, two))).toBe(`${two}: shards.of: 4: expected 3, as in ${one}`);
    expect(refusal(await synod('merge', one, one))).toBe(
      `${one}: shards.done: 0: expected each shard once, and ${one} has it`,
    );
    const lines = temporaryFile(
      'lines.json',
      `${await shard(0, 3)}${await shard(1, 3, ...broken, '--seed', '2')}`,
    );
    expect(refusal(await synod('merge', lines))).toBe(
      `${lines}: line 2: seed: 2: expected 1, as in ${lines}: line 1`,
    );
    const text = temporaryFile('text.json', 'nothing');
    expect(refusal(await synod('merge', text))).toMatch(/text\.json: not JSON: /);
    const check = temporaryFile('check.json', (await synod('check', 'consensus', '--json')).stdout);
    expect(refusal(await synod('merge', check))).toBe(
      `${check}: format: "synod-report/1": expected "synod-simulation/1"`,
    );
    expect(refusal(await synod('merge', 'no-such-file.json'))).toBe(
      'no-such-file.json: cannot be read (ENOENT): expected a JSON file',
    );
    expect(refusal(await synod('merge'))).toMatch(/files/);
  });
});
