/** Several threads report what one does, without a kernel too. */
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { check } from '../../model-check/check.ts';
import { Kernel } from '../../model-check/kernel/kernel.ts';
import { Answers } from '../../model-check/parallel/answers.ts';
import { Question } from '../../model-check/parallel/board.ts';
import { Exchange } from '../../model-check/parallel/exchange.ts';
import { ParallelExplorer } from '../../model-check/parallel/parallel-explorer.ts';
import { Thread } from '../../model-check/parallel/thread.ts';
import { AbstractConfiguration } from '../../spec/abstract/bounds.ts';
import { lamportPaxos } from '../../spec/abstract/lamport-paxos.ts';
import { PaxosConfiguration } from '../../spec/configuration.ts';
import { paxos } from '../../spec/single-decree.ts';
import type { AnySystem } from '../../src/systems.ts';
import type { HiredCrew } from '../../src/workers/crew.ts';
import { explored } from './compare.ts';
import { counters, expected } from './counters.ts';
import {
  byCrew,
  compareRandom,
  crews,
  expectCounted,
  expectCounterexample,
  expectItsOwnWords,
  expectReport,
  isMiscounted,
  outcome,
  readyCrew,
  smallRandom,
} from './crew.ts';
import { buildSymmetric, SymmetricSpec } from './symmetric-system.ts';

const hired = crews(1, 2);
const { room } = ParallelExplorer;

// No kernel is to be had.
const { least, enough } = Kernel;
beforeAll(() => {
  Object.assign(Kernel, { least: 1, enough: Number.POSITIVE_INFINITY });
});
afterAll(() => {
  Object.assign(Kernel, { least, enough });
});

afterEach(() => {
  ParallelExplorer.room = room;
  vi.restoreAllMocks();
});

/** What comes of it, or with what words it fails. */
function attempt<T>(run: () => T): T | string {
  try {
    return run();
  } catch (error) {
    return `${error}`;
  }
}

describe('random systems', () => {
  test('are counted as the naive explorer counts them', async () => {
    const compared = await compareRandom({ runs: 60, states: 400 }, async ({ system, counted }) => {
      for (const crew of hired()) expect(await byCrew(system, crew)).toEqual(counted);
    });
    expect(compared.systems).toBeGreaterThan(30);
  });

  test('and so when there is room for few records at a time', async () => {
    ParallelExplorer.room = 3;
    await compareRandom({ runs: 20, states: 200 }, async ({ system, counted }) => {
      expect(await byCrew(system, hired()[1] as HiredCrew)).toEqual(counted);
    });
  });

  test('have the same orbits', () => {
    fc.assert(
      fc.property(SymmetricSpec, (spec) => {
        const system = buildSymmetric({ ...spec, reachable: [] });
        if (!explored(system, 500).done) return;
        const alone = attempt(() => outcome(system, true, null));
        for (const crew of hired()) expect(attempt(() => outcome(system, true, crew))).toEqual(alone);
      }),
      { numRuns: 30 },
    );
  });
});

describe('the report', () => {
  test.each([
    [100, 'lamport-paxos', lamportPaxos(AbstractConfiguration.parse({ ballots: 2 }))],
    [
      20,
      'crashes, learners and nacks',
      paxos(PaxosConfiguration.parse({ acceptors: 2, crashes: 2, learners: 1, nacks: true })),
    ],
  ])('is the same %i times, whatever the number of threads: %s', async (times, _name, system) => {
    await expectReport(system as AnySystem, hired(), { times });
  });

  test.each(['own-value', 'accepted-not-durable', 'half-is-a-quorum'])(
    'of the mutant %s is the same, to the last word of the counterexample',
    async (name) => await expectCounterexample(name, hired()),
  );

  test.each([
    { limits: [25, 25, 25], inert: 45 },
    { limits: [9, 9, 9, 9], inert: 56 },
    { limits: [300, 20], inert: 50 },
  ])('$limits counters, whose states outgrow their fields in mid-run', async ({ limits, inert }) => {
    const repack = vi.spyOn(ParallelExplorer.prototype as unknown as { repack(): void }, 'repack');
    await expectCounted(limits, inert, hired());
    expect(repack.mock.calls.length).toBeGreaterThan(3);
  });
});

describe('what goes wrong', () => {
  test('a function that throws ends the run with its own words, and the crew helps with the next', async () => {
    await expectItsOwnWords(hired()[1] as HiredCrew);
  });

  test('a worker that fails ends the run', async () => {
    const crew = await readyCrew(1, (mail) => (mail.kind === 'run' ? ({ kind: 'run' } as never) : mail));
    await expect(check(counters([40, 40], 2), { crew })).rejects.toThrow(
      /a worker thread failed: .*undefined/,
    );
    await crew.dismiss();
  });

  test('the bounds of a run are kept', async () => {
    const crew = hired()[0] as HiredCrew;
    const system = counters([200, 200], 2);
    expect(await check(system, { crew, maxStates: 9000 })).toMatchObject({
      verdict: 'incomplete',
      stopped: 'the bound of 9000 states',
    });
    expect(await check(system, { crew, maxMemory: 1000 })).toMatchObject({ verdict: 'incomplete' });
    expect(await check(system, { crew, signal: AbortSignal.abort() })).toMatchObject({
      stopped: 'an interrupt',
    });
  });

  test('a crew helps with one check at a time', async () => {
    const crew = hired()[0] as HiredCrew;
    const first = check(counters([40, 40], 2), { crew, enough: () => false });
    await expect(check(counters([3], 0), { crew })).rejects.toThrow(/one check of a crew at a time/);
    expect(await first).toMatchObject(expected([40, 40]));
    await expectCounted([3], 0, [crew]);
  });

  test('passive actors are looked at apart by one thread, where there is no kernel', async () => {
    const system = paxos(PaxosConfiguration.parse({ acceptors: 2, learners: 1 }));
    const { distinctStates, passive } = await check(system, { passive: true });
    const crew = hired()[0] as HiredCrew;
    expect(await check(system, { passive: true, crew })).toMatchObject({ distinctStates, passive });
  });

  test('observers, checkpoints and what is always reachable are refused', async () => {
    const crew = hired()[0] as HiredCrew;
    const system = counters([3], 0);
    const observers = [{ name: 'o', initial: 0, label: () => 1, observe: () => 1 }];
    await expect(check({ ...system, observers }, { crew })).rejects.toThrow(
      /has observers.*expected one thread/,
    );
    const alwaysReachable = { facts: [], holds: () => true };
    const properties = [{ name: 'in reach', kind: 'lemma' as const, statement: '', alwaysReachable }];
    await expect(check({ ...system, properties }, { crew })).rejects.toThrow(
      /\(in reach\) .*expected no workers/,
    );
    const checkpoints = { every: 1, save: () => {} };
    await expect(check(system, { crew, checkpoints })).rejects.toThrow(
      /expected no workers with checkpoints/,
    );
  });
});

describe('faults that the comparison notices', () => {
  const systems = smallRandom();
  const isNoticed = () => isMiscounted(systems, hired()[0] as HiredCrew);

  test('none, where there is none', async () => {
    expect(systems.length).toBeGreaterThan(15);
    expect(await isNoticed()).toBe(false);
  });

  test('a worker is told of all steps but one', async () => {
    const { answer } = Answers.prototype;
    vi.spyOn(Answers.prototype, 'answer').mockImplementation(function (
      this: Answers<never, never, never>,
      ...asked
    ) {
      answer.apply(this, asked);
      const [question, , desk] = asked;
      if (question === Question.offer && (desk[1] as number) > 0) desk[1] = (desk[1] as number) - 1;
    });
    expect(await isNoticed()).toBe(true);
  });

  test('what a worker finds is not looked at', async () => {
    // The worker alone expands, and so finds.
    vi.spyOn(Thread.prototype, 'expand').mockImplementation(() => {});
    const { answer } = Answers.prototype;
    vi.spyOn(Answers.prototype, 'answer').mockImplementation(function (
      this: Answers<never, never, never>,
      ...asked
    ) {
      if (asked[0] !== Question.evaluate) answer.apply(this, asked);
    });
    expect(await isNoticed()).toBe(true);
  });

  test('threads are not told of the states that there are', async () => {
    vi.spyOn(ParallelExplorer.prototype as unknown as { handOut(): void }, 'handOut').mockImplementation(
      () => {},
    );
    expect(await isNoticed()).toBe(true);
  });

  test('a thread overlooks the last state that it owns', async () => {
    const { of } = Exchange.prototype;
    vi.spyOn(Exchange.prototype, 'of').mockImplementation(function (this: Exchange, block, owner, which) {
      const value = of.call(this, block, owner, which);
      return which === 1 && owner === 0 && value > of.call(this, block, owner, 0) ? value - 1 : value;
    });
    expect(await isNoticed()).toBe(true);
  });

  test('blocks are placed over one another in the log', async () => {
    ParallelExplorer.room = 6;
    const { set } = Exchange.prototype;
    let base = 0;
    vi.spyOn(Exchange.prototype, 'set').mockImplementation(function (this: Exchange, block, field, value) {
      if (field === 'base' && block === 0) base = value;
      set.call(this, block, field, field === 'base' ? Math.max(0, Math.min(base, value) - 1) : value);
    });
    expect(await isNoticed()).toBe(true);
  });
});
