/** `synod explore` and `synod check --open`: what is served, where the link leads, and how it ends. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { systemOf } from '../../docs/.vitepress/site/question.ts';
import { linkFrom } from '../../src/explorer/link.ts';
import { serve } from '../../src/explorer/serve.ts';
import { runFrom } from '../../src/explorer/stepping.ts';
import { type Ended, refusal, reportIn, synod, temporaryFolder } from './run.ts';

const site = vi.hoisted(() => ({ folder: '' }));
vi.mock('../../src/explorer/site.ts', () => ({ siteFolder: () => site.folder }));

/** A browser that only notes the address that it is to show. */
let noted = '';
beforeEach(() => {
  site.folder = temporaryFolder();
  writeFileSync(join(site.folder, 'explorer.html'), 'the explorer');
  const bin = temporaryFolder();
  noted = join(bin, 'noted');
  const note = `#!/bin/sh\nprintf %s "$1" > '${noted}.part' && mv '${noted}.part' '${noted}'\n`;
  writeFileSync(join(bin, 'xdg-open'), note, { mode: 0o755 });
  const before = process.env['PATH'] ?? '';
  process.env['PATH'] = `${bin}${delimiter}${before}`;
  onTestFinished(() => {
    process.env['PATH'] = before;
  });
});

/** Runs a command that serves until it is interrupted, which it is when `look` has looked. */
async function serving(args: readonly string[], look: () => Promise<unknown>): Promise<Ended> {
  const ended = synod(...args);
  try {
    await look();
  } finally {
    process.emit('SIGTERM');
  }
  return await ended;
}

/** The address that the browser is told to show. */
async function opened(): Promise<string> {
  await vi.waitUntil(() => existsSync(noted), { timeout: 20_000 });
  return readFileSync(noted, 'utf8');
}

describe.skipIf(process.platform !== 'linux')('in a browser', () => {
  test('explore opens the explorer', async () => {
    const { status, stdout } = await serving(['explore'], async () => {
      const url = await opened();
      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/explorer\.html$/);
      expect(await (await fetch(url)).text()).toBe('the explorer');
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: `${await opened()}  (Ctrl-C ends it)\n` });
  });

  test.each([
    'paxos --mutant own-value',
    'paxos --mutant accepted-not-durable --acceptors 3 --crashes 1 --property agreement --symmetry on',
    'paxos --mutant learner-counts-values --learning distinguished --passive on',
    'paxos --mutant half-is-a-quorum --nacks --acceptors 2',
    'paxos --mutant most-often-reported',
    'multi-paxos --mutant applied-twice',
    'replicated-log --decider single-server --crashes 1 --unrepaired',
    'paxos --mutant own-value --simulate --walks 200',
  ])('check %s opens the counterexample', async (args) => {
    const ended = await serving(['check', ...args.split(' '), '--json', '--open'], opened);
    expect(ended).toMatchObject({ status: 1, stderr: `${await opened()}\n(Ctrl-C ends it)\n` });
    const { counterexample } = JSON.parse(ended.stdout);
    const link = linkFrom(new URL(await opened()).hash.slice(1));
    const { run } = runFrom(systemOf(link.question).system, link.run ?? '');
    expect(counterexample.steps.length).toBeGreaterThan(0);
    expect(run.slice(1).map(({ step }) => step)).toEqual(counterexample.steps);
  });
});

test('nothing is opened without a counterexample', async () => {
  const ended = await synod('check', 'paxos', '--open', '--json', '--quiet');
  expect(ended).toMatchObject({ status: 0, stderr: '--open: there is no counterexample to open\n' });
  expect(reportIn(ended).verdict).toBe('holds');
  expect(existsSync(noted)).toBe(false);
});

test('explore --no-open serves at the port that is asked for, unless it is taken', async () => {
  const other = await serve(site.folder);
  const port = new URL(other.url).port;
  expect(refusal(await synod('explore', '--no-open', '--port', port))).toBe(
    `--port: ${port}: cannot be had (EADDRINUSE): expected a port that is free`,
  );
  await other.close();
  const { status, stdout } = await serving(['explore', '--no-open', '--port', port], async () => {
    const answers = () => fetch(`${other.url}/explorer`).then(({ status }) => status);
    await expect.poll(() => answers().catch(() => 0), { timeout: 20_000 }).toBe(200);
  });
  expect({ status, stdout }).toEqual({ status: 0, stdout: `${other.url}/explorer.html  (Ctrl-C ends it)\n` });
  expect(existsSync(noted)).toBe(false);
});

test.each([
  ['explore --port 70000', '--port: "70000": expected a number from 0'],
  ['explore --port many', '--port: "many": expected a number from 0'],
  ['explore --port ', '--port: "": expected a number from 0'],
  ['check docs/reading/duel.ts --open', '--open: "docs/reading/duel.ts": the explorer has no modules'],
  ['check paxos --acceptor python3 --open', '--open: true: the explorer knows our own roles only'],
])('%s is refused', async (args, sentence) => {
  expect(refusal(await synod(...args.split(' ')))).toContain(sentence);
});
