import type { Permutation, Symmetries } from '../model-check/system.ts';
import type { QuorumSystem } from './quorum.ts';

/**
 * The renamings of acceptors that leave both families of quorums as they are. (Proposers are never interchangeable: their
 * ballots are ordered.)
 */
export function quorumSymmetries(acceptors: readonly string[], quorums: QuorumSystem): Permutation[] {
  const text = (family: QuorumSystem['phase1']) =>
    family
      .map((quorum) => [...quorum].sort().join())
      .sort()
      .join(' ');
  const image = (family: QuorumSystem['phase1'], permutation: Permutation) =>
    family.map((quorum) => quorum.map((member) => permutation[member] ?? member));
  return permutationsOf(acceptors).filter((permutation) =>
    [quorums.phase1, quorums.phase2].every((family) => text(image(family, permutation)) === text(family)),
  );
}

/** All permutations of some names. */
export function permutationsOf(names: readonly string[]): Permutation[] {
  const orders = (rest: readonly string[]): string[][] =>
    rest.length === 0
      ? [[]]
      : rest.flatMap((name) =>
          orders(rest.filter((other) => other !== name)).map((others) => [name, ...others]),
        );
  return orders(names).map((order) =>
    Object.fromEntries(names.map((name, at) => [name, order[at] as string])),
  );
}

/** Symmetries that rename names wherever they occur, as a value or as a key; `inForm` puts what has an order back into it. */
export function symmetries(
  permutations: readonly Permutation[],
  inForm: (renamed: unknown) => unknown = (renamed) => renamed,
): Symmetries {
  return { permutations, rename: (value, permutation) => inForm(renamed(value, permutation)) };
}

function renamed(value: unknown, permutation: Permutation): unknown {
  if (typeof value === 'string') return permutation[value] ?? value;
  if (Array.isArray(value)) {
    const items = value.map((item) => renamed(item, permutation));
    // A list of names is a set: who a message is for.
    return items.every((item) => typeof item === 'string') ? items.sort() : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [permutation[key] ?? key, renamed(item, permutation)]),
  );
}
