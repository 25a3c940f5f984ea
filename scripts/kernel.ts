/**
 * npm run kernel: compiles the AssemblyScript of model-check/kernel/assembly/ to WebAssembly, and writes it to
 * model-check/kernel/module.ts. With --check: exits with 1 if that is stale.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const target = new URL('../model-check/kernel/module.ts', import.meta.url);
const source = fileURLToPath(new URL('../model-check/kernel/assembly/kernel.ts', import.meta.url));

const options = ['-O3', '--noAssert', '--runtime', 'stub', '--importMemory', '--use', 'abort='];
const outputs = new Map<string, string | Uint8Array>();
const { error, stderr } = await asc.main([source, ...options, '--outFile', 'kernel.wasm'], {
  writeFile: (name, contents) => {
    outputs.set(name, contents);
  },
});
if (error) throw new Error(stderr.toString());
const code = Buffer.from(outputs.get('kernel.wasm') as Uint8Array).toString('base64');
const lines = code.match(/.{1,100}/g) ?? [];
const text = `/** Written by \`npm run kernel\`: assembly/kernel.ts, compiled to WebAssembly, in base 64. */
export const KERNEL = [
${lines.map((line) => `  '${line}',`).join('\n')}
].join('');
`;

if (!process.argv.includes('--check')) {
  writeFileSync(target, text);
} else if (readFileSync(target, 'utf8') !== text) {
  process.stderr.write('model-check/kernel/module.ts is stale: npm run kernel writes it anew\n');
  process.exitCode = 1;
}
