import { z } from 'zod';
import { Ballot, compareBallots } from './ballot.ts';

/** A value that may be chosen. The algorithm never looks inside; a replicated log puts encoded commands here. */
export const Value = z.string().min(1);
export type Value = z.infer<typeof Value>;

/** A proposal: a ballot and the value proposed in it (section 2.2). Different proposals have different ballots. */
export const Proposal = z.strictObject({ ballot: Ballot, value: Value });
export type Proposal = z.infer<typeof Proposal>;

/** The highest-numbered of some proposals, or null if there is none. */
export function highest(proposals: readonly (Proposal | null)[]): Proposal | null {
  return proposals.reduce<Proposal | null>(
    (best, next) => (next !== null && compareBallots(next.ballot, best?.ballot ?? null) > 0 ? next : best),
    null,
  );
}
