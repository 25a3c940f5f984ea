/**
 * The file with the number of the last write that was on disk. It is not synced itself: after the loss of power it may name an older one, but never one that was not on disk;
 * after the loss of the process alone it is exact.
 */
import { closeSync, existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import { StorageError } from './interfaces.ts';

export class Marker {
  /** What it said when it was opened; 0 if there was none. */
  readonly last: number;
  private readonly file: number;

  /** @throws StorageError if it does not hold a number */
  constructor(path: string) {
    const text = existsSync(path) ? readFileSync(path, 'utf8').replaceAll('\0', '') : '';
    if (text !== '' && !/^\d{16}\n$/.test(text))
      throw new StorageError(`${path}: damaged: expected the number of a write`);
    this.last = Number(text);
    this.file = openSync(path, existsSync(path) ? 'r+' : 'w+');
  }

  note(write: number): void {
    try {
      writeSync(this.file, `${String(write).padStart(16, '0')}\n`, 0);
    } catch {
      // It is a second opinion; the first is the journal.
    }
  }

  close(): void {
    closeSync(this.file);
  }
}
