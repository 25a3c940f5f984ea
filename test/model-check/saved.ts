/** Checkpoints in memory, and all that can be compared of two runs. */
import fc from 'fast-check';
import {
  type Checkpoint,
  checkpoint,
  recorded,
  resumed,
  type SavedRun,
} from '../../model-check/checkpoint.ts';
import { Explorer } from '../../model-check/explorer.ts';
import type { Envelope, System } from '../../model-check/system.ts';
import { explored as exploredWithin } from './compare.ts';
import { build, Spec } from './random-system.ts';
import { buildSymmetric, SymmetricSpec } from './symmetric-system.ts';

/** Random systems that are explored in a moment, each built anew as often as it is asked for. */
export const small = Spec.filter((spec) => exploredWithin(build(spec), 400).done).map((spec) => ({
  build: () => build(spec),
  symmetric: false,
}));
export const smallSymmetric = SymmetricSpec.filter(
  (spec) => exploredWithin(buildSymmetric(spec), 400).done,
).map((spec) => ({ build: () => buildSymmetric(spec), symmetric: true }));

/** A checkpoint as it would lie in a file. */
export interface Copy {
  readonly position: SavedRun['position'];
  readonly words: Int32Array;
}

export function copyOf({ position, words, pieces }: Checkpoint): Copy {
  const copy = new Int32Array(words);
  let at = 0;
  for (const piece of pieces()) {
    copy.set(piece, at);
    at += piece.length;
  }
  if (at !== words) throw new Error(`${at} words, where ${words} were announced`);
  return { position: JSON.parse(JSON.stringify(position)), words: copy };
}

export function savedRun({ position, words }: Copy): SavedRun {
  let at = 0;
  return {
    position,
    read: (into) => {
      if (at + into.length > words.length) throw new Error('more is read than was written');
      into.set(words.subarray(at, at + into.length));
      at += into.length;
    },
  };
}

/** All that a run knows at its end, to the order in which it learned it. */
export function whole<S, M extends Envelope, E>(explorer: Explorer<S, M, E>): unknown {
  const { position, words } = copyOf(checkpoint(explorer, 0, undefined));
  const { tabulation, depth, claims, layout } = explorer;
  // Where in the set a state lies depends on what was there before it.
  const states = words.subarray(position.journal, position.journal + position.states * layout.words);
  const texts = Array.from({ length: position.states }, (_, at) =>
    states.subarray(at * layout.words, (at + 1) * layout.words).join(),
  );
  return {
    position,
    journal: words.subarray(0, position.journal).join(),
    states: texts.sort().join(' '),
    depth,
    questions: tabulation.questions,
    fired: [...tabulation.fired],
    steps: tabulation.transitions.map(({ actor, from, to, key }) => [actor, from, to, key].join(' ')),
    claims: [...claims.properties, ...claims.situations].map(({ name, depth: found }) => [name, found]),
  };
}

/** Explores a system, by slices of so many states; after each, `between` may put another explorer in place of the one. */
export function explored<S, M extends Envelope, E>(
  explorer: Explorer<S, M, E>,
  slice: number,
  between: (explorer: Explorer<S, M, E>, slices: number) => Explorer<S, M, E> = (same) => same,
): Explorer<S, M, E> {
  let at = explorer;
  for (let slices = 1; !at.done; slices++) {
    at.run(slice);
    if (!at.done) at = between(at, slices);
  }
  return at;
}

/** A run that is saved and gone on with after the slices that `stops` says. */
export function interrupted<S, M extends Envelope, E>(
  system: () => System<S, M, E>,
  symmetric: boolean,
  slice: number,
  stops: (slices: number) => boolean,
  change: (copy: Copy) => Copy = (copy) => copy,
): Explorer<S, M, E> {
  return explored(recorded(system(), symmetric), slice, (explorer, slices) =>
    stops(slices)
      ? resumed(system(), savedRun(change(copyOf(checkpoint(explorer, 0, undefined)))))
      : explorer,
  );
}

/** What a run that is saved and gone on with at some slices, and one that is not, know at their ends. */
export function bothWays<S, M extends Envelope, E>(
  { build: built, symmetric }: { build: () => System<S, M, E>; symmetric: boolean },
  slices: number,
  stops: (slices: number) => boolean,
  change?: (copy: Copy) => Copy,
): { readonly stopped: unknown; readonly straight: unknown } {
  const { states } = explored(new Explorer(built(), symmetric, false), 1000);
  const slice = Math.ceil(states.size / slices);
  return {
    stopped: whole(interrupted(built, symmetric, slice, stops, change)),
    straight: whole(explored(recorded(built(), symmetric), slice)),
  };
}

/** Random systems that are the same in every run of the tests, each with a moment in mid-run. */
export const fixed = [
  ...fc.sample(small, { seed: 1998, numRuns: 45 }),
  ...fc.sample(smallSymmetric, { seed: 2001, numRuns: 20 }),
] as unknown as { build: () => System; symmetric: boolean }[];

/** An explorer of a system that has expanded half of its states; none if it has few. */
export function halfWay({ build, symmetric }: (typeof fixed)[number]) {
  const { states } = explored(new Explorer(build(), symmetric, false), 1000);
  const explorer = recorded(build(), symmetric);
  while (explorer.cursor < states.size / 2) explorer.run(Math.ceil(states.size / 10));
  return states.size < 30 || explorer.done ? undefined : explorer;
}
