import type { IntArray } from './int-array.ts';

/** A symmetry as it acts on the fields of a global state. */
export interface Renamer {
  /** By field: the field that its renamed value comes from. */
  readonly fromField: Int32Array;
  /** By field: by value, the renamed value plus 1; 0 (or beyond the end) where it was not asked yet. */
  readonly tables: readonly IntArray[];
}

/** The orbits of states under a group of symmetries, by look-ups. */
export class Orbits {
  private readonly group: readonly Renamer[];
  private readonly candidates: Int32Array;
  private readonly ask: (symmetry: number, field: number, value: number) => number;

  /** @param ask what a symmetry makes of a field's value where its table does not tell */
  constructor(group: readonly Renamer[], ask: (symmetry: number, field: number, value: number) => number) {
    this.group = group;
    this.candidates = new Int32Array(group.length);
    this.ask = ask;
  }

  /**
   * Writes the canonical representative of a state's orbit, the least of its images, to `into`; returns how many states
   * the orbit has. Field by field, only the symmetries whose image is the least so far stay in the race.
   */
  canonise(locals: Int32Array, into: Int32Array): number {
    const { group, candidates } = this;
    for (let at = 0; at < group.length; at++) candidates[at] = at;
    let left = group.length;
    for (let field = 0; field < locals.length; field++) {
      let least = 0x7fffffff;
      let kept = 0;
      for (let at = 0; at < left; at++) {
        const candidate = candidates[at] as number;
        const { fromField, tables } = group[candidate] as Renamer;
        const from = fromField[field] as number;
        const local = locals[from] as number;
        const known = (tables[from] as IntArray).data[local] as number;
        const value = known > 0 ? known - 1 : this.ask(candidate, from, local);
        if (value > least) continue;
        if (value < least) {
          least = value;
          kept = 0;
        }
        candidates[kept++] = candidate;
      }
      into[field] = least;
      left = kept;
    }
    // The symmetries left are those that lead to the representative: as many as leave it as it is.
    return group.length / left;
  }
}
