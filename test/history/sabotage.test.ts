/** The comparison with the naive way can fail: each fault, put into the checker, must be seen on some of a fixed list of histories. */
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { checkHistory } from '../../src/history/check.ts';
import type { Operation } from '../../src/history/format.ts';
import { operationsOf } from '../../src/history/operations.ts';
import { Search } from '../../src/history/search.ts';
import { explanation, histories } from './histories.ts';

const given = fc.sample(histories(6), { seed: 1993, numRuns: 1200 }).map((lines) => {
  const operations = operationsOf(lines);
  return { operations, expected: explanation(operations.operations) };
});

/** How many of the histories the checker gets wrong, in its verdict or in its explanation. */
function mistakes(
  change: (operations: readonly Operation[]) => readonly Operation[] = (same) => same,
): number {
  return given.filter(({ operations, expected }) => {
    const { violation } = checkHistory({ ...operations, operations: change(operations.operations) });
    const fitting = violation?.fitting.map((each) => JSON.stringify(each)).sort();
    return (
      violation?.line !== expected?.line || JSON.stringify(fitting) !== JSON.stringify(expected?.fitting)
    );
  }).length;
}

/** What is private of a search. */
interface Inside {
  readonly operations: readonly Operation[];
  readonly replies: number[];
  readonly reads: boolean[];
  readonly twin: number[];
  readonly done: boolean[];
  readonly state: number;
  readonly next: Int32Array;
  readonly dead: Set<string>;
  readonly last: { readonly before: Inside['last'] } | null;
  readonly late: number;
  makesIdle(operation: number): boolean;
  enter(): 'through' | 'known' | 'new';
  fits(operation: number): boolean;
  fittingRead(): number;
  back(): number;
  note(reached: number): void;
}
const inside = Search.prototype as unknown as Inside;

/** Replaces a method of every search by one that is given the right one. */
function instead<K extends 'enter' | 'fits' | 'fittingRead' | 'back' | 'note' | 'makesIdle'>(
  name: K,
  way: (
    search: Inside,
    right: (argument?: number) => ReturnType<Inside[K]>,
    argument: number,
  ) => ReturnType<Inside[K]>,
) {
  const right = inside[name] as (argument?: number) => ReturnType<Inside[K]>;
  const wrong = function (this: Inside, argument: number) {
    return way(this, (other = argument) => right.call(this, other), argument);
  };
  vi.spyOn(inside, name).mockImplementation(wrong as never);
}

/** Changes every search before it begins. */
function atFirst(change: (search: Inside) => void) {
  const begun = new WeakSet<Inside>();
  instead('enter', (search, right) => {
    if (!begun.has(search)) change(search);
    begun.add(search);
    return right();
  });
}

/** Looks at a configuration without some part of it. */
function remembering(part: (configuration: string) => string) {
  atFirst((search) => {
    const { dead } = search;
    Object.assign(search, {
      dead: { has: (one: string) => dead.has(part(one)), add: (one: string) => dead.add(part(one)) },
    });
  });
}

const unanswered = (search: Inside, operation: number) => search.operations[operation]!.returned === null;

const faults: Record<string, () => void> = {
  'what leads nowhere is remembered without the state': () => remembering((one) => one.replace(/^\d+/, '')),
  'what leads nowhere is remembered without what has taken effect': () =>
    remembering((one) => one.replace(/ .*$/, '')),
  'two without an answer wait for each other': () =>
    instead('makesIdle', (search, right, operation) =>
      search.late >= 0 && unanswered(search, operation) ? true : right(),
    ),
  'nothing comes right after what has no answer': () => instead('makesIdle', (search) => search.late >= 0),
  'any answer fits': () => instead('fits', () => true),
  'no answer that differs from the first wish is taken back': () => instead('back', () => -1),
  'what has no answer never takes effect': () =>
    instead('fits', (search, right, operation) => !unanswered(search, operation) && right()),
  'what has no answer takes effect before all else': () => {
    atFirst((search) => {
      search.operations.forEach((_, at) => {
        if (unanswered(search, at)) search.reads[at] = true;
      });
    });
  },
  'one without an answer waits for any other without one': () =>
    atFirst((search) => {
      search.operations.forEach((_, at) => {
        const other = search.operations.findIndex((each, before) => before < at && each.returned === null);
        if (unanswered(search, at)) search.twin[at] = other;
      });
    }),
  'whatever fits takes effect at once': () => atFirst((search) => search.reads.fill(true)),
  'a read takes effect at once whether or not it fits': () =>
    instead('fits', (search, right, operation) => search.reads[operation] === true || right()),
  'the last operation to be taken back is forgotten': () =>
    instead('back', (search, right) => (search.last?.before ? right() : -1)),
  'the furthest order is taken for one that goes further': () =>
    instead('note', (search, right) =>
      right(Math.max(...search.operations.map((each) => each.returned ?? 0))),
    ),
};

describe('a fault is noticed', () => {
  afterEach(() => vi.restoreAllMocks());

  test('and without one there is nothing to notice', () => {
    expect(mistakes()).toBe(0);
    expect(given.filter(({ expected }) => expected).length).toBeGreaterThan(200);
  });

  test.each(Object.keys(faults))('%s', (name) => {
    faults[name]!();
    expect(mistakes()).toBeGreaterThan(0);
  });

  test('answers are taken for later than they were', () => {
    const later = (operations: readonly Operation[]) =>
      operations.map((each) => ({ ...each, returned: each.returned && each.returned + 0.5 }));
    expect(mistakes(later)).toBeGreaterThan(0);
  });
});
