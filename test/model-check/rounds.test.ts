/** Several threads, a kernel in each: they find what one finds, to the last word. */
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { check } from '../../model-check/check.ts';
import { Explorer } from '../../model-check/explorer.ts';
import { Blocks } from '../../model-check/kernel/blocks.ts';
import { Filler } from '../../model-check/kernel/filler.ts';
import { Hand } from '../../model-check/kernel/hand.ts';
import { Kernel } from '../../model-check/kernel/kernel.ts';
import { type Helpers, Rounds } from '../../model-check/kernel/rounds.ts';
import type { Board } from '../../model-check/parallel/board.ts';
import { ParallelExplorer } from '../../model-check/parallel/parallel-explorer.ts';
import type { StateLog } from '../../model-check/state-log.ts';
import type { Envelope, System } from '../../model-check/system.ts';
import { PaxosConfiguration, paxos } from '../../spec/index.ts';
import type { AnySystem } from '../../src/systems.ts';
import type { HiredCrew } from '../../src/workers/crew.ts';
import { alike, counters, expectedAlike } from './counters.ts';
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
import {
  again,
  everything,
  familiar,
  lamport,
  roundWork,
  shared,
  withKernel,
  withRounds,
} from './kernels.ts';
import { buildSymmetric, exploreOrbits, SymmetricSpec } from './symmetric-system.ts';

const hired = crews(1, 2);

/** All that is known at the end. */
function explored<S, M extends Envelope, E>(
  system: System<S, M, E>,
  crew: HiredCrew | null,
  symmetric = false,
) {
  const explorer = crew
    ? new ParallelExplorer(system, symmetric, crew)
    : new Explorer(system, symmetric, false);
  while (!explorer.done) explorer.run(1000);
  const all = everything(explorer);
  explorer.release();
  return all;
}

describe('random systems', () => {
  test.each([
    { size: 3, room: 4096, share: 0.5 },
    // Many states have more successors than there is room for, and are expanded by one thread: mostly 0.2 to 0.5 of them are not.
    { size: 2, room: 4, share: 0.05 },
  ])(
    'are counted as the naive explorer counts them: $size states a block, $room successors',
    async ({ share, ...rounds }) => {
      withKernel(shared);
      withRounds(rounds);
      const work = roundWork();
      const compared = await compareRandom({ runs: 25, states: 200 }, async ({ system, counted }) => {
        for (const crew of hired()) expect(await byCrew(system, crew)).toEqual(counted);
      });
      expect(work.states).toBeGreaterThan(share * hired().length * compared.states);
    },
  );

  test('and so when all is known from the beginning, and others expand every state', async () => {
    withKernel(shared);
    withRounds({ size: 3 });
    const work = roundWork();
    // The main thread fills holes only.
    vi.spyOn(Hand.prototype, 'expandNext').mockReturnValue(false);
    const compared = await compareRandom({ runs: 25, states: 200 }, async ({ system }) => {
      const alone = again(system, Infinity);
      for (const crew of hired()) {
        const explorer = new ParallelExplorer(system, false, crew);
        expect(again(system, 1, Infinity, explorer)).toEqual(alone);
        explorer.release();
      }
    });
    vi.restoreAllMocks();
    expect(work.states).toBeGreaterThan(0.5 * hired().length * compared.states);
  });
});

test('the orbits of random systems with symmetries are those of one thread, and as many as the naive canonicaliser finds', () => {
  withKernel(shared);
  withRounds({ size: 3 });
  const work = roundWork();
  let compared = 0;
  fc.assert(
    fc.property(SymmetricSpec, (spec) => {
      const system = buildSymmetric({ ...spec, reachable: [] });
      const naive = exploreOrbits(system, system.symmetry?.permutations ?? [], 200);
      if (!naive) return;
      const alone = explored(system, null, true);
      expect(alone).toMatchObject({ size: naive.orbits, represented: naive.states });
      for (const crew of hired()) expect(explored(system, crew, true)).toEqual(alone);
      compared += naive.orbits;
    }),
    { numRuns: 40 },
  );
  expect(work.states).toBeGreaterThan(0.5 * hired().length * compared);
});

describe('several threads', () => {
  test.each(familiar)('%s: have the set and the log of one, word by word', (_name, symmetric, system) => {
    withKernel(shared);
    const alone = explored(system, null, symmetric);
    const work = roundWork();
    for (const size of [7, 256]) {
      work.states = 0;
      withRounds({ size });
      for (const crew of hired()) expect(explored(system, crew, symmetric)).toEqual(alone);
      expect(work.states).toBeGreaterThan(alone.size / 2);
    }
  });
});

describe('the report', () => {
  test.each([
    [100, 'lamport-paxos', lamport(2)],
    [
      20,
      'crashes, learners and nacks',
      paxos(PaxosConfiguration.parse({ acceptors: 2, crashes: 2, learners: 1, nacks: true })),
    ],
  ])('is the same %i times, whatever the number of threads: %s', async (times, _name, system) => {
    let work = { states: 0 };
    const begin = () => {
      withKernel(shared);
      withRounds({ size: 16 });
      work = roundWork();
    };
    const { distinctStates } = await expectReport(system as AnySystem, hired(), { times, begin });
    expect(work.states).toBeGreaterThan((times * distinctStates) / 2);
  });

  test.each([false, true])(
    'is the same with passive actors looked at apart, symmetry: %s',
    async (symmetry) => {
      withKernel(shared);
      withRounds({ size: 16 });
      const work = roundWork();
      const system = paxos(PaxosConfiguration.parse({ learners: 1, crashes: 1, ballots: [2, 1] }));
      const report = async (crew?: HiredCrew) => {
        const { seconds, statesPerSecond, peakMemoryBytes, ...rest } = await check(system, {
          ...{ symmetry, passive: true },
          ...(crew ? { crew } : {}),
        });
        return rest;
      };
      const alone = await report();
      expect(alone.passive?.actors).toEqual(['l1']);
      for (const crew of hired()) expect(await report(crew)).toEqual(alone);
      expect(work.states).toBeGreaterThan(alone.distinctStates);
    },
  );

  test('of a mutant is the same, to the last word of the counterexample', async () => {
    await expectCounterexample('accepted-not-durable', hired(), () => {
      withKernel(shared);
      withRounds({ size: 5 });
    });
  });

  test.each([
    { limits: [25, 25, 25], inert: 45 },
    { limits: [9, 9, 9, 9], inert: 46 },
    { limits: [300, 20], inert: 50 },
  ])('$limits counters, whose states outgrow their fields in mid-run', async ({ limits, inert }) => {
    withKernel({ ...shared, tables: 2 ** 23 });
    withRounds({ size: 16 });
    const work = roundWork();
    await expectCounted(limits, inert, hired());
    expect(work.states).toBeGreaterThan(2000);
  });

  test('counters that are alike, whose states outgrow their fields, with symmetry', () => {
    withKernel({ ...shared, tables: 2 ** 23 });
    withRounds({ size: 16 });
    const work = roundWork();
    const system = alike(3, 40, 40);
    const alone = explored(system, null, true);
    expect(alone).toMatchObject(expectedAlike(3, 40));
    for (const crew of hired()) expect(explored(system, crew, true)).toEqual(alone);
    expect(work.states).toBeGreaterThan(2000);
  });

  test('of a system that outgrows the memory of the kernels: threads go on without', () => {
    // Tables and what is theirs alone for three threads, the blocks, and stripes of 4,096 slots.
    withKernel({ ...shared, most: 3 * shared.tables + Blocks.most * 202_000 + 67 * 2 ** 15 });
    withRounds({ size: 2, room: 8 });
    const share = vi.spyOn(ParallelExplorer.prototype as unknown as { share(): void }, 'share');
    const work = roundWork();
    const system = lamport(3);
    const alone = outcome(system, false, null);
    expect(outcome(system, false, hired()[1] as HiredCrew)).toEqual(alone);
    expect(work.states).toBeGreaterThan(1000);
    expect(share).toHaveBeenCalledTimes(1);
    share.mockRestore();
  });
});

describe('what goes wrong', () => {
  test('a function that throws ends the run with its own words, and the crew helps with the next', async () => {
    withKernel(shared);
    withRounds({ size: 16 });
    await expectItsOwnWords(hired()[1] as HiredCrew);
  });

  test('a thread that has no kernel ends the run', async () => {
    withKernel(shared);
    withRounds({});
    const crew = await readyCrew(1, (mail) =>
      mail.kind === 'kernel' ? { ...mail, handshake: { ...mail.handshake, module: {} } } : mail,
    );
    await expect(check(counters([40, 40], 2), { crew })).rejects.toThrow(
      /a worker thread failed: no instance/,
    );
    await crew.dismiss();
  });
});

describe('faults that the comparison notices', () => {
  const systems = smallRandom();

  async function isNoticed(): Promise<boolean> {
    withKernel(shared);
    withRounds({ size: 4 });
    return await isMiscounted(systems, hired()[0] as HiredCrew);
  }

  test('none, where there is none', async () => {
    expect(systems.length).toBeGreaterThan(15);
    expect(await isNoticed()).toBe(false);
  });

  test.each<[string, () => { mockRestore(): void }]>([
    [
      'no hole is filled',
      () => vi.spyOn(Filler.prototype, 'expand').mockImplementation(() => new Int32Array(0)),
    ],
    [
      'a state with a hole is not known to have crashed',
      () => vi.spyOn(Filler.prototype, 'crash').mockImplementation(() => {}),
    ],
    [
      'the tables are not brought up to date before states are looked at',
      () => vi.spyOn(Kernel.prototype as unknown as { refresh(): boolean }, 'refresh').mockReturnValue(true),
    ],
    [
      'records are said to lie ready before they do',
      () => {
        type Copying = {
          helpers: Helpers;
          copyIn(...of: [log: StateLog, from: number, count: number]): void;
        };
        const inside = Rounds.prototype as unknown as Copying;
        const { copyIn } = inside;
        return vi.spyOn(inside, 'copyIn').mockImplementation(function (this: Copying, ...of) {
          this.helpers.board.set('ready', of[2]);
          const end = performance.now() + 2;
          while (performance.now() < end);
          copyIn.apply(this, of);
        });
      },
    ],
    [
      'the main thread does not add the successors that it owns',
      () =>
        vi.spyOn(Hand.prototype, 'add').mockImplementation(function (this: Hand) {
          const { blocks, board } = this as unknown as { blocks: Blocks; board: Board };
          for (let block = 0; block < board.get('unfinished'); block++)
            blocks.setFresh(block, this.number, 0);
        }),
    ],
    [
      'or does not put down the states that it should',
      () =>
        vi.spyOn(Hand.prototype, 'append').mockImplementation(function (this: Hand) {
          (this as unknown as { board: Board }).board.claim();
        }),
    ],
    [
      'or puts them down before the other has added what is its own',
      () => vi.spyOn(Blocks.prototype, 'hasAdded').mockReturnValue(true),
    ],
    [
      'the looks that are due are not taken',
      () => vi.spyOn(Rounds.prototype, 'tell').mockImplementation(() => {}),
    ],
    [
      'a block seems to have led to one new state more',
      () => {
        const { freshOf } = Blocks.prototype;
        return vi.spyOn(Blocks.prototype, 'freshOf').mockImplementation(function (this: Blocks, block) {
          return freshOf.call(this, block) + 1;
        });
      },
    ],
  ])('%s', async (_name, plant) => {
    const fault = plant();
    const noticed = await isNoticed();
    fault.mockRestore();
    expect(noticed).toBe(true);
  });
});
