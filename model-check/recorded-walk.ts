import { Explorer } from './explorer.ts';
import type { Envelope, LocalStep, System } from './system.ts';
import type { Transition } from './tabulate.ts';
import { Walker } from './walk.ts';

/** A step of one actor in a walk, and the messages that nobody had sent before. */
export interface WalkedStep<S, M, E> {
  readonly step: LocalStep<S, M, E>;
  readonly added: readonly M[];
}

/**
 * The random walks that `simulate` takes through a system, to be looked at.
 *
 * @returns the steps of the walk of a number, until none is left that changes the state, and at most so many; a crash of several actors is
 * one of several parts
 * @throws SystemError if the system breaks the checker's terms
 */
export function recordedWalks<S, M extends Envelope, E>(
  system: System<S, M, E>,
  seed = 1,
): (walk: number, most: number) => (readonly WalkedStep<S, M, E>[])[] {
  const explorer = new Explorer({ ...system, properties: [], situations: [] }, false, false);
  const walker = new Walker(explorer, seed);
  return (walk, most) => {
    walker.begin(walk);
    const steps: WalkedStep<S, M, E>[][] = [];
    while (steps.length < most) {
      const taken = walker.step();
      if (!taken) break;
      steps.push(taken.map((id) => explorer.tabulation.transitions[id] as Transition<S, M, E>));
    }
    return steps;
  };
}
