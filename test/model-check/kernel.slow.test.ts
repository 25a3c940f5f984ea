/** What the tests of the kernel would notice: each fault, put into its source, must be seen. */
import fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { canonical } from '../../model-check/canonical.ts';
import { Explorer } from '../../model-check/explorer.ts';
import { gatherCode } from '../../model-check/kernel/gather.ts';
import { Kernel } from '../../model-check/kernel/kernel.ts';
import { Tables } from '../../model-check/kernel/tables.ts';
import { ParallelExplorer } from '../../model-check/parallel/parallel-explorer.ts';
import { Symmetry } from '../../model-check/symmetry.ts';
import type { Envelope, System } from '../../model-check/system.ts';
import { assembled, kernelSource } from '../../scripts/assembly.ts';
import type { HiredCrew } from '../../src/workers/crew.ts';
import { crews, unobserved } from './crew.ts';
import { beside } from './instances.ts';
import {
  again,
  everything,
  kernelWork,
  lamport,
  little,
  roundWork,
  shared,
  withKernel,
  withRounds,
} from './kernels.ts';
import { build, Spec } from './random-system.ts';
import { buildSymmetric, SymmetricSpec, type SymmetricSystem } from './symmetric-system.ts';

const source = kernelSource();

type Pair = System<number, never, { type: 'go' }>;

/** Two actors that crash together, what is seen of the first of which is seen after the crash only. */
const pair: Pair = {
  name: 'pair',
  covers: [],
  actors: ['a', 'b'].map((name) => ({
    name,
    role: 'counter',
    initial: 0,
    internal: (state) => (state === 0 ? [{ type: 'go' }] : []),
    transition: () => ({ rule: 'go', state: 1, send: [] }),
    restart: (state) => (state === 1 ? 2 : state),
  })),
  crashes: { budget: 1, groups: [['a', 'b']] },
  properties: [],
  situations: ['a', 'b'].map((name) => ({
    name: `${name} has crashed`,
    statement: '',
    state: {
      facts: [{ name, of: [name], view: ({ state }) => state === 2, combine: ([crashed]) => crashed }],
      holds: (crashed) => crashed === true,
    },
  })),
};

/** Random systems and one more, and what is found of them without the kernel. */
const random = fc
  .sample(Spec, { seed: 1998, numRuns: 150 })
  .map((spec) => build({ ...spec, observers: [] }) as unknown as Pair);
const systems = [pair, ...random].flatMap((system) => {
  const without = again(system, Infinity, 300);
  return without.size <= 300 ? [{ system, without }] : [];
});

/** The source with another text in the place of one, which stands in one place of one file. */
function planted(from: string, to: string): Record<string, string> {
  const parts = Object.entries(source).map(([file, text]) => [file, text.split(from)] as const);
  expect(parts.reduce((sum, [, pieces]) => sum + pieces.length - 1, 0)).toBe(1);
  return Object.fromEntries(parts.map(([file, pieces]) => [file, pieces.join(to)]));
}

/** Whether what is found by other means is something else, or an error. */
function differs(without: unknown, run: () => unknown): boolean {
  try {
    return canonical(run()) !== canonical(without);
  } catch (error) {
    if (error instanceof TypeError) return true;
    throw error;
  }
}

/** Whether the kernel does something else on one of them. */
function isSeen(): boolean {
  return systems.some(({ system, without }) => differs(without, () => again(system, 1, 300)));
}

/** Random systems with symmetries, and what is found of their orbits without the kernel. */
const symmetric = fc.sample(SymmetricSpec, { seed: 1998, numRuns: 120 }).flatMap((spec) => {
  const system = buildSymmetric({ ...spec, reachable: [] });
  const without = orbitsOf(system, Infinity);
  return without.size <= 300 ? [{ system, without }] : [];
});

/** Explored when all is known, and as it gets known. */
function orbitsOf(system: SymmetricSystem, least: number) {
  const known = again(system, least, 300, new Explorer(system, true));
  Kernel.least = least;
  const explorer = new Explorer(system, true);
  while (!explorer.done && explorer.size <= 300) explorer.run(1000);
  return { ...known, news: everything(explorer) };
}

/** Whether the kernel finds other orbits in one of them, or what is none. */
function isSeenInOrbits(): boolean {
  return symmetric.some(({ system, without }) => differs(without, () => orbitsOf(system, 1)));
}

function explored(least: number) {
  withKernel({ ...little, least });
  const explorer = new Explorer(lamport(3));
  for (let slice = 0; slice < 40 && !explorer.done; slice++) explorer.run(1000);
  return everything(explorer);
}

const entryOf = (slot: string, same: string) => `let slot = mixed(view)${slot};
  while (true) {
    const entry = changetype<Entry>(known + (slot & knownMask) * offsetof<Entry>());
    if (entry.number == 0 || (entry.view == view${same})) return entry;`;

const faults: Record<string, readonly [string, string]> = {
  'a source sleeps on though a step has brought it something': ['keeps & ~step.wakes', 'keeps'],
  'a source sleeps on though its own actor has stepped': [
    '(asleep | offer.before) & offer.keeps',
    '(asleep | offer.before)',
  ],
  'a reading sleeps on though what it reads has changed': [
    '(asleep | reading.before) & reading.keeps',
    '(asleep | reading.before)',
  ],
  'a source is put to sleep by a step that comes before it': [
    '(asleep | offer.before) & offer.keeps',
    'offer.keeps',
  ],
  'what is asleep is not counted': ['      passed += steps.count;\n', ''],
  'a reading that is asleep is not counted': [
    'if (asleep & reading.bit) passed += 1;',
    'if (asleep & reading.bit) passed += 0;',
  ],
  'readings come after what actors hear': [
    'begins = <usize>(gathered >>> 32);',
    'begins = <usize>(<u32>gathered);',
  ],
  'what a reading and its actor offer is taken twice': [
    'if (offeredBefore(reading, step.number)) continue;',
    '',
  ],
  'what a reading has seen is mixed up': [
    '|| (entry.view == view && entry.number == number)',
    '|| entry.number == number',
  ],
  'readings are mixed up': [entryOf(' ^ number', ' && entry.number == number'), entryOf('', '')],
  'one crash too many': ['if (used >= budget)', 'if (used > budget)'],
  'no write is ever lost': ['(each.way == 0 || losable(state, each))', 'each.way == 0'],
  'a crash of several is looked at for the last only': [
    'look = either(look, word(dues, number));',
    'look = word(dues, number);',
  ],
  'what was looked at is known by its look only': [
    'const view = seenIn(load<u64>(successor, LOOKED_AT), look.sees, look.count);',
    'const view: State = 0;',
  ],
  'two that are kept in one place are taken for one': [
    '    if (entry.view == view && entry.number == number) continue;',
    '    if (entry.number == number) continue;',
  ],
  'the last that waits for a look is forgotten': [
    'due += lookAtAll(waiting, ',
    'due += lookAtAll(waiting - u32(waiting != 0), ',
  ],
  'looks are put down in one place': ['put += LOOK;', 'put = into + LOOK;'],
  'slots are not marked as occupied': ['const member = state | OCCUPIED;', 'const member = state;'],
};

/** Faults in what is made of symmetries. */
const inOrbits: Record<string, readonly [string, string]> = {
  'the greatest image of the first field decides': ['if (image < least) left = 0;\n    least', 'least'],
  'the first field has one candidate only': ['left += count;', 'left = count;'],
  'a candidate that has lost stays in the race': ['if (image < least) kept = 0;', ''],
  'the last field does not matter': ['field < renamed; field++) {', 'field < renamed - 1; field++) {'],
  'a value is looked for in another field': [
    'load<u32>(race + load<u32>(from + symmetry))',
    'load<u32>(race + WORD * field)',
  ],
  'an orbit has one state too few': ['orbit = order / left;', 'orbit = order / left - 1;'],
  'each state represents itself': ['store<u64>(at, canonical);', 'store<u64>(at, state);'],
  'an image that is not known is taken for none': ['return image - 1 <= field.mask;', 'return true;'],
  'the size of an orbit is taken for sources asleep': ['order == 0 ? asleep : 0', 'asleep'],
  'a representative is looked at instead of the state itself': [
    'store<u64>(at, canonical);',
    'store<u64>(at, canonical);\n    store<u64>(at, canonical, LOOKED_AT);',
  ],
};

/** Those that it takes many states to see. */
const larger: Record<string, readonly [string, string]> = {
  'a search goes on beyond the end of a segment': [
    '    if (at == end) at = load<u32>(BASE + segment);\n',
    '',
  ],
  'what comes last in a segment is lost when it grows': [
    '      const member = load<u64>(from);',
    '      const member = from == fromEnd - 8 ? 0 : load<u64>(from);',
  ],
  'what has no room before the end of a larger segment is put behind it': [
    '        if (at == toEnd) at = to;\n',
    '',
  ],
  'the last of some slots is lost when a segment grows': ['move < last;', 'move < last - MOVE;'],
  'after a segment has grown, the rest of a batch is sought where it was': [
    'for (let k = from; k < count; k++)',
    'for (let k = from; k < from; k++)',
  ],
  'what does not fit in a batch is lost': ['    batched = more;\n', '    batched = 0;\n'],
  'a batch that is full is lost': ['    flush();\n    memory.copy', '    memory.copy'],
};

type Given = Parameters<typeof gatherCode>;

/** What is mistaken for what in the code that looks offers up. */
const mistaken: Record<string, (...given: Given) => Given> = {
  'the last of the offers is forgotten': (fields, offers, ...rest) => [fields, offers.slice(0, -1), ...rest],
  'an offer looks in the cells of another': (fields, offers, ...rest) => [
    fields,
    offers.map((offer) => ({ ...offer, cells: 0 })),
    ...rest,
  ],
  'an offer looks at another sender': (fields, offers, ...rest) => [
    fields,
    offers.map((offer) => ({ ...offer, sender: offers[0]?.sender as number })),
    ...rest,
  ],
  'a local state is looked at in part': (fields, ...rest) => [
    fields.map((field) => ({ ...field, mask: field.mask >>> 1 })),
    ...rest,
  ],
  'what actors do of themselves comes after readings': (fields, offers) => [fields, offers, 0],
};

describe('what the tests of the kernel would notice', () => {
  async function plant(fault: readonly [string, string]): Promise<void> {
    withKernel({ ...little, code: await assembled(planted(...fault)) });
  }

  test('with no fault, nothing', async () => {
    withKernel({ ...little, code: await assembled(source) });
    const work = kernelWork();
    expect(isSeen()).toBe(false);
    expect(work.states).toBeGreaterThan(1000);
    expect(explored(1)).toEqual(explored(Infinity));
  });

  test.each(Object.entries(faults))('%s', async (_name, fault) => {
    await plant(fault);
    expect(isSeen()).toBe(true);
  });

  test('with no fault, nothing in orbits', async () => {
    withKernel({ ...little, code: await assembled(source) });
    const work = kernelWork();
    expect(isSeenInOrbits()).toBe(false);
    expect(work.states).toBeGreaterThan(1000);
  });

  test.each(Object.entries(inOrbits))('%s', async (_name, fault) => {
    await plant(fault);
    expect(isSeenInOrbits()).toBe(true);
  });

  test('images are taken from another symmetry', () => {
    withKernel(little);
    const { known } = Symmetry.prototype;
    const spy = vi.spyOn(Symmetry.prototype, 'known').mockImplementation(function (
      this: Symmetry<unknown, Envelope, unknown>,
      _symmetry,
      actor,
      local,
    ) {
      return known.call(this, 0, actor, local);
    });
    onTestFinished(() => spy.mockRestore());
    expect(isSeenInOrbits()).toBe(true);
  });

  test('the successors of a state that asks are looked at before the tables have heard of it', () => {
    withKernel(little);
    type Inside = { fill(record: Int32Array): boolean; refresh(): boolean };
    const inside = Kernel.prototype as unknown as Inside;
    const { fill, refresh } = inside;
    let filling = false;
    onTestFinished(() => {
      Object.assign(inside, { fill, refresh });
    });
    inside.fill = function (record) {
      filling = true;
      const filled = fill.call(this, record);
      filling = false;
      return filled;
    };
    inside.refresh = function () {
      return filling || refresh.call(this);
    };
    expect(isSeenInOrbits()).toBe(true);
  });

  test.each(Object.entries(mistaken))('%s', (_name, mistake) => {
    withKernel(little);
    Tables.gatherCode = (...given) => gatherCode(...mistake(...given));
    onTestFinished(() => {
      Tables.gatherCode = gatherCode;
    });
    expect(isSeen()).toBe(true);
  });

  test.each(Object.entries(larger))('%s', async (_name, fault) => {
    const without = explored(Infinity);
    await plant(fault);
    expect(explored(1)).not.toEqual(without);
  });
});

/** Faults in what several threads do. */
const several: Record<string, readonly [from: string, to: string]> = {
  'nobody owns the last of the segments': [
    '(hash >>> HASH_BITS) - segment < width',
    '(hash >>> HASH_BITS) - segment < width - 1',
  ],
  'the hashes of successors that fill a hole are not worked out': [
    'store<u32>(region + HASHED + WORD * k, hashOf(load<u64>(region + SUCCESSOR * k, SUCCESSORS)));',
    ';',
  ],
  'a hash is that of another successor': [
    'load<u32>(region + WORD * k, HASHED)',
    'load<u32>(region, HASHED)',
  ],
  'only one owner is heard': ['bits |= load', 'bits = load'],
  'marks are those of a round before': ['  memory.fill(marks, 0, ((count + 31) >>> 5) << 2);\n', ''],
  'a hole is not put down': ['      left += 1;\n', ''],
  'a hole is put down where the next one is': ['store<u32>(hole, at);', 'store<u32>(hole, at + 1);'],
  'what there is no room for is counted as expanded': [
    'if (batched + taken > room) break;',
    'if (batched + taken > room) continue;',
  ],
  'transitions of sources asleep are not counted': ['      seen += passed + taken;', '      seen += taken;'],
  'the sleep of new states is lost': ['order == 0 ? asleep : 0', '0'],
  'looks are taken at other states': [
    '      waiting += wait(successor',
    '      waiting += wait(region + SUCCESSORS',
  ],
  'the last that waits in a block is forgotten': [
    'lookAtAll(waiting, region',
    'lookAtAll(waiting - u32(waiting != 0), region',
  ],
};

describe('what one thread has for itself', () => {
  test.each([
    ['what waits for a look', 'WAITING + mine + WAIT * behind', 'WAITING + WAIT * behind'],
    ['what is moved', 'const moved = MOVED + mine;', 'const moved = MOVED;'],
  ])('%s lies where that of another does', async (_name, ...fault) => {
    expect(beside(await assembled(planted(...(fault as [string, string])))).intrudes).toBe(true);
  });
});

describe('what the tests of several threads would notice', () => {
  const hired = crews(1);

  const few = fc
    .sample(unobserved, { seed: 1998, numRuns: 150 })
    .map((spec) => build(spec) as unknown as Pair)
    .flatMap((system) => {
      const alone = toTheEnd(new Explorer(system, false, false), 300);
      return alone.size <= 300 ? [{ system, alone }] : [];
    });

  function toTheEnd(explorer: Explorer<number, never, { type: 'go' }>, states = Infinity) {
    while (!explorer.done && explorer.size <= states) explorer.run(1000);
    const all = everything(explorer);
    explorer.release();
    return all;
  }

  /** Whether several threads do something else than one on some system, be it new to them or known. */
  function isSeenBySeveral(): boolean {
    withRounds({ size: 6, room: 12 });
    const byThreads = (system: Pair) => new ParallelExplorer(system, false, hired()[0] as HiredCrew);
    return few.some(({ system, alone }) => {
      if (canonical(toTheEnd(byThreads(system))) !== canonical(alone)) return true;
      const explorer = byThreads(system);
      const known = again(system, 1, Infinity, explorer);
      explorer.release();
      return canonical(known) !== canonical(again(system, Infinity));
    });
  }

  test('with no fault, nothing', () => {
    withKernel(shared);
    const work = roundWork();
    expect(isSeenBySeveral()).toBe(false);
    expect(work.states).toBeGreaterThan(1000);
  });

  test.each(Object.entries(several))('%s', async (_name, fault) => {
    withKernel({ ...shared, code: await assembled(planted(...fault)) });
    expect(isSeenBySeveral()).toBe(true);
  });
});
