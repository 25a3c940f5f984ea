import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { Explorer } from '../../model-check/explorer.ts';
import { StateSet } from '../../model-check/state-set.ts';
import { AbstractConfiguration, lamportPaxos, PaxosConfiguration, paxos } from '../../spec/index.ts';
import type { AnySystem } from '../../src/systems.ts';
import { root } from '../cli/run.ts';

/** Explores a system, and counts the successors that are looked up among the known states. */
function explored(system: AnySystem): { states: number; transitions: number; lookedUp: number } {
  const explorer = new Explorer(system);
  const { addAll } = StateSet.prototype;
  let lookedUp = 0;
  const spy = vi.spyOn(StateSet.prototype, 'addAll').mockImplementation(function (
    this: StateSet,
    states,
    count,
    fresh,
  ) {
    lookedUp += count;
    return addAll.call(this, states, count, fresh);
  });
  while (!explorer.done) explorer.run(1000);
  spy.mockRestore();
  return { states: explorer.states.size, transitions: explorer.transitions, lookedUp };
}

describe('sleep sets', () => {
  const decision = readFileSync(join(root, 'docs/decisions/0007-sleep-sets.md'), 'utf8');

  test.each([
    [
      'lamport-paxos, 3 acceptors, 2 values, ballots 0..1',
      lamportPaxos(AbstractConfiguration.parse({ ballots: 2 })),
    ],
    [
      'lamport-paxos, 3 acceptors, 2 values, ballots 0..2',
      lamportPaxos(AbstractConfiguration.parse({ ballots: 3 })),
    ],
    ['paxos, 3 acceptors, ballots [2, 1]', paxos(PaxosConfiguration.parse({ ballots: [2, 1] }))],
    ['paxos, 3 acceptors, 1 ballot each, 1 learner', paxos(PaxosConfiguration.parse({ learners: 1 }))],
  ])('%s: what they save is as decision 7 has it', (name, system) => {
    const { states, transitions, lookedUp } = explored(system);
    const numbers = [states, transitions, lookedUp].map((count) => count.toLocaleString('en-US'));
    expect(lookedUp).toBeLessThan(0.6 * transitions);
    expect(decision).toContain(`| ${[name, ...numbers, (lookedUp / states).toFixed(2)].join(' | ')} |`);
  });
});
