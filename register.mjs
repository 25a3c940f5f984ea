// node --import ./register.mjs main.ts
//
// Lets Node run the TypeScript sources without a build, in the main thread and in every worker thread (which inherits --import).
// ts-node does the translating, without type checking. Its own ESM loader is not used: it replaces Node's resolver, which is slow
// and warns of a deprecation on newer versions. What has been translated once is kept in node_modules/.cache, so that the next
// start needs neither ts-node nor the compiler.

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { fileURLToPath } from 'node:url';
import { threadId } from 'node:worker_threads';

const require = nodeModule.createRequire(import.meta.url);
const root = fileURLToPath(new URL('.', import.meta.url));
const cache = fileURLToPath(new URL('node_modules/.cache/synod-ts/', import.meta.url));

let settings;
let compiler;

function settingsKey() {
  settings ??= ['./register.mjs', './tsconfig.json', 'ts-node/package.json', 'typescript/package.json']
    .map((file) => readFileSync(require.resolve(file), 'utf8'))
    .join('\0');
  return settings;
}

function compile(source, path) {
  compiler ??= require('ts-node').create({ cwd: root, transpileOnly: true });
  try {
    return compiler.compile(source, path);
  } catch (error) {
    // ts-node's own error does not survive the way from the hooks' thread: Node 20 would print an empty object.
    throw new SyntaxError(error.message);
  }
}

function translate(path) {
  const source = readFileSync(path, 'utf8');
  const key = createHash('sha256')
    .update(settingsKey())
    .update('\0')
    .update(path)
    .update('\0')
    .update(source);
  const cached = `${cache}${key.digest('hex')}.mjs`;
  try {
    return readFileSync(cached, 'utf8');
  } catch {
    // Not translated yet.
  }
  const output = compile(source, path);
  try {
    // Renamed into place, so that no other process or thread reads half a file.
    const partial = `${cached}.${process.pid}.${threadId}`;
    mkdirSync(cache, { recursive: true });
    writeFileSync(partial, output);
    renameSync(partial, cached);
  } catch {
    // A read-only checkout merely starts slower.
  }
  return output;
}

export function load(url, context, nextLoad) {
  if (!/^file:[^?#]*\.ts(?:[?#]|$)/.test(url)) return nextLoad(url, context);
  return { format: 'module', shortCircuit: true, source: translate(fileURLToPath(url)) };
}

// Without registerHooks (Node 20), Node loads this file a second time, in the thread that it keeps for such hooks.
if (!import.meta.url.endsWith('?hooks')) {
  process.setSourceMapsEnabled(true);
  if (nodeModule.registerHooks) nodeModule.registerHooks({ load });
  else nodeModule.register(`${import.meta.url}?hooks`);
}
