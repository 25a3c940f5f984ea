import { readFileSync, writeFileSync } from 'node:fs';

/** The text of a generated file, empty where there is none yet. */
export function existing(file: URL): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Writes generated files; or compares them only, says which are stale, and has the process exit with 1 if one is. */
export function publish(
  files: readonly { readonly file: URL; readonly text: string; readonly difference?: string }[],
  compare: boolean,
): void {
  for (const { file, text, difference = '' } of files) {
    const name = file.pathname.slice(file.pathname.indexOf('spec/'));
    if (!compare) writeFileSync(file, text);
    else if (text !== existing(file)) {
      process.stderr.write(`${name} is stale${difference}: npm run gallery writes it anew\n`);
      process.exitCode = 1;
    }
  }
}
