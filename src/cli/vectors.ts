import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { PaxosConfiguration } from '../../spec/index.ts';
import { InputError } from '../input-error.ts';
import { VectorLine, VectorManifest } from '../vectors/format.ts';
import { vectorFiles } from '../vectors/write.ts';
import { systemOf } from './check.ts';
import { writeWhole } from './files.ts';
import { checkRequest, EVERY_RULE } from './options.ts';
import { digits } from './print.ts';

/** `synod vectors`: writes what our roles do, for implementations to be tested against. Returns the exit status. */
export async function runVectors({
  out,
  ...given
}: { out: string } & Record<string, unknown>): Promise<number> {
  const built = await systemOf(checkRequest('paxos', { ...EVERY_RULE, ...given }));
  const { manifest, files } = await vectorFiles(PaxosConfiguration.parse(built.configuration));
  try {
    mkdirSync(out, { recursive: true });
  } catch (error) {
    throw new InputError(
      `--out: "${out}": cannot be made (${(error as NodeJS.ErrnoException).code}): expected the name of a folder`,
    );
  }
  for (const [name, text] of files) writeWhole(join(out, name), text);
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  writeWhole(join(out, 'vector.schema.json'), json(z.toJSONSchema(VectorLine, { io: 'input' })));
  writeWhole(join(out, 'manifest.schema.json'), json(z.toJSONSchema(VectorManifest, { io: 'input' })));
  writeWhole(join(out, 'manifest.json'), json(manifest));
  const rows = manifest.files.map(
    ({ file, vectors, steps, states, questions }) =>
      `${join(out, file)}: ${digits(vectors)} vectors of ${digits(steps)} steps in all, for ${digits(questions)} questions in ${digits(states)} states`,
  );
  process.stdout.write(`${rows.join('\n')}\ndigest ${manifest.digest}\n`);
  return 0;
}
