/** What can be tested of a Markdown document: the commands it shows, with what they print, and its links. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { root } from '../cli/run.ts';
import { has } from '../programs.ts';

/** The Markdown files of the checkout, by their paths from its root. */
export function documents(): string[] {
  const here = readdirSync(root).filter((name) => name.endsWith('.md'));
  const below = ['docs', 'spec', 'model-check', 'src', 'test'].flatMap((folder) =>
    existsSync(join(root, folder))
      ? readdirSync(join(root, folder), { recursive: true })
          .map((path) => join(folder, String(path)))
          .filter((path) => path.endsWith('.md') && !path.includes('node_modules'))
      : [],
  );
  return [...here, ...below].sort();
}

/** Those whose commands are run: what spec/twins shows needs other programs. */
export function documentsWithCommands(): string[] {
  return documents().filter((path) => !path.startsWith('spec/twins/'));
}

/** A command in a ```console block, and the lines that it is said to print. */
export interface Shown {
  readonly line: number;
  readonly command: string;
  readonly output: readonly string[];
}

/** The commands of a document's ```console blocks: lines that begin with `$ `; one that ends with a backslash goes on. */
export function shownIn(text: string): Shown[] {
  const found: { line: number; command: string; output: string[] }[] = [];
  let inside = false;
  let open: (typeof found)[number] | undefined;
  text.split('\n').forEach((each, at) => {
    if (/^\s*```/.test(each)) {
      inside = !inside && /^\s*```console\s*$/.test(each);
      open = undefined;
    } else if (!inside) {
      return;
    } else if (open?.command.endsWith('\\')) {
      open.command = `${open.command.slice(0, -1)}${each.replace(/^> /, '')}`;
    } else if (each.startsWith('$ ')) {
      open = { line: at + 1, command: each.slice(2), output: [] };
      found.push(open);
    } else if (open) {
      open.output.push(each);
    } else {
      throw new Error(`line ${at + 1}: a block of console output must begin with a command`);
    }
  });
  return found;
}

/** Lines as they are compared: without what differs from run to run (times, rates, memory), and blanks at the ends. */
export function normalised(lines: readonly string[]): string[] {
  const each = lines.map((line) =>
    line
      .replace(/ *\b\d+\.\d(?= {2}[✓✗])/g, ' # ')
      .replace(/\b[\d,]+(\.\d+)? s\b/g, '# s')
      .replace(/\b[\d,]+(\.\d+)? (states|steps) a second\b/g, '# $2 a second')
      .replace(/\b[\d,]+(\.\d+)? MiB\b/g, '# MiB')
      .replace(/"(seconds|statesPerSecond|stepsPerSecond|peakMemoryBytes)": ?[\d.e+-]+/g, '"$1":#')
      .trimEnd(),
  );
  while (each.at(-1) === '') each.pop();
  return each;
}

/** Whether the lines printed are those expected, where a line of `...` stands for any lines, or none. */
export function matches(expected: readonly string[], printed: readonly string[]): boolean {
  const [first, ...others] = expected;
  if (first === undefined) return printed.length === 0;
  if (first === '...') {
    return printed.some((_, at) => matches(others, printed.slice(at))) || matches(others, []);
  }
  return printed[0] === first && matches(others, printed.slice(1));
}

/** Why a command is not run, if it is not: it installs, or it runs the tests that run it, or it measures, or needs what is not here. */
export function notRun(command: string): string | undefined {
  const what = command.match(
    /\bnpm (ci|install|i|test|t|run (-s )?(test|bench|build))\b|\bnpx vitest\b|\bgit clone\b/,
  );
  if (what) return `${what[0]} is not for a test to run`;
  return /\bpython3\b/.test(command) && !hasPython ? 'there is no python3 here' : undefined;
}

const hasPython = has('python3');

/** Whether a command belongs to the slow suite: by what it is, or by the time that it is said to take. */
export function isSlow({ command, output }: Shown): boolean {
  if (/\bnpm run (-s )?(check|gallery|twins)\b|\bsuite\b/.test(command)) return true;
  return output.some((line) => Number(line.match(/(?:^|in )([\d.]+) s\b/)?.[1] ?? 0) > 5);
}

/** The links of a document that lead nowhere: to a file that is not there, or to a heading that its file does not have. */
export function deadLinks(path: string, text: string): string[] {
  const prose = text.replace(/^\s*```[\s\S]*?^\s*```\s*$/gm, '').replace(/`[^`\n]*`/g, '``');
  const links = [
    ...prose.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g),
    ...prose.matchAll(/^\[[^\]]+\]:\s*<?(\S+?)>?\s*$/gm),
  ].map(([, link]) => link as string);
  return links
    .filter((link) => !/^[a-z][a-z0-9+.-]*:/i.test(link))
    .filter((link) => isDead(path, text, link));
}

function isDead(path: string, text: string, link: string): boolean {
  const [file = '', anchor] = link.split('#');
  const target = file === '' ? resolve(root, path) : resolve(root, dirname(path), decodeURIComponent(file));
  if (relative(root, target).startsWith('..') || !existsSync(target)) return true;
  if (anchor === undefined || !target.endsWith('.md') || statSync(target).isDirectory()) return false;
  return !headings(file === '' ? text : readFileSync(target, 'utf8')).includes(anchor);
}

/** The anchors of a document's headings, as GitHub makes them. */
function headings(text: string): string[] {
  const seen = new Map<string, number>();
  return [...text.replace(/^\s*```[\s\S]*?^\s*```\s*$/gm, '').matchAll(/^#+ +(.+?)\s*#*$/gm)].map(
    ([, title]) => {
      const slug = (title as string)
        .toLowerCase()
        .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replace(/\s/g, '-');
      const before = seen.get(slug) ?? 0;
      seen.set(slug, before + 1);
      return before === 0 ? slug : `${slug}-${before}`;
    },
  );
}
