import { z } from 'zod';

/** The name of an actor: `p1`, `a2`, `l1`. */
export const ActorId = z.string().min(1);
export type ActorId = z.infer<typeof ActorId>;

/**
 * A ballot: what the paper calls a proposal number (section 2.2). The proposer's name in it is what keeps two proposers
 * from ever using the same one (section 2.5: "Different proposers choose their numbers from disjoint sets of numbers").
 */
export const Ballot = z.strictObject({ round: z.int().min(1), proposer: ActorId });
export type Ballot = z.infer<typeof Ballot>;

/**
 * The total order of ballots: by round, then by proposer. Negative if `a` is lower, 0 if equal. `null`, no ballot at all,
 * is lower than every ballot.
 */
export function compareBallots(a: Ballot | null, b: Ballot | null): number {
  if (a === null || b === null) return (a === null ? 0 : 1) - (b === null ? 0 : 1);
  if (a.round !== b.round) return a.round - b.round;
  return a.proposer < b.proposer ? -1 : a.proposer > b.proposer ? 1 : 0;
}

/** A ballot as people write it: `2.p1` is round 2 of proposer p1. */
export function showBallot(ballot: Ballot | null): string {
  return ballot === null ? 'none' : `${ballot.round}.${ballot.proposer}`;
}
