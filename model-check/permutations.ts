import { canonical } from './canonical.ts';
import type { Permutation } from './system.ts';

/** A permutation of the group: number `first` of the group, and then number `next` of the generators; the identity is neither. */
export interface Member {
  readonly permutation: Permutation;
  readonly first: number;
  readonly next: number;
}

/** The group that some permutations generate, each after what it is made of, and those of them that suffice for it. */
export function closure(permutations: readonly Permutation[]): {
  group: Member[];
  generators: Permutation[];
} {
  const names = [...new Set(permutations.flatMap((each) => Object.keys(each)))].sort();
  const full = (each: Permutation): Permutation =>
    Object.fromEntries(names.map((name) => [name, each[name] ?? name]));
  const compose = (first: Permutation, then: Permutation): Permutation =>
    Object.fromEntries(names.map((name) => [name, then[first[name] as string] as string]));
  const identity = full({});
  const group: Member[] = [{ permutation: identity, first: -1, next: -1 }];
  const known = new Set([canonical(identity)]);
  const generators: Permutation[] = [];
  for (const permutation of permutations.map(full)) {
    if (known.has(canonical(permutation))) continue;
    generators.push(permutation);
    // The group grows while it is gone through: all products with the generators so far are in it at the end.
    for (let first = 0; first < group.length; first++) {
      generators.forEach((generator, next) => {
        const product = compose((group[first] as Member).permutation, generator);
        const size = known.size;
        if (known.add(canonical(product)).size > size) group.push({ permutation: product, first, next });
      });
    }
  }
  return { group, generators };
}
