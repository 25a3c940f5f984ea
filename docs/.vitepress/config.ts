import { defineConfig } from 'vitepress';
import { extend, slug } from './build/markdown.ts';
import { pageOf } from './build/paths.ts';

export default defineConfig({
  title: 'Synod',
  description: 'Paxos, with its rules run in the page',
  lang: 'en',
  // Pages are the Markdown files of the whole checkout, where they stand.
  srcDir: '..',
  srcExclude: ['CHANGELOG.md', 'test/**', 'coverage/**', '**/.*/**'],
  rewrites: pageOf,
  lastUpdated: false,
  // The table of all pages is in a file of its own, and not in each page.
  metaChunk: true,
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  markdown: {
    config: extend,
    // A line of a text may begin with a figure.
    component: { inlineTags: ['FigureOf'] },
    // The default themes are too pale for some readers.
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-default' },
    anchor: { slugify: slug },
    headers: { slugify: slug },
  },
  themeConfig: {
    search: { provider: 'local', options: { detailedView: false } },
    outline: { level: [2, 3] },
    notFound: { linkLabel: 'Take me home' },
    nav: [
      { text: 'Read', link: '/reading/', activeMatch: '^/reading/' },
      { text: 'Explore', link: '/explorer' },
      { text: 'Check', link: '/check' },
      { text: 'Gallery', link: '/gallery' },
      { text: 'Guides', link: '/guides' },
      {
        text: 'Reference',
        activeMatch: '^/(spec|source|api|about)',
        items: [
          { text: 'The specification', link: '/spec/' },
          { text: 'API', link: '/api/' },
          { text: 'About, and how to get it', link: '/about' },
        ],
      },
    ],
    sidebar: [
      {
        text: 'The reading',
        items: [
          { text: 'How to read this', link: '/reading/' },
          { text: 'The problem', link: '/reading/problem' },
          { text: 'One acceptor, or many', link: '/reading/acceptors' },
          { text: 'From P2 to P2c', link: '/reading/p2' },
          { text: 'The two phases', link: '/reading/phases' },
          { text: 'Learning', link: '/reading/learning' },
          { text: 'Progress and its price', link: '/reading/progress' },
          { text: 'A state machine', link: '/reading/machine' },
          { text: 'Questions', link: '/reading/questions' },
          { text: 'Twenty questions', link: '/reading/answers' },
        ],
      },
      {
        text: 'Try it',
        items: [
          { text: 'Explorer', link: '/explorer' },
          { text: 'Check a configuration', link: '/check' },
          { text: 'The gallery', link: '/gallery' },
        ],
      },
      {
        text: 'Reference',
        items: [
          { text: 'About, and how to get it', link: '/about' },
          { text: 'The specification', link: '/spec/' },
          { text: 'The gallery, as tables', link: '/spec/mutants/' },
          { text: 'Twins for Spin and TLC', link: '/spec/twins/' },
          { text: 'API', link: '/api/' },
          { text: 'All documents', link: '/guides' },
        ],
      },
      {
        text: 'Guides',
        items: [
          { text: 'How the checker works', link: '/how-it-works' },
          { text: 'What "holds" means', link: '/what-holds-means' },
          { text: 'Check a system of your own', link: '/your-own-system' },
          { text: 'Replicate your own machine', link: '/your-own-state-machine' },
          { text: 'Check your own implementation', link: '/your-own-implementation' },
          { text: 'Exhaustive checks in your CI', link: '/in-your-ci' },
          { text: 'Vectors', link: '/vectors' },
          { text: 'Traces', link: '/traces' },
          { text: 'How far checking gets', link: '/how-far' },
          { text: 'Long runs', link: '/long-runs' },
          { text: 'The node', link: '/node' },
          { text: 'The node beside etcd', link: '/node-benchmark' },
          { text: 'Random walks', link: '/random-walks' },
          { text: 'Histories', link: '/histories' },
          { text: 'Simulation', link: '/simulation' },
          { text: 'Benchmark', link: '/benchmark' },
        ],
      },
    ],
  },
});
