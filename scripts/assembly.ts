/** AssemblyScript to WebAssembly. */
import asc from 'assemblyscript/asc';

const options = ['-O3', '--noAssert', '--runtime', 'stub', '--importMemory', '--use', 'abort='];

/** The module of a source, in base 64. */
export async function assembled(source: string): Promise<string> {
  let code: Uint8Array = new Uint8Array();
  const { error, stderr } = await asc.main(['kernel.ts', ...options, '--outFile', 'kernel.wasm'], {
    readFile: (name) => (name === 'kernel.ts' ? source : null),
    writeFile: (_name, contents) => {
      if (typeof contents !== 'string') code = contents;
    },
  });
  if (error) throw new Error(stderr.toString());
  return Buffer.from(code).toString('base64');
}
