/** Each kind of fault, alone: it meets something, and clients see another run than without it. */
import { expect, test } from 'vitest';
import type { Effect } from '../../src/simulation/effects.ts';
import { type Fault, planOf } from '../../src/simulation/plan.ts';
import { simulatePlan } from '../../src/simulation/simulate.ts';

/** In every second seed nobody else comes to vote: three nodes. */
const PLAN = { ...planOf(2, { operations: 60 }), faults: [] as readonly Fault[] };

const during = { at: 300, lasts: 800 };
const cut = { type: 'partition', ...during, side: ['leader'], spared: null } as const;
const crash = { type: 'crash', ...during, nodes: ['leader'], io: 8, keeps: 0, damages: false } as const;

const FAULTS: readonly (readonly [what: string, fault: Fault, effects: readonly Effect[]])[] = [
  ['a message lost', { type: 'loss', ...during, rate: 0.3 }, ['lost']],
  ['a message that comes twice', { type: 'duplication', ...during, rate: 0.5 }, ['duplicated']],
  ['a message delayed, and overtaken', { type: 'delay', ...during, most: 100 }, ['delayed']],
  ['a partition both ways', { ...cut, ways: 'both' }, ['cutOff']],
  ['a partition of one way, out', { ...cut, ways: 'out' }, ['cutOffOneWay']],
  ['a partition of one way, in', { ...cut, ways: 'in' }, ['cutOffOneWay']],
  ['a pause', { type: 'pause', ...during, node: 'leader' }, ['waited']],
  ['a crash of the node alone', { ...crash, keeps: 1 }, ['crashes']],
  ['a crash that loses what is not synced', crash, ['crashes', 'unsynced']],
  ['a crash that tears a write', { ...crash, keeps: 0.5 }, ['crashes', 'unsynced', 'torn']],
  ['a damaged disk', { ...crash, nodes: ['n3'], keeps: 1, damages: true }, ['crashes', 'refused']],
  ['a full disk', { type: 'disk-full', ...during, node: 'leader', fits: 0.5 }, ['full']],
  ['a slow disk', { type: 'slow-disk', ...during, node: 'leader', sync: 100 }, ['slow']],
  ['a clock that drifts', { type: 'drift', ...during, node: 'leader', rate: 0.3 }, ['drifted']],
];

test.each(FAULTS)('%s makes a difference', async (_, fault, expected) => {
  const [without, outcome] = [await simulatePlan(PLAN), await simulatePlan({ ...PLAN, faults: [fault] })];
  expect([without.wrong, outcome.wrong]).toEqual([null, null]);
  // Messages overtake one another all the time.
  const { overtaken, ...others } = outcome.effects;
  const met = (Object.keys(others) as (keyof typeof others)[]).filter((effect) => others[effect] > 0);
  expect(met.sort()).toEqual([...expected].sort());
  expect(overtaken).toBeGreaterThan('most' in fault ? 3 * without.effects.overtaken : 0);
  expect(outcome.history).not.toEqual(without.history);
});
