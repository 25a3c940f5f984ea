import { readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { root } from './paths.ts';

const LANGUAGES: Readonly<Record<string, string>> = {
  c: 'c',
  cc: 'cpp',
  h: 'cpp',
  json: 'json',
  py: 'python',
  ts: 'ts',
  yaml: 'yaml',
};

/** The files that have a page of their own on the site: the specification, and what documents link to. */
export function sourceFiles(): string[] {
  const within = (folder: string, endings: RegExp) =>
    readdirSync(`${root}${folder}`, { recursive: true })
      .map((name) => `${folder}/${String(name).replaceAll('\\', '/')}`)
      .filter((path) => endings.test(path));
  return [
    ...within('spec', /\.(ts|tla|cfg|pml|h)$/),
    ...within('model-check', /\/(system|naive)\.ts$/),
    ...within('examples', /\.(c|mjs|py|sh|ts|yaml)$/),
    ...within('docs/examples', /\.(ts|yaml)$/),
    ...within('examples', /\.(c|py)$/),
    ...within('docs/reading', /\.ts$/),
    ...within('docs/schemas', /\.json$/),
    ...within('test/bench', /\.cc$/),
    'docs/benchmark.json',
  ].sort();
}

/** The pages that show sources: one for each file, and one for each folder that has no README of its own. */
export function sourcePages(): { params: { file: string }; content: string }[] {
  const files = sourceFiles();
  const pages = files.map((file) => ({ params: { file }, content: sourcePage(file) }));
  const folders = [...new Set(files.map(dirname))].map((folder) => ({
    params: { file: `${folder}/index` },
    content: [
      `# ${folder}/`,
      ...files
        .filter((file) => dirname(file) === folder)
        .map((file) => `- [${file.slice(folder.length + 1)}](/source/${file}.md)`),
    ].join('\n\n'),
  }));
  return [...pages, ...folders];
}

function sourcePage(file: string): string {
  const text = readFileSync(`${root}${file}`, 'utf8');
  const ending = file.slice(file.lastIndexOf('.') + 1);
  return `# ${file}\n\n\`\`\`\`\`${LANGUAGES[ending] ?? 'text'}\n${text}\n\`\`\`\`\`\n`;
}
