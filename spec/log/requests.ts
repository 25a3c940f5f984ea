/** What leaders ask acceptors for, and may ask for again. */
import type { Ballot } from '../ballot.ts';
import type { Decided, Slot } from './entry.ts';
import type { LeaderContext } from './states.ts';

/** The request for promises in a ballot. */
export function prepareRequest({ id, acceptors }: LeaderContext, ballot: Ballot, first: Slot) {
  return { type: 'prepare' as const, from: id, to: acceptors, ballot, first };
}

/** The accept requests of a leader in its ballot. */
export function acceptRequests({ id, acceptors }: LeaderContext, ballot: Ballot, values: readonly Decided[]) {
  return values.map(({ slot, value }) => ({
    type: 'accept' as const,
    from: id,
    to: acceptors,
    ballot,
    slot,
    value,
  }));
}
