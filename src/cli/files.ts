import {
  accessSync,
  appendFileSync,
  constants,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { InputError, parseJson } from '../input-error.ts';

/** Reads a JSON file, or standard input for `-`. */
export function readJson(path: string): unknown {
  return parseJson(readText(path), nameOf(path));
}

/** Reads a file of one JSON value, or of one on each line, or standard input for `-`. Each comes with its place. */
export function readJsonLines(path: string): { readonly place: string; readonly value: unknown }[] {
  const text = readText(path);
  const name = nameOf(path);
  const lines = text
    .split('\n')
    .map((line, at) => ({ line, place: `${name}: line ${at + 1}` }))
    .filter(({ line }) => line.trim() !== '');
  const several = lines.length > 1 && lines.every(({ line }) => /^\s*\{.*\}\s*$/.test(line));
  if (!several) return [{ place: name, value: parseJson(text, name) }];
  return lines.map(({ line, place }) => ({ place, value: parseJson(line, place) }));
}

/** What a file is called in messages. */
export function nameOf(path: string): string {
  return path === '-' ? 'standard input' : path || '""';
}

/** Reads a text file, or standard input for `-`. */
export function readText(path: string, expected = 'a JSON file'): string {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch (error) {
    throw new InputError(
      `${nameOf(path)}: cannot be read (${(error as NodeJS.ErrnoException).code}): expected ${expected}`,
    );
  }
}

/** Writes a file whole or not at all. */
export function writeWhole(path: string, text: string): void {
  const partial = `${path}.${process.pid}.part`;
  try {
    writeFileSync(partial, text);
    renameSync(partial, path);
  } catch (error) {
    removeIfThere(partial);
    throw unwritable(path, (error as NodeJS.ErrnoException).code);
  }
}

/** Writes a file whole, or says that it is not written since there is none of what it would show. */
export function writeIfAny(path: string, text: string | null | undefined, what: string): void {
  if (typeof text === 'string') writeWhole(path, text);
  else process.stderr.write(`${path}: not written, since there is no ${what}\n`);
}

/** Adds to the end of a file, which need not be there yet. */
export function append(path: string, text: string): void {
  try {
    appendFileSync(path, text);
  } catch (error) {
    throw unwritable(path, (error as NodeJS.ErrnoException).code);
  }
}

function removeIfThere(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // It could not be written, and so it is not there.
  }
}

/** Refuses what cannot be written, so that a long run does not end with that. */
export function refuseUnwritable(path: string): void {
  let isFolder = path === '';
  const folder = dirname(resolve(path));
  try {
    accessSync(folder, constants.W_OK);
    if (!statSync(folder).isDirectory()) throw Object.assign(new Error(folder), { code: 'ENOTDIR' });
    isFolder ||= statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch (error) {
    throw unwritable(path, (error as NodeJS.ErrnoException).code);
  }
  if (isFolder) throw unwritable(path, 'EISDIR');
}

function unwritable(path: string, code: string | undefined): InputError {
  return new InputError(
    `${path || '""'}: cannot be written (${code}): expected a file name in a folder that exists`,
  );
}

/** Names a part of a file: `quorums.json: phase1[0]`. */
export function placeIn(file: string): (path: readonly PropertyKey[]) => string {
  return (path) => {
    const at = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
    return at === '' ? file : `${file}: ${at.replace(/^\./, '')}`;
  };
}
