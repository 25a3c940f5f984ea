import { cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Change } from '../../src/node/interfaces.ts';
import { StorageError } from '../../src/node/interfaces.ts';
import { type LevelStorage, openStorage } from '../../src/node/level-storage.ts';
import { Chance } from '../../src/simulation/chance.ts';
import { folderForAll } from '../cli/run.ts';

const base = folderForAll();
let folders = 0;
const fresh = () => join(base, `${folders++}`);
/** Files of the journal that are soon full. */
const capacity = 16 * 4096;
const place = (folder: string) => ({ folder, cluster: 'c', node: 'n1', firstStart: true, capacity });

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
    writeFileSync(identity, readFileSync(identity, 'utf8').replace('"format":2', '"format":3'));
    await expect(openStorage(place(folder))).rejects.toThrow(
      /format 3; this version of synod knows format 2/,
    );
  });

  test('that are open are not opened again', async () => {
    const folder = fresh();
    const storage = await openStorage(place(folder));
    await expect(openStorage(place(folder))).rejects.toThrow(StorageError);
    await storage.close();
  });

  test('without their database, or a file of their journal, are refused', async () => {
    for (const part of ['db', 'journal-0', 'journal-1']) {
      const folder = fresh();
      await filled(folder, 3);
      rmSync(join(folder, part), { recursive: true });
      await expect(opened(folder)).rejects.toThrow(StorageError);
    }
  });

  test('of which the last is damaged are refused, unless it may not have been on disk', async () => {
    const folder = fresh();
    await filled(folder, 10);
    damage(folder, 'journal-0', 9 * 4096 + 50);
    await expect(opened(folder)).rejects.toThrow(
      /the last write found is number 9, but number 10 was on disk/,
    );
    const torn = fresh();
    const expected = await filled(torn, 9);
    cpSync(join(torn, 'last-write'), join(folder, 'last-write'));
    expect(new Map([...(await opened(folder))].sort())).toEqual(new Map([...expected].sort()));
  });

  test('of which one before the last is damaged are refused, whatever is known of the last', async () => {
    const folder = fresh();
    await filled(folder, 10);
    damage(folder, 'journal-0', 4 * 4096 + 50);
    rmSync(join(folder, 'last-write'));
    await expect(opened(folder)).rejects.toThrow(/write 6 is found, and number 5 is not/);
  });

  test('that are damaged anywhere are refused, with the place, or are as they were', async () => {
    const folder = fresh();
    const expected = new Map([...(await filled(folder, 40))].sort());
    const chance = new Chance(5, 1);
    let refused = 0;
    for (let round = 0; round < 60; round++) {
      const copy = fresh();
      cpSync(folder, copy, { recursive: true });
      const files = [
        ...['journal-0', 'journal-1'],
        ...readdirSync(join(copy, 'db'))
          .filter((name) => /\.(log|ldb)$|^(MANIFEST|CURRENT)/.test(name))
          .map((name) => join('db', name)),
      ];
      const file = files[chance.below(files.length)] as string;
      // Most of a block of the journal is empty.
      const at = file.startsWith('journal')
        ? 4096 * chance.below(16) + chance.below(100)
        : chance.below(statSync(join(copy, file)).size);
      damage(copy, file, at, 1 << chance.below(8));
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

  test.each([
    [9, 'as they were'],
    [20, 'as they were'],
    [200, 'refused'],
  ])('of which the database has lost the last of %i writes are %s', async (writes, outcome) => {
    const folder = fresh();
    let storage = await openStorage(place(folder));
    await storage.load();
    const before = fresh();
    cpSync(folder, before, { recursive: true });
    const expected = Array.from({ length: 5 }, (_, at) => [`k${at}`, '']);
    for (let at = 0; at < writes; at++) {
      // Opened again it has everything in the database, and the journal begins anew: a turn, however slow the disk.
      if (at % 50 === 49) {
        await storage.close();
        storage = await openStorage({ ...place(folder), firstStart: false });
        await storage.load();
      }
      await write(storage, [[`k${at % 5}`, `${at}`]]);
      expected[at % 5] = [`k${at % 5}`, `${at}`];
    }
    await storage.close();
    rmSync(join(folder, 'db'), { recursive: true });
    cpSync(join(before, 'db'), join(folder, 'db'), { recursive: true });
    if (outcome === 'refused') await expect(opened(folder)).rejects.toThrow(/is found, and number 1 is not/);
    else expect([...(await opened(folder))].sort()).toEqual(expected);
  });

  test('are found after a turn of the journal, though its other file has older ones', async () => {
    const folder = fresh();
    const storage = await openStorage(place(folder));
    await storage.load();
    for (let at = 0; at < 100; at++) await write(storage, [[`k${at % 7}`, `${at}`]]);
    await storage.close();
    const rows = await opened(folder);
    expect([...rows].sort()).toEqual(
      Array.from({ length: 7 }, (_, at) => [`k${at}`, `${at < 2 ? 98 + at : 91 + at}`]),
    );
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

/** Changes bits of one byte of a file. */
function damage(folder: string, name: string, at: number, bits = 1): void {
  const file = join(folder, name);
  const bytes = readFileSync(file);
  bytes[at] = (bytes[at] as number) ^ bits;
  writeFileSync(file, bytes);
}
