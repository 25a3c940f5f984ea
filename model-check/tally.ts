import { type FactTable, factValue, focus } from './facts.ts';

/** How many states have each of the joint views of a fact, and how far away the last of them is. */
export class Tally {
  private readonly table: FactTable;
  /** By joint view. */
  private readonly states: number[] = [];
  private readonly depths: number[] = [];

  constructor(table: FactTable) {
    this.table = table;
  }

  get name(): string {
    return this.table.name;
  }

  /** Called with the number of the fact's value in a state whose joint view was not met before. */
  onNewViews: ((value: number, locals: Int32Array) => void) | null = null;

  /** Counts `times` states with the views of `locals`, `depth` steps from the initial state. */
  add(locals: Int32Array, times: number, depth: number): void {
    focus(this.table.lens, locals);
    const { now } = this.table.lens;
    if (this.depths[now] === undefined) {
      // A view that is met in an image of a state only has a number, and no state yet.
      this.states[now] = 0;
      const value = factValue(this.table);
      this.onNewViews?.(value, locals);
    }
    this.states[now] = (this.states[now] as number) + times;
    this.depths[now] = depth;
  }

  /** The number of the fact's value in a state. */
  valueIn(locals: Int32Array): number {
    focus(this.table.lens, locals);
    return factValue(this.table);
  }

  /** Visits the fact's value for each joint view, with the number of states and the greatest of their depths. */
  forEach(visit: (value: unknown, states: number, depth: number) => void): void {
    const { table } = this;
    this.states.forEach((states, views) => {
      if (states > 0)
        visit(table.values.values[table.numbers.data[views] as number], states, this.depths[views] as number);
    });
  }
}
