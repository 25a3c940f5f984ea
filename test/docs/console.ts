/** Runs what documents show, and compares. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundled } from '../cli/bundle.ts';
import { root, start, synodOnPath } from '../cli/run.ts';
import {
  documentsWithCommands,
  isSlow,
  matches,
  normalised,
  notRun,
  type Shown,
  shownIn,
} from './documents.ts';

/** Registers a test for each command of the documents that belongs to the suite, and for those that are not run. */
export function testDocuments(suite: 'fast' | 'slow'): void {
  for (const document of documentsWithCommands()) {
    const shown = shownIn(readFileSync(join(root, document), 'utf8'));
    const here = shown.filter(
      (each) => notRun(each.command) === undefined && isSlow(each) === (suite === 'slow'),
    );
    const left = suite === 'fast' ? shown.filter((each) => notRun(each.command) !== undefined) : [];
    if (here.length + left.length === 0) continue;
    describe(document, () => {
      let folder = '';
      beforeAll(() => {
        folder = lookAlike();
      });
      afterAll(() => rmSync(folder, { recursive: true, force: true }));
      for (const each of here) {
        test(`line ${each.line}: ${each.command}`, async () => {
          await expectShown(document === 'README.md' ? each : withoutNpm(each), folder);
        });
      }
      for (const { line, command } of left) test.skip(`line ${line}: ${command} (${notRun(command)})`);
    });
  }
}

/** The same command without npm, and not from the sources: both take long to start. That they start the same, the README's commands show. */
function withoutNpm(shown: Shown): Shown {
  return { ...shown, command: shown.command.replaceAll('npm run -s synod -- ', 'synod ') };
}

/** A folder that looks like the checkout, so that what a command writes does not end up there. */
export function lookAlike(): string {
  const folder = mkdtempSync(join(tmpdir(), 'synod-docs-'));
  for (const name of readdirSync(root)) {
    if (name !== '.git') symlinkSync(join(root, name), join(folder, name));
  }
  return folder;
}

/** Expects a command to print what the document says. */
export async function expectShown({ line, command, output }: Shown, folder: string): Promise<void> {
  const { stdout } = await start(['sh', '-c', `exec 2>&1; ${command}`], {
    cwd: folder,
    env: { PATH: synodOnPath(folder, await bundled()), NO_COLOR: '1' },
  }).ended;
  const expected = normalised(output);
  // What npm says of its own configuration is none of ours.
  const printed = normalised(stdout.split('\n').filter((line) => !line.startsWith('npm warn ')));
  if (matches(expected, printed)) return;
  const at = expected.findIndex((_, index) => !matches([...expected.slice(0, index + 1), '...'], printed));
  const wrong = at === -1 ? 'the end: more is printed' : `line ${line + 1 + at}: ${expected[at]}`;
  expect.fail(`${wrong}\nis not what is printed there, which is:\n${printed.join('\n')}`);
}
