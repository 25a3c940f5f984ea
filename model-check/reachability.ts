import { Bits } from './bits.ts';
import type { Claim, Goal } from './claims.ts';
import { type Path, shortestPath, type Taken } from './counterexample.ts';
import type { Explorer } from './explorer.ts';
import { IntArray } from './int-array.ts';
import type { Envelope } from './system.ts';
import { SystemError } from './terms.ts';

/**
 * Decides, when every reachable state is known, whether something is always reachable (docs/decisions/0009).
 *
 * Of each state one bit is kept, by its place in the set of states: whether the goal is known to be reachable from it. A
 * search goes from state to state, depth first, until it comes to a goal or to a state of which that is known: it then is
 * known of all states on its way. States are passed over that have been visited and from which nothing was found. That is
 * final of a state that was left with all its successors looked at, but of one that is met again while it still lies on the way,
 * in a cycle, it may be too early. Where there was one, the sweep over all states is repeated until one finds nothing new: then
 * no step leads from a state that is left to one that is known, and from none that is left is the goal reachable. Edges are not kept but computed anew, and all of them are taken,
 * for which of them the search left to sleep is no matter here.
 */
export class Reachability<S, M extends Envelope, E> {
  /** The states from which the goal cannot be reached, and how many of them are exempt. */
  states = 0;
  exempt = 0;
  private readonly explorer: Explorer<S, M, E>;
  private readonly claim: Claim;
  private readonly goal: Goal;
  /** One more than the greatest place. */
  private readonly places: number;
  /** By place: the states from which the goal is known to be reachable. */
  private readonly reaches: Bits;
  /** In a sweep the states that were visited; then, those that lie on the levels. */
  private readonly visited: Bits;
  /** The way from the state at which a search began: each state with those of its successors that are to be visited. */
  private readonly way: { readonly place: number; readonly next: number[] }[] = [];
  /** Where a sweep has come to, and whether it has found anything. */
  private at = 0;
  private found = false;
  private swept = false;
  /** Whether there is a cycle among the states that were passed over. */
  private cyclic = false;
  /** By depth: the places of the states, until there is one from which the goal is out of reach. */
  private readonly levels: IntArray[] = [];
  private expanded = 0;
  private readonly packed: Int32Array;
  private readonly locals: Int32Array;
  private readonly image: Int32Array;

  /**
   * @param explorer one that is done: every reachable state has been found and expanded
   * @param claim a property of something that is to be always reachable; its depth is settled when it turns out not to be
   */
  constructor(explorer: Explorer<S, M, E>, claim: Claim) {
    const found = explorer.levels[explorer.levels.length - 1];
    if (!explorer.done || explorer.states.size !== found)
      throw new SystemError(
        `${claim.name}: what is always reachable is decided where all states are known and kept in one place`,
      );
    this.explorer = explorer;
    this.claim = claim;
    this.goal = explorer.claims.goals.get(claim) as Goal;
    this.places = explorer.states.places;
    this.reaches = new Bits(this.places);
    this.visited = new Bits(this.places);
    this.packed = new Int32Array(explorer.layout.words);
    this.locals = explorer.initial.slice();
    this.image = explorer.initial.slice();
  }

  /** Bytes held. */
  get bytes(): number {
    const levels = this.levels.reduce((sum, { data }) => sum + data.byteLength, 0);
    return this.reaches.bytes + this.visited.bytes + levels;
  }

  /** Looks at up to `count` more states; true when the claim is decided. */
  run(count: number): boolean {
    for (let left = count; left > 0; left--) {
      if (!this.swept) this.swept = this.sweep();
      else if (this.states === this.exempt || this.nextOfLevel()) return true;
    }
    return false;
  }

  /** Of the shortest paths to a state from which the goal is out of reach and that is not exempt, the least. */
  path(): Path {
    return shortestPath(this.explorer, {
      depth: this.claim.depth,
      forEachState: (depth, visit) => {
        const { data, length } = this.levels[depth] as IntArray;
        for (let at = 0; at < length; at++) visit(this.stateAt(data[at] as number).slice());
      },
      ends: (locals) => this.isLost(this.placeOf(locals)),
    });
  }

  /** Takes a sweep one state further; true when nothing is left to be found. */
  private sweep(): boolean {
    const top = this.way[this.way.length - 1];
    if (top) {
      const place = top.next.pop();
      if (place === undefined) this.way.pop();
      else if (this.reaches.has(place)) this.markWay();
      else if (this.visited.has(place)) this.noteCycle(place);
      else this.visit(place);
      return false;
    }
    while (this.at < this.places && (this.visited.has(this.at) || this.reaches.has(this.at))) this.at += 1;
    if (this.at < this.places) {
      if (this.explorer.states.stateAt(this.at, this.packed)) this.visit(this.at);
      this.at += 1;
      return false;
    }
    if (!this.found || !this.cyclic) {
      this.countLost();
      return true;
    }
    this.found = false;
    this.at = 0;
    this.visited.clear();
    return false;
  }

  private visit(place: number): void {
    const locals = this.stateAt(place);
    this.visited.add(place);
    const next: number[] = [];
    this.way.push({ place, next });
    let leads = this.explorer.claims.nearest(this.goal.holds, locals) !== -1;
    if (!leads)
      this.forEachSuccessor(locals, (successor) => {
        if (leads) return;
        const to = this.placeOf(successor);
        if (this.reaches.has(to)) leads = true;
        else if (to !== place && this.visited.has(to)) this.noteCycle(to);
        else if (to !== place) next.push(to);
      });
    if (leads) this.markWay();
  }

  /** A state that has been visited is met again: if it lies on the way, nothing has been found from it yet, but may be. */
  private noteCycle(place: number): void {
    this.cyclic ||= this.way.some((each) => each.place === place);
  }

  /** From all states on the way, the goal is reachable. */
  private markWay(): void {
    for (const { place } of this.way) this.reaches.add(place);
    this.way.length = 0;
    this.found = true;
  }

  private countLost(): void {
    for (let place = 0; place < this.places; place++) {
      if (!this.explorer.states.stateAt(place, this.packed) || this.reaches.has(place)) continue;
      const orbit = this.explorer.symmetry?.canonise(this.stateAt(place), this.image) ?? 1;
      this.states += orbit;
      if (!this.isLost(place)) this.exempt += orbit;
    }
    this.visited.clear();
    this.levels.push(new IntArray(), new IntArray());
    this.toLevel(this.placeOf(this.explorer.initial), 0);
  }

  /** Whether the goal is out of reach in a state that is not exempt. */
  private isLost(place: number): boolean {
    const { unless } = this.goal;
    if (this.reaches.has(place)) return false;
    return unless === null || this.explorer.claims.nearest(unless, this.stateAt(place)) === -1;
  }

  /** Expands one more state of the last level but one, until there is a level with a state that is lost; true when there is. */
  private nextOfLevel(): boolean {
    const depth = this.levels.length - 2;
    const level = this.levels[depth] as IntArray;
    if (this.claim.depth === 0) return true;
    this.forEachSuccessor(this.stateAt(level.data[this.expanded] as number).slice(), (successor) =>
      this.toLevel(this.placeOf(successor), depth + 1),
    );
    this.expanded += 1;
    if (this.expanded < level.length) return false;
    this.expanded = 0;
    this.levels.push(new IntArray());
    return this.claim.depth !== -1;
  }

  private toLevel(place: number, depth: number): void {
    if (this.visited.has(place)) return;
    this.visited.add(place);
    (this.levels[depth] as IntArray).push(place);
    if (this.claim.depth === -1 && this.isLost(place)) this.claim.depth = depth;
  }

  private forEachSuccessor(locals: Int32Array, visit: (successor: Int32Array) => void): void {
    const { explorer } = this;
    const take = (taken: Taken) => visit(explorer.successor(locals, taken));
    explorer.steps.visit(locals, explorer.crashesIn(locals), {
      local: (transition) => take([transition]),
      crash: take,
    });
  }

  /** The fields of the state at a place; the array is used again for the next. */
  private stateAt(place: number): Int32Array {
    this.explorer.states.stateAt(place, this.packed);
    this.explorer.layout.unpack(this.packed, 0, this.locals);
    return this.locals;
  }

  /** The place of a state, or with symmetry of the one that stands for it. */
  private placeOf(locals: Int32Array): number {
    const place = this.explorer.packed(locals, this.packed) ? this.explorer.states.placeOf(this.packed) : -1;
    if (place === -1) throw new Error(`${this.claim.name}: a step leads to a state that was not found`);
    return place;
  }
}
