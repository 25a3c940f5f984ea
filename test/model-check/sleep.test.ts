import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { Explorer } from '../../model-check/explorer.ts';
import { StateSet } from '../../model-check/state-set.ts';
import type { System } from '../../model-check/system.ts';
import { AbstractConfiguration, lamportPaxos, PaxosConfiguration, paxos } from '../../spec/index.ts';
import type { AnySystem } from '../../src/systems.ts';
import { root } from '../cli/run.ts';
import { withKernel } from './kernels.ts';

/** Explores a system, and counts the successors that are looked up among the known states: those of a kernel pass by here unseen. */
function explored(system: AnySystem): { states: number; transitions: number; lookedUp: number } {
  withKernel({ least: Infinity });
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

interface Heard {
  readonly called: boolean;
  readonly heard: boolean;
}
type Call = { readonly from: string; readonly to: readonly string[] };
type Shout = { readonly type: 'shout' };

/** Actors that each call all the others once, and note that somebody has called: every pair of them is a source of steps. */
function callers(count: number): System<Heard, Call, Shout> {
  const names = Array.from({ length: count }, (_, at) => `c${at}`);
  return {
    name: 'callers',
    covers: [],
    properties: [],
    actors: names.map((name) => ({
      name,
      role: 'caller',
      initial: { called: false, heard: false },
      internal: ({ called }) => (called ? [] : [{ type: 'shout' as const }]),
      transition: (state, event) =>
        event.type === 'shout'
          ? {
              rule: 'call',
              state: { ...state, called: true },
              send: [{ from: name, to: names.filter((other) => other !== name) }],
            }
          : { rule: 'hear', state: { ...state, heard: true }, send: [] },
    })),
  };
}

describe('sleep sets', () => {
  test('of more sources than there are bits', () => {
    const count = 6;
    const { states, transitions, lookedUp } = explored(callers(count));
    const expected = { states: 0, transitions: 0 };
    const has = (set: number, actor: number) => ((set >> actor) & 1) === 1;
    const actors = Array.from({ length: count }, (_, actor) => actor);
    for (let called = 0; called < 2 ** count; called++) {
      const mayHear = actors.filter((actor) => actors.some((other) => other !== actor && has(called, other)));
      for (let heard = 0; heard < 2 ** count; heard++) {
        if (actors.some((actor) => has(heard, actor) && !mayHear.includes(actor))) continue;
        const calls = actors.filter((actor) => !has(called, actor)).length;
        // Whom an actor hears first makes one transition each: an event is the receipt of one message.
        const hears = mayHear.filter((actor) => !has(heard, actor));
        const receipts = hears.map(
          (actor) => actors.filter((other) => other !== actor && has(called, other)).length,
        );
        expected.states += 1;
        expected.transitions += calls + receipts.reduce((sum, each) => sum + each, 0);
      }
    }
    expect({ states, transitions }).toEqual(expected);
    expect(lookedUp).toBeLessThan(transitions);
  });

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
