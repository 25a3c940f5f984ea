import { readFileSync } from 'node:fs';

/** The text of a generated file, empty where there is none yet. */
export function existing(file: URL): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
