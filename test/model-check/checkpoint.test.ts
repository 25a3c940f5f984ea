/** Runs that are saved and gone on with end as they do without; changed checkpoints are noticed. */
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { check } from '../../model-check/check.ts';
import { type Checkpoint, checkpoint, resumed } from '../../model-check/checkpoint.ts';
import type { Explorer } from '../../model-check/explorer.ts';
import { Journal, Kind } from '../../model-check/journal.ts';
import type { Report } from '../../model-check/report.ts';
import type { Envelope, Fact, System } from '../../model-check/system.ts';
import {
  bothWays,
  type Copy,
  copyOf,
  explored,
  fixed,
  halfWay,
  savedRun,
  small,
  smallSymmetric,
  whole,
} from './saved.ts';

describe.each([
  ['random systems', small, 30],
  ['random systems by symmetry', smallSymmetric, 15],
] as const)('%s, saved and gone on with', (_name, systems, numRuns) => {
  test('at any moment, end as they do without', () => {
    fc.assert(
      fc.property(systems, fc.integer({ min: 1, max: 30 }), (system, stop) => {
        const { stopped, straight } = bothWays<never, never, never>(system as never, 20, (at) => at === stop);
        expect(stopped).toEqual(straight);
      }),
      { numRuns },
    );
  });

  test('again and again, end as they do without', () => {
    fc.assert(
      fc.property(systems, (system) => {
        const { stopped, straight } = bothWays<never, never, never>(system as never, 5, () => true);
        expect(stopped).toEqual(straight);
      }),
      { numRuns: numRuns / 5 },
    );
  });
});

/** Whether a run that is gone on with from a changed copy is refused, or ends otherwise than without. */
function isNoticed(change: (copy: Copy, explorer: Explorer<unknown, Envelope, unknown>) => Copy): boolean {
  return fixed.some((system) => {
    const explorer = halfWay(system);
    if (!explorer) return false;
    try {
      const run = savedRun(change(copyOf(checkpoint(explorer, 0, undefined)), explorer));
      const end = whole(explored(resumed(system.build(), run), 1000));
      expect(end).toEqual(whole(explored(explorer, 1000)));
      return false;
    } catch {
      return true;
    }
  });
}

/** The states not yet expanded, each with its note; the arrays are parts of the copy. */
function records({ words }: Copy, { log, frontier }: Explorer<unknown, Envelope, unknown>): Int32Array[] {
  const from = words.length - frontier * log.record;
  return Array.from({ length: frontier }, (_, at) =>
    words.subarray(from + at * log.record, from + (at + 1) * log.record),
  );
}

describe('what these comparisons would notice', () => {
  test('nothing, if nothing was changed', () => {
    expect(fixed.filter(halfWay).length).toBeGreaterThan(20);
    expect(isNoticed((copy) => copy)).toBe(false);
  });

  test.each<[string, Parameters<typeof isNoticed>[0]]>([
    [
      'a source sleeps that was awake',
      (copy, explorer) => {
        for (const record of records(copy, explorer)) record[record.length - 1] = -1;
        return copy;
      },
    ],
    [
      'a state has the note of the next',
      (copy, explorer) => {
        const all = records(copy, explorer);
        all.forEach((record, at) => {
          record[record.length - 1] = (all[at + 1] ?? record)[record.length - 1] as number;
        });
        return copy;
      },
    ],
    [
      'a state is another',
      (copy, { layout }) => {
        const at = copy.position.journal + (copy.position.states >> 1) * layout.words;
        copy.words[at] = (copy.words[at] as number) ^ (1 << (layout.shift[0] as number));
        return copy;
      },
    ],
    [
      'a state is twice there, and another not',
      ({ position, words }, { layout }) => {
        words.copyWithin(position.journal + layout.words, position.journal, position.journal + layout.words);
        return { position, words };
      },
    ],
    [
      'a state that was found is left out of those to expand',
      (copy) => ({ ...copy, position: { ...copy.position, cursor: copy.position.cursor + 1 } }),
    ],
    [
      'a local state has the number of another',
      (copy, explorer) => {
        const { word, shift, mask } = explorer.layout;
        for (const record of records(copy, explorer)) {
          const value = record[word[0] as number] as number;
          if (((value >>> (shift[0] as number)) & (mask[0] as number)) < 2)
            record[word[0] as number] = value ^ (1 << (shift[0] as number));
        }
        return copy;
      },
    ],
    [
      'an entry of the journal is left out',
      (copy) => {
        const { entries, rest } = journalIn(copy);
        return withJournal(copy, [...entries.slice(0, 1), ...entries.slice(2)], rest);
      },
    ],
    [
      'two entries of the journal change places',
      (copy) => {
        const { entries, rest } = journalIn(copy);
        return withJournal(copy, [...entries.slice(0, -2), ...entries.slice(-2).reverse()], rest);
      },
    ],
  ])('%s', (_name, change) => {
    expect(isNoticed(change)).toBe(true);
  });

  afterEach(() => {
    vi.restoreAllMocks();
  });

  test.each(Object.entries(Kind))('a journal that does not note: %s', (_name, kind) => {
    const { note } = Journal.prototype;
    vi.spyOn(Journal.prototype, 'note').mockImplementation(function (this: Journal, noted, values, more) {
      if (noted !== kind) note.call(this, noted, values, more);
    });
    expect(isNoticed((copy) => copy)).toBe(true);
  });
});

function journalIn({ position, words }: Copy): { entries: Int32Array[]; rest: Int32Array } {
  const entries: Int32Array[] = [];
  for (let at = 0; at < position.journal; at += (entries.at(-1) as Int32Array).length)
    entries.push(words.subarray(at, at + 2 + (words[at + 1] as number)));
  return { entries, rest: words.subarray(position.journal) };
}

function withJournal({ position }: Copy, entries: readonly Int32Array[], rest: Int32Array): Copy {
  const words = [...entries, rest].flatMap((each) => [...each]);
  return { position: { ...position, journal: words.length - rest.length }, words: Int32Array.from(words) };
}

describe('check', () => {
  const names = ['a', 'b', 'c', 'd'];
  const counts: Fact<number, never> = {
    name: 'counts',
    of: names,
    view: ({ state }) => state,
    combine: (all) => all,
  };
  /** Counters to `limit`; violated in one state in the middle of a level. */
  const counters = (limit: number, wrong: number): System<number, never, 'tick'> => ({
    name: 'counters',
    covers: [],
    actors: names.map((name) => ({
      name,
      role: 'counter',
      initial: 0,
      internal: (at) => (at < limit ? ['tick' as const] : []),
      transition: (at) => ({ rule: 'tick', state: at + 1, send: [] }),
    })),
    properties: [
      {
        name: 'not all at once',
        kind: 'requirement',
        statement: `not all counters are at ${wrong}`,
        clauses: [
          {
            facts: [counts],
            check: (all) => ((all as number[]).every((at) => at === wrong) ? 'they are' : undefined),
          },
        ],
      },
    ],
  });
  const timeless = ({ seconds: _s, statesPerSecond: _p, peakMemoryBytes: _m, ...report }: Report) => report;

  test('ends at the end of the level in which a violation was found, also if it was saved in between', async () => {
    const system = counters(14, 6);
    const straight = await check(system);
    expect(straight).toMatchObject({ stopped: 'a violation was found', diameter: 24 });
    let found = 0;
    for (let back = 200; back < 1800; back += 400) {
      const copies: Copy[] = [];
      const save = (saved: Checkpoint) => copies.push(copyOf(saved));
      const maxStates = straight.distinctStates - back;
      const first = await check(system, { maxStates, checkpoints: { every: 1e9, save } });
      if (first.stopped === 'a violation was found') continue;
      expect(copies.length).toBe(1);
      if (first.verdict === 'violated') found += 1;
      const rest = await check(system, { resume: savedRun(copies[0] as Copy) });
      expect(timeless(rest)).toEqual(timeless(straight));
    }
    expect(found).toBeGreaterThan(0);
  });

  test('saves as often as it is told to, and not at the end', async () => {
    const saved: number[] = [];
    const save = ({ position }: Checkpoint) => saved.push(position.cursor);
    const report = await check(counters(9, 10), { checkpoints: { every: 0, save } });
    expect(saved.length).toBeGreaterThan(30);
    expect(saved).toEqual([...new Set(saved)].sort((a, b) => a - b));
    expect(saved.at(-1)).toBeLessThan(report.distinctStates);
  });
});
