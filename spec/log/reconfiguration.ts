/**
 * Who the acceptors of a slot are. The paper (section 3): the set of servers is part of the state, and changed by commands; a leader gets α
 * commands ahead "by letting the set of servers that execute instance i + α of the consensus algorithm be specified by the state
 * after execution of the ith state machine command". So whoever knows what is chosen in the slots up to i − α knows the acceptors of slot i.
 */
import { z } from 'zod';
import { ActorId } from '../ballot.ts';
import type { Value } from '../proposal.ts';
import { majorities, type QuorumSystem } from '../quorum.ts';
import { type Decided, Slot } from './entry.ts';

/** A change of the acceptors, which is chosen in a slot. */
export const Change = z.strictObject({ slot: Slot, acceptors: z.array(ActorId).min(1).readonly() });
export type Change = z.infer<typeof Change>;

const CHANGE = 'acceptors=';

/** A change of the acceptors as a value that can be chosen: `acceptors=a2,a3`. To the user's machine it is a no-op. */
export function encodeChange(acceptors: readonly ActorId[]): Value {
  return `${CHANGE}${[...new Set(acceptors)].sort().join(',')}`;
}

/** The changes of acceptors among what is chosen, by slot. */
export function changesIn(entries: readonly Decided[]): Change[] {
  return entries.flatMap(({ slot, value }) => {
    const acceptors = value.startsWith(CHANGE) ? value.slice(CHANGE.length).split(',') : [];
    const change = Change.safeParse({ slot, acceptors: [...new Set(acceptors)].sort() });
    return change.success ? [change.data] : [];
  });
}

/** What a role is told of the acceptors: those of the first slots, and after how many slots a change is in force. */
export interface Membership {
  readonly acceptors: readonly ActorId[];
  readonly quorums: QuorumSystem;
  /** A change chosen in slot i is in force from slot i + this on. It is the window, or more. Absent where acceptors never change. */
  readonly changesAfter?: number | undefined;
}

/** The acceptors of some slots: those of the beginning, or (`since`) what a change chosen in that slot says. Of changed ones quorums are majorities. */
export interface Members extends Pick<Membership, 'acceptors' | 'quorums'> {
  readonly since: number;
}

/** By slot, the changes that are known, with more of them. */
export function withChanges(known: readonly Change[], more: readonly Change[]): Change[] {
  const others = more.filter(({ slot }) => !known.some((each) => each.slot === slot));
  return [...known, ...others].sort((a, b) => a.slot - b.slot);
}

/** The acceptors of a slot, given all changes that were chosen in the slots up to `changesAfter` before it. */
export function membersAt(context: Membership, changes: readonly Change[], slot: Slot): Members {
  return membersFrom(context, changes, slot, slot)[0] as Members;
}

/** The different acceptors of the slots from the first to the last, in their order; as far as changes are known. */
export function membersFrom(
  { acceptors, quorums, changesAfter }: Membership,
  changes: readonly Change[],
  first: Slot,
  last: number = Number.POSITIVE_INFINITY,
): Members[] {
  const inForce = changesAfter === undefined ? [] : changes.filter(({ slot }) => slot + changesAfter <= last);
  const all = [
    { since: 0, acceptors, quorums },
    ...inForce.map(({ slot: since, acceptors: changed }) => ({
      since,
      acceptors: changed,
      quorums: majorities(changed),
    })),
  ];
  const before = inForce.filter(({ slot }) => slot + (changesAfter ?? 0) <= first).length;
  return all.slice(before);
}

/** All of them, each once. */
export function acceptorsOf(members: readonly Members[]): ActorId[] {
  return [...new Set(members.flatMap(({ acceptors }) => acceptors))].sort();
}

/** The last slot of which a leader knows that its acceptors have been asked in its ballot: those of later ones are asked in another. */
export function lastCovered(
  { changesAfter = 0 }: Pick<Membership, 'changesAfter'>,
  { changes, covered }: { readonly changes: readonly Change[]; readonly covered: number },
): number {
  const next = changes.find(({ slot }) => slot > covered);
  return next ? next.slot + changesAfter - 1 : Number.POSITIVE_INFINITY;
}
