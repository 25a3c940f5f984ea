/** What the tests of the kernel would notice: each fault, put into its source, must be seen. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonical } from '../../model-check/canonical.ts';
import { Explorer } from '../../model-check/explorer.ts';
import type { System } from '../../model-check/system.ts';
import { assembled } from '../../scripts/assembly.ts';
import { AbstractConfiguration, lamportPaxos } from '../../spec/index.ts';
import { root } from '../cli/run.ts';
import { again, everything, kernelWork, little, withKernel } from './kernels.ts';
import { build, Spec } from './random-system.ts';

const source = readFileSync(join(root, 'model-check/kernel/assembly/kernel.ts'), 'utf8');

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

/** Whether the kernel does something else on one of them. */
function isSeen(): boolean {
  return systems.some(({ system, without }) => canonical(again(system, 1, 300)) !== canonical(without));
}

function explored(least: number) {
  withKernel({ ...little, least });
  const explorer = new Explorer(lamportPaxos(AbstractConfiguration.parse({ ballots: 3 })));
  for (let slice = 0; slice < 40 && !explorer.done; slice++) explorer.run(1000);
  return everything(explorer);
}

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
  'readings come before what actors do of themselves': ['if (at == internals) begins = count;', ''],
  'an offer looks in the cells of another': ['offer.actor.row + offer.cells', 'offer.actor.row'],
  'what a reading and its actor offer is taken twice': [
    'if (offeredBefore(reading, step.number)) continue;',
    '',
  ],
  'lists of readings are mixed up': ['word(entry, k) == word(key, k)) k += 1;', 'k < 3) k += 1;'],
  'one crash too many': ['if (used >= budget)', 'if (used > budget)'],
  'no write is ever lost': ['(each.way == 0 || losable(each))', 'each.way == 0'],
  'a crash of several is looked at for the last only': [
    'look = either(look, word(dues, number));',
    'look = word(dues, number);',
  ],
  'what was looked at is known by its look only': [
    'same = same && word(at, k) == number;',
    'same = word(key, 0) == word(at, 0);',
  ],
  'the last of the offers is forgotten': [
    'for (let at: u32 = 0; at < offerCount; at++) {',
    'for (let at: u32 = 0; at < offerCount - 1; at++) {',
  ],
  'slots are not marked as occupied': ['const member = state | OCCUPIED;', 'const member = state;'],
};

/** Those that it takes many states to see. */
const larger: Record<string, readonly [string, string]> = {
  'a search goes on beyond the end of a segment': [
    '    if (at == end) at = load<u32>(BASE + segment);\n',
    '',
  ],
  'what comes last in a segment is lost when it grows': [
    'for (; from < fromEnd; from += 8) {',
    'for (; from < fromEnd - 8; from += 8) {',
  ],
  'after a segment has grown, the rest of a batch is sought where it was': [
    'for (let k = from; k < count; k++)',
    'for (let k = from; k < from; k++)',
  ],
  'what does not fit in a batch is lost': ['      batched = more;\n', '      batched = 0;\n'],
  'the batch is not added when it is full': ['while (batched >= BATCH) {', 'while (batched > BATCH) {'],
};

describe('what the tests of the kernel would notice', () => {
  async function plant([from, to]: readonly [string, string]): Promise<void> {
    expect(source.split(from)).toHaveLength(2);
    withKernel({ ...little, code: await assembled(source.replace(from, to)) });
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

  test.each(Object.entries(larger))('%s', async (_name, fault) => {
    const without = explored(Infinity);
    await plant(fault);
    expect(explored(1)).not.toEqual(without);
  });
});
