import { readFileSync } from 'node:fs';

/** The version in package.json, which lies above the sources and above dist/src alike. */
export function version(): string {
  for (const path of ['../package.json', '../../package.json']) {
    try {
      const { name, version: found } = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
      if (name === 'synod') return found;
    } catch {
      // Not there.
    }
  }
  return 'unknown';
}
