import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { PaxosConfiguration } from '../../spec/index.ts';
import type { Commands } from '../../src/foreign/check.ts';
import { folderForAll, root, temporaryFolder } from '../cli/run.ts';
import { has } from '../programs.ts';
import { checked } from './foreign.ts';

const without = { python3: !has('python3'), gcc: !has('gcc'), go: !has('go', 'version') };
for (const [tool, isMissing] of Object.entries(without))
  if (isMissing)
    console.warn(`SKIPPED: there is no ${tool} here, so that the examples that need it are not checked`);

const python = (name: string) => `python3 ${join(root, 'examples/python', `${name}.py`)}`;
const small = { acceptors: 3, proposers: 2, learners: 1, ballots: 1, crashes: 1 };

interface Example {
  readonly right: string;
  readonly broken: string;
  readonly role: keyof Commands;
  /** What shows that the broken one is broken, and in how many steps. */
  readonly bounds?: Partial<PaxosConfiguration>;
  readonly property: string;
  readonly length: number;
}

const examples: readonly Example[] = [
  {
    right: 'acceptor',
    broken: 'acceptor_forgets',
    role: 'acceptor',
    bounds: { learners: 0 },
    property: 'agreement',
    length: 15,
  },
  {
    right: 'proposer',
    broken: 'proposer_insists',
    role: 'proposer',
    bounds: { learners: 0, crashes: 0 },
    property: 'agreement',
    length: 14,
  },
  {
    right: 'learner',
    broken: 'learner_adds_up',
    role: 'learner',
    bounds: { acceptors: 2, proposers: 1, ballots: 2, crashes: 0 },
    property: 'learned-is-chosen',
    length: 14,
  },
];

describe.skipIf(without.python3)('in Python', () => {
  test.each(examples)('the $right is Paxos', async ({ right, role }) => {
    const report = await checked(
      PaxosConfiguration.parse(small),
      { [role]: python(right) },
      { mostWays: 500 },
    );
    expect([report.verdict, report.foreign?.flatMap(({ findings }) => findings)]).toEqual(['holds', []]);
    expect(report.reached.filter(({ reached, notApplicable }) => !reached && !notApplicable)).toEqual([]);
    expect(report.rules.filter(({ tabulated, idle }) => tabulated === 0 && !idle)).toEqual([]);
  });

  test.each(examples)('$broken is caught', async ({ broken, role, bounds, property, length }) => {
    const configuration = PaxosConfiguration.parse({ ...small, ...bounds });
    const report = await checked(configuration, { [role]: python(broken) }, { mostWays: 500 });
    expect(report.verdict).toBe('violated');
    expect(report.counterexample).toMatchObject({ property, length });
  });

  test('all three roles together are Paxos', async () => {
    const commands = {
      acceptor: python('acceptor'),
      proposer: python('proposer'),
      learner: python('learner'),
    };
    const report = await checked(PaxosConfiguration.parse({ ...small, crashes: 0 }), commands, {
      mostWays: 500,
    });
    expect([report.verdict, report.foreign?.length]).toEqual(['holds', 3]);
  });
});

describe.skipIf(without.go)('in Go', () => {
  const program = join(folderForAll(), 'paxos');
  const go = (role: string) => `${program} ${role}`;
  beforeAll(() => {
    execFileSync('go', ['build', '-o', program, '.'], { cwd: join(root, 'examples/go') });
  });

  test('is written as Go is', () => {
    expect(execFileSync('gofmt', ['-l', '.'], { cwd: join(root, 'examples/go'), encoding: 'utf8' })).toBe('');
  });

  test.each(['stateless', 'stateful'])('all three roles, as %s programs, are Paxos', async (kind) => {
    const commands = {
      acceptor: go(`acceptor ${kind}`),
      proposer: go(`proposer ${kind}`),
      learner: go(`learner ${kind}`),
    };
    const report = await checked(PaxosConfiguration.parse(small), commands, { mostWays: 500 });
    expect([report.verdict, report.foreign?.map((each) => each.kind)]).toEqual(['holds', [kind, kind, kind]]);
  });

  test.each(examples)('the $role with the same mistake as $broken is caught', async (example) => {
    const { role, bounds, property, length } = example;
    const broken = { acceptor: 'forgetful', proposer: 'insistent', learner: 'adding-up' }[role];
    const configuration = PaxosConfiguration.parse({ ...small, ...bounds });
    const report = await checked(configuration, { [role]: go(`${role}-${broken}`) });
    expect(report.verdict).toBe('violated');
    expect(report.counterexample).toMatchObject({ property, length });
  });
});

describe.skipIf(without.gcc)('in C', () => {
  const compiled = (...flags: string[]) => {
    const program = join(temporaryFolder(), 'acceptor');
    const source = join(root, 'examples/c/acceptor.c');
    execFileSync('gcc', ['-Wall', '-Wextra', '-Werror', ...flags, '-o', program, source]);
    return { acceptor: program };
  };

  test('the acceptor is Paxos', async () => {
    const report = await checked(PaxosConfiguration.parse(small), compiled(), { mostWays: 500 });
    expect([report.verdict, report.distinctStates]).toEqual(['holds', 45_634]);
  });

  test('the acceptor that accepts lower ballots is caught', async () => {
    const report = await checked(
      PaxosConfiguration.parse({ ...small, crashes: 0, learners: 0 }),
      compiled('-DACCEPTS_LOWER'),
    );
    expect(report.counterexample).toMatchObject({ property: 'agreement', length: 14 });
  });
});
