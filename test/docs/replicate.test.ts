/** The example in the README is the file that is run. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../cli/run.ts';

test('README.md shows docs/examples/replicate.ts, as a user of the package writes it', () => {
  const example = readFileSync(join(root, 'docs/examples/replicate.ts'), 'utf8');
  const code = example.slice(example.indexOf('import {')).replace("'../../spec/index.ts'", "'synod/spec'");
  expect(code).toContain("from 'synod/spec'");
  expect(readFileSync(join(root, 'README.md'), 'utf8')).toContain(`\`\`\`ts\n${code}\`\`\``);
});
