import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { RandomStream } from '../../model-check/random.ts';
import { openCheckpoint } from '../../src/cli/checkpoint.ts';
import { command, reportIn, start, synod, temporaryFolder, timeless } from './run.ts';

/** When a file was last put in its place; 0 if there is none. */
function written(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/**
 * Checks a system in a process that writes checkpoints all the time, kills it at moments of chance so that nothing can be put
 * in order, goes on with what is left each time, and compares the last report with that of a run that nobody killed.
 */
export async function killedAndResumed(asked: string, { seed, kills }: { seed: number; kills: number }) {
  const args = asked.split(' ');
  const straight = await synod('check', ...args, '--json');
  const chance = new RandomStream(seed, 0);
  const file = join(temporaryFolder(), 'run.checkpoint');
  const often = ['--every', '0.001', '--json'];
  let expanded = 0;
  for (let kill = 0; kill < kills; kill++) {
    const before = written(file);
    const begun = before === 0 ? [...args, '--checkpoint', file] : ['--resume', file];
    const { child, ended } = start([...command, 'check', ...begun, ...often]);
    while (written(file) === before && child.exitCode === null) await sleep(2);
    await sleep(chance.below(40));
    child.kill('SIGKILL');
    const run = await ended;
    if (run.status !== null && kill > 0) {
      // On a fast machine it may come to its end before all the kills.
      expect({ seed, ...timeless(reportIn(run)) }).toEqual({ seed, ...timeless(reportIn(straight)) });
      return;
    }
    // A run that came to its end at once, or that refused what it found, would have told its status.
    expect({ seed, kill, status: run.status, stderr: run.stderr }).toEqual({
      seed,
      kill,
      status: null,
      stderr: '',
    });
    const { cursor } = openCheckpoint(file).run.position;
    expect(cursor).toBeGreaterThan(expanded);
    expanded = cursor;
  }
  const rest = await synod('check', '--resume', file, '--json');
  expect({ seed, ...timeless(reportIn(rest)) }).toEqual({ seed, ...timeless(reportIn(straight)) });
  expect(rest.status).toBe(straight.status);
}
