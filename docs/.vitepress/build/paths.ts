import { existsSync, statSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Where the page of a Markdown file of the checkout stands on the site. */
export function pageOf(file: string): string {
  const elsewhere: Record<string, string> = {
    'README.md': 'about.md',
    'CONTRIBUTING.md': 'contributing.md',
    'docs/README.md': 'guides.md',
  };
  return elsewhere[file] ?? file.replace(/^docs\//, '').replace(/(^|\/)README\.md$/, '$1index.md');
}

/** Where a link of the file `from` leads on the site: documents link to one another, and to sources, as they do in the checkout. */
export function linkOnSite(from: string, link: string): string {
  const [path = '', anchor] = link.split('#');
  const hash = anchor === undefined ? '' : `#${anchor}`;
  if (path === '' || path.startsWith('/') || /^[a-z][a-z0-9+.-]*:/i.test(path)) return link;
  const target = posix.join(posix.dirname(from), decodeURIComponent(path)).replace(/\/$/, '');
  const there = `${root}${target}`;
  if (!existsSync(there)) throw new Error(`${from}: the link ${link} leads nowhere: ${target} is not there`);
  if (!statSync(there).isDirectory())
    return target.endsWith('.md') ? `/${pageOf(target)}${hash}` : `/source/${target}.md${hash}`;
  if (existsSync(`${there}/README.md`)) return `/${pageOf(`${target}/README.md`)}${hash}`;
  return `/source/${target}/index.md${hash}`;
}
