/** What leaders ask acceptors for, and may ask for again. */
import type { Ballot } from '../ballot.ts';
import type { Decided, Slot } from './entry.ts';
import { acceptorsOf, type Members, membersAt, membersFrom } from './reconfiguration.ts';
import type { LeaderContext, LeaderState } from './states.ts';

/** Of whom a ballot that was begun for the slots from the first on asks promises: of all that are acceptors in some slot of its window. */
export function askedFrom(
  context: LeaderContext,
  { changes, covered }: Pick<LeaderState, 'changes' | 'covered'>,
  first: Slot,
): Members[] {
  return membersFrom(context, changes, first).filter(({ since }, at) => at === 0 || since <= covered);
}

/** The request for promises in a ballot. */
export function prepareRequest(
  context: LeaderContext,
  state: Pick<LeaderState, 'changes' | 'covered'>,
  ballot: Ballot,
  first: Slot,
) {
  const to = acceptorsOf(askedFrom(context, state, first));
  return { type: 'prepare' as const, from: context.id, to, ballot, first };
}

/** The accept requests of a leader in its ballot, in each slot to its acceptors. */
export function acceptRequests(
  context: LeaderContext,
  { changes }: Pick<LeaderState, 'changes'>,
  ballot: Ballot,
  values: readonly Decided[],
) {
  return values.map(({ slot, value }) => ({
    type: 'accept' as const,
    from: context.id,
    to: acceptorsOf([membersAt(context, changes, slot)]),
    ballot,
    slot,
    value,
  }));
}
