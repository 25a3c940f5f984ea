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
import { findMutant, mutated } from '../../spec/mutants/index.ts';
import { paxos } from '../../spec/single-decree.ts';
import type { HiredCrew } from '../../src/workers/crew.ts';
import { byOracleWithin, explored } from './compare.ts';
import { counters, expected } from './counters.ts';
import { byCrew, crews, outcome, readyCrew, timeless, unobserved } from './crew.ts';
import { build, most } from './random-system.ts';
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
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(unobserved, async (spec) => {
        const system = build(spec);
        const counted = byOracleWithin(system, most(spec, 400));
        if (!counted) return;
        compared += 1;
        for (const crew of hired()) expect(await byCrew(system, crew)).toEqual(counted);
      }),
      { numRuns: 60 },
    );
    expect(compared).toBeGreaterThan(30);
  });

  test('and so when there is room for few records at a time', async () => {
    ParallelExplorer.room = 3;
    await fc.assert(
      fc.asyncProperty(unobserved, async (spec) => {
        const system = build(spec);
        const counted = byOracleWithin(system, most(spec, 200));
        if (counted) expect(await byCrew(system, hired()[1] as HiredCrew)).toEqual(counted);
      }),
      { numRuns: 20 },
    );
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
    const alone = await timeless(system as never, null);
    for (let run = 0; run < times; run++)
      expect(await timeless(system as never, hired()[run % 2] as HiredCrew)).toEqual(alone);
  });

  test.each(['own-value', 'accepted-not-durable', 'half-is-a-quorum'])(
    'of the mutant %s is the same, to the last word of the counterexample',
    async (name) => {
      const mutant = findMutant(name);
      if (!mutant) throw new Error(`no mutant ${name}`);
      const system = mutated(PaxosConfiguration.parse(mutant.smallest), mutant);
      const alone = await timeless(system, null);
      expect(alone.verdict).toBe('violated');
      for (const crew of hired()) expect(await timeless(system, crew)).toEqual(alone);
    },
  );

  test.each([
    { limits: [25, 25, 25], inert: 45 },
    { limits: [9, 9, 9, 9], inert: 56 },
    { limits: [600, 20], inert: 50 },
  ])('$limits counters, whose states outgrow their fields in mid-run', async ({ limits, inert }) => {
    const repack = vi.spyOn(ParallelExplorer.prototype as unknown as { repack(): void }, 'repack');
    for (const crew of hired())
      expect(await check(counters(limits, inert), { crew, enough: () => false })).toMatchObject(
        expected(limits),
      );
    expect(repack.mock.calls.length).toBeGreaterThan(3);
  });
});

describe('what goes wrong', () => {
  test('a function that throws ends the run with its own words, and the crew helps with the next', async () => {
    const crew = hired()[1] as HiredCrew;
    const system = counters([40, 40], 2);
    const actors = system.actors.map((actor) => ({
      ...actor,
      internal: (count: number) => {
        if (count === 30) throw new Error('thirty is too much');
        return actor.internal?.(count) ?? [];
      },
    }));
    await expect(check({ ...system, actors }, { crew })).rejects.toThrow(/thirty is too much/);
    expect(await check(system, { crew, enough: () => false })).toMatchObject(expected([40, 40]));
  });

  test('a worker that fails ends the run', async () => {
    const crew = await readyCrew(1);
    const { post } = crew;
    const broken = {
      ...crew,
      post: (worker: number, mail: Parameters<typeof post>[1]) =>
        post(worker, mail.kind === 'run' ? ({ kind: 'run' } as never) : mail),
    };
    await expect(check(counters([40, 40], 2), { crew: broken })).rejects.toThrow(
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

  test('observers, checkpoints, passive actors and what is always reachable are refused', async () => {
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
    await expect(check(system, { crew, passive: true })).rejects.toThrow(/expected no workers/);
    const checkpoints = { every: 1, save: () => {} };
    await expect(check(system, { crew, checkpoints })).rejects.toThrow(
      /expected no workers with checkpoints/,
    );
  });
});

describe('faults that the comparison notices', () => {
  const systems = fc.sample(unobserved, { seed: 2001, numRuns: 60 }).flatMap((spec) => {
    const system = build(spec);
    const counted = byOracleWithin(system, most(spec, 120));
    return counted && counted.distinctStates > 8 ? [{ system, counted }] : [];
  });

  /** Whether some random system is counted otherwise than the oracle counts it. */
  async function noticed(): Promise<boolean> {
    for (const { system, counted } of systems) {
      const counts = await byCrew(system, hired()[0] as HiredCrew).catch(() => undefined);
      if (JSON.stringify(counts) !== JSON.stringify(counted)) return true;
    }
    return false;
  }

  test('none, where there is none', async () => {
    expect(systems.length).toBeGreaterThan(15);
    expect(await noticed()).toBe(false);
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
    expect(await noticed()).toBe(true);
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
    expect(await noticed()).toBe(true);
  });

  test('threads are not told of the states that there are', async () => {
    vi.spyOn(ParallelExplorer.prototype as unknown as { handOut(): void }, 'handOut').mockImplementation(
      () => {},
    );
    expect(await noticed()).toBe(true);
  });

  test('a thread overlooks the last state that it owns', async () => {
    const { of } = Exchange.prototype;
    vi.spyOn(Exchange.prototype, 'of').mockImplementation(function (this: Exchange, block, owner, which) {
      const value = of.call(this, block, owner, which);
      return which === 1 && owner === 0 && value > of.call(this, block, owner, 0) ? value - 1 : value;
    });
    expect(await noticed()).toBe(true);
  });

  test('blocks are placed over one another in the log', async () => {
    ParallelExplorer.room = 6;
    const { set } = Exchange.prototype;
    let base = 0;
    vi.spyOn(Exchange.prototype, 'set').mockImplementation(function (this: Exchange, block, field, value) {
      if (field === 'base' && block === 0) base = value;
      set.call(this, block, field, field === 'base' ? Math.max(0, Math.min(base, value) - 1) : value);
    });
    expect(await noticed()).toBe(true);
  });
});
