/**
 * Documents show what is really printed. Not run are commands that install, that run these tests, or that measure; those that
 * take long are run by `console.slow.test.ts`.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { root } from '../cli/run.ts';
import { expectShown, lookAlike, testDocuments } from './console.ts';
import { deadLinks, documents, isSlow, matches, normalised, notRun, shownIn } from './documents.ts';

testDocuments('fast');

describe('links', () => {
  test.each(documents())('%s: each leads somewhere', (document) => {
    expect(deadLinks(document, readFileSync(join(root, document), 'utf8'))).toEqual([]);
  });
});

describe('how documents are read', () => {
  test('commands and what they print', () => {
    const text = [
      'Some words.',
      '```sh',
      '$ npm ci',
      '```',
      '```console',
      '$ one --two \\',
      '    --three',
      'a line',
      '',
      '...',
      '$ four',
      '```',
      '$ five',
    ].join('\n');
    expect(shownIn(text)).toEqual([
      { line: 6, command: 'one --two     --three', output: ['a line', '', '...'] },
      { line: 11, command: 'four', output: [] },
    ]);
    expect(() => shownIn('```console\nno command\n```')).toThrow(/line 2/);
  });

  test('figures that vary are not compared, and all others are', () => {
    const shown = [
      '45,634 distinct states, 242,836 transitions, diameter 21',
      '0.3 s, 172,432 states a second, 94 MiB at the peak; 347 questions asked of the transition functions',
      'paxos  3a 2p, ballots 2     4,990,041     15,189,882      26.0  ✓ holds: 14 properties',
      '9,688,396 states in 33 s; 47 of 47 as expected',
      '{"distinctStates":3,"seconds":0.01,"statesPerSecond":3000,"peakMemoryBytes":123}',
      '0.7 s, 197,302 steps a second, 227 MiB at the peak',
      '{"stepsTaken":3,"stepsPerSecond":3000}',
    ];
    const faster = [
      shown[0],
      '12 s, 1,000,000 states a second, 1,024 MiB at the peak; 347 questions asked of the transition functions',
      'paxos  3a 2p, ballots 2     4,990,041     15,189,882       3.4  ✓ holds: 14 properties',
      '9,688,396 states in 7 s; 47 of 47 as expected',
      '{"distinctStates":3,"seconds":1e-7,"statesPerSecond":1.5,"peakMemoryBytes":9}',
      '1.7 s, 7,302 steps a second, 22 MiB at the peak',
      '{"stepsTaken":3,"stepsPerSecond":7}',
    ] as string[];
    expect(normalised(faster)).toEqual(normalised(shown));
    for (const [at, from, to] of [
      [0, '45,634', '45,635'],
      [0, '21', '22'],
      [1, '347', '348'],
      [2, '15,189,882', '15,189,883'],
      [2, '✓', '✗'],
      [3, '9,688,396', '9,688,397'],
      [3, '47 of', '46 of'],
      [4, '3,', '4,'],
      [6, '3,', '4,'],
    ] as const) {
      const wrong = shown.map((line, index) => (index === at ? line.replace(from, to) : line));
      expect(normalised(wrong)).not.toEqual(normalised(shown));
    }
  });

  test('a line of three dots stands for any lines', () => {
    const printed = ['a', 'b', 'c', 'b', 'd'];
    for (const expected of [
      printed,
      ['...'],
      ['a', '...'],
      ['...', 'd'],
      ['a', '...', 'b', 'd'],
      ['a', 'b', '...', 'c', '...', 'd'],
      ['...', 'a', 'b', 'c', 'b', 'd', '...'],
    ]) {
      expect({ expected, matches: matches(expected, printed) }).toEqual({ expected, matches: true });
    }
    for (const expected of [
      [],
      ['a'],
      ['...', 'c'],
      ['b', '...'],
      ['a', '...', 'a', '...'],
      ['a', 'c', '...'],
      ['... ', 'd'],
    ]) {
      expect({ expected, matches: matches(expected, printed) }).toEqual({ expected, matches: false });
    }
  });

  test('a document that shows something else is noticed', async () => {
    const folder = lookAlike();
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const shown = {
      line: 1,
      command: 'synod check consensus --values 3 --nonsense; echo "$?" > status; cat status',
      output: [],
    };
    const output = ["synod: unknown option '--nonsense'", '2'];
    await expectShown({ ...shown, output }, folder);
    await expect(expectShown({ ...shown, output: [...output, '3'] }, folder)).rejects.toThrow();
    expect(() => readFileSync(join(root, 'status'))).toThrow(/ENOENT/);
  });

  test('which commands are run, and where', () => {
    expect(notRun('npm ci && npm run check')).toMatch(/npm ci/);
    expect(notRun('npm test')).toBeDefined();
    expect(notRun('npm run bench')).toBeDefined();
    expect(notRun('npm run -s synod -- check paxos')).toBeUndefined();
    expect(notRun('npm run check')).toBeUndefined();
    const slow = (command: string, ...output: string[]) => isSlow({ line: 1, command, output });
    expect(slow('npm run check')).toBe(true);
    expect(slow('npm run -s synod -- suite --json')).toBe(true);
    expect(slow('npm run -s synod -- check paxos', '0.3 s, 5 states a second')).toBe(false);
    expect(slow('npm run -s synod -- check paxos', '31.0 s, 5 states a second')).toBe(true);
  });

  test('links that lead nowhere', () => {
    const links = (text: string) => deadLinks('docs/README.md', text);
    expect(
      links('[a](../README.md) [b](https://example.org/no-such) [c](schemas/) [d](#one-two)\n\n# One *two*'),
    ).toEqual([]);
    expect(links('`[a](nowhere.md)`\n```\n[b](nowhere.md)\n```')).toEqual([]);
    expect(links('[a](nowhere.md), [b][c]\n\n[c]: gone.md')).toEqual(['nowhere.md', 'gone.md']);
    expect(links('[a](../../outside.md) [b](../README.md#no-such-heading) [c](#nor-this)')).toEqual([
      '../../outside.md',
      '../README.md#no-such-heading',
      '#nor-this',
    ]);
  });
});
