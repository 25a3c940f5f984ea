/**
 * npm run kernel: compiles the AssemblyScript of model-check/kernel/assembly/ to WebAssembly, and writes it to
 * model-check/kernel/module.ts. With --check: exits with 1 if that is stale.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { assembled } from './assembly.ts';
import { existing } from './existing.ts';

const folder = new URL('../model-check/kernel/', import.meta.url);
const target = new URL('module.ts', folder);
const code = await assembled(readFileSync(new URL('assembly/kernel.ts', folder), 'utf8'));
const lines = (code.match(/.{1,100}/g) ?? []).map((line) => `  '${line}',`);
const text = `/** Written by \`npm run kernel\`: assembly/kernel.ts, compiled to WebAssembly, in base 64. */
export const KERNEL = [
${lines.join('\n')}
].join('');
`;

if (!process.argv.includes('--check')) {
  writeFileSync(target, text);
} else if (existing(target) !== text) {
  process.stderr.write('model-check/kernel/module.ts is stale: npm run kernel writes it anew\n');
  process.exitCode = 1;
}
