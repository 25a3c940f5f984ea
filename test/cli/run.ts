/** Ways to run the command line in tests. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, onTestFinished, vi } from 'vitest';
import { Report } from '../../model-check/index.ts';

export const root = fileURLToPath(new URL('../../', import.meta.url));

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process, as `synod` would: what it prints is caught. One at a time. */
export async function synod(...args: readonly string[]): Promise<Ended> {
  vi.stubEnv('NO_COLOR', '1');
  const { main } = await import('../../src/cli/program.ts');
  const printed = { stdout: '', stderr: '' };
  const caught = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      printed[name] += String(text);
      return true;
    }),
  );
  try {
    return { status: await main(args), ...printed };
  } finally {
    for (const spy of caught) spy.mockRestore();
    vi.unstubAllEnvs();
  }
}

/** What tests may change of the environment of a process; nothing else of ours goes there. */
type Environment = Readonly<Partial<Record<'NO_COLOR' | 'FORCE_COLOR' | 'CI' | 'PATH', string>>>;

/** Starts a process of its own, as a user would: no terminal, and an environment that says nothing of tests. */
export function start(
  command: readonly [string, ...string[]],
  { env = {}, cwd = root, input }: { env?: Environment; cwd?: string; input?: string } = {},
): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
  const [file, ...args] = command;
  const { PATH, HOME } = process.env;
  const child = spawn(file, args, { cwd, env: { PATH, HOME, ...env } as NodeJS.ProcessEnv });
  const printed = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => {
    printed.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    printed.stderr += text;
  });
  child.stdin.on('error', () => {});
  child.stdin.end(input ?? '');
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject).on('close', (status) => resolve({ status, ...printed }));
  });
  return { child, ended };
}

/** `synod` from the sources, by Node itself, so that signals reach it. */
export const command: readonly [string, ...string[]] = [
  process.execPath,
  '--import',
  join(root, 'register.mjs'),
  join(root, 'src/cli/main.ts'),
];

export function spawnSynod(args: readonly string[], options: Parameters<typeof start>[1] = {}) {
  return start([...command, ...args], options).ended;
}

/** Waits until a command that was started before has surely begun: twice as long as another takes from its start to its end, and a second. */
export async function surelyBegun(): Promise<void> {
  const started = performance.now();
  await spawnSynod(['--version']);
  await sleep(performance.now() - started + 1000);
}

/** A search path on which `synod` is this command, by way of a script in the folder. */
export function synodOnPath(folder: string, synod: readonly string[]): string {
  const bin = mkdtempSync(join(folder, 'bin-'));
  const quoted = synod.map((word) => `'${word}'`).join(' ');
  writeFileSync(join(bin, 'synod'), `#!/bin/sh\nexec ${quoted} "$@"\n`, { mode: 0o755 });
  return `${bin}:${process.env['PATH']}`;
}

/** A folder for the test that runs; it is removed when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'synod-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A folder for all the tests of a file, or of a `describe`. */
export function folderForAll(): string {
  const folder = mkdtempSync(join(tmpdir(), 'synod-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a file for the test that runs, and returns its path. What is not text is written as JSON. */
export function temporaryFile(name: string, content: unknown): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

/** The one report that `--json` printed, and nothing besides. */
export function reportIn({ stdout }: Ended): Report {
  expect(stdout).toMatch(/^\{[^\n]*\}\n$/);
  return Report.parse(JSON.parse(stdout));
}

/** The report of `synod check` with these arguments. */
export async function report(...args: string[]): Promise<Report> {
  return reportIn(await synod('check', ...args, '--json'));
}

/** A report without what differs from run to run. */
export function timeless({ seconds, statesPerSecond, peakMemoryBytes, ...report }: Report) {
  return report;
}

/** Says that the input was refused: status 2, nothing on standard output, one line on standard error. Returns that line. */
export function refusal({ status, stdout, stderr }: Ended): string {
  expect({ status, stdout, lines: stderr.split('\n').length, stderr }).toMatchObject({
    status: 2,
    stdout: '',
    lines: 2,
  });
  expect(stderr).toMatch(/^synod: \S.*\n$/);
  // A stack trace that was squeezed into the line.
  expect(stderr).not.toMatch(/ at \S+ \(|\.ts:\d+:\d+/);
  return stderr.slice('synod: '.length, -1);
}
