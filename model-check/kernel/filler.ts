import { afterCrash, type CrashVisitor } from '../finder.ts';
import { Layout } from '../layout.ts';
import { SUCCESSOR } from './blocks.ts';
import type { Renamings, Sources } from './search.ts';

/** Expands states of which the kernel does not know all: it asks what there is to ask. */
export class Filler implements CrashVisitor {
  /** The fields of the state that was expanded last. */
  readonly locals: Int32Array;
  /** Transitions seen in it. */
  seen = 0;
  private readonly sources: Sources;
  private layout = new Layout([1]);
  private readonly after: Int32Array;
  /** The representative of a successor's orbit. */
  private readonly canon: Int32Array;
  private readonly packed = new Int32Array(2);
  private found = new Int32Array(64 * SUCCESSOR);
  private count = 0;
  /** Whether all successors so far have room in their fields. One that has none is not packed: what was left of it would be another state. */
  private fits = true;

  constructor(sources: Sources) {
    this.sources = sources;
    this.locals = new Int32Array(sources.crashField + 1);
    this.after = this.locals.slice();
    this.canon = this.locals.slice();
  }

  /** From now on states are packed so. */
  packAs(layout: Layout): void {
    this.layout = layout;
  }

  /**
   * The successors of the state in a record, in order; null if a field has too little room for one, or if there may be more than `most`
   * before the last crash is asked about. The array is used again.
   */
  expand(record: Int32Array, most: number): Int32Array | null {
    const { locals, sources, packed } = this;
    const { finder, by, to, looks } = sources;
    this.layout.unpack(record, 0, locals);
    this.count = 0;
    this.fits = true;
    finder.find(locals, sources.renamings ? 0 : (record[2] as number));
    for (let at = 0; at < finder.count; at++) {
      const transition = finder.steps[2 * at] as number;
      const actor = by.data[transition] as number;
      const next = to.data[transition] as number;
      if (next === locals[actor]) continue;
      if (next > (this.layout.mask[actor] as number)) return null;
      packed[0] = record[0] as number;
      packed[1] = record[1] as number;
      this.layout.put(actor, next, packed, 0);
      this.add(finder.steps[2 * at + 1] as number, looks.data[transition] as number);
      if (!this.fits) return null;
    }
    this.seen = finder.passed;
    if (finder.shape.budget > 0 && this.count + 2 * finder.groups.length > most) return null;
    finder.crash(locals, locals[sources.crashField] as number, this);
    this.seen += this.count;
    return this.fits ? this.found.subarray(0, SUCCESSOR * this.count) : null;
  }

  /** A group crashes. Called by the finder for the state that is being expanded. */
  crash(transitions: readonly number[]): void {
    const look = afterCrash(this.sources, this.locals, transitions, this.after);
    this.fits &&= this.layout.fits(this.after);
    if (!this.fits) return;
    this.layout.pack(this.after, this.packed, 0);
    this.add(0, look);
  }

  private add(asleep: number, look: number): void {
    const at = SUCCESSOR * this.count++;
    if (at === this.found.length) {
      const longer = new Int32Array(2 * at);
      longer.set(this.found);
      this.found = longer;
    }
    const { found, packed } = this;
    found[at] = packed[0] as number;
    found[at + 1] = packed[1] as number;
    found[at + 2] = asleep;
    found[at + 3] = look;
    found[at + 4] = packed[0] as number;
    found[at + 5] = packed[1] as number;
    if (this.sources.renamings) this.represent(this.sources.renamings, at);
  }

  /** Puts the representative of its orbit in the place of a successor. */
  private represent(renamings: Renamings, at: number): void {
    const { layout, after, canon, found } = this;
    layout.unpack(found, at, after);
    found[at + 2] = renamings.canonise(after, canon);
    this.fits = layout.fits(canon);
    layout.pack(canon, found, at);
  }
}
