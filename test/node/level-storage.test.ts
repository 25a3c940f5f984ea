import { cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Change } from '../../src/node/interfaces.ts';
import { StorageError } from '../../src/node/interfaces.ts';
import { type LevelStorage, openStorage } from '../../src/node/level-storage.ts';
import { folderForAll } from '../cli/run.ts';
import { chanceOf } from './cluster.ts';

const base = folderForAll();
let folders = 0;
const fresh = () => join(base, `${folders++}`);
const place = (folder: string) => ({ folder, cluster: 'c', node: 'n1', firstStart: true });

const write = (storage: LevelStorage, changes: readonly Change[]) =>
  new Promise<void>((resolve, reject) =>
    storage.write(changes, (error) => (error ? reject(error) : resolve())),
  );

async function opened(folder: string): Promise<ReadonlyMap<string, string>> {
  const storage = await openStorage({ ...place(folder), firstStart: false });
  try {
    return await storage.load();
  } finally {
    await storage.close();
  }
}

/** Some writes; returns what they lead to. */
async function filled(folder: string, writes: number): Promise<Map<string, string>> {
  const storage = await openStorage(place(folder));
  await storage.load();
  const expected = new Map<string, string>();
  for (let at = 0; at < writes; at++) {
    const changes: Change[] = [
      [`a/${at % 7}`, `value ${at} ${'x'.repeat(at)}`],
      [`b/${at}`, `\u00ff${at}`],
      [`b/${at - 3}`, null],
    ];
    await write(storage, changes);
    for (const [key, value] of changes) value === null ? expected.delete(key) : expected.set(key, value);
  }
  await storage.close();
  return expected;
}

describe('rows on disk', () => {
  test('are what was written, in whatever order they were', async () => {
    const folder = fresh();
    const expected = await filled(folder, 20);
    expect(new Map([...(await opened(folder))].sort())).toEqual(new Map([...expected].sort()));
  });

  test("another node's, another cluster's and a newer format's are refused; so is none, unless it is the first start", async () => {
    const folder = fresh();
    await filled(folder, 1);
    const other = { ...place(folder), node: 'n2' };
    await expect(openStorage(other)).rejects.toThrow(/data of node n1; expected n2/);
    await expect(openStorage({ ...place(folder), cluster: 'd' })).rejects.toThrow(
      /data of cluster c; expected d/,
    );
    await expect(openStorage({ ...place(fresh()), firstStart: false })).rejects.toThrow(/has lost its votes/);
    const identity = join(folder, 'identity.json');
    writeFileSync(identity, readFileSync(identity, 'utf8').replace('"format":1', '"format":2'));
    await expect(openStorage(place(folder))).rejects.toThrow(/format 2 is newer than 1/);
  });

  test('that are open are not opened again', async () => {
    const folder = fresh();
    const storage = await openStorage(place(folder));
    await expect(openStorage(place(folder))).rejects.toThrow(StorageError);
    await storage.close();
  });

  test('without their database, or with an empty one, are refused', async () => {
    const folder = fresh();
    await filled(folder, 3);
    rmSync(join(folder, 'db'), { recursive: true });
    await expect(opened(folder)).rejects.toThrow(StorageError);
  });

  test('of which the end is cut off are refused, though LevelDB takes that for a crash', async () => {
    const folder = fresh();
    await filled(folder, 10);
    const log = logOf(folder);
    writeFileSync(log, readFileSync(log).subarray(0, -60));
    await expect(opened(folder)).rejects.toThrow(
      /the last write found is number 9, but number 10 was on disk/,
    );
  });

  test('that are damaged anywhere are refused, with the place, or are as they were', async () => {
    const folder = fresh();
    const expected = new Map([...(await filled(folder, 30))].sort());
    const chance = chanceOf(5);
    let refused = 0;
    for (let round = 0; round < 60; round++) {
      const copy = fresh();
      cpSync(folder, copy, { recursive: true });
      const files = readdirSync(join(copy, 'db')).filter((name) =>
        /\.(log|ldb)$|^(MANIFEST|CURRENT)/.test(name),
      );
      const file = join(copy, 'db', files[Math.floor(chance() * files.length)] as string);
      const bytes = readFileSync(file);
      const at = Math.floor(chance() * bytes.length);
      bytes[at] = (bytes[at] as number) ^ (1 << Math.floor(chance() * 8));
      writeFileSync(file, bytes);
      const outcome = await opened(copy).catch((error) => error);
      if (outcome instanceof Map) expect(new Map([...outcome].sort()), `round ${round}`).toEqual(expected);
      else {
        expect(outcome, `round ${round}`).toBeInstanceOf(StorageError);
        expect(outcome.message).toContain(copy);
        refused++;
      }
      rmSync(copy, { recursive: true });
    }
    expect(refused).toBeGreaterThan(20);
  });

  test('that are overwritten again and again take no more and more room', async () => {
    const folder = fresh();
    const storage = await openStorage(place(folder));
    await storage.load();
    const text = (at: number) => String(at).repeat(20_000);
    for (let at = 1000; at < 1100; at++)
      await write(
        storage,
        Array.from({ length: 5 }, (_, row) => [`k${row}`, text(at + row)]),
      );
    await storage.close();
    const size = readdirSync(join(folder, 'db')).reduce(
      (sum, name) => sum + statSync(join(folder, 'db', name)).size,
      0,
    );
    // 40 MB were written, of which 400 kB are left; LevelDB keeps a log of 4 MB and a few tables.
    expect(size).toBeLessThan(30_000_000);
  });
});

function logOf(folder: string): string {
  const names = readdirSync(join(folder, 'db')).filter((name) => name.endsWith('.log'));
  return join(folder, 'db', names.sort().at(-1) as string);
}
