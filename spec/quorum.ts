import { z } from 'zod';
import { ActorId } from './ballot.ts';

const Family = z.array(z.array(ActorId).min(1)).min(1).readonly();

/**
 * A quorum system as data: the minimal phase 1 quorums and the minimal phase 2 quorums; a set is a quorum if it includes
 * one of these. All that safety asks is that every phase 1 quorum meets every phase 2 quorum (Howard, Malkhi and
 * Spiegelman, "Flexible Paxos", 2016); the paper's majorities are a case in which the two families are one.
 */
export const QuorumSystem = z.strictObject({ phase1: Family, phase2: Family });
export type QuorumSystem = z.infer<typeof QuorumSystem>;

/** All subsets of `members` with more than half of them, and no more members than that needs. */
export function majorities(members: readonly ActorId[]): QuorumSystem {
  const family = subsets(members, Math.floor(members.length / 2) + 1);
  return { phase1: family, phase2: family };
}

/** All subsets of `size` of the members, in order. */
export function subsets(members: readonly ActorId[], size: number): ActorId[][] {
  if (size === 0) return [[]];
  return members.flatMap((member, at) =>
    subsets(members.slice(at + 1), size - 1).map((rest) => [member, ...rest]),
  );
}

/** Whether the members include a quorum of the family. */
export function includesQuorum(family: QuorumSystem['phase1'], members: readonly ActorId[]): boolean {
  return family.some((quorum) => quorum.every((member) => members.includes(member)));
}

/** The votes that a quorum of the family has cast, in the order in which they are first met; equal ones have one key. */
export function votesOfQuorum<T>(
  family: QuorumSystem['phase2'],
  votes: readonly { readonly acceptor: ActorId; readonly votes: readonly T[] }[],
  key: (vote: T) => string,
): T[] {
  const all = new Map<string, { readonly vote: T; readonly voters: ActorId[] }>();
  for (const { acceptor, votes: cast } of votes)
    for (const vote of cast) {
      const text = key(vote);
      const known = all.get(text) ?? { vote, voters: [] };
      known.voters.push(acceptor);
      all.set(text, known);
    }
  return [...all.values()].filter(({ voters }) => includesQuorum(family, voters)).map(({ vote }) => vote);
}

/** Whether the members have one in common with each quorum of the family. */
export function meetsEvery(family: QuorumSystem['phase1'], members: readonly ActorId[]): boolean {
  return family.every((quorum) => quorum.some((member) => members.includes(member)));
}

/** A phase 1 quorum and a phase 2 quorum that have no acceptor in common, or undefined if all meet. */
export function disjointPair(quorums: QuorumSystem): readonly [ActorId[], ActorId[]] | undefined {
  for (const first of quorums.phase1) {
    for (const second of quorums.phase2) {
      if (!first.some((member) => second.includes(member))) return [first, second];
    }
  }
  return undefined;
}

/** What is wrong with a quorum system, and where: a member that is no acceptor or named twice, or two quorums that do not meet. */
export function quorumProblem(
  quorums: QuorumSystem,
  acceptors: readonly ActorId[],
  mayBeDisjoint: boolean,
): { readonly path: (string | number)[]; readonly input: unknown; readonly message: string } | undefined {
  for (const phase of ['phase1', 'phase2'] as const) {
    for (const [at, quorum] of quorums[phase].entries()) {
      const path = [phase, at];
      const stranger = quorum.find((member) => !acceptors.includes(member));
      if (stranger !== undefined)
        return { path, input: stranger, message: `expected members among ${acceptors.join(', ')}` };
      const twice = quorum.find((member, place) => quorum.indexOf(member) !== place);
      if (twice !== undefined) return { path, input: twice, message: 'expected each member once' };
    }
  }
  const pair = disjointPair(quorums);
  if (!pair || mayBeDisjoint) return undefined;
  const [first, second] = pair.map((quorum) => `{${quorum.join(', ')}}`);
  const message =
    `phase 1 quorum ${first} and phase 2 quorum ${second} have no acceptor in common; ` +
    'expected every phase 1 quorum to meet every phase 2 quorum (--allow-disjoint-quorums shows what happens otherwise)';
  return { path: [], input: quorums, message };
}
