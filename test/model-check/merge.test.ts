/** Shards of random walks, and their reports put together. */
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { MergeError, mergeSimulations } from '../../model-check/merge.ts';
import { simulate } from '../../model-check/simulate.ts';
import { type SimulationReport, shownProperty } from '../../model-check/simulation-report.ts';
import { PaxosConfiguration } from '../../spec/configuration.ts';
import { demonstration, findMutant, type Mutant } from '../../spec/mutants/index.ts';
import { paxos } from '../../spec/single-decree.ts';
import { build, Spec } from './random-system.ts';

/** A report without what depends on the clock, or on the number of shards. */
function bare({ seconds, stepsPerSecond, peakMemoryBytes, shards, ...report }: SimulationReport) {
  return report;
}

const light = Spec.map((spec) => ({ ...spec, ballast: { actors: 0, observers: 0 } }));

const ownValue = demonstration(findMutant('own-value') as Mutant);
const shardOf = (index: number, of: number, options = {}) =>
  simulate(ownValue, { walks: 40, ...options, shard: { index, of } });

describe('the reports of all shards', () => {
  test('say together what one run says, in whatever order and however often they are put together', async () => {
    let violated = 0;
    await fc.assert(
      fc.asyncProperty(
        light,
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 25 }),
        fc.maxSafeNat(),
        fc.infiniteStream(fc.nat()),
        async (spec, of, walks, seed, rolls) => {
          const options = { seed, walks, steps: 15 };
          const whole = await simulate(build(spec), options);
          const waiting: SimulationReport[] = [];
          for (let index = 0; index < of; index++)
            waiting.push(await simulate(build(spec), { ...options, shard: { index, of } }));
          const any = () => waiting.splice(rolls.next().value % waiting.length, 1)[0] as SimulationReport;
          while (waiting.length > 1) waiting.push(mergeSimulations([any(), any()]));
          const merged = mergeSimulations([any()]);
          expect(bare(merged)).toEqual(bare(whole));
          expect(merged.shards).toEqual({ of, done: Array.from({ length: of }, (_, at) => at), missing: [] });
          if (whole.verdict === 'violated') violated += 1;
        },
      ),
      { numRuns: 40 },
    );
    expect(violated).toBeGreaterThan(5);
  }, 60_000);

  test('of Paxos as well, to the last word of the counterexample', async () => {
    const whole = await simulate(ownValue, { walks: 40 });
    const parts = [await shardOf(2, 3), await shardOf(0, 3), await shardOf(1, 3)];
    expect(JSON.stringify(sorted(bare(mergeSimulations(parts))))).toBe(JSON.stringify(sorted(bare(whole))));
    expect(whole.counterexample?.length).toBe(8);
  });

  test('do not overlap: shard i of n walks the walks that leave i', async () => {
    const numbers: number[][] = [];
    const { Walker } = await import('../../model-check/walk.ts');
    const { begin } = Walker.prototype;
    const spy = vi.spyOn(Walker.prototype, 'begin').mockImplementation(function (this: never, walk) {
      numbers.at(-1)?.push(walk);
      begin.call(this, walk);
    });
    const system = paxos(PaxosConfiguration.parse({ acceptors: 1 }));
    for (let index = 0; index < 4; index++) {
      numbers.push([]);
      await simulate(system, { walks: 10, shard: { index, of: 4 } });
    }
    spy.mockRestore();
    expect(numbers).toEqual([
      [0, 4, 8],
      [1, 5, 9],
      [2, 6],
      [3, 7],
    ]);
  });

  test('a shard without walks is a report as well', async () => {
    const parts = [await shardOf(0, 3, { walks: 2 }), await shardOf(1, 3, { walks: 2 })];
    const empty = await shardOf(2, 3, { walks: 2 });
    expect(empty).toMatchObject({ walked: 0, stepsTaken: 0, verdict: 'incomplete', stopped: [] });
    expect(bare(mergeSimulations([empty, ...parts]))).toEqual(bare(await simulate(ownValue, { walks: 2 })));
  });
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}

describe('some of the shards', () => {
  test('the others are missing, and the walks are those that were walked', async () => {
    const merged = mergeSimulations([await shardOf(4, 5), await shardOf(1, 5)]);
    expect(merged.shards).toEqual({ of: 5, done: [1, 4], missing: [0, 2, 3] });
    expect(merged).toMatchObject({ walks: 40, walked: 16 });
  });

  test('of violations the one in the lowest walk is kept, and a requirement before a lemma', async () => {
    const parts = await Promise.all([0, 1, 2, 3].map((index) => shardOf(index, 4)));
    const walks = parts.map(({ properties }) => shownProperty(properties)?.first?.walk ?? Infinity);
    expect(new Set(walks).size).toBe(4);
    const least = parts[walks.indexOf(Math.min(...walks))];
    for (const order of [parts, [...parts].reverse()]) {
      const merged = mergeSimulations(order);
      expect(shownProperty(merged.properties)).toMatchObject({
        kind: 'requirement',
        first: { walk: Math.min(...walks) },
      });
      expect(merged.counterexample).toEqual(least?.counterexample);
    }
  });

  test('one that was stopped is told', async () => {
    const interrupted = new AbortController();
    interrupted.abort();
    const options = { walks: 4_000, signal: interrupted.signal };
    const part = await shardOf(1, 2, options);
    expect(part.stopped).toEqual([{ shard: 1, by: 'an interrupt' }]);
    expect(part.walked).toBeLessThan(2_000);
    const merged = mergeSimulations([part, await shardOf(0, 2, { walks: 4_000 })]);
    expect(merged.stopped).toEqual([{ shard: 1, by: 'an interrupt' }]);
    expect(merged.walked).toBe(part.walked + 2_000);
  });
});

describe('is refused', () => {
  const names = (at: number) => ['a.json', 'b.json', 'c.json'][at] as string;
  const refused = async (reports: readonly Promise<SimulationReport>[]) => {
    const all = await Promise.all(reports);
    try {
      mergeSimulations(all, names);
    } catch (error) {
      if (error instanceof MergeError) return error.message;
    }
    return undefined;
  };

  test('a shard that is given twice, by itself or in what was merged before', async () => {
    expect(await refused([shardOf(0, 3), shardOf(2, 3), shardOf(0, 3)])).toBe(
      'c.json: shards.done: 0: expected each shard once, and a.json has it',
    );
    const merged = Promise.all([shardOf(0, 3), shardOf(1, 3)]).then((both) => mergeSimulations(both));
    expect(await refused([merged, shardOf(1, 3)])).toBe(
      'b.json: shards.done: 1: expected each shard once, and a.json has it',
    );
  });

  test.each<[string, Promise<SimulationReport>, string]>([
    ['another seed', shardOf(1, 3, { seed: 2 }), 'seed: 2: expected 1'],
    ['another number of walks', shardOf(1, 3, { walks: 41 }), 'walks: 41: expected 40'],
    ['another bound of steps', shardOf(1, 3, { steps: 9 }), 'steps: 9: expected 1000'],
    ['another number of shards', shardOf(1, 4), 'shards.of: 4: expected 3'],
    [
      'other bounds',
      shardOf(1, 3, { configuration: { ballots: 2 } }),
      'configuration: {"ballots":2}: expected {}',
    ],
    ['another mutant', shardOf(1, 3, { mutant: 'own-value' }), 'mutant: "own-value": expected null'],
    [
      'other properties',
      shardOf(1, 3, { properties: ['agreement'] }),
      'properties: ["agreement"]: expected ["validity","agreement",',
    ],
  ])('%s', async (_, stranger, expected) => {
    const sentence = await refused([shardOf(0, 3), stranger]);
    expect(sentence?.startsWith(`b.json: ${expected}`)).toBe(true);
    expect(sentence).toMatch(/, as in a\.json$/);
  });

  test('a shard that there is not', async () => {
    const report = await shardOf(1, 3);
    const strange = Promise.resolve({ ...report, shards: { of: 3, done: [3] } });
    expect(await refused([strange])).toBe('a.json: shards.done: 3: expected less than 3');
  });

  test('nothing at all', () => {
    expect(() => mergeSimulations([])).toThrow(MergeError);
  });
});
