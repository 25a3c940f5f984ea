/** Sources of which a sleep set can say something: one bit each. */
const BITS = 32;

/** What offers steps: an actor itself (its internal steps), a reading, or what one sender has sent to one recipient. */
export interface Source {
  /** The actor that takes the steps. */
  readonly actor: number;
  /** The actors that it reads, whose steps may disable or change one of these. */
  readonly reads: readonly number[];
  /** Its place in the order in which a state's steps are taken. */
  readonly rank: number;
  /** Its bit in a sleep set; 0 if there are too many sources. */
  readonly bit: number;
  /** The sources that come before it. */
  before: number;
  /** All but the sources that depend on its steps whatever these are: those of its actor, and of the actors that it reads. */
  keeps: number;
}

/**
 * The sources of steps in the order in which they are taken, and what is known of their independence: the sleep sets of
 * Godefroid, as docs/decisions/0007 explains them. A set is a word of bits, one for each source.
 */
export class Sources {
  private readonly order: Source[] = [];
  /** By actor, the bits of its sources. */
  private readonly own: number[];

  constructor(actors: number) {
    this.own = Array.from({ length: actors }, () => 0);
  }

  some(predicate: (source: Source) => boolean): boolean {
    return this.order.some(predicate);
  }

  /** Adds a source, at its place in the order. */
  add(actor: number, rank: number, reads: readonly number[] = []): Source {
    const bit = this.order.length < BITS ? 1 << this.order.length : 0;
    const added: Source = { actor, rank, reads, bit, before: 0, keeps: 0 };
    this.order.push(added);
    this.order.sort((a, b) => a.rank - b.rank);
    this.own[actor] = (this.own[actor] as number) | bit;
    let before = 0;
    for (const source of this.order) {
      source.before = before;
      before |= source.bit;
      source.keeps = ~[source.actor, ...source.reads].reduce(
        (bits, each) => bits | (this.own[each] as number),
        0,
      );
    }
    return added;
  }
}
