import { describe, expect, test } from 'vitest';
import { type CheckOptions, check } from '../../model-check/check.ts';
import { Report } from '../../model-check/report.ts';
import type { Property, System } from '../../model-check/system.ts';

type Tick = { readonly type: 'tick' };
type Counters = System<number, never, Tick>;

/** Some counters; `early` is violated in one step, `late` when all have counted to their limit. */
function counters(count: number, limit: number): Counters {
  const names = Array.from({ length: count }, (_, at) => `c${at}`);
  const all = {
    name: 'all',
    of: names,
    view: ({ state }: { state: number }) => state,
    combine: (n: unknown) => n,
  };
  const never = (name: string, wrong: (counts: number[]) => boolean): Property<number, never, Tick> => ({
    name,
    kind: 'requirement',
    statement: `${name} is not reached`,
    clauses: [{ facts: [all], check: (counts) => (wrong(counts as number[]) ? `${counts}` : undefined) }],
  });
  return {
    name: 'counters',
    covers: [],
    actors: names.map((name) => ({
      name,
      role: 'counter',
      initial: 0,
      internal: (at) => (at < limit ? [{ type: 'tick' as const }] : []),
      transition: (at) => ({ rule: 'tick', state: at + 1, send: [] }),
    })),
    properties: [
      never('early', (counts) => counts[0] === 1),
      never('late', (counts) => counts.every((at) => at === limit)),
      never('impossible', (counts) => counts.some((at) => at > limit)),
    ],
    situations: [
      {
        name: 'end',
        statement: 'all have counted',
        state: { facts: [all], holds: (n) => (n as number[]).every((at) => at === limit) },
      },
    ],
  };
}

const big = counters(4, 30); // 923,521 states
const never = () => false;

/** A limit that is passed long before the end, and the words in which the report says so. */
const limits: [string, () => CheckOptions, string][] = [
  ['a bound of states', () => ({ maxStates: 20_000 }), 'the bound of 20000 states'],
  ['a time limit', () => ({ timeLimit: 0.02 }), 'the time limit of 0.02 s'],
  ['a bound of memory', () => ({ maxMemory: 1_500_000 }), 'the memory bound of 1500000 bytes'],
  ['a signal', () => ({ signal: AbortSignal.timeout(30) }), 'an interrupt'],
  ['a signal that was there before', () => ({ signal: AbortSignal.abort() }), 'an interrupt'],
];

describe.each(limits)('%s', (_name, options, reason) => {
  test('ends the run incomplete, and nothing is said to hold', async () => {
    const report = await check(big, { ...options(), properties: ['late', 'impossible'] });
    expect(Report.parse(report)).toEqual(report);
    expect(report.stopped).toBe(reason);
    expect(report.verdict).toBe('incomplete');
    expect(report.properties.map(({ verdict }) => verdict)).toEqual(['incomplete', 'incomplete']);
    expect(report.counterexample).toBeUndefined();
    expect(report.distinctStates).toBeLessThan(900_000);
    expect(report.frontier).toBeGreaterThan(0);
    expect(report.reached).toMatchObject([{ name: 'end', reached: false }]);
  });

  test('leaves what was violated before violated, with its counterexample', async () => {
    const report = await check(big, { ...options(), enough: never });
    expect(report.stopped).toBe(reason);
    expect(report.verdict).toBe('violated');
    expect(report.properties.map(({ name, verdict }) => [name, verdict])).toEqual([
      ['early', 'violated'],
      ['late', 'incomplete'],
      ['impossible', 'incomplete'],
    ]);
    expect(report.counterexample).toMatchObject({ property: 'early', length: 1 });
  });
});

describe('a limit', () => {
  test('that is not reached changes nothing', async () => {
    const small = counters(2, 20);
    const limited = await check(small, { maxStates: 441, timeLimit: 600, maxMemory: 1e9, enough: never });
    expect(limited).toMatchObject({ stopped: null, distinctStates: 441, frontier: 0, verdict: 'violated' });
    expect(limited.properties.map(({ verdict }) => verdict)).toEqual(['violated', 'violated', 'holds']);
  });

  test('of states is kept to, within the successors of one slice of work', async () => {
    for (const maxStates of [1, 10, 1000, 50_000]) {
      const { distinctStates, frontier, stopped } = await check(big, { maxStates, enough: never });
      expect(stopped).toBe(`the bound of ${maxStates} states`);
      expect(distinctStates).toBeGreaterThan(maxStates);
      expect(distinctStates).toBeLessThan(maxStates + 4 * 8192);
      expect(frontier).toBeGreaterThan(0);
    }
  });

  test('in the middle of a level finds the same shortest counterexample as a run to the end', async () => {
    const system = counters(2, 200);
    const whole = await check(system, { properties: ['late'], enough: never });
    expect(whole).toMatchObject({ distinctStates: 201 ** 2, counterexample: { length: 400 } });
    const level = await check(system, { properties: ['late'] });
    expect(level.counterexample).toEqual(whole.counterexample);
  });
});

describe('the end of a run by itself', () => {
  test('comes after the level in which a requirement was violated; the rest is then incomplete', async () => {
    const report = await check(big);
    expect(report).toMatchObject({
      stopped: 'a violation was found',
      verdict: 'violated',
      distinctStates: 5,
    });
    expect(report.properties.map(({ verdict }) => verdict)).toEqual(['violated', 'incomplete', 'incomplete']);
  });

  test('does not come for a lemma alone, while a requirement may yet be violated', async () => {
    const system = counters(2, 5);
    const lemma = {
      ...system,
      properties: system.properties.map((p) => (p.name === 'early' ? { ...p, kind: 'lemma' as const } : p)),
    };
    const report = await check(lemma);
    expect(report.properties.map(({ verdict, length }) => [verdict, length])).toEqual([
      ['violated', 1],
      ['violated', 10],
      ['incomplete', undefined],
    ]);
    expect(report.counterexample?.property).toBe('late');
    const only = await check(lemma, { properties: ['early'] });
    expect(only).toMatchObject({ verdict: 'violated', distinctStates: 3, counterexample: { length: 1 } });
  });

  test('with everything explored, nothing is incomplete, though the last step was a violation', async () => {
    const stuck: Counters = {
      ...counters(1, 3),
      actors: [
        {
          name: 'c0',
          role: 'counter',
          initial: 0,
          internal: () => [{ type: 'tick' }],
          transition: (at) => ({ rule: 'tick', state: Math.min(3, at + 1), send: [] }),
        },
      ],
      properties: [
        {
          name: 'no tick at 3',
          kind: 'requirement',
          statement: 'the counter does not tick when it is 3',
          step: ({ before }) => (before.state === 3 ? 'it ticks at 3' : undefined),
        },
        { name: 'true', kind: 'requirement', statement: 'nothing', clauses: [] },
      ],
    };
    const report = await check(stuck);
    expect(report).toMatchObject({ distinctStates: 4, frontier: 0, verdict: 'violated', stopped: null });
    expect(report.properties.map(({ verdict, length }) => [verdict, length])).toEqual([
      ['violated', 4],
      ['holds', undefined],
    ]);
  });
});

describe('properties by name', () => {
  test('only those asked for are checked and reported', async () => {
    const report = await check(counters(2, 3), { properties: ['impossible'] });
    expect(report.properties).toMatchObject([{ name: 'impossible', verdict: 'holds' }]);
    expect(report).toMatchObject({ verdict: 'holds', distinctStates: 16, stopped: null });
  });

  test('an unknown one is an error that names those there are', async () => {
    await expect(check(big, { properties: ['early', 'latte'] })).rejects.toThrow(
      'counters has no property "latte"; expected one of early, late, impossible',
    );
  });

  test('two of one name are an error', async () => {
    const twice = { ...big, properties: [...big.properties, ...big.properties.slice(1, 2)] };
    await expect(check(twice)).rejects.toThrow('counters: two properties or situations are named "late"');
  });
});

test('progress is told while a long run goes on, and only grows', async () => {
  const told: { states: number; transitions: number; depth: number; seconds: number; frontier: number }[] =
    [];
  const larger = counters(4, 45);
  await check(larger, { timeLimit: 2.5, enough: never, onProgress: (progress) => told.push(progress) });
  expect(told.length).toBeGreaterThanOrEqual(1);
  for (const [at, { states, depth, seconds, frontier, transitions }] of told.entries()) {
    const before = told[at - 1] ?? { states: 0, depth: 0, seconds: 0, transitions: 0 };
    expect(states).toBeGreaterThan(before.states);
    expect(transitions).toBeGreaterThan(before.transitions);
    expect(depth).toBeGreaterThanOrEqual(before.depth);
    expect(seconds).toBeGreaterThan(before.seconds);
    expect(frontier).toBeLessThanOrEqual(states);
  }
});
