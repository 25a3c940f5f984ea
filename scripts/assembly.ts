/** AssemblyScript to WebAssembly. */
import { readdirSync, readFileSync } from 'node:fs';
import asc from 'assemblyscript/asc';

const folder = new URL('../model-check/kernel/assembly/', import.meta.url);
const options = [
  '-O3',
  '--noAssert',
  '--runtime',
  'stub',
  '--importMemory',
  '--importTable',
  '--use',
  'abort=',
  // For a memory that several threads may share.
  ...['--enable', 'threads', '--sharedMemory', '--maximumMemory', '65536'],
];

/** The source of the kernel: its files, by name. */
export function kernelSource(): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((name) => [name, readFileSync(new URL(name, folder), 'utf8')]),
  );
}

/** The module of a source, in base 64. */
export async function assembled(source: Readonly<Record<string, string>>): Promise<string> {
  const files: Record<string, string> = {
    ...source,
    'all.ts': Object.keys(source)
      .map((name) => `export * from './${name.replace('.ts', '')}';`)
      .join('\n'),
  };
  let code: Uint8Array = new Uint8Array();
  const { error, stderr } = await asc.main(['all.ts', ...options, '--outFile', 'kernel.wasm'], {
    readFile: (name) => files[name] ?? null,
    writeFile: (_name, contents) => {
      if (typeof contents !== 'string') code = contents;
    },
  });
  if (error) throw new Error(stderr.toString());
  return Buffer.from(code).toString('base64');
}
