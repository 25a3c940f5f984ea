import { PairTable } from './pair-table.ts';

/** Sets of small numbers, numbered in the order in which they come: set 0 is the empty one. */
export class NumberSets {
  /** By number: the members, ascending. */
  readonly members: (readonly number[])[] = [[]];
  private readonly ids = new Map<string, number>([['', 0]]);
  /** By set and member, the set with that member. */
  private readonly larger = new PairTable();

  /** The number of the set that has one member more, unless it has it already. */
  with(set: number, member: number): number {
    const known = this.larger.get(set, member);
    if (known !== -1) return known;
    const before = this.members[set] as readonly number[];
    const id = before.includes(member) ? set : this.id([...before, member].sort((a, b) => a - b));
    this.larger.set(set, member, id);
    return id;
  }

  private id(members: readonly number[]): number {
    const text = members.join();
    const known = this.ids.get(text);
    if (known !== undefined) return known;
    this.ids.set(text, this.members.length);
    return this.members.push(members) - 1;
  }
}
