/** What builds the site: code that is taken from the sources, and links that serve the checkout and the site alike. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { excerpt } from '../../docs/.vitepress/build/excerpt.ts';
import { galleryText } from '../../docs/.vitepress/build/gallery.ts';
import { slug } from '../../docs/.vitepress/build/markdown.ts';
import { linkOnSite } from '../../docs/.vitepress/build/paths.ts';
import { sourceFiles } from '../../docs/.vitepress/build/sources.ts';
import { type Experiment, experiments } from '../../docs/.vitepress/site/experiments.ts';
import { configurationOf, fieldsOf } from '../../docs/.vitepress/site/fields.ts';
import { systemOf } from '../../docs/.vitepress/site/question.ts';
import { logMutants } from '../../spec/log/mutants/index.ts';
import { mutants } from '../../spec/mutants/index.ts';
import { commandFor } from '../../src/explorer/question.ts';
import { findSystem, systems } from '../../src/systems.ts';
import { root } from '../cli/run.ts';
import { documents } from './documents.ts';

describe('code of the sources', () => {
  test('stands on a page as it stands in the file, with its comment', () => {
    const text = excerpt('spec/acceptor.ts', ['phase1b', 'AcceptorRule']);
    const source = readFileSync(join(root, 'spec/acceptor.ts'), 'utf8');
    const [rule = '', type] = text.split(/\n\n(?=export type)/);
    expect(source).toContain(rule);
    expect(rule).toMatch(/^\/\*\*\n \* Phase 1b .*\};$/s);
    expect(type).toBe('export type AcceptorRule = Rule<AcceptorContext, AcceptorState, Receive>;');
  });

  test('must be there', () => {
    expect(() => excerpt('spec/acceptor.ts', ['phase3'])).toThrow('spec/acceptor.ts declares no phase3');
    expect(() => excerpt('spec/nothing.ts', ['phase1b'])).toThrow(/ENOENT/);
  });
});

describe('links', () => {
  test('between documents lead to their pages, and to sources to theirs', () => {
    const link = (to: string) => linkOnSite('docs/how-far.md', to);
    expect(link('random-walks.md#what-walks-show')).toBe('/random-walks.md#what-walks-show');
    expect(link('../spec/README.md')).toBe('/spec/index.md');
    expect(link('../spec/mutants/')).toBe('/spec/mutants/index.md');
    expect(link('../spec/acceptor.ts')).toBe('/source/spec/acceptor.ts.md');
    expect(link('schemas/')).toBe('/source/docs/schemas/index.md');
    expect(link('../README.md')).toBe('/about.md');
    for (const same of ['#below', 'https://example.org/a.md', '/reading/index.md', 'mailto:a@example.org']) {
      expect(link(same)).toBe(same);
    }
    expect(() => link('nowhere.md')).toThrow('docs/how-far.md: the link nowhere.md leads nowhere');
  });

  test('to headings are as GitHub makes them', () => {
    expect(slug('Section 2.2, read in three ways')).toBe('section-22-read-in-three-ways');
  });

  test('to sources lead to files that have a page', () => {
    const files = sourceFiles();
    expect(files).toContain('spec/acceptor.ts');
    expect(files.filter((file) => file.endsWith('.md'))).toEqual([]);
    const linked = documents().flatMap((document) =>
      [
        ...readFileSync(join(root, document), 'utf8').matchAll(
          /\]\((?!https?:)([^)#\s]+\.(?:ts|cc?|h|pml|py|tla|cfg))\)/g,
        ),
      ].map(([, link]) => linkOnSite(document, link as string)),
    );
    expect(linked.length).toBeGreaterThan(20);
    expect(linked.filter((link) => !files.some((file) => link === `/source/${file}.md`))).toEqual([]);
  });
});

describe('the reading', () => {
  const pages = documents().filter((path) => path.startsWith('docs/reading/'));

  test('has no figure that was typed', () => {
    expect(pages.length).toBeGreaterThan(8);
    for (const page of pages) {
      const prose = readFileSync(join(root, page), 'utf8')
        .replace(/^```[\s\S]*?^```$/gm, '')
        .replace(/<[^>]*>|`[^`]*`|\([^)]*\d{4}[^)]*\)|\]\([^)]*\)/g, '');
      const typed = [
        ...prose.matchAll(/\b\d+(?:,\d{3})*\s+(?:distinct |different )?(?:states|steps|transitions|ways)\b/g),
      ];
      expect({ page, typed: typed.map(([text]) => text) }).toEqual({ page, typed: [] });
    }
  });

  test('asks what the command line would be asked', () => {
    for (const { whole, broken } of Object.values<Experiment>(experiments)) {
      for (const question of [whole, broken]) {
        if (question) expect(commandFor(question)).toMatch(/^synod check [\w/.-]+( --[\w-]+( [\w,.-]+)?)*$/);
      }
    }
    expect(
      commandFor({
        system: 'paxos',
        configuration: { ballots: [1, 2], nacks: true },
        mutant: 'own-value',
        properties: ['P2c'],
      }),
    ).toBe('synod check paxos --ballots 1,2 --nacks --mutant own-value --property P2c');
    expect(commandFor({ system: 'paxos', configuration: { quorums: { phase1: [['a1']] } } })).toBe(
      `synod check paxos --quorums <(echo '{"phase1":[["a1"]]}')`,
    );
  });
});

describe('the form of a system', () => {
  test.each(systems.map(({ name }) => name))('of %s asks for each bound but quorums', (name) => {
    const shape = Object.keys(findSystem(name, String).configuration.shape);
    const fields = fieldsOf(name, '');
    expect(fields.map((field) => field.name)).toEqual(
      shape.filter((field) => field !== 'quorums' && field !== 'allowDisjointQuorums'),
    );
    const untouched = Object.fromEntries(fields.map((field) => [field.name, field.standard]));
    expect(configurationOf(fields, untouched)).toEqual({});
  });

  test('says what differs from the standard, and leaves nonsense to be refused', () => {
    const log = fieldsOf('multi-paxos', '');
    const said = configurationOf(log, {
      replicas: '2',
      ballots: '2, 1',
      clients: 'w,r',
      reads: 'log',
      snapshots: true,
      slots: 'many',
      commands: '',
      window: '',
      crashes: '0',
    });
    expect(said).toEqual({
      replicas: 2,
      ballots: [2, 1],
      clients: 'w,r',
      reads: 'log',
      snapshots: true,
      slots: Number.NaN,
      commands: Number.NaN,
    });
    expect(log.find(({ name }) => name === 'reads')).toEqual({
      name: 'reads',
      kind: 'choice',
      options: ['index', 'log'],
      standard: 'index',
    });
    const ofMutant = fieldsOf('multi-paxos', 'read-nonce-reused');
    expect(ofMutant.find(({ name }) => name === 'clients')?.standard).toBe('w,rr');
    expect(fieldsOf('docs/reading/duel.ts', '')).toEqual([]);
  });
});

test('the gallery has every broken variant, and each can be tried', () => {
  const text = galleryText();
  for (const { name } of mutants) {
    expect(text).toContain(`### ${name}\n`);
    expect(text).toContain(`<TryMutant system="paxos" name="${name}" />`);
    expect(systemOf({ system: 'paxos', mutant: name }).configuration).toBeDefined();
  }
  for (const { name } of logMutants)
    expect(text).toContain(`<TryMutant system="multi-paxos" name="${name}" />`);
});
