import { defineConfig } from 'vitepress';
import { extend, slug } from './build/markdown.ts';
import { pageOf } from './build/paths.ts';

export default defineConfig({
  title: 'Synod',
  description: 'Paxos, with every claim run in the page',
  lang: 'en',
  // Pages are the Markdown files of the whole checkout, where they stand.
  srcDir: '..',
  srcExclude: ['CHANGELOG.md', 'test/**', 'coverage/**', '**/.*/**'],
  rewrites: pageOf,
  lastUpdated: false,
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  markdown: { config: extend, anchor: { slugify: slug }, headers: { slugify: slug } },
  themeConfig: {
    search: { provider: 'local', options: { detailedView: false } },
    outline: { level: [2, 3] },
    nav: [
      { text: 'Guides', link: '/guides' },
      { text: 'Specification', link: '/spec/' },
    ],
    sidebar: [
      {
        text: 'Guides',
        items: [
          { text: 'All documents', link: '/guides' },
          { text: 'Check a system of your own', link: '/your-own-system' },
          { text: 'How far checking gets', link: '/how-far' },
          { text: 'Long runs', link: '/long-runs' },
          { text: 'Random walks', link: '/random-walks' },
          { text: 'Benchmark', link: '/benchmark' },
        ],
      },
    ],
  },
});
