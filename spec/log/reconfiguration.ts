/**
 * Who the acceptors of a slot are. The paper (section 3): the set of servers is part of the state, and changed by commands; a leader gets α
 * commands ahead "by letting the set of servers that execute instance i + α of the consensus algorithm be specified by the state
 * after execution of the ith state machine command". So whoever knows what is chosen in the slots up to i − α knows the acceptors of slot i.
 */
import { z } from 'zod';
import { ActorId } from '../ballot.ts';
import type { Value } from '../proposal.ts';
import { majorities, type QuorumSystem } from '../quorum.ts';
import { type Decided, Slot, withEntry } from './entry.ts';

/** A change of the acceptors, which is chosen in a slot. */
export const Change = z.strictObject({
  slot: Slot,
  acceptors: z.array(ActorId).min(1).readonly(),
  /** The slot of the change in whose place it comes; absent if that is none: in the place of the acceptors of the beginning. */
  after: Slot.optional(),
  /** What whoever runs the roles has to say of it. */
  about: z.string().min(1).optional(),
});
export type Change = z.infer<typeof Change>;

/** A change of the acceptors as a value that can be chosen: `acceptors=a2,a3`, `acceptors=a3 after 7: why`. To the user's machine it is a no-op. */
export function encodeChange(
  acceptors: readonly ActorId[],
  { after, about }: Pick<Change, 'after' | 'about'> = {},
): Value {
  const list = [...new Set(acceptors)].sort().join(',');
  return `acceptors=${list}${after ? ` after ${after}` : ''}${about ? `: ${about}` : ''}`;
}

/** The changes of acceptors among what is chosen, by slot. */
export function changesIn(entries: readonly Decided[]): Change[] {
  return entries.flatMap(({ slot, value }) => {
    // There are many entries, and few changes: to try the others costs far more than to look.
    const [, list, after, about] =
      (value.startsWith('acceptors=') &&
        /^acceptors=([^:\s]+)(?: after ([1-9]\d*))?(?:: (.+))?$/s.exec(value)) ||
      [];
    if (list === undefined) return [];
    const change = Change.safeParse({
      slot,
      acceptors: [...new Set(list.split(','))].sort(),
      ...(after ? { after: Number(after) } : {}),
      ...(about ? { about } : {}),
    });
    return change.success ? [change.data] : [];
  });
}

/** The same of all that a replica knows to be decided, which it looks up for each vote: kept beside the list, which never changes. */
export function changesOf(decided: readonly Decided[]): readonly Change[] {
  const known = changesKnown.get(decided) ?? changesIn(decided);
  changesKnown.set(decided, known);
  return known;
}
const changesKnown = new WeakMap<readonly Decided[], readonly Change[]>();

/** What is known to be decided, with one more slot; and so the changes among it, without another look at all of it. */
export function withDecided(decided: readonly Decided[], entry: Decided): readonly Decided[] {
  const after = withEntry(decided, entry);
  const [change] = changesIn([entry]);
  changesKnown.set(after, change ? withChanges(changesOf(decided), [change]) : changesOf(decided));
  return after;
}

/**
 * Of the changes that are chosen, those that count: each comes in the place of the one that has counted before it. One who asks for a change of what
 * was changed meanwhile, or asks twice, changes nothing.
 */
export function succession(changes: readonly Change[]): Change[] {
  let last = 0;
  return changes.filter(({ slot, after = 0 }) => {
    const counts = after === last;
    if (counts) last = slot;
    return counts;
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
  const inForce =
    changesAfter === undefined ? [] : succession(changes).filter(({ slot }) => slot + changesAfter <= last);
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
  const next = succession(changes).find(({ slot }) => slot > covered);
  return next ? next.slot + changesAfter - 1 : Number.POSITIVE_INFINITY;
}
