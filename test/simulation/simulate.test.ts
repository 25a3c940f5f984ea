/** Simulations of the node: the same seed is the same run, nothing goes wrong in it, and with a mistake in the node something does. */
import { describe, expect, test } from 'vitest';
import { StorageError } from '../../src/node/interfaces.ts';
import { Disk } from '../../src/simulation/disk.ts';
import { runtimeMutants } from '../../src/simulation/mutants.ts';
import { planOf } from '../../src/simulation/plan.ts';
import { NodeSimulationReport } from '../../src/simulation/report.ts';
import { Scheduler } from '../../src/simulation/scheduler.ts';
import { shrink } from '../../src/simulation/shrink.ts';
import { simulatePlan } from '../../src/simulation/simulate.ts';
import { refusal, synod } from '../cli/run.ts';
import { CAUGHT_WITHIN, cleanSeeds, firstCaught, firstSeeds } from './seeds.ts';

test('nothing goes wrong in nine seeds, in which everything happens that may', async () => {
  const { wrong, effects } = await cleanSeeds([...firstSeeds(8), 34]);
  expect(wrong).toEqual([]);
  expect(Object.entries(effects).filter(([, times]) => times === 0)).toEqual([]);
});

test('the same seed is the same run, to the last message; another is another', async () => {
  const digestOf = async (seed: number) => (await simulatePlan(planOf(seed, { operations: 60 }))).digest;
  for (const seed of [3, 4]) expect(await digestOf(seed)).toBe(await digestOf(seed));
  expect(await digestOf(3)).not.toBe(await digestOf(4));
});

describe('a mistake is noticed', () => {
  test.each(runtimeMutants.map((mutant) => [mutant.name, mutant] as const))('%s', async (name, mutant) => {
    // Few seeds show these; the slow tests begin with the first.
    const from = ['send-before-sync', 'reads-without-a-quorum'].includes(name) ? 25 : 1;
    expect(await firstCaught(mutant, CAUGHT_WITHIN[name]!, from)).not.toBeNull();
  });
});

test('what goes wrong is shrunk to less that goes wrong in the same way', async () => {
  const mutant = runtimeMutants.find(({ name }) => name === 'forget-sessions')!;
  const seed = (await firstCaught(mutant, CAUGHT_WITHIN['forget-sessions']!))!;
  const plan = planOf(seed, { operations: 100 });
  const { what } = (await simulatePlan(plan, mutant)).wrong!;
  const same = async (smaller: typeof plan) => (await simulatePlan(smaller, mutant)).wrong?.what === what;
  const shrunk = await shrink(plan, same, 25);
  const sizeOf = ({ asked, faults }: typeof plan) => asked.length + faults.length;
  expect(sizeOf(shrunk.plan)).toBeLessThan(sizeOf(plan));
  expect(await same(shrunk.plan)).toBe(true);
  expect((await simulatePlan(shrunk.plan)).wrong).toBeNull();
});

test('shrinking leaves what is needed, and nothing else', async () => {
  const plan = planOf(5, { operations: 40 });
  const needed = [plan.asked[7]!, plan.asked[31]!];
  const { plan: shrunk, tried } = await shrink(plan, async ({ asked }) =>
    needed.every((each) => asked.includes(each)),
  );
  expect(shrunk.asked).toEqual(needed);
  expect(shrunk.faults).toEqual([]);
  expect(tried).toBeLessThan(100);
});

describe('a disk', () => {
  const row = (value: string) => [['k', value]] as const;

  test('keeps what was synced, and of the rest what the crash leaves', () => {
    for (const [keeps, value] of [
      [0, 'a'],
      [0.5, 'b'],
      [0.7, 'b'],
      [1, 'c'],
    ] as const) {
      const disk = new Disk();
      disk.keep(disk.append(row('a'))!);
      disk.append(row('b'));
      disk.append(row('c'));
      disk.crash(keeps);
      expect(disk.load()).toEqual(new Map([['k', value]]));
      disk.keep(disk.append([['k', null]])!);
      disk.crash(0);
      expect(disk.load()).toEqual(new Map());
    }
  });

  test('is refused when something is gone that was synced; and takes nothing whole when it is full', () => {
    const disk = new Disk();
    disk.keep(disk.append(row('a'))!);
    disk.full = 0.9;
    expect(disk.append(row('b'))).toBeNull();
    expect(disk.load()).toEqual(new Map([['k', 'a']]));
    disk.damage();
    expect(() => disk.load()).toThrow(StorageError);
  });

  test.each([
    [0, 'a'],
    [0.5, 'a'],
    [1, 'b'],
  ])('that is full, a write of which %d fits, makes nothing certain that was not', (fits, value) => {
    const disk = new Disk();
    disk.append(row('a'));
    disk.full = fits;
    disk.append(row('b'));
    disk.crash(1);
    expect(disk.load()).toEqual(new Map([['k', value]]));
    disk.crash(0);
    expect(disk.load()).toEqual(new Map());
  });

  test('that has lost power has for certain what is found there then', () => {
    const disk = new Disk();
    disk.append(row('a'));
    disk.append(row('b'));
    disk.crash(0.7);
    disk.crash(0);
    expect(disk.load()).toEqual(new Map([['k', 'a']]));
  });
});

test('what is due first happens first, and of what is due at once what was asked for first', () => {
  const scheduler = new Scheduler();
  const times = Array.from({ length: 200 }, (_, at) => (at * 37) % 50);
  const happened: [number, number][] = [];
  for (const [at, time] of times.entries()) scheduler.at(time, () => void happened.push([time, at]));
  while (scheduler.step());
  expect(happened).toEqual(times.map((time, at) => [time, at]).sort(([a, i], [b, j]) => a! - b! || i! - j!));
});

describe('synod simulate', () => {
  test('reports', async () => {
    const clean = await synod('simulate', '--seed', '3', '--operations', '30', '--json');
    expect(clean).toMatchObject({ status: 0, stderr: '' });
    expect(NodeSimulationReport.parse(JSON.parse(clean.stdout))).toMatchObject({
      verdict: 'clean',
      seeds: 1,
    });
    const mutant = ['--mutant', 'skip-the-sync', '--no-shrink', '--seeds', '40'];
    const caught = await synod('simulate', ...mutant, '--json');
    expect(caught).toMatchObject({ status: 1, stderr: '' });
    expect(NodeSimulationReport.parse(JSON.parse(caught.stdout))).toMatchObject({ verdict: 'violated' });
  });

  test.each([
    [['--seed', '-1'], '--seed: "-1": expected a whole number from 0'],
    [['--seeds', '0'], '--seeds: "0": expected a whole number from 1'],
    [['--nodes', '10'], '--nodes: "10": expected a whole number from 1 to 9'],
    [['--mutant', 'none'], '--mutant: "none": expected send-before-sync, '],
  ])('%j is refused', async (args, expected) => {
    expect(refusal(await synod('simulate', ...args))).toContain(expected);
  });
});
