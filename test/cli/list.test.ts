/** `synod list`: everything that can be named on the command line, and everything that a report names. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { logMutants } from '../../spec/log/mutants/index.ts';
import { mutants } from '../../spec/mutants/index.ts';
import { systems } from '../../src/systems.ts';
import { reportIn, spawnSynod, synod } from './run.ts';

const List = z.strictObject({
  systems: z.array(
    z.strictObject({ name: z.string(), summary: z.string().min(10), options: z.array(z.string()) }),
  ),
  properties: z.array(
    z.strictObject({
      system: z.string(),
      name: z.string(),
      kind: z.enum(['requirement', 'lemma']),
      statement: z.string().min(10),
    }),
  ),
  rules: z.array(z.strictObject({ system: z.string(), name: z.string() })),
  mutants: z.array(
    z.strictObject({
      system: z.string(),
      name: z.string(),
      breaks: z.string().min(10),
      who: z.string().min(10),
      harmless: z.string().min(10).nullable(),
    }),
  ),
});

async function list() {
  const ended = await synod('list', '--json');
  expect(ended).toMatchObject({ status: 0, stderr: '' });
  expect(ended.stdout).toMatch(/^\{[^\n]*\}\n$/);
  return List.parse(JSON.parse(ended.stdout));
}

const names = (all: readonly { readonly name: string }[]) => all.map(({ name }) => name);

describe('synod list', () => {
  test('--json: systems, properties, rules and mutants, each once', async () => {
    const found = await list();
    expect(names(found.systems)).toEqual([
      'paxos',
      'multi-paxos',
      'replicated-log',
      'lamport-paxos',
      'voting',
      'consensus',
    ]);
    const mutantsOf = (of: string) => names(found.mutants.filter(({ system }) => system === of));
    expect(mutantsOf('paxos')).toEqual(names(mutants));
    expect(mutantsOf('multi-paxos')).toEqual(names(logMutants));
    expect(found.mutants).toHaveLength(mutants.length + logMutants.length);
    expect(found.mutants.filter(({ harmless }) => harmless === null).length).toBeGreaterThanOrEqual(16);
    const keys = [
      ...found.systems.map(({ name }) => `system ${name}`),
      ...found.properties.map(({ system, name }) => `property ${system} ${name}`),
      ...found.rules.map(({ system, name }) => `rule ${system} ${name}`),
      ...found.mutants.map(({ name }) => `mutant ${name}`),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    expect(new Set([...found.properties, ...found.rules].map(({ system }) => system))).toEqual(
      new Set(names(found.systems)),
    );
  });

  test("the paper's names are there", async () => {
    const { properties, rules } = await list();
    const ofPaxos = (all: readonly { system: string; name: string }[]) =>
      names(all.filter(({ system }) => system === 'paxos'));
    expect(ofPaxos(properties)).toEqual(
      expect.arrayContaining([
        'validity',
        'agreement',
        'learned-is-chosen',
        'P1',
        'P1a',
        'P2',
        'P2a',
        'P2b',
        'P2c',
      ]),
    );
    expect(ofPaxos(rules)).toEqual(expect.arrayContaining(['1a', '1b', '2a', '2b', 'learn', 'crash']));
  });

  test.each([
    [
      'paxos',
      [
        '--acceptors',
        '2',
        '--learners',
        '2',
        '--crashes',
        '1',
        '--nacks',
        '--learning',
        'distinguished',
        '--max-states',
        '3000',
      ],
    ],
    ['paxos', ['--mutant', 'own-value']],
    ['multi-paxos', ['--acceptors', '1', '--replicas', '2']],
    ['multi-paxos', ['--mutant', 'gap-applied']],
    ['replicated-log', ['--decider', 'single-decree', '--acceptors', '1', '--crashes', '1']],
    ['lamport-paxos', ['--acceptors', '2']],
    ['voting', ['--acceptors', '2']],
    ['consensus', []],
  ])('what a report of %s %j names is listed, and the other way round', async (system, args) => {
    const report = reportIn(await synod('check', system, ...args, '--json'));
    const { properties, rules } = await list();
    expect(report.properties.map(({ name, kind, statement }) => ({ system, name, kind, statement }))).toEqual(
      properties.filter((property) => property.system === system),
    );
    expect(report.rules.map(({ name }) => ({ system, name }))).toEqual(
      rules.filter((rule) => rule.system === system),
    );
    const options = systems.find(({ name }) => name === system)?.configuration.shape ?? {};
    for (const option of Object.keys(report.configuration)) expect(Object.keys(options)).toContain(option);
  });

  test('every property that is listed can be checked alone', async () => {
    const { properties } = await list();
    for (const { system, name } of properties) {
      const bound = system === 'consensus' ? [] : ['--acceptors', '1'];
      const report = reportIn(await synod('check', system, ...bound, '--property', name, '--json'));
      expect({ verdict: report.verdict, names: names(report.properties) }).toEqual({
        verdict: 'holds',
        names: [name],
      });
    }
  });

  test('for a reader: every name, and no escape codes', async () => {
    const found = await list();
    const ended = await spawnSynod(['list']);
    expect(ended).toMatchObject({ status: 0, stderr: '' });
    expect(ended.stdout).not.toContain('\u001b');
    const words = ended.stdout.split(/[\s,]+/);
    for (const each of [...found.systems, ...found.properties, ...found.rules, ...found.mutants]) {
      expect(words).toContain(each.name);
    }
  });
});
