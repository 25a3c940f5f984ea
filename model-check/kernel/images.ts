import { roomFor, upTo } from '../int-array.ts';
import type { Exports } from './instance.ts';
import type { Renamings, Sources } from './search.ts';
import type { Space } from './space.ts';

/** By local state of an actor, its images: a row each, with a word for each symmetry. */
interface Rows {
  readonly at: number;
  /** For how many local states there is room. */
  readonly room: number;
}

/** By local state of an actor, the least of its images among those that the first actor may have, and the symmetries that make it. */
interface Heads extends Rows {
  readonly actor: number;
  /** The symmetries that turn the actor into the first one. */
  readonly makers: readonly number[];
}

type Asked = readonly [symmetry: number, actor: number, local: number];

/** What stands before the symmetries in a row of the least image. */
const HEAD = 2;

/** The tables by which the kernel finds representatives of orbits, where symmetries are made use of. `assembly/orbit.ts` has their shapes. */
export class Images {
  private readonly space: Space;
  private readonly exports: Exports;
  private readonly sources: Sources;
  private rows: readonly Rows[] = [];
  private heads: readonly Heads[] = [];
  /** What was asked since the last time that it was learnt. */
  private asked: Asked[] = [];

  constructor(space: Space, exports: Exports, sources: Sources) {
    this.space = space;
    this.exports = exports;
    this.sources = sources;
    const { renamings } = sources;
    if (renamings) renamings.onAsked = (...asked) => this.asked.push(asked);
  }

  /** Whether all local states have room. */
  fit(): boolean {
    return this.rows.every(({ room }, actor) => this.sources.localsOf(actor) <= room);
  }

  /** @param field tells the address of a field */
  layOut(field: (number: number) => number): void {
    const { space, exports, sources } = this;
    const { renamings } = sources;
    exports.order.value = renamings?.order ?? 0;
    if (!renamings) return;
    const { order, actors, sources: origins } = renamings;
    const firsts = [...new Set(origins.map((from) => from[0] as number))];
    const width = HEAD + order / firsts.length;
    const roomOf = (actor: number) => roomFor(sources.localsOf(actor));
    const filled = (room: number, width: number) => ({ room, at: space.filled(room * width, 0) });
    this.rows = upTo(actors).map((actor) => filled(roomOf(actor), order));
    this.heads = firsts.map((actor) => {
      const makers = upTo(order).filter((symmetry) => origins[symmetry]?.[0] === actor);
      return { actor, makers, ...filled(roomOf(actor), width) };
    });
    const addresses = (of: number, { at }: Rows) => [field(of), 4 * at];
    exports.renamed.value = actors;
    exports.images.value = 4 * space.put(this.rows.flatMap((rows, actor) => addresses(actor, rows)));
    exports.heads.value = 4 * space.put(this.heads.flatMap((heads) => addresses(heads.actor, heads)));
    exports.headCount.value = firsts.length;
    exports.headSize.value = 4 * width;
    exports.origins.value =
      4 * space.put(upTo(actors).flatMap((actor) => origins.map((from) => 4 * (from[actor] as number))));
    exports.race.value = 4 * space.takeApart(actors + order);
    // Whatever was asked before is as good as asked now.
    for (const actor of upTo(actors)) {
      const locals = upTo(sources.localsOf(actor));
      this.asked = locals.flatMap((local) => upTo(order).map((symmetry): Asked => [symmetry, actor, local]));
      this.learn();
    }
  }

  /** Learns what has been asked since. */
  learn(): void {
    const { renamings } = this.sources;
    if (!renamings) return;
    const changed = new Set<number>();
    for (const [symmetry, actor, local] of this.asked.splice(0)) {
      const { at } = this.rows[actor] as Rows;
      this.space.words[at + local * renamings.order + symmetry] = renamings.known(symmetry, actor, local);
      changed.add(local);
    }
    for (const heads of this.heads) for (const local of changed) this.crown(heads, local);
  }

  /** Finds the least image of a local state of an actor that the first one may come from, if all of them are known. */
  private crown({ actor, makers, at, room }: Heads, local: number): void {
    if (local >= room) return;
    const { words } = this.space;
    const { order } = this.sources.renamings as Renamings;
    const row = (this.rows[actor] as Rows).at + local * order;
    let least = Infinity;
    for (const symmetry of makers) least = Math.min(least, words[row + symmetry] as number);
    const head = at + local * (HEAD + makers.length);
    let count = 0;
    for (const symmetry of makers)
      if (words[row + symmetry] === least) words[head + HEAD + count++] = 4 * symmetry;
    words[head] = least;
    words[head + 1] = count;
  }
}
