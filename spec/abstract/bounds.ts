import { z } from 'zod';
import type { Fact, Local } from '../../model-check/system.ts';
import { names } from '../configuration.ts';
import { majorities, QuorumSystem, quorumProblem, votesOfQuorum } from '../quorum.ts';

/**
 * The bounds of `voting` and `lamport-paxos`. Ballots are bare numbers 0, 1, ... there, as in Lamport's modules, and
 * `ballots` is how many there are in all.
 */
export const AbstractConfiguration = z
  .strictObject({
    acceptors: z.int().min(1).max(9).default(3),
    values: z.int().min(1).max(9).default(2),
    ballots: z.int().min(1).max(9).default(2),
    quorums: QuorumSystem.optional(),
    allowDisjointQuorums: z.boolean().default(false),
  })
  .check(({ value, issues }) => {
    if (issues.length > 0) return;
    const { quorums, acceptors, allowDisjointQuorums } = value;
    const wrong = quorums && quorumProblem(quorums, names('a', acceptors), allowDisjointQuorums);
    if (wrong) issues.push({ code: 'custom', ...wrong, path: ['quorums', ...wrong.path] });
  });
export type AbstractConfiguration = z.infer<typeof AbstractConfiguration>;

/** The configuration spelled out. */
export function boundsOf({ acceptors, values, ballots, quorums }: AbstractConfiguration) {
  const members = names('a', acceptors);
  return {
    acceptors: members,
    values: names('v', values),
    ballots: Array.from({ length: ballots }, (_, ballot) => ballot),
    quorums: quorums ?? majorities(members),
  };
}

/** A vote: a ballot and a value. */
export const Vote = z.strictObject({ ballot: z.int().min(0), value: z.string() });
export type Vote = z.infer<typeof Vote>;

/** The proposals that are chosen, those for which every member of a phase 2 quorum has voted, as a fact of all acceptors' votes. */
export function chosenFact<S, M>(
  acceptors: readonly string[],
  quorums: QuorumSystem,
  votes: (local: Local<S, M>) => readonly Vote[],
): Fact<S, M> {
  return {
    name: 'chosen',
    of: acceptors,
    view: votes,
    combine: (views) =>
      votesOfQuorum(
        quorums.phase2,
        acceptors.map((acceptor, at) => ({ acceptor, votes: views[at] as Vote[] })),
        ({ ballot, value }) => `${ballot} ${value}`,
      ),
  };
}

/** What is wrong, if more than one value is chosen. */
export function disagreement(chosen: readonly Vote[]): string | undefined {
  const other = chosen.find(({ value }) => value !== chosen[0]?.value);
  const show = (vote: Vote | undefined) => `${vote?.value} in ballot ${vote?.ballot}`;
  return other && `${show(chosen[0])} and ${show(other)} are both chosen`;
}
