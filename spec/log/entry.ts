import { z } from 'zod';
import { Ballot, compareBallots, showBallot } from '../ballot.ts';
import { Value } from '../proposal.ts';

/** A place in the log, which is an instance of consensus of its own; the paper counts them from 1. */
export const Slot = z.int().min(1);
export type Slot = z.infer<typeof Slot>;

/** What is chosen in a slot: an encoded command (command.ts), or the no-op. Only replicas look inside. */
export const Decided = z.strictObject({ slot: Slot, value: Value });
export type Decided = z.infer<typeof Decided>;

/** A proposal in one of the instances. */
export const SlotProposal = z.strictObject({ slot: Slot, ballot: Ballot, value: Value });
export type SlotProposal = z.infer<typeof SlotProposal>;

/** The command that leaves the state unchanged (section 3), with which a new leader fills holes. */
export const NO_OP: Value = 'no-op';

/** A list by slot, with one more entry; in place of that of its slot, if there is one. New ones are nearly always the last. */
export function withEntry<T extends { readonly slot: Slot }>(list: readonly T[], entry: T): T[] {
  let end = list.length;
  while (end > 0 && (list[end - 1] as T).slot > entry.slot) end--;
  const first = list[end - 1]?.slot === entry.slot ? end - 1 : end;
  return list.toSpliced(first, end - first, entry);
}

/** What of a list by slot comes after a slot. It is looked for from the end, to which it is near in a log that grows. */
export function entriesAfter<T extends { readonly slot: Slot }>(list: readonly T[], slot: number): T[] {
  return list.slice(list.findLastIndex((entry) => entry.slot <= slot) + 1);
}

/** Whether a list by slot has an entry of a slot. */
export function hasEntry(list: readonly { readonly slot: Slot }[], slot: Slot): boolean {
  return list.findLast((entry) => entry.slot <= slot)?.slot === slot;
}

/** By slot, then by ballot. */
export function bySlot(a: SlotProposal, b: SlotProposal): number {
  return a.slot - b.slot || compareBallots(a.ballot, b.ballot) || (a.value < b.value ? -1 : 1);
}

/** A proposal in a slot, as people write it: (1.p1, c1:1:x) in slot 2. */
export function showSlotProposal({ slot, ballot, value }: SlotProposal): string {
  return `(${showBallot(ballot)}, ${value}) in slot ${slot}`;
}
