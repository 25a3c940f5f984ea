/** `synod check`: verdicts, reports, options by flag and by file, a user's own system, help. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { exploreNaively, Report } from '../../model-check/index.ts';
import { PaxosConfiguration } from '../../spec/index.ts';
import { mutants } from '../../spec/mutants/index.ts';
import { checkOptions } from '../../src/cli/options.ts';
import { progressLine, told as toldProgress } from '../../src/cli/progress.ts';
import { buildSystem, systems } from '../../src/systems.ts';
import { has } from '../programs.ts';
import { bundled } from './bundle.ts';
import {
  reportIn,
  root,
  spawnSynod,
  start,
  synod,
  synodOnPath,
  temporaryFile,
  temporaryFolder,
  timeless,
} from './run.ts';

/** The report's JSON Schema as it is published, read by Zod's own reader of JSON Schema. */
const published = z.fromJSONSchema(
  JSON.parse(readFileSync(join(root, 'docs/schemas/report.schema.json'), 'utf8')),
);

async function report(...args: string[]): Promise<Report> {
  return reportIn(await synod('check', ...args, '--json'));
}

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

describe('options', () => {
  const quorums = { phase1: [['a1', 'a2']], phase2: [['a1'], ['a2']] };
  const apart = { phase1: [['a1']], phase2: [['a2']] };
  /** By flag, and the same by file. `{quorums}` stands for the path of a file of those quorums. */
  const requests: readonly { readonly flags: readonly string[]; readonly file: Record<string, unknown> }[] = [
    {
      flags: [
        'paxos',
        '--acceptors',
        '2',
        '--proposers',
        '2',
        '--learners',
        '1',
        '--ballots',
        '2,1',
        '--values',
        '1',
      ],
      file: { system: 'paxos', acceptors: 2, proposers: 2, learners: 1, ballots: [2, 1], values: 1 },
    },
    {
      flags: [
        '--acceptors',
        '1',
        '--crashes',
        '1',
        '--nacks',
        '--property',
        'agreement',
        '--property',
        'P2c',
        '--quiet',
      ],
      file: { acceptors: 1, crashes: 1, nacks: true, property: ['agreement', 'P2c'], quiet: true },
    },
    {
      flags: [
        '--acceptors',
        '2',
        '--quorums',
        '{quorums}',
        '--learners',
        '2',
        '--learning',
        'distinguished',
        '--distinguished',
        '1',
      ],
      file: { acceptors: 2, quorums, learners: 2, learning: 'distinguished', distinguished: 1 },
    },
    {
      flags: ['--acceptors', '2', '--quorums', '{apart}', '--allow-disjoint-quorums'],
      file: { acceptors: 2, quorums: apart, allowDisjointQuorums: true },
    },
    {
      flags: ['--acceptors', '2', '--symmetry', 'on', '--passive', 'on', '--memory', '1.5GiB'],
      file: { acceptors: 2, symmetry: 'on', passive: 'on', memory: '1.5GiB' },
    },
    {
      flags: ['--acceptors', '2', '--workers', '2'],
      file: { acceptors: 2, workers: 2 },
    },
    {
      flags: ['--mutant', 'own-value', '--max-states', '20'],
      file: { mutant: 'own-value', maxStates: 20 },
    },
    {
      flags:
        'multi-paxos --acceptors 1 --leaders 1 --replicas 1 --slots 2 --commands 1 --window 1 --requests any'.split(
          ' ',
        ),
      file: {
        system: 'multi-paxos',
        acceptors: 1,
        leaders: 1,
        replicas: 1,
        slots: 2,
        commands: 1,
        window: 1,
        requests: 'any',
      },
    },
    {
      flags:
        'multi-paxos --acceptors 1 --leaders 1 --replicas 1 --slots 1 --clients r --reads log --snapshots'.split(
          ' ',
        ),
      file: {
        system: 'multi-paxos',
        acceptors: 1,
        leaders: 1,
        replicas: 1,
        slots: 1,
        clients: 'r',
        reads: 'log',
        snapshots: true,
      },
    },
    {
      flags:
        'multi-paxos --acceptors 1 --replicas 2 --slots 1 --election timely --catch-up --max-states 500'.split(
          ' ',
        ),
      file: {
        system: 'multi-paxos',
        acceptors: 1,
        replicas: 2,
        slots: 1,
        election: 'timely',
        catchUp: true,
        maxStates: 500,
      },
    },
    {
      flags:
        'multi-paxos --acceptors 1 --replicas 1 --slots 2 --window 1 --commands 1 --reconfigure a2 --learning distinguished'.split(
          ' ',
        ),
      file: {
        system: 'multi-paxos',
        acceptors: 1,
        slots: 2,
        window: 1,
        commands: 1,
        replicas: 1,
        learning: 'distinguished',
        reconfigure: 'a2',
      },
    },
    {
      flags: 'replicated-log --decider single-server --slots 1 --crashes 1 --unrepaired'.split(' '),
      file: { system: 'replicated-log', decider: 'single-server', slots: 1, crashes: 1, unrepaired: true },
    },
    {
      flags: ['lamport-paxos', '--acceptors', '2', '--values', '1', '--ballots', '2', '--time-limit', '60'],
      file: { system: 'lamport-paxos', acceptors: 2, values: 1, ballots: 2, timeLimit: 60 },
    },
  ];

  test.each(requests)('by flag and by file: $flags', async ({ flags, file }) => {
    const paths: Record<string, unknown> = { '{quorums}': quorums, '{apart}': apart };
    const given = flags.map((flag) => (flag in paths ? temporaryFile('quorums.json', paths[flag]) : flag));
    const byFlag = await report(...given);
    const config = temporaryFile('options.json', file);
    expect(timeless(await report('--config', config))).toEqual(timeless(byFlag));
    // `json` is an option as well.
    const json = temporaryFile('options.json', { ...file, json: true });
    expect(timeless(reportIn(await synod('check', '--config', json)))).toEqual(timeless(byFlag));
    // What was asked for is what was checked.
    const asked = Object.entries(file).filter(([name]) => name in byFlag.configuration);
    for (const [name, value] of asked) expect(byFlag.configuration[name]).toEqual(value);
  });

  test('the diagram by flag and by file is the same', async () => {
    const folder = temporaryFolder();
    const [byFlag, byFile] = [join(folder, 'flag.mmd'), join(folder, 'file.mmd')];
    await synod('check', '--mutant', 'own-value', '--diagram', byFlag);
    await synod('check', '--config', temporaryFile('options.json', { mutant: 'own-value', diagram: byFile }));
    expect(readFileSync(byFile, 'utf8')).toBe(readFileSync(byFlag, 'utf8'));
  });

  test('those are all options there are', () => {
    const named = new Set([
      ...requests.flatMap(({ file }) => Object.keys(file)),
      'json',
      'diagram',
      'config',
      // checkpoint.test.ts gives these.
      ...['checkpoint', 'every', 'resume'],
      // simulate.test.ts gives these by flag and by file.
      ...['simulate', 'seed', 'walks', 'steps', 'shard'],
      // The tests in test/foreign/ give these.
      ...['acceptor', 'proposer', 'learner', 'leader', 'replica', 'patience', 'maxDeliveries'],
      // results.test.ts, itf.test.ts and explore.test.ts give these.
      ...['junit', 'markdown', 'itf', 'open'],
    ]);
    expect(new Set(checkOptions.map((option) => option.attributeName()))).toEqual(
      new Set([...named].filter((name) => name !== 'system')),
    );
    for (const { configuration } of systems) {
      for (const option of Object.keys(configuration.shape)) expect(named).toContain(option);
    }
  });

  test('a flag wins over the file, and the rest of the file stays', async () => {
    const file = { system: 'paxos', acceptors: 3, proposers: 1, ballots: 2, property: 'P2', maxStates: 1 };
    const config = temporaryFile('options.json', file);
    const flags = ['--acceptors', '1', '--property', 'agreement', '--max-states', '1000'];
    const { configuration, properties, verdict } = await report('--config', config, ...flags);
    expect(configuration).toMatchObject({ acceptors: 1, proposers: 1, ballots: 2 });
    expect({ verdict, names: properties.map(({ name }) => name) }).toEqual({
      verdict: 'holds',
      names: ['agreement'],
    });
    const voting = temporaryFile('options.json', { system: 'paxos', acceptors: 2, ballots: 1 });
    expect(await report('voting', '--config', voting)).toMatchObject({ system: 'voting' });
  });

  test('--property: those only, in the order of the system, violated or not', async () => {
    const two = await report(...small, '--property', 'P2c', '--property', 'agreement');
    expect(two.properties.map(({ name }) => name)).toEqual(['agreement', 'P2c']);
    const spared = await report('--mutant', 'own-value', '--property', 'validity');
    expect([spared.verdict, spared.counterexample]).toEqual(['holds', undefined]);
    const lemma = await report('--mutant', 'own-value', '--property', 'P2c');
    expect(lemma).toMatchObject({ verdict: 'violated', counterexample: { property: 'P2c', length: 7 } });
  });

  test('--symmetry on: one state of each orbit, and the same verdicts', async () => {
    const [all, orbits] = [await report(...small), await report(...small, '--symmetry', 'on')];
    // Renaming the two acceptors.
    expect(orbits.symmetry).toMatchObject({ order: 2, represented: all.distinctStates });
    expect(orbits.distinctStates).toBeLessThan(all.distinctStates);
    const verdicts = ({ verdict, properties }: Report) => [
      verdict,
      ...properties.map((each) => each.verdict),
    ];
    expect(verdicts(orbits)).toEqual(verdicts(all));
    const broken = await report('--mutant', 'half-is-a-quorum', '--symmetry', 'on');
    expect(broken.counterexample).toMatchObject({ property: 'agreement', length: 8 });
  });

  test('--passive on: learners looked at apart, and the same verdicts', async () => {
    const learner = [...small, '--learners', '1'];
    const [all, apart] = [await report(...learner), await report(...learner, '--passive', 'on')];
    expect(apart.passive).toMatchObject({ actors: ['l1'], represented: all.distinctStates });
    expect(apart.distinctStates).toBeLessThan(all.distinctStates);
    expect([apart.verdict, apart.properties]).toEqual([all.verdict, all.properties]);
    const { stdout } = await synod('check', ...learner, '--passive', 'on');
    expect(stdout).toContain('l1 looked at apart');
    const broken = ['check', '--mutant', 'learner-believes-one', '--passive', 'on'];
    expect((await synod(...broken)).stdout).toContain('no actor is looked at apart: what is violated');
    expect((await synod('check', ...small, '--passive', 'on')).stdout).toContain('no actor is passive');
  });

  test('--workers: several threads, and the same report', async () => {
    const counted = async (...flags: string[]) => {
      const { seconds, statesPerSecond, peakMemoryBytes, ...rest } = await report(...flags);
      expect(seconds * statesPerSecond * peakMemoryBytes).toBeGreaterThan(0);
      return rest;
    };
    const large = ['lamport-paxos', '--ballots', '3'];
    const alone = await counted(...large);
    expect(alone.distinctStates).toBe(185_369);
    for (const workers of ['2', '3']) expect(await counted(...large, '--workers', workers)).toEqual(alone);
  });

  const quick = mutants.filter(({ hears, smallest }) => !hears && (smallest.acceptors ?? 3) <= 2);
  test.each(quick)('--mutant $name alone takes its smallest configuration', async ({ name, smallest }) => {
    const { mutant, configuration, verdict, properties } = await report('--mutant', name);
    expect(mutant).toBe(name);
    expect(configuration).toEqual(PaxosConfiguration.parse(smallest));
    const requirements = properties.filter(({ kind }) => kind === 'requirement');
    expect({ verdict, broken: requirements.some((property) => property.verdict === 'violated') }).toEqual({
      verdict: 'violated',
      broken: true,
    });
  });

  test('--mutant with another bound takes that, and the rest from its smallest configuration', async () => {
    const { configuration } = await report(
      '--mutant',
      'half-is-a-quorum',
      '--acceptors',
      '1',
      '--crashes',
      '1',
    );
    expect(configuration).toMatchObject({ acceptors: 1, proposers: 2, ballots: 1, crashes: 1 });
  });

  test('--quorums: they are what is checked', async () => {
    const file = temporaryFile('quorums.json', {
      phase1: [['a1', 'a2', 'a3']],
      phase2: [['a1'], ['a2'], ['a3']],
    });
    const told = await report('--quorums', file);
    expect(told).toMatchObject({ verdict: 'holds', distinctStates: 1225, transitions: 3715 });
    expect(told.covers.join('\n')).toMatch(
      /phase 1 quorums \{a1, a2, a3\}; phase 2 quorums \{a1\} \{a2\} \{a3\}/,
    );
  });

  test('--quorums: a grid or weights, spelled out in what is covered', async () => {
    const grid = temporaryFile('grid.json', { grid: [['a1', 'a2', 'a3']] });
    expect((await report('--quorums', grid)).covers.join('\n')).toMatch(
      /phase 1 quorums \{a1, a2, a3\}; phase 2 quorums \{a1\} \{a2\} \{a3\}/,
    );
    const weights = temporaryFile('weights.json', { weights: { a1: 2, a2: 1, a3: 1 }, phase2: 2 });
    expect((await report('--quorums', weights)).covers.join('\n')).toMatch(
      /phase 1 quorums \{a1, a2\} \{a1, a3\}; phase 2 quorums \{a1\} \{a2, a3\}/,
    );
  });

  test('--allow-disjoint-quorums shows what happens otherwise', async () => {
    const file = temporaryFile('quorums.json', apart);
    const told = await report('--acceptors', '2', '--quorums', file, '--allow-disjoint-quorums');
    expect(told.verdict).toBe('violated');
    expect(told.properties).toContainEqual(
      expect.objectContaining({ name: 'agreement', verdict: 'violated' }),
    );
  });

  test('--learning distinguished: acceptors tell the distinguished learner only, which tells the rest', async () => {
    const bounds = ['--acceptors', '1', '--proposers', '1', '--learners', '2'];
    const all = await report(...bounds);
    const one = await report(...bounds, '--learning', 'distinguished');
    const two = await report(...bounds, '--learning', 'distinguished', '--distinguished', '2');
    const fires = ({ rules }: Report) =>
      (rules.find(({ name }) => name === 'learn-decision')?.tabulated ?? 0) > 0;
    expect([all, one, two].map(fires)).toEqual([false, true, false]);
    expect([all, one, two].map(({ verdict }) => verdict)).toEqual(['holds', 'holds', 'holds']);
    expect(one.covers.join('\n')).toMatch(/l1 told of votes, the rest by decision/);
  });

  test('--nacks: refusals are answered', async () => {
    const fires = ({ rules }: Report) => (rules.find(({ name }) => name === 'nack')?.tabulated ?? 0) > 0;
    expect([fires(await report(...small)), fires(await report(...small, '--nacks'))]).toEqual([false, true]);
  });

  test('--diagram of a run that holds writes nothing, and says so', async () => {
    const path = join(temporaryFolder(), 'story.mmd');
    const ended = await synod('check', ...small, '--diagram', path);
    expect(ended).toMatchObject({
      status: 0,
      stderr: `${path}: not written, since there is no counterexample to draw\n`,
    });
    expect(existsSync(path)).toBe(false);
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
