import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Change } from '../../src/node/interfaces.ts';
import { Journal } from '../../src/node/journal.ts';

const base = mkdtempSync(join(tmpdir(), 'synod-journal-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));
const fresh = () => mkdtempSync(join(base, 'j'));
const CAPACITY = 4 * 4096;

const open = (folder: string, { salt = 'salt', expected = true } = {}) =>
  new Journal(folder, CAPACITY, salt, expected);

const append = (journal: Journal, write: number, changes: readonly Change[]) =>
  new Promise<void>((resolve, reject) =>
    journal.append({ write, changes }, (error) => (error ? reject(error) : resolve())),
  );

async function found(folder: string) {
  const journal = open(folder);
  await journal.close();
  return [...journal.found].sort((a, b) => a.write - b.write);
}

describe('a journal', () => {
  test('has what was written, whatever is in it, in as many blocks as it takes', async () => {
    const folder = fresh();
    const journal = open(folder, { expected: false });
    const records: Change[][] = [
      [],
      [['a', '']],
      [
        ['b\n', 'line\n"quoted"'],
        ['c', null],
        ['ü', '\u00ff\u20ac😀'],
      ],
      [['long', 'x'.repeat(10_000)]],
    ];
    for (const [at, changes] of records.entries()) await append(journal, at + 1, changes);
    await journal.close();
    expect(await found(folder)).toEqual(records.map((changes, at) => ({ write: at + 1, changes })));
  });

  test('turns to its other file, where it writes over what was there; a record may go beyond the end', async () => {
    const folder = fresh();
    const journal = open(folder, { expected: false });
    let write = 0;
    const numbers = [];
    for (let turns = 0; turns < 3; turns++) {
      for (; !journal.full; numbers.push(write)) await append(journal, ++write, [['k', 'x'.repeat(5000)]]);
      journal.turn();
    }
    await append(journal, ++write, [['last', 'x'.repeat(20_000)]]);
    await journal.close();
    expect(numbers).toEqual([1, 2, 3, 4, 5, 6]);
    expect((await found(folder)).map((record) => record.write)).toEqual([5, 6, 7]);
    expect(statSync(join(folder, 'journal-1')).size).toBe(5 * 4096);
  });

  test('takes nothing for a record that a client has had stored, however it looks', async () => {
    const forge = fresh();
    const forger = open(forge, { expected: false, salt: 'a guess' });
    await append(forger, 2, [['acceptor/promised', 'null']]);
    await forger.close();
    const forged = readFileSync(join(forge, 'journal-0')).subarray(0, 4096);
    const plant = async (salt: string) => {
      const folder = fresh();
      const journal = open(folder, { expected: false });
      await append(journal, 1, [['k', 'x'.repeat(9000)]]);
      await journal.close();
      const file = join(folder, 'journal-0');
      const bytes = readFileSync(file);
      // Of the record there is left what begins in the next block.
      bytes.fill(0, 0, 4096);
      forged.copy(bytes, 4096);
      writeFileSync(file, bytes);
      const opened = open(folder, { salt });
      await opened.close();
      return opened.found.length;
    };
    expect(await plant('salt')).toBe(0);
    expect(await plant('a guess')).toBe(1);
  });
});
