import { IntArray, roomFor } from '../int-array.ts';
import type { Exports } from './instance.ts';
import type { Sources } from './search.ts';
import type { Space } from './space.ts';

/** The transitions of a member of a group by its local state, when it crashes in one of the two ways. */
interface Part {
  readonly group: number;
  readonly way: 0 | 1;
  readonly member: number;
  readonly actor: number;
  readonly at: number;
  readonly room: number;
}

/** The tables by which the kernel takes crashes, where there are any. */
export class Crashes {
  private readonly space: Space;
  private readonly exports: Exports;
  private readonly sources: Sources;
  private parts: readonly Part[] = [];
  /** By actor: of its local states, whether a crash may undo the last write. */
  private readonly losable: readonly IntArray[];
  private unions = 0;

  constructor(space: Space, exports: Exports, sources: Sources) {
    this.space = space;
    this.exports = exports;
    this.sources = sources;
    this.losable = Array.from({ length: sources.crashField }, () => new IntArray());
  }

  /** Hears of new local states. */
  hear(): void {
    const { localsOf, losable } = this.sources;
    this.losable.forEach((known, actor) => {
      while (known.length < localsOf(actor)) known.push(losable(actor, known.length) ? 1 : 0);
    });
  }

  /** Whether all local states have room. */
  fit(): boolean {
    return this.parts.every(({ actor, room }) => this.sources.localsOf(actor) <= room);
  }

  /** @param field tells the address of a field */
  layOut(field: (number: number) => number): void {
    const { space, exports, sources } = this;
    const { groups, shape } = sources.finder;
    exports.budget.value = shape.budget;
    exports.crashField.value = field(sources.crashField);
    const crashes = groups.flatMap((group, at) =>
      (shape.writesBehind ? ([0, 1] as const) : ([0] as const)).map((way) => ({ ...group, group: at, way })),
    );
    const parts = crashes.map(({ group, way, members, known }) =>
      members.map((actor, member) => {
        const room = roomFor(sources.localsOf(actor));
        const at = space.take(room);
        for (let local = 0; local < room; local++)
          space.words[at + local] = known[way][member]?.get(0, local) ?? -1;
        return { group, way, member, actor, at, room };
      }),
    );
    this.parts = parts.flat();
    exports.crashCount.value = crashes.length;
    exports.crashes.value =
      4 *
      space.put(
        crashes.flatMap(({ way, members }, at) => {
          const table = (parts[at] as readonly Part[]).flatMap((part) => [
            field(part.actor),
            4 * part.at,
            4 * space.copy(this.losable[part.actor] as IntArray),
          ]);
          return [way, 4 * space.put(table), members.length];
        }),
      );
    const { lookCount } = sources.claims;
    this.unions = space.filled(lookCount ** 2, -1);
    exports.unions.value = 4 * this.unions;
    exports.lookCount.value = lookCount;
  }

  /** Learns the crashes of a state that has been expanded. */
  learn(locals: Int32Array): void {
    const { finder, crashField, looks, both } = this.sources;
    if ((locals[crashField] as number) >= finder.shape.budget) return;
    let look = 0;
    for (const { group, way, member, actor, at } of this.parts) {
      const local = locals[actor] as number;
      const transition = finder.groups[group]?.known[way][member]?.get(0, local) ?? -1;
      this.space.words[at + local] = transition;
      const next = transition === -1 ? -1 : (looks.data[transition] as number);
      const known = next !== -1 && (member === 0 || look !== -1);
      look = !known || member === 0 ? next : this.union(look, next, both(look, next));
      if (!known) look = -1;
    }
  }

  /** Notes the look at all that either of two looks is at. */
  private union(one: number, other: number, both: number): number {
    this.space.words[this.unions + one * this.sources.claims.lookCount + other] = both;
    return both;
  }
}
