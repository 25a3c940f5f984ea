import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, posix } from 'node:path';
import { root } from './paths.ts';

const LANGUAGES: Readonly<Record<string, string>> = {
  c: 'c',
  cc: 'cpp',
  h: 'cpp',
  py: 'python',
  ts: 'ts',
  yaml: 'yaml',
};

/** The files that have a page of their own on the site: the specification, and whatever a document links to. */
export function sourceFiles(): string[] {
  const specification = filesIn('spec').filter((path) => /\.(ts|tla|cfg|pml|h)$/.test(path));
  return [...new Set([...specification, ...documents().flatMap(linkedFrom)])].sort();
}

/** The documents that are pages of the site. */
function documents(): string[] {
  const below = ['docs', 'spec']
    .flatMap(filesIn)
    .filter((path) => path.endsWith('.md') && !path.includes('/.'));
  return ['README.md', 'CONTRIBUTING.md', ...below];
}

/** The files that a document links to, but for other documents; of a folder without a README, all in it. */
function linkedFrom(document: string): string[] {
  const links = readFileSync(`${root}${document}`, 'utf8').matchAll(/\]\(([^)#\s:]+)(?:#[^)\s]*)?\)/g);
  return [...links].flatMap(([, link = '']) => {
    const path = posix.join(posix.dirname(document), decodeURIComponent(link)).replace(/\/$/, '');
    if (!existsSync(`${root}${path}`) || path.endsWith('.md')) return [];
    if (!statSync(`${root}${path}`).isDirectory()) return IMAGE.test(path) ? [] : [path];
    return existsSync(`${root}${path}/README.md`)
      ? []
      : filesIn(path).filter((file) => !file.endsWith('.md'));
  });
}

const IMAGE = /\.(svg|png|jpe?g|gif)$/;

/** The files in a folder and in those below it, by their paths from the root of the checkout. */
function filesIn(folder: string): string[] {
  return readdirSync(`${root}${folder}`, { recursive: true })
    .map((name) => `${folder}/${String(name).replaceAll('\\', '/')}`)
    .filter((path) => statSync(`${root}${path}`).isFile());
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
  // Colours make a page twice as large: those have them that documents are about.
  const language = /^(spec|docs|examples)\//.test(file) ? LANGUAGES[ending] : undefined;
  return `# ${file}\n\n\`\`\`\`\`${language ?? 'text'}\n${text}\n\`\`\`\`\`\n`;
}
