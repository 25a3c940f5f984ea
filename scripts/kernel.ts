/**
 * npm run kernel: compiles the AssemblyScript of model-check/kernel/assembly/ to WebAssembly, and writes it to
 * model-check/kernel/module.ts. With --check: exits with 1 if that is stale.
 */
import { writeFileSync } from 'node:fs';
import { assembled, kernelSource } from './assembly.ts';
import { existing } from './existing.ts';

const target = new URL('../model-check/kernel/module.ts', import.meta.url);
const lines = (code: string) => (code.match(/.{1,100}/g) ?? []).map((line) => `  '${line}',`).join('\n');
const text = `/** Written by \`npm run kernel\`: the files of assembly/, compiled to WebAssembly, in base 64. */
export const KERNEL = [
${lines(await assembled(kernelSource()))}
].join('');
`;

if (!process.argv.includes('--check')) {
  writeFileSync(target, text);
} else if (existing(target) !== text) {
  process.stderr.write('model-check/kernel/module.ts is stale: npm run kernel writes it anew\n');
  process.exitCode = 1;
}
