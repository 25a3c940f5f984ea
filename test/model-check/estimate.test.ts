import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { expectedStates } from '../../model-check/estimate.ts';
import { root } from '../cli/run.ts';

/** Sizes of levels, recorded from runs to the end: those by which the bounds were chosen, and others. */
const curves: Record<'calibrated' | 'heldOut', Record<string, number[]>> = JSON.parse(
  readFileSync(join(root, 'test/model-check/level-curves.json'), 'utf8'),
);

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

/** What is told while each of the levels is expanded: the share of the run that has been expanded, and the bounds. */
function course(sizes: readonly number[]) {
  const total = sum(sizes);
  return sizes.map((size, at) => ({
    weight: size / total,
    done: sum(sizes.slice(0, at)) / total,
    bounds: expectedStates(sizes.slice(0, at + 1)),
  }));
}

/** How far the truth is outside of bounds: 1 if it is not, 2 if they should be twice as wide on that side. */
function miss(total: number, { least, most }: { least: number; most: number }): number {
  return Math.max(1, least / total, total / most);
}

function measured(set: Record<string, number[]>) {
  const all = Object.values(set).map((sizes) => ({ total: sum(sizes), course: course(sizes) }));
  const told = all.flatMap(({ total, course: steps }) =>
    steps.flatMap(({ weight, bounds }) => (bounds ? [{ weight, miss: miss(total, bounds) }] : [])),
  );
  const toldAt = (share: number) =>
    all.filter(({ course: steps }) => steps.findLast(({ done }) => done <= share)?.bounds).length;
  const shown = sum(told.map(({ weight }) => weight));
  return {
    systems: all.length,
    shown: shown / all.length,
    // Up to a hundredth: at the end the bounds are as close together as that.
    within: sum(told.filter((each) => each.miss < 1.01).map(({ weight }) => weight)) / shown,
    worst: Math.max(...told.map((each) => each.miss)),
    toldAt: [0.1, 0.25, 0.5, 0.75].map(toldAt),
  };
}

describe('how many states there will be', () => {
  test.each([
    ['calibrated', 'the systems that it was fitted to'],
    ['heldOut', 'others'],
  ] as const)('%s: as the documentation has it', (set, name) => {
    const { systems, shown, within, worst, toldAt } = measured(curves[set]);
    expect(within).toBeGreaterThan(0.95);
    expect(worst).toBeLessThan(1.6);
    expect(shown).toBeGreaterThan(0.45);
    const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
    const cells = [name, systems, ...toldAt, percent(shown), percent(within), worst.toFixed(2)];
    expect(readFileSync(join(root, 'docs/long-runs.md'), 'utf8')).toContain(`| ${cells.join(' | ')} |`);
  });

  test('is not told before there are levels enough, nor while they grow as ever, nor when anything is possible', () => {
    expect(expectedStates([1, 3, 9, 20, 9, 3, 1])).toBeUndefined();
    expect(expectedStates(Array.from({ length: 30 }, (_, at) => 3 ** at))).toBeUndefined();
    expect(expectedStates(Array.from({ length: 30 }, () => 100))).toBeUndefined();
    expect(expectedStates(Array.from({ length: 12 }, (_, at) => 2 ** (at - (at * at) / 60)))).toBeUndefined();
  });

  test('of a bell is told within its bounds, and more closely towards the end', () => {
    const bell = Array.from({ length: 41 }, (_, at) => Math.round(1e6 * Math.exp(-(((at - 20) / 6) ** 2))));
    const widths = [24, 28, 34].map((levels) => {
      const { least, most } = expectedStates(bell.slice(0, levels)) ?? { least: 0, most: 0 };
      expect(least).toBeLessThan(sum(bell));
      expect(most).toBeGreaterThan(sum(bell));
      return most / least;
    });
    expect(widths).toEqual([...widths].sort((a, b) => b - a));
  });
});
