/** `synod replay`: every counterexample that is found can be replayed, from a file and from standard input. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Counterexample } from '../../model-check/index.ts';
import { systems } from '../../src/systems.ts';
import { reportIn, root, spawnSynod, synod, temporaryFile } from './run.ts';

/** Those whose smallest configuration is searched in a moment; `replay.slow.test.ts` has the others. */
const quick = systems.flatMap(({ name: system, mutants }) =>
  mutants
    .filter(({ harmless, smallest }) => !harmless && Number(smallest['acceptors'] ?? 3) <= 2)
    .map(({ name }) => ({ system, name })),
);

describe('what a check has found is confirmed', () => {
  test.each(quick)('$system $name', async ({ system, name }) => {
    const found = await synod('check', system, '--mutant', name, '--json');
    const { counterexample } = reportIn(found) as { counterexample: Counterexample };
    const { property, length, facts, steps } = counterexample;
    const file = temporaryFile('found.json', found.stdout);
    const told = await synod('replay', file);
    expect(told).toMatchObject({ status: 1, stderr: '' });
    for (const { text } of steps) expect(told.stdout).toContain(text);
    // Of what cannot be reached any more it is said how much was gone through.
    expect(told.stdout).toContain(`  => ${facts}`);
    expect(
      told.stdout.endsWith(`replayed ${length} steps through the real functions: ${property} is violated\n`),
    ).toBe(true);
    const json = await synod('replay', file, '--json');
    expect(json).toMatchObject({ status: 1, stderr: '' });
    const { facts: again, ...rest } = JSON.parse(json.stdout);
    expect(rest).toEqual({ replayed: length, violated: property });
    expect(again.startsWith(facts)).toBe(true);
  });

  test('what is no longer reachable: all that can follow is gone through', async () => {
    const foil = ['replicated-log', '--decider', 'single-server', '--crashes', '1', '--unrepaired'];
    const found = await synod('check', ...foil, '--json');
    expect(found.status).toBe(1);
    const file = temporaryFile('found.json', found.stdout);
    const told = await synod('replay', file);
    expect(told).toMatchObject({ status: 1, stderr: '' });
    expect(told.stdout).toContain(
      '  => from here no such state can be reached any more (all that can follow was gone through: 1 state, this one included)\n',
    );
    const report = JSON.parse(found.stdout);
    const { counterexample } = report;
    const edited = { ...report, counterexample: { ...counterexample, length: 0, steps: [] } };
    const refused = await synod('replay', temporaryFile('edited.json', JSON.stringify(edited)));
    expect(refused).toMatchObject({ status: 2, stdout: '' });
    expect(refused.stderr).toContain('decision-in-reach is not violated after 0 steps: expected that it is');
  });

  test('a lemma', async () => {
    const found = await synod(
      'check',
      '--mutant',
      'promise-not-durable',
      '--property',
      'only-grow',
      '--json',
    );
    const told = await synod('replay', temporaryFile('found.json', found.stdout), '--json');
    expect(told.status).toBe(1);
    expect(JSON.parse(told.stdout)).toMatchObject({ replayed: 3, violated: 'only-grow' });
  });

  test('one of another system', async () => {
    const quorums = temporaryFile('quorums.json', { phase1: [['a1']], phase2: [['a2']] });
    for (const system of ['lamport-paxos', 'voting']) {
      const found = await synod(
        'check',
        system,
        '--acceptors',
        '2',
        '--quorums',
        quorums,
        '--allow-disjoint-quorums',
        '--json',
      );
      expect(found.status).toBe(1);
      const told = await synod('replay', temporaryFile('found.json', found.stdout));
      expect(told).toMatchObject({ status: 1, stderr: '' });
      expect(told.stdout).toMatch(/through the real functions: \S+ is violated\n$/);
    }
  });

  test("one of a user's own system, whose words are told anew", async () => {
    const module = join(root, 'test/cli/fixtures/token-kept.ts');
    const found = await synod('check', module, '--json');
    const told = await synod('replay', temporaryFile('found.json', found.stdout));
    expect(told).toMatchObject({ status: 1, stderr: '' });
    expect(told.stdout).toMatch(/replayed 2 steps through the real functions: one-holder is violated\n$/);
  });
});

describe('from standard input', () => {
  test('a report', async () => {
    const { stdout: input } = await synod('check', '--mutant', 'own-value', '--json');
    const ended = await spawnSynod(['replay', '-'], { input });
    expect(ended).toMatchObject({ status: 1, stderr: '' });
    expect(ended.stdout).toMatch(/replayed 8 steps through the real functions: agreement is violated\n$/);
  });

  test('something else', async () => {
    const ended = await spawnSynod(['replay', '-'], { input: '{"system": "paxos"}' });
    expect(ended).toMatchObject({ status: 2, stdout: '' });
    expect(ended.stderr).toMatch(/^synod: standard input: format: nothing: expected .*\n$/);
  });
});
