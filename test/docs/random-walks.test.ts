/** docs/random-walks.md: what it says for Slurm and for Kubernetes is run, one shard after the other, on few walks. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { SimulationReport } from '../../model-check/index.ts';
import { bundled } from '../cli/bundle.ts';
import { root, start, synodOnPath, temporaryFolder } from '../cli/run.ts';

const page = readFileSync(join(root, 'docs/random-walks.md'), 'utf8');

/** What the manifest must be for each pod to walk a shard of its own: the fields of batch/v1 that it uses, and no others. */
const IndexedJob = z.strictObject({
  apiVersion: z.literal('batch/v1'),
  kind: z.literal('Job'),
  metadata: z.strictObject({ name: z.string().regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/) }),
  spec: z.strictObject({
    completionMode: z.literal('Indexed'),
    completions: z.int().min(2).max(100_000),
    parallelism: z.int().min(1),
    backoffLimit: z.int().min(0),
    template: z.strictObject({
      spec: z.strictObject({
        restartPolicy: z.enum(['Never', 'OnFailure']),
        containers: z.tuple([
          z.strictObject({
            name: z.string(),
            image: z.string().regex(/^node:\d+$/),
            // A value that is not a text is refused by Kubernetes.
            env: z.array(z.strictObject({ name: z.string(), value: z.string() })),
            command: z.tuple([z.literal('sh'), z.literal('-c'), z.string()]),
            resources: z.strictObject({
              requests: z.strictObject({ cpu: z.string(), memory: z.string() }),
            }),
            volumeMounts: z.tuple([
              z.strictObject({ name: z.string(), mountPath: z.string(), readOnly: z.literal(true) }),
            ]),
          }),
        ]),
        volumes: z.tuple([
          z.strictObject({ name: z.string(), configMap: z.strictObject({ name: z.string() }) }),
        ]),
      }),
    }),
  }),
});

const job = IndexedJob.parse(parse(readFileSync(join(root, 'docs/examples/random-walks-job.yaml'), 'utf8')));
const { spec } = job.spec.template;
const [container] = spec.containers;

/** Runs a line of shell, with `synod` on the path and an `npx` that takes it for the package. */
async function shell(script: string, env: Record<string, string> = {}, input = '') {
  const folder = temporaryFolder();
  const path = synodOnPath(folder, await bundled());
  const bin = join(folder, 'npx');
  mkdirSync(bin);
  const [install] = container.command[2].match(/npx (\S+ )*-- /) ?? [];
  writeFileSync(
    join(bin, 'npx'),
    `#!/bin/sh\n[ "$1 $2 $3" = '--yes --package=/package/synod.tgz --' ] || exit 99\nshift 3\nexec "$@"\n`,
    { mode: 0o755 },
  );
  expect(install).toBeDefined();
  const exported = Object.entries(env).map(([name, value]) => `export ${name}='${value}'; `);
  return start(['sh', '-c', `${exported.join('')}${script}`], {
    cwd: folder,
    env: { PATH: `${bin}:${path}`, NO_COLOR: '1' },
    input,
  }).ended;
}

describe('the manifest', () => {
  test('gives each pod its shard, and mounts the package that its command asks for', () => {
    const { completions, parallelism } = job.spec;
    const env = Object.fromEntries(container.env.map(({ name, value }) => [name, value]));
    expect(env['SHARDS']).toBe(String(completions));
    expect(parallelism).toBeLessThanOrEqual(completions);
    expect(Number(container.image.slice('node:'.length))).toBeGreaterThanOrEqual(20);
    const [volume] = spec.volumes;
    const [mount] = container.volumeMounts;
    expect(mount.name).toBe(volume.name);
    expect(container.command[2]).toContain(`--package=${mount.mountPath}/synod.tgz `);
    expect(page).toContain(`kubectl create configmap ${volume.configMap.name} --from-file=synod.tgz=`);
    expect(page).toContain(`job/${job.metadata.name}\n`);
    expect(page).toContain(`-l job-name=${job.metadata.name} `);
  });

  test('its command walks shard after shard, and the logs can be merged as is said', async () => {
    const env = Object.fromEntries(container.env.map(({ name, value }) => [name, value]));
    const logs: string[] = [];
    for (let index = 0; index < job.spec.completions; index++) {
      const ended = await shell(container.command[2], {
        ...env,
        WALKS: '16',
        JOB_COMPLETION_INDEX: String(index),
      });
      expect(ended).toMatchObject({ status: 0, stderr: '' });
      logs.push(`npm notice something on standard error\n${ended.stdout}`);
    }
    const filter = page.match(/\| (grep '[^']+')/)?.[1];
    const merged = await shell(`${filter} | synod merge - --json`, {}, logs.join(''));
    expect(merged).toMatchObject({ status: 3, stderr: '' });
    const report = SimulationReport.parse(JSON.parse(merged.stdout));
    expect(report).toMatchObject({
      verdict: 'incomplete',
      walked: 16,
      shards: { of: 8, done: [0, 1, 2, 3, 4, 5, 6, 7], missing: [] },
    });
  }, 60_000);

  test('its command fails where there is no report', async () => {
    const { status, stdout, stderr } = await shell(container.command[2], {
      SHARDS: '8',
      WALKS: '24',
      SECONDS_AT_MOST: '60',
      JOB_COMPLETION_INDEX: '8',
    });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^synod: --shard: "8\/8": expected/);
  });
});

test('the array of Slurm walks shards that can be merged', async () => {
  const [, wrapped = ''] = page.match(/--wrap '([^']+)'/) ?? [];
  const last = Number(page.match(/--array=0-(\d+)/)?.[1]);
  const few = wrapped.replace(/--walks \d+/, '--walks 48');
  const walked = (id: number) => shell(few, { SLURM_ARRAY_TASK_ID: String(id) });
  const ends = await Promise.all([walked(0), walked(last)]);
  for (const ended of ends) expect(ended).toMatchObject({ status: 0, stderr: '' });
  const merged = await shell('synod merge - --json', {}, ends.map(({ stdout }) => stdout).join(''));
  expect(JSON.parse(merged.stdout)).toMatchObject({
    walked: 6,
    shards: { of: last + 1, done: [0, last], missing: Array.from({ length: last - 1 }, (_, at) => at + 1) },
  });
}, 60_000);
