import { relative } from 'node:path';
import type { MarkdownRenderer } from 'vitepress';
import { excerpt } from './excerpt.ts';
import { galleryText } from './gallery.ts';
import { linkOnSite, root } from './paths.ts';

/**
 * Anchors as GitHub makes them, so that one link serves both.
 */
export function slug(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');
}

/**
 * What the pages of the site may do beyond plain Markdown: links between files of the checkout, and blocks of code taken from
 * the sources:
 *
 *     ```source
 *     spec/acceptor.ts phase1b phase2b
 *     ```
 *
 * and a block `gallery`, which stands for all broken variants.
 */
export function extend(md: MarkdownRenderer): void {
  md.core.ruler.push('links-of-the-checkout', ({ tokens, env }) => {
    const { realPath, path } = env as { readonly realPath?: string; readonly path: string };
    const from = relative(root, realPath ?? path);
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const href = token.type === 'link_open' ? token.attrGet('href') : null;
      if (href !== null) token.attrSet('href', linkOnSite(from, href));
    }
  });
  md.core.ruler.push('code-of-the-checkout', (state) => {
    for (const [at, token] of [...state.tokens.entries()].reverse()) {
      if (token.type !== 'fence') continue;
      if (token.info.trim() === 'gallery') state.tokens.splice(at, 1, ...md.parse(galleryText(), state.env));
      if (token.info.trim() !== 'source') continue;
      const [file = '', ...names] = token.content.trim().split(/\s+/);
      token.info = 'ts';
      token.content = `${excerpt(file, names)}\n`;
      const caption = new state.Token('html_block', '', 0);
      const link = md.renderInline(`[${file}](/source/${file}.md)`, state.env);
      caption.content = `<p class="source-of">${link}</p>\n`;
      state.tokens.splice(at, 0, caption);
    }
  });
}
