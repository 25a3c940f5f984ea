/** The kernel in tests: from the first state on, and in little memory. */
import { onTestFinished, vi } from 'vitest';
import { Explorer } from '../../model-check/explorer.ts';
import { Kernel } from '../../model-check/kernel/kernel.ts';
import { Rounds } from '../../model-check/kernel/rounds.ts';
import { Tables } from '../../model-check/kernel/tables.ts';
import { StateLog } from '../../model-check/state-log.ts';
import { StateSet } from '../../model-check/state-set.ts';
import type { Envelope, System } from '../../model-check/system.ts';
import { AbstractConfiguration, lamportPaxos, PaxosConfiguration, paxos } from '../../spec/index.ts';
import type { AnySystem } from '../../src/systems.ts';

const MEBI = 2 ** 20;

/** Bytes of memory, and of it for the tables, in which small systems have room: segments of a state set may have 8,192 slots. */
export const little = { least: 1, tables: 2 * MEBI, most: 2 * MEBI + 65 * 2 ** 16, enough: MEBI };

/** Bytes of memory in which several threads have room. */
export const shared = { ...little, most: 2 ** 30 };

export const lamport = (ballots: number): AnySystem => lamportPaxos(AbstractConfiguration.parse({ ballots }));

/** Systems that are explored with a kernel and without, and whether with symmetry. */
export const familiar: [name: string, symmetric: boolean, system: AnySystem][] = [
  ['lamport-paxos', false, lamport(2)],
  ['paxos', false, paxos(PaxosConfiguration.parse({ learners: 1 }))],
  ['paxos with crashes', false, paxos(PaxosConfiguration.parse({ crashes: 2 }))],
  ['lamport-paxos with symmetry', true, lamport(3)],
  ['paxos with crashes and symmetry', true, paxos(PaxosConfiguration.parse({ crashes: 2 }))],
];

/** Until the end of the test, the kernel is had from so many states on, and in so much memory; and keeps so much of what was looked at. */
export function withKernel(
  change: Partial<Pick<typeof Kernel, keyof typeof little | 'code'>>,
  keeps = 4,
): void {
  const { least, most, enough, tables, code } = Kernel;
  const { recalled } = Tables;
  Object.assign(Kernel, change);
  Tables.recalled = keeps;
  onTestFinished(() => {
    Tables.recalled = recalled;
    Object.assign(Kernel, { least, most, enough, tables, code });
  });
}

/** Until the end of the test, rounds are of blocks of so many states at most, with so much room. */
export function withRounds(change: Partial<Pick<typeof Rounds, 'least' | 'size' | 'room'>>): void {
  const { least, size, room } = Rounds;
  Object.assign(Rounds, { least: 1, ...change });
  onTestFinished(() => {
    Object.assign(Rounds, { least, size, room });
  });
}

/** Counts the rounds, and the states that are expanded in them, until the end of the test. */
export function roundWork(): { rounds: number; states: number } {
  const work = { rounds: 0, states: 0 };
  const { add } = Rounds.prototype;
  const spy = vi.spyOn(Rounds.prototype, 'add').mockImplementation(function (this: Rounds, set) {
    const states = add.call(this, set);
    work.rounds += 1;
    work.states += states;
    return states;
  });
  onTestFinished(() => spy.mockRestore());
  return work;
}

/** Counts the states that kernels expand, until the end of the test. */
export function kernelWork(): { states: number } {
  const work = { states: 0 };
  const { expand } = Kernel.prototype;
  const spy = vi.spyOn(Kernel.prototype, 'expand').mockImplementation(function (
    this: Kernel,
    log,
    from,
    end,
    batch,
  ) {
    const reached = expand.call(this, log, from, end, batch);
    work.states += reached - from;
    return reached;
  });
  onTestFinished(() => spy.mockRestore());
  return work;
}

/** All that an explorer knows at the end: whatever it is that expands the states, it must be the same to the last word. */
export function everything<S, M extends Envelope, E>(explorer: Explorer<S, M, E>) {
  const { states, log, levels, transitions, represented, claims, tabulation, layout } = explorer;
  const words = (pieces: Iterable<Int32Array>) => {
    let [count, digest] = [0, 0];
    for (const piece of pieces)
      for (const word of piece) {
        count += 1;
        digest = Math.imul(digest ^ word, 0x85ebca6b) ^ (digest >>> 15);
      }
    return `${count} words, ${digest}`;
  };
  const { data, length } = tabulation.journal?.entries ?? { data: new Int32Array(), length: 0 };
  const entries = data.subarray(0, length);
  return {
    ...{ levels, transitions, represented, size: states.size, shape: states.shape, needed: layout.needed },
    questions: tabulation.questions,
    keys: words([Int32Array.from(tabulation.by.data), Int32Array.from(tabulation.to.data)]),
    found: [...claims.properties, ...claims.situations].map(({ depth }) => depth),
    set: words(states.pieces()),
    log: words(log.records(0)),
    journal: words([entries]),
  };
}

/**
 * Explores a system twice, or as far as `most` states: the second time, all that is to be looked up is known, so that the
 * kernel, if it is had from `least` states on, expands every state.
 */
export function again<S, M extends Envelope, E>(
  system: System<S, M, E>,
  least: number,
  most = Infinity,
  explorer = new Explorer(system),
) {
  const { claims, initial } = explorer;
  const run = () => {
    while (!explorer.done && explorer.size <= most) explorer.run(1000);
  };
  Kernel.least = Infinity;
  run();
  const { layout } = explorer;
  const first = new Int32Array(layout.words);
  layout.pack(initial, first, 0);
  const [states, log] = [new StateSet(layout.words), new StateLog(layout.words)];
  states.add(first);
  log.append(first, 0, 0);
  explorer.goOn({ levels: [0, 1], cursor: 0, transitions: 0, represented: 1 }, layout, states, log);
  for (const claim of [...claims.properties, ...claims.situations]) claim.depth = -1;
  claims.evaluate(claims.everything, initial, 0);
  Kernel.least = least;
  run();
  return everything(explorer);
}
