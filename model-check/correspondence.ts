/** A local state of an actor, and the local state of another that a generator makes of it. */
export interface Renaming {
  readonly generator: number;
  readonly toField: Int32Array;
  rename<T>(value: T): T;
  readonly actor: number;
  readonly local: number;
  readonly other: number;
  readonly image: number;
}

/**
 * Two numberings of views that a renaming is to turn into one another: they must tell apart the same.
 */
export class Correspondence {
  private readonly there = new Map<number, number>();
  private readonly back = new Map<number, number>();

  /** Notes that the view `one` becomes the view `other`; false if either corresponds to another one already. */
  holds(one: number, other: number): boolean {
    if ((this.there.get(one) ?? other) !== other || (this.back.get(other) ?? one) !== one) return false;
    this.there.set(one, other);
    this.back.set(other, one);
    return true;
  }
}
