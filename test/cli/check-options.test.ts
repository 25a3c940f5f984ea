/** The options of `synod check`, by flag and by file, and what each does. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Report } from '../../model-check/index.ts';
import { PaxosConfiguration } from '../../spec/index.ts';
import { mutants } from '../../spec/mutants/index.ts';
import { checkOptions } from '../../src/cli/options.ts';
import { systems } from '../../src/systems.ts';
import { report, reportIn, synod, temporaryFile, temporaryFolder, timeless } from './run.ts';

const small = ['paxos', '--acceptors', '2', '--proposers', '2', '--ballots', '1'];

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
