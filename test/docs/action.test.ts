/** action.yml: its step that checks is run as GitHub runs it; docs/in-your-ci.md: its workflow uses the action as it is. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { root, start, temporaryFolder } from '../cli/run.ts';

const Step = z.strictObject({
  name: z.string(),
  id: z.string().optional(),
  shell: z.literal('bash'),
  'working-directory': z.string().optional(),
  env: z.record(z.string(), z.string()).optional(),
  run: z.string(),
});
const Action = z.strictObject({
  name: z.string(),
  description: z.string(),
  inputs: z.record(
    z.string(),
    z.strictObject({
      description: z.string(),
      required: z.boolean().optional(),
      default: z.string().optional(),
    }),
  ),
  outputs: z.record(z.string(), z.strictObject({ description: z.string(), value: z.string() })),
  runs: z.strictObject({ using: z.literal('composite'), steps: z.array(Step) }),
});

const action = Action.parse(parse(readFileSync(join(root, 'action.yml'), 'utf8')));
const page = readFileSync(join(root, 'docs/in-your-ci.md'), 'utf8');

/** Runs the step that checks, with what is given as `with`; `dist` starts the sources, as the build would start what it made of them. */
async function checked(given: Record<string, string>) {
  const folder = temporaryFolder();
  const main = join(folder, 'dist/src/cli/main.js');
  mkdirSync(join(main, '..'), { recursive: true });
  const sources = ['--import', join(root, 'register.mjs'), join(root, 'src/cli/main.ts')];
  writeFileSync(
    main,
    `import { spawnSync } from 'node:child_process';
const args = [...${JSON.stringify(sources)}, ...process.argv.slice(2)];
process.exit(spawnSync(process.execPath, args, { stdio: 'inherit' }).status);
`,
  );
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const step = action.runs.steps.find(({ id }) => id === 'check') as z.infer<typeof Step>;
  const inputs = Object.entries(action.inputs).map(([name, { default: value = '' }]) => [
    name,
    given[name] ?? value,
  ]);
  const values = Object.fromEntries(inputs) as Record<string, string>;
  const env = Object.entries(step.env ?? {}).map(([name, text]) => [
    name,
    text.replace(/\$\{\{ inputs\.(\w+) \}\}/g, (_, input: string) => values[input] ?? ''),
  ]);
  const files = { GITHUB_STEP_SUMMARY: join(folder, 'summary.md'), GITHUB_OUTPUT: join(folder, 'output') };
  for (const file of Object.values(files)) writeFileSync(file, '');
  const assigned = Object.entries({ ...Object.fromEntries(env), ...files, GITHUB_ACTION_PATH: folder });
  const { status, stdout, stderr } = await start(
    [
      'env',
      ...assigned.map(([name, value]) => `${name}=${value}`),
      'bash',
      '-eo',
      'pipefail',
      '-c',
      step.run,
    ],
    { cwd: root },
  ).ended;
  const [summary, output] = Object.values(files).map((file) => readFileSync(file, 'utf8'));
  return { status, stdout, stderr, summary, output };
}

test('what holds: the job is green, with a summary, a verdict and test results', async () => {
  const junit = join(temporaryFolder(), 'paxos.xml');
  const acceptor = `${process.execPath} test/foreign/misbehaving.mjs stateless 'not'`;
  const { status, stderr, summary, output } = await checked({
    arguments: `paxos --acceptors 1 --acceptor "${acceptor}"`,
    junit,
  });
  expect([status, stderr]).toEqual([0, '']);
  expect(output).toBe('verdict=holds\n');
  expect(summary).toMatch(/^### ✅ holds: paxos acceptors 1, /);
  expect(readFileSync(junit, 'utf8')).toContain('failures="0" errors="0"');
});

test.each([
  ['paxos --mutant own-value', 1, 'verdict=violated\n', /^### ❌ violated/],
  ['paxos --max-states 50', 3, 'verdict=incomplete\n', /^### ❔ incomplete/],
  ['paxos --acceptors none', 2, '', /^$/],
])('%s: status %i, and the job is red', async (args, expected, said, shown) => {
  const { status, output, summary } = await checked({ arguments: args });
  expect({ status, output }).toEqual({ status: expected, output: said });
  expect(summary).toMatch(shown);
});

test('the workflow of the page gives the action what it takes', () => {
  const [, workflow = ''] = page.match(/```yaml\n([\s\S]*?)```/) ?? [];
  const Workflow = z.strictObject({
    name: z.string(),
    on: z.tuple([z.literal('push'), z.literal('pull_request')]),
    jobs: z.strictObject({
      check: z.strictObject({
        'runs-on': z.literal('ubuntu-latest'),
        steps: z.tuple([
          z.strictObject({ uses: z.string().regex(/^actions\/checkout@v\d+$/) }),
          z.strictObject({
            uses: z.string().regex(/^OWNER\/synod@/),
            with: z.record(z.string(), z.string()),
          }),
        ]),
      }),
    }),
  });
  const [, step] = Workflow.parse(parse(workflow)).jobs.check.steps;
  expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining(Object.keys(step.with)));
  for (const [name, { required = false }] of Object.entries(action.inputs))
    if (required) expect(step.with).toHaveProperty(name);
});
