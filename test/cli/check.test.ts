/** `synod check`: verdicts, reports, a user's own system, what is printed, help. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { exploreNaively, Report } from '../../model-check/index.ts';
import { checkOptions } from '../../src/cli/options.ts';
import { progressLine, told as toldProgress } from '../../src/cli/progress.ts';
import { buildSystem } from '../../src/systems.ts';
import { has } from '../programs.ts';
import { bundled } from './bundle.ts';
import {
  command,
  report,
  reportIn,
  root,
  spawnSynod,
  start,
  synod,
  synodOnPath,
  temporaryFolder,
  timeless,
} from './run.ts';

/** The report's JSON Schema as it is published, read by Zod's own reader of JSON Schema. */
const published = z.fromJSONSchema(
  JSON.parse(readFileSync(join(root, 'docs/schemas/report.schema.json'), 'utf8')),
);

const small = ['paxos', '--acceptors', '2', '--proposers', '2', '--ballots', '1'];
/** Some hundred thousand states: long enough to be stopped. */
const large = ['paxos', '--acceptors', '3', '--proposers', '2', '--ballots', '2', '--crashes', '1'];

describe('exit status and verdict', () => {
  test('0: holds', async () => {
    const ended = await spawnSynod(['check', ...small]);
    expect(ended).toMatchObject({ status: 0, stderr: '' });
    expect(ended.stdout).toMatch(/\n✓ holds in every reachable state, for:\n {2}- 2 acceptors;/);
  });

  test('1: violated, with the story of a shortest run', async () => {
    const ended = await spawnSynod(['check', '--mutant', 'own-value']);
    expect(ended).toMatchObject({ status: 1, stderr: '' });
    expect(ended.stdout).toMatch(/agreement is violated in 8 steps; no run is shorter\./);
    const numbers = [...ended.stdout.matchAll(/^ +(\d+) {2}\S/gm)].map(([, number]) => Number(number));
    expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(ended.stdout).toMatch(/\n {2}=> .* are both chosen\n/);
    expect(ended.stdout).toMatch(/\n✗ violated: .*agreement.* \(by the mutant own-value\)\n/);
  });

  test('2: bad input', async () => {
    expect(await spawnSynod(['check', '--acceptors', '0'])).toEqual({
      status: 2,
      stdout: '',
      stderr: 'synod: --acceptors: 0: expected at least 1 acceptor\n',
    });
  });

  test.skipIf(!existsSync('/dev/full'))(
    '2: the verdict has no place to go, and is not told as another',
    async () => {
      const line = [...command, 'check', ...small].map((word) => `'${word}'`).join(' ');
      for (const [redirection, status, stderr] of [
        [
          '> /dev/full',
          2,
          'synod: standard output: cannot be written (ENOSPC): expected a place with room\n',
        ],
        ['--acceptors 0 2> /dev/full', 2, ''],
        ['2> /dev/full', 0, ''],
      ] as const)
        expect(await start(['sh', '-c', `${line} ${redirection}`]).ended).toMatchObject({ status, stderr });
    },
  );

  test('3: incomplete, by a bound of states', async () => {
    const ended = await spawnSynod(['check', ...large, '--max-states', '5000']);
    expect(ended).toMatchObject({ status: 3, stderr: '' });
    expect(ended.stdout).toMatch(
      /\? incomplete: ended by the bound of 5000 states\. No violation within \d+ steps .*; [\d,]+ states found were not expanded\. Of:\n {2}- 3 acceptors/,
    );
    expect(ended.stdout).not.toMatch(/✓ holds|✓ agreement/);
  });

  test.each([
    ['a bound of states', ['--max-states', '5000'], /^the bound of 5000 states$/],
    ['a limit of time', ['--time-limit', '0.2'], /^the time limit of 0.2 s$/],
    ['a bound of memory', ['--memory', '1MiB'], /^the memory bound of 1048576 bytes$/],
  ])('3: incomplete, by %s, as JSON', async (_, limit, stopped) => {
    const ended = await synod('check', ...large, ...limit, '--json');
    expect(ended).toMatchObject({ status: 3, stderr: '' });
    const { verdict, stopped: by, frontier, properties, counterexample, seconds } = reportIn(ended);
    expect({ verdict, counterexample }).toEqual({ verdict: 'incomplete', counterexample: undefined });
    expect(by).toMatch(stopped);
    expect(frontier).toBeGreaterThan(0);
    expect(new Set(properties.map((property) => property.verdict))).toEqual(new Set(['incomplete']));
    expect(seconds).toBeLessThan(5);
  });

  test('a bound that is not reached changes nothing', async () => {
    const bounded = await report(...small, '--max-states', '100000', '--time-limit', '100');
    expect(timeless(bounded)).toEqual(timeless(await report(...small)));
  });

  test('a violation found before the bound is a violation', async () => {
    const ended = await synod('check', '--mutant', 'own-value', '--max-states', '24', '--json');
    expect(ended.status).toBe(1);
    expect(reportIn(ended)).toMatchObject({ verdict: 'violated', counterexample: { length: 8 } });
  });
});

describe('the report', () => {
  test.each([
    // TLC's count of the module of the same name.
    [['lamport-paxos', '--acceptors', '3', '--values', '2', '--ballots', '2'], 3921, 9442],
    [['consensus', '--values', '3'], 4, 3],
    [['voting', '--acceptors', '3', '--values', '2', '--ballots', '3'], 6752, 26_904],
    [['paxos', '--acceptors', '3', '--proposers', '2', '--ballots', '1', '--crashes', '2'], 19_275, 101_968],
    [
      [
        'paxos',
        '--acceptors',
        '3',
        '--proposers',
        '2',
        '--learners',
        '1',
        '--ballots',
        '1',
        '--crashes',
        '1',
      ],
      45_634,
      242_836,
    ],
  ])('%j has the known counts', async (args, distinctStates, transitions) => {
    expect(await report(...args)).toMatchObject({
      system: args[0],
      verdict: 'holds',
      stopped: null,
      mutant: null,
      frontier: 0,
      distinctStates,
      transitions,
    });
  });

  test('has the counts and lengths of the naive explorer', async () => {
    const configuration = { acceptors: 2, proposers: 2, ballots: 1, crashes: 1 };
    const { system } = buildSystem({ system: 'paxos', configuration, mutant: null }, String);
    const { found, distinctStates, transitions, diameter } = exploreNaively(system);
    const told = await report(...small, '--crashes', '1');
    expect(told).toMatchObject({ distinctStates, transitions, diameter });
    expect(
      Object.fromEntries(
        told.reached.flatMap(({ name, length }) => (length === undefined ? [] : [[name, length]])),
      ),
    ).toEqual(found);
    expect(told.reached.some(({ reached }) => reached)).toBe(true);
  });

  test.each([
    ['holds', [...small, '--json']],
    ['violated', ['--mutant', 'own-value', '--json']],
    ['incomplete', [...large, '--max-states', '1000', '--json']],
    ['holds', [join(root, 'test/cli/fixtures/token.ts'), '--json']],
  ])(
    'of a run that ended in %s is one JSON object, which Zod and the published JSON Schema take',
    async (verdict, args) => {
      const ended = await spawnSynod(['check', ...args]);
      expect(ended.stderr).toBe('');
      expect(reportIn(ended)).toMatchObject({ format: 'synod-report/1', verdict });
      const parsed = published.safeParse(JSON.parse(ended.stdout));
      expect(parsed.error?.issues ?? []).toEqual([]);
    },
  );

  test('Zod and the published JSON Schema refuse the same spoiled reports', async () => {
    const good = await report('--mutant', 'own-value');
    const [first, ...others] = good.counterexample?.steps ?? [];
    const spoiled: Record<string, unknown> = {
      ...Object.fromEntries(
        Object.keys(good)
          .filter((key) => key !== 'counterexample')
          .map((key) => [`without ${key}`, { ...good, [key]: undefined }]),
      ),
      'another format': { ...good, format: 'synod-report/2' },
      'a stranger': { ...good, colour: 'red' },
      'a verdict of no kind': { ...good, verdict: 'maybe' },
      'half a state': { ...good, distinctStates: 1.5 },
      'less than no time': { ...good, seconds: -1 },
      'a mutant that is a number': { ...good, mutant: 1 },
      'a property without verdict': { ...good, properties: [{ ...good.properties[0], verdict: undefined }] },
      'a situation that is perhaps reached': {
        ...good,
        reached: [{ ...good.reached[0], reached: 'perhaps' }],
      },
      'a rule with a text for its count': { ...good, rules: [{ ...good.rules[0], tabulated: '3' }] },
      'a step without event': {
        ...good,
        counterexample: { ...good.counterexample, steps: [{ ...first, event: undefined }, ...others] },
      },
      'a step with a stranger': {
        ...good,
        counterexample: { ...good.counterexample, steps: [{ ...first, mood: 'glad' }, ...others] },
      },
    };
    for (const [what, value] of Object.entries(spoiled)) {
      const json = JSON.parse(JSON.stringify(value));
      expect({ what, zod: Report.safeParse(json).success }).toEqual({ what, zod: false });
      expect({ what, schema: published.safeParse(json).success }).toEqual({ what, schema: false });
    }
  });

  test('says in words what holds covers', async () => {
    const { covers } = await report(...small, '--crashes', '1', '--learners', '1', '--nacks');
    const words = covers.join('\n');
    for (const fact of [/2 acceptors/, /1 learner/, /majorities/, /loss/, /1 crash/, /nacks/]) {
      expect(words).toMatch(fact);
    }
  });

  test('is the same in every run but for time and memory', async () => {
    const args = ['--mutant', 'half-is-a-quorum'];
    expect(timeless(await report(...args))).toEqual(timeless(await report(...args)));
  });
});

describe("a system of a user's own", () => {
  test('that holds', async () => {
    const ended = await spawnSynod(['check', './token.ts', '--json'], {
      cwd: join(root, 'test/cli/fixtures'),
    });
    expect(ended).toMatchObject({ status: 0, stderr: '' });
    expect(reportIn(ended)).toMatchObject({
      system: 'token',
      configuration: { module: './token.ts' },
      verdict: 'holds',
      covers: ['a ring of 3, 5 turns'],
      // The token is held by one of the ring or on its way to the next: 6 turns with a holder, 5 without.
      distinctStates: 11,
      reached: [{ name: 'back', reached: true, length: 6 }],
    });
  });

  test('that is violated, exported by name', async () => {
    const ended = await synod(
      'check',
      join(root, 'test/cli/fixtures/token-kept.ts'),
      '--property',
      'one-holder',
    );
    expect(ended).toMatchObject({ status: 1, stderr: '' });
    expect(ended.stdout).toMatch(/one-holder is violated in 2 steps/);
    expect(ended.stdout).toMatch(
      / {2}1 {2}member north: pass on "pass"\n {2}2 {2}member east: take on .*\n {7}east\.holds: false -> true/,
    );
    expect(ended.stdout).toMatch(/=> north and east hold it/);
  });
});

describe('what is printed', () => {
  const code = '\u001b';

  test.each([
    ['piped', {}, false],
    ['piped, with CI set', { CI: 'true' }, false],
    ['piped, with NO_COLOR set', { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
    ['with FORCE_COLOR set', { FORCE_COLOR: '1' }, true],
  ])('%s: escape codes %o: %s', async (_, env, colored) => {
    const [good, bad] = await Promise.all([
      spawnSynod(['check', '--mutant', 'default-value'], { env }),
      spawnSynod(['check', 'no-such-system'], { env }),
    ]);
    expect([good.status, bad.status]).toEqual([1, 2]);
    expect(good.stdout.includes(code)).toBe(colored);
    expect(bad.stderr.includes(code)).toBe(colored);
    // What Node says of these variables is none of ours.
    expect(
      good.stderr.replace(/^\(node:\d+\) Warning: The 'NO_COLOR'.*\n\(Use `node --trace-warnings.*\n/, ''),
    ).toBe('');
  });

  test('progress goes to a terminal, on one line, and nowhere else', () => {
    const written: string[] = [];
    const spy = vi
      .spyOn(process.stderr, 'write')
      .mockImplementation((text) => written.push(String(text)) > 0);
    const terminal = Object.getOwnPropertyDescriptor(process.stderr, 'isTTY');
    const told = {
      states: 12_345,
      transitions: 1,
      depth: 7,
      frontier: 99,
      seconds: 3.2,
      statesPerSecond: 4000,
    };
    const tell = (quiet: boolean, isTTY: boolean) => {
      Object.defineProperty(process.stderr, 'isTTY', { value: isTTY, configurable: true });
      const line = progressLine(quiet);
      line.show(told);
      line.end();
      return written.splice(0).join('');
    };
    try {
      expect(tell(false, true)).toBe(
        '\r\x1b[2K12,345 states, depth 7, frontier 99, 3 s, 4,000 a second\r\x1b[2K',
      );
      expect(tell(true, true)).toBe('');
      expect(tell(false, false)).toBe('');
    } finally {
      spy.mockRestore();
      if (terminal) Object.defineProperty(process.stderr, 'isTTY', terminal);
      else Reflect.deleteProperty(process.stderr, 'isTTY');
    }
  });
});

test.each([
  [undefined, 60, '2,000 states, depth 7, frontier 1,000, 60 s, 33 a second'],
  [
    { least: 2000, most: 2400 },
    60,
    '2,000 states, depth 7, frontier 1,000, 60 s, perhaps 60 to 84 s left, 33 a second',
  ],
  [
    { least: 3000, most: 4500 },
    60,
    '2,000 states, depth 7, frontier 1,000, 60 s, perhaps 2 to 4 min left, 33 a second',
  ],
  [
    { least: 3000, most: 9000 },
    3600,
    '2,000 states, depth 7, frontier 1,000, 3600 s, perhaps 2 to 8 h left, 1 a second',
  ],
] as const)('of what is left, %j', (expected, seconds, line) => {
  const progress = { states: 2000, transitions: 1, depth: 7, frontier: 1000, seconds };
  const statesPerSecond = Math.round(2000 / seconds);
  expect(toldProgress({ ...progress, statesPerSecond, ...(expected ? { expected } : {}) })).toBe(line);
});

const hasPython = has('python3');

describe('help', () => {
  test.each([
    [[], ['check', 'suite', 'replay', 'list']],
    [['check'], checkOptions.map(({ long }) => long as string)],
    [['suite'], ['--json', '--quiet']],
    [['replay'], ['<file>', '--json']],
    [['list'], ['--json']],
  ])('synod %j --help names what there is', async (args, names) => {
    const ended = await synod(...args, '--help');
    expect(ended).toMatchObject({ status: 0, stderr: '' });
    for (const name of names) expect(ended.stdout).toContain(name);
  });

  test('every example in it runs', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'my-system.ts'), readFileSync(join(root, 'test/cli/fixtures/token.ts')));
    for (const [file, name] of [
      ['acceptor', 'my_acceptor'],
      ['synod', 'synod'],
    ])
      writeFileSync(join(folder, `${name}.py`), readFileSync(join(root, `examples/python/${file}.py`)));
    const env = { PATH: synodOnPath(folder, await bundled()) };
    const help = await Promise.all(
      ['check', 'replay', 'merge'].map((name) => synod(name, '--help').then(({ stdout }) => stdout)),
    );
    const all = help.flatMap((text) =>
      [...text.matchAll(/^ {2}(synod .*)$/gm)].map(([, line]) => line as string),
    );
    expect(all.length).toBeGreaterThanOrEqual(7);
    const examples = all.filter((example) => hasPython || !example.includes('python3'));
    for (const example of examples) {
      const ended = await start(['sh', '-c', example], { cwd: folder, env }).ended;
      const status = /mutant|replay/.test(example) ? 1 : /simulate|merge|max-states/.test(example) ? 3 : 0;
      expect({ example, ...ended }).toMatchObject({ status, stderr: '' });
    }
    expect(readFileSync(join(folder, 'story.mmd'), 'utf8')).toMatch(/^sequenceDiagram\n/);
  });

  test('--version is that of the package', async () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(await synod('--version')).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
  });
});
