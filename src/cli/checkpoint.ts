/**
 * Checkpoint files: one line of JSON, words of 32 bits (the least significant byte first), and a SHA-256 of all that. A file is
 * written beside its place and then renamed, so that at any moment there is a whole one or none.
 */
import { createHash, type Hash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { endianness } from 'node:os';
import { dirname } from 'node:path';
import { z } from 'zod';
import { type Checkpoint, Position, type SavedRun } from '../../model-check/index.ts';
import { InputError, inputError, shortly } from '../input-error.ts';
import type { Recipe } from '../systems.ts';
import { version } from '../version.ts';
import { placeIn } from './files.ts';

const FORMAT = 'synod-checkpoint/1';
const BEGINS = '{"format":"synod-checkpoint/';
const DIGEST = 32;
/** Bytes read or hashed at a time. */
const PIECE = 1 << 20;
/** Bytes that a first line may have. */
const LONGEST_HEADER = 1 << 26;

const Header = z.strictObject({
  format: z.literal(FORMAT),
  /** Of the Synod that wrote it. */
  version: z.string(),
  recipe: z.strictObject({
    system: z.string(),
    configuration: z.record(z.string(), z.json()),
    mutant: z.string().nullable(),
    demonstration: z.boolean().optional(),
  }),
  run: Position,
  words: z.int().min(0),
});
type Header = z.infer<typeof Header>;

/** A checkpoint file, found whole. */
export interface Opened {
  readonly recipe: Recipe;
  readonly run: SavedRun;
}

/**
 * Writes a checkpoint in the place of the one that is there.
 *
 * @throws InputError if that cannot be done; the file is then as it was
 */
export function writeCheckpoint(path: string, recipe: Recipe, { position, words, pieces }: Checkpoint): void {
  const partial = `${path}.part`;
  const header = { format: FORMAT, version: version(), recipe, run: position, words };
  try {
    refuseByteOrder(path);
    const file = openSync(partial, 'w');
    try {
      const hash = createHash('sha256');
      append(file, Buffer.from(`${JSON.stringify(header)}\n`), hash);
      for (const piece of pieces())
        append(file, Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength), hash);
      append(file, hash.digest());
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(partial, path);
    syncFolder(dirname(path));
  } catch (error) {
    if (error instanceof InputError) throw error;
    rmSync(partial, { force: true });
    const bytes = words * 4 + JSON.stringify(header).length + 1 + DIGEST;
    throw new InputError(
      `${path}: no checkpoint written (${(error as NodeJS.ErrnoException).code}): expected a file that can be written, and room for ${bytes} bytes`,
    );
  }
}

function append(file: number, bytes: Buffer, hash?: Hash): void {
  hash?.update(bytes);
  for (let from = 0; from < bytes.length; ) from += writeSync(file, bytes, from);
}

/** Makes a renaming last through a loss of power, where the platform knows how. */
function syncFolder(folder: string): void {
  try {
    const file = openSync(folder, 'r');
    try {
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch {
    // Windows, for one, opens no folders; the file itself is on the disk.
  }
}

/**
 * Opens a checkpoint file. Nothing in it is believed before its checksum has been found right.
 *
 * @throws InputError if it is none, of another version, cut short or damaged
 */
export function openCheckpoint(path: string): Opened {
  refuseByteOrder(path);
  const { file, size } = opened(path);
  try {
    const line = firstLine(file, path);
    const text = line.toString('utf8');
    const header = headerIn(text, path);
    const body = line.length + 1;
    const expected = body + header.words * 4 + DIGEST;
    if (size !== expected)
      throw new InputError(`${path}: ${size} bytes long: expected ${expected}, as its first line has it`);
    refuseDamaged(file, path, size);
    const { recipe, run } = header;
    return { recipe: recipe as Recipe, run: { position: run, read: reader(file, body, size - DIGEST) } };
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

function opened(path: string): { readonly file: number; readonly size: number } {
  try {
    const file = openSync(path, 'r');
    const status = statSync(path);
    if (status.isDirectory()) throw Object.assign(new Error(path), { code: 'EISDIR' });
    return { file, size: status.size };
  } catch (error) {
    throw new InputError(
      `${path || '""'}: cannot be read (${(error as NodeJS.ErrnoException).code}): expected a checkpoint, as --checkpoint writes it`,
    );
  }
}

function firstLine(file: number, path: string): Buffer {
  const begin = Buffer.alloc(BEGINS.length);
  const text = begin.toString('latin1', 0, readAll(file, begin, 0));
  if (text !== BEGINS)
    throw new InputError(
      `${path}: it begins with ${shortly(text.replaceAll(/[^ -~]/g, '?'))}: expected a checkpoint, as --checkpoint writes it`,
    );
  for (let length = 1 << 16; ; length *= 8) {
    const start = Buffer.alloc(length);
    const got = readAll(file, start, 0);
    const end = start.subarray(0, got).indexOf('\n');
    if (end !== -1) return start.subarray(0, end);
    if (got < length || length > LONGEST_HEADER)
      throw new InputError(
        `${path}: its first line has no end: expected a checkpoint that was not cut short`,
      );
  }
}

function headerIn(text: string, path: string): Header {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new InputError(`${path}: its first line is not JSON: expected a checkpoint that was not changed`);
  }
  const { format, version: by } = content as { format: unknown; version: unknown };
  if (format !== FORMAT || by !== version()) {
    const whose = `${shortly(format)} of synod ${shortly(by)}`;
    throw new InputError(
      `${path}: ${whose}: expected "${FORMAT}" of synod "${version()}", which is this one`,
    );
  }
  const parsed = Header.safeParse(content);
  if (!parsed.success) throw inputError(parsed.error, content, placeIn(path));
  return parsed.data;
}

function refuseDamaged(file: number, path: string, size: number): void {
  const hash = createHash('sha256');
  const piece = Buffer.alloc(PIECE);
  for (let at = 0; at < size - DIGEST; ) {
    const got = readAll(file, piece.subarray(0, Math.min(PIECE, size - DIGEST - at)), at);
    if (got === 0) break;
    hash.update(piece.subarray(0, got));
    at += got;
  }
  const digest = Buffer.alloc(DIGEST);
  readAll(file, digest, size - DIGEST);
  if (!hash.digest().equals(digest))
    throw new InputError(`${path}: its content is not what its checksum says: expected it as it was written`);
}

/** Reads the words from a place in a file to another, and closes the file there. */
function reader(file: number, from: number, end: number): SavedRun['read'] {
  let at = from;
  return (into) => {
    const bytes = Buffer.from(into.buffer, into.byteOffset, into.byteLength);
    if (readAll(file, bytes, at) < bytes.length) throw new Error('a checkpoint changed while it was read');
    at += bytes.length;
    if (at === end) closeSync(file);
  };
}

/** Fills a buffer from a place in a file, and tells how far that went. */
function readAll(file: number, into: Buffer, from: number): number {
  let filled = 0;
  while (filled < into.length) {
    const got = readSync(file, into, filled, into.length - filled, from + filled);
    if (got === 0) break;
    filled += got;
  }
  return filled;
}

function refuseByteOrder(path: string): void {
  if (endianness() !== 'LE')
    throw new InputError(`${path}: checkpoints are for machines that write the least significant byte first`);
}
