/**
 * What was written last, one record after the other, in two files in turn. The files are filled in advance: a synced write then has its own
 * blocks to write and nothing else, where a file that grows has its length to write as well, which takes several times as long. Each record begins a block of its own, so that no write
 * touches what was synced before. While one file is written, what is in the other gets into the database (level-storage.ts).
 */
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fdatasync,
  fdatasyncSync,
  fsyncSync,
  openSync,
  readFileSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Change, StorageError } from './interfaces.ts';

/** In bytes. */
const BLOCK = 4096;
const FILES = ['journal-0', 'journal-1'] as const;
/** In milliseconds. A sync that takes no longer is done at once: to give it to another thread, and to be told, takes about as long. */
const QUICK = 2;
/** A record: a checksum of what follows up to the body, one of the body, the number, the length of the body, and the body. */
const SUM = 16;
const AT = { head: 0, body: SUM, number: 2 * SUM, length: 2 * SUM + 6 } as const;
const HEADER = AT.length + 4;

/** A write. They are numbered from 1 on. */
export interface JournalRecord {
  readonly write: number;
  readonly changes: readonly Change[];
}

export class Journal {
  /** What it held when it was opened, in no order. Some may be in the database by now. */
  readonly found: readonly JournalRecord[];
  private readonly salt: string;
  private readonly capacity: number;
  private readonly files: readonly number[];
  private current = 0;
  private position = 0;
  private syncing: Promise<void> | null = null;
  /** How long the last sync took. */
  private took = Number.POSITIVE_INFINITY;

  /**
   * @param capacity a file that has so many bytes is full; a record may go beyond
   * @param salt known to nobody who could have a value stored that looks like records
   * @param expected whether it was there before
   * @throws StorageError if it was, and is not
   */
  constructor(folder: string, capacity: number, salt: string, expected: boolean) {
    this.capacity = capacity;
    this.salt = salt;
    const paths = FILES.map((name) => join(folder, name));
    for (const path of paths) {
      const length = existsSync(path) ? statSync(path).size : 0;
      if (length >= capacity) continue;
      if (expected)
        throw new StorageError(
          `${path}: ${length} bytes; expected ${capacity} at least: it is damaged or gone`,
        );
      fill(path, length, capacity);
    }
    syncFolder(folder);
    this.found = paths.flatMap((path) => [...recordsIn(readFileSync(path), salt)]);
    this.files = paths.map((path) => openSync(path, 'r+'));
  }

  /** Whether it is time to turn. */
  get full(): boolean {
    return this.position >= this.capacity;
  }

  /** Goes on at the beginning of the other file, whose records are in the database. */
  turn(): void {
    this.current = 1 - this.current;
    this.position = 0;
  }

  /** Calls back when it is on disk. One at a time. */
  append(record: JournalRecord, done: (error?: Error) => void): void {
    const bytes = encoded(record, this.salt);
    const file = this.files[this.current] as number;
    this.syncing = new Promise((resolve) => {
      const began = performance.now();
      const end = (error?: Error | null) => {
        this.took = performance.now() - began;
        this.syncing = null;
        resolve();
        done(error ?? undefined);
      };
      try {
        for (let at = 0; at < bytes.length; )
          at += writeSync(file, bytes, at, bytes.length - at, this.position + at);
        this.position += bytes.length;
        if (this.took > QUICK) fdatasync(file, end);
        else {
          fdatasyncSync(file);
          process.nextTick(end);
        }
      } catch (error) {
        process.nextTick(end, error);
      }
    });
  }

  async close(): Promise<void> {
    await this.syncing;
    for (const file of this.files) closeSync(file);
  }
}

function fill(path: string, length: number, capacity: number): void {
  const file = openSync(path, length === 0 ? 'w' : 'r+');
  const zeros = Buffer.alloc(capacity - length);
  for (let at = 0; at < zeros.length; ) at += writeSync(file, zeros, at, zeros.length - at, length + at);
  fsyncSync(file);
  closeSync(file);
}

/** Its files are still in it after the loss of power. */
function syncFolder(folder: string): void {
  const opened = openSync(folder, 'r');
  fsyncSync(opened);
  closeSync(opened);
}

/** Whole blocks. The lengths of the values are in the first line, so that values need no quotes. */
function encoded({ write, changes }: JournalRecord, salt: string): Buffer {
  const lengths = JSON.stringify(changes.map(([key, value]) => [key, value?.length ?? null]));
  const body = `${lengths}\n${changes.map(([, value]) => value ?? '').join('')}`;
  const length = Buffer.byteLength(body);
  const bytes = Buffer.alloc(Math.ceil((HEADER + length) / BLOCK) * BLOCK);
  bytes.write(body, HEADER);
  bytes.writeUIntBE(write, AT.number, AT.length - AT.number);
  bytes.writeUInt32BE(length, AT.length);
  sumOf(bytes.subarray(HEADER, HEADER + length), salt).copy(bytes, AT.body);
  sumOf(bytes.subarray(AT.body, HEADER), salt).copy(bytes, AT.head);
  return bytes;
}

/** The records of a file. Where there is none, or what is left of one, the next block is looked at. */
function* recordsIn(bytes: Buffer, salt: string): Generator<JournalRecord> {
  const isSum = (at: number, from: number, to: number) =>
    sumOf(bytes.subarray(from, to), salt).equals(bytes.subarray(at, at + SUM));
  let length = 0;
  for (let at = 0; at + HEADER <= bytes.length; at += Math.ceil(length / BLOCK) * BLOCK) {
    const body = at + HEADER;
    const end = body + bytes.readUInt32BE(at + AT.length);
    const isRecord = end <= bytes.length && isSum(at, at + AT.body, body) && isSum(at + AT.body, body, end);
    length = isRecord ? end - at : BLOCK;
    if (!isRecord) continue;
    const write = bytes.readUIntBE(at + AT.number, AT.length - AT.number);
    yield { write, changes: changesIn(bytes.toString('utf8', body, end)) };
  }
}

function changesIn(body: string): Change[] {
  const line = body.indexOf('\n');
  let at = line + 1;
  return (JSON.parse(body.slice(0, line)) as [string, number | null][]).map(([key, length]) => {
    if (length === null) return [key, null];
    at += length;
    return [key, body.slice(at - length, at)];
  });
}

function sumOf(bytes: Buffer, salt: string): Buffer {
  return createHash('sha256').update(salt).update(bytes).digest().subarray(0, SUM);
}
