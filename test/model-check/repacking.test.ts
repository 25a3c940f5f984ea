/** Packed states are widened in mid-run. */
import { describe, expect, test } from 'vitest';
import { check } from '../../model-check/check.ts';
import { Explorer } from '../../model-check/explorer.ts';
import { byEngine, byOracle } from './compare.ts';
import { type Counters, counters, expected } from './counters.ts';

/** How often the layout changed, and the words that a state had, in turn. */
function wordsInTurn(system: Counters) {
  const explorer = new Explorer(system);
  const layouts = [explorer.layout];
  while (!explorer.done) {
    explorer.run(1);
    if (explorer.layout !== layouts.at(-1)) layouts.push(explorer.layout);
  }
  return { explorer, words: layouts.map(({ words }) => words) };
}

describe('repacking in mid-run', () => {
  test.each([
    { limits: [600, 20], inert: 50, least: 5 },
    { limits: [25, 25, 25], inert: 45, least: 3 },
    { limits: [9, 9, 9, 9], inert: 56, least: 3 },
    { limits: [2000], inert: 62, least: 5 },
    { limits: [100, 130], inert: 61, least: 5 },
  ])('$limits counters beside $inert inert actors', async ({ limits, inert, least }) => {
    const system = counters(limits, inert);
    const { explorer, words } = wordsInTurn(system);
    const { states, transitions, depth } = explorer;
    expect({ distinctStates: states.size, transitions, diameter: depth }).toEqual(expected(limits));
    expect(words.length).toBeGreaterThan(least);
    const { verdict, counterexample, ...report } = await check(system, { enough: () => false });
    expect(report).toMatchObject(expected(limits));
    expect(verdict).toBe('violated');
    expect(counterexample?.length).toBe(expected(limits).diameter);
  });

  test('goes from two words to three and more', () => {
    expect(Math.max(...wordsInTurn(counters([25, 25, 25], 50)).words)).toBeGreaterThanOrEqual(3);
    const widest = wordsInTurn(counters([6, 6, 6, 6], 130));
    expect(widest.words[0]).toBe(5);
    expect(widest.words.at(-1)).toBe(5);
    const grown = wordsInTurn(counters([20, 20, 20], 118));
    expect(grown.words[0]).toBe(4);
    expect(grown.words.at(-1)).toBe(5);
    expect(grown.explorer.states.size).toBe(21 ** 3);
  });

  test('keeps every state it had, in its place', () => {
    const explorer = new Explorer(counters([60, 60], 55));
    const before: string[] = [];
    let layouts = 0;
    let { layout } = explorer;
    const read = (index: number) => {
      const locals = new Int32Array(explorer.layout.widths.length);
      explorer.layout.unpack(explorer.log.chunk(index), explorer.log.offset(index), locals);
      return locals.join();
    };
    while (!explorer.done) {
      explorer.run(1);
      if (explorer.layout !== layout) {
        layouts += 1;
        layout = explorer.layout;
        before.forEach((text, index) => {
          if (read(index) !== text) throw new Error(`state ${index} was ${text}, and is ${read(index)}`);
        });
      }
      while (before.length < explorer.states.size) before.push(read(before.length));
    }
    expect(layouts).toBeGreaterThan(3);
    expect(new Set(before).size).toBe(61 * 61);
  });

  test('of the records of an observer, and in the midst of a crash', async () => {
    const tight = counters([3, 3], 40);
    const system: Counters = {
      ...tight,
      actors: tight.actors.map((actor) =>
        actor.name.startsWith('c') ? { ...actor, restart: (count) => (count > 1 ? 1 : 0) } : actor,
      ),
      crashes: { budget: 2, groups: [['c0', 'c1'], ['c1']] },
      observers: [
        {
          name: 'history',
          initial: '',
          label: ({ actor, event }) => ((event as { type: string }).type === 'crash' ? 'x' : actor.slice(1)),
          observe: (record, label) => `${record}${label}`.slice(-5),
        },
      ],
    };
    expect(await byEngine(system)).toEqual(byOracle(system));
    const { words, explorer } = wordsInTurn(system);
    expect(words.length).toBeGreaterThan(3);
    expect(explorer.observers[0]?.records.values.length).toBeGreaterThan(40);
  });
});
