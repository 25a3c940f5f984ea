/** The command line in a few files, which starts three times as fast as its sources do: what documents show starts it a hundred times. */
import { copyFileSync, mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'rolldown';
import { root } from './run.ts';

/** The command line, and what it starts threads of. */
const ENTRIES = ['src/cli/main', 'src/workers/worker', 'src/suite/worker', 'src/foreign/child-worker'];

/** Of a module in the bundle: it stands where it would if it had a file of its own there. */
const standing = (folder: string): Plugin => ({
  name: 'standing',
  transform: (code, id) => {
    if (!id.startsWith(join(root, 'src/'))) return null;
    const file = join(folder, relative(root, id)).replace(/\.ts$/, '.js');
    return code.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(file).href));
  },
});

let made: Promise<readonly [string, ...string[]]> | undefined;

/** The command that starts it, made once in each process of tests. A module of a user's own may be TypeScript all the same. */
export function bundled(): Promise<readonly [string, ...string[]]> {
  made ??= make();
  return made;
}

async function make(): Promise<readonly [string, ...string[]]> {
  const folder = mkdtempSync(join(tmpdir(), 'synod-bundle-'));
  await build({
    input: Object.fromEntries(ENTRIES.map((entry) => [entry, join(root, `${entry}.ts`)])),
    platform: 'node',
    // It has a part that is no JavaScript.
    external: ['classic-level'],
    plugins: [standing(folder)],
    output: { dir: folder, format: 'esm' },
    logLevel: 'silent',
  });
  copyFileSync(join(root, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return [process.execPath, '--import', join(root, 'register.mjs'), join(folder, 'src/cli/main.js')];
}
