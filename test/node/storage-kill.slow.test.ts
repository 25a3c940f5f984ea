/** A storage whose process is killed, at any time: in a write, in a turn of its journal, or when its database takes over. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { openStorage } from '../../src/node/level-storage.ts';
import { Chance } from '../../src/simulation/chance.ts';

const folder = mkdtempSync(join(tmpdir(), 'synod-killed-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const ROUNDS = 12;
const CAPACITY = 32 * 4096;
const SEED = 3;

/** Has a process write until it has done so many writes, kills it a little later, and returns the last that it said was on disk. */
function killed(writes: number, later: number): Promise<number> {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const args = [
    '--import',
    `${root}register.mjs`,
    `${root}test/node/fixtures/writer.ts`,
    folder,
    `${CAPACITY}`,
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let [text, lines] = ['', 0];
  child.stdout.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
    const before = lines;
    lines += chunk.split('\n').length - 1;
    if (before <= writes && lines > writes) setTimeout(() => child.kill('SIGKILL'), later);
  });
  return new Promise((resolve) => child.on('close', () => resolve(Number(text.split('\n').at(-2)))));
}

test(`${ROUNDS} times kill -9 in the midst of writes leaves all that was on disk, and nothing but what was written`, async () => {
  const chance = new Chance(SEED, 1);
  let before = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const told = await killed(Math.floor(chance.unit() * 300), chance.unit() * 5);
    const storage = await openStorage({
      folder,
      cluster: 'c',
      node: 'n1',
      firstStart: false,
      capacity: CAPACITY,
    });
    const rows = await storage.load();
    await storage.close();
    const last = Number(rows.get('last'));
    // The last write may be there although it has not been told.
    expect(last, `round ${round}, seed ${SEED}`).toBeGreaterThanOrEqual(told);
    expect(last).toBeLessThanOrEqual(told + 1);
    expect(told).toBeGreaterThanOrEqual(before);
    before = told;
    const expected = new Map<string, string>([['last', `${last}`]]);
    for (let number = Math.max(1, last - 100); number <= last; number++) {
      expected.set(`k${number % 50}`, `${number} ${'x'.repeat(number % 6000)}`);
      expected.delete(`k${(number + 25) % 50}`);
    }
    expect(new Map([...rows].sort()), `round ${round}, seed ${SEED}`).toEqual(new Map([...expected].sort()));
  }
  expect(before).toBeGreaterThan(ROUNDS * 30);
});
