import { z } from 'zod';
import { ActorId } from './ballot.ts';
import { QuorumSystem, subsets } from './quorum.ts';

const Row = z.array(ActorId).min(1).readonly();

/** Acceptors in rows of equal length: a row is a phase 1 quorum and a column a phase 2 quorum, and each row meets each column. */
export const Grid = z.strictObject({
  grid: z
    .array(Row)
    .min(1)
    .refine((rows) => new Set(rows.map((row) => row.length)).size <= 1, {
      error: 'expected rows of equal length',
    })
    .readonly(),
});
export type Grid = z.infer<typeof Grid>;

const MOST = 12;

/**
 * Acceptors that do not count alike (Gifford, "Weighted Voting for Replicated Data", 1979): a phase 2 quorum weighs `phase2` or
 * more, by default more than half of all, and a phase 1 quorum more than what that leaves. An acceptor may weigh nothing.
 */
export const Weights = z
  .strictObject({
    weights: z
      .record(ActorId, z.int().min(0).max(1_000_000))
      .refine((weights) => Object.keys(weights).length <= MOST, {
        error: `expected at most ${MOST} acceptors`,
      })
      .readonly(),
    phase2: z.int().min(1).optional(),
  })
  .refine((form) => weightOf(form.weights, Object.keys(form.weights)) >= (form.phase2 ?? 1), {
    path: ['weights'],
    error: 'expected weights that come to what a phase 2 quorum has to weigh, or more',
  });
export type Weights = z.infer<typeof Weights>;

/** A quorum system in any of the forms in which it can be written down. */
export const QuorumForm = z.union([QuorumSystem, Grid, Weights]);
export type QuorumForm = z.infer<typeof QuorumForm>;

/** The form in which a quorum system is written, as its keys tell. */
export function quorumForm(written: unknown): z.ZodType<QuorumForm> {
  const has = (key: string) => typeof written === 'object' && written !== null && Object.hasOwn(written, key);
  return has('grid') ? Grid : has('weights') ? Weights : QuorumSystem;
}

/** The minimal quorums of a quorum system in any form. */
export function quorumSystemOf(form: QuorumForm): QuorumSystem {
  if ('grid' in form) {
    const [first = []] = form.grid;
    const column = (at: number) => form.grid.map((row) => row[at] as ActorId);
    return { phase1: form.grid.map((row) => [...row]), phase2: first.map((_, at) => column(at)) };
  }
  if (!('weights' in form)) return form;
  const total = weightOf(form.weights, Object.keys(form.weights));
  const phase2 = form.phase2 ?? Math.floor(total / 2) + 1;
  return {
    phase1: heavyEnough(form.weights, total - phase2 + 1),
    phase2: heavyEnough(form.weights, phase2),
  };
}

function weightOf(weights: Readonly<Record<ActorId, number>>, members: readonly ActorId[]): number {
  return members.reduce((sum, member) => sum + (weights[member] ?? 0), 0);
}

/** The sets that weigh enough, and would not without any of their members. */
function heavyEnough(weights: Weights['weights'], least: number): ActorId[][] {
  const members = Object.keys(weights);
  const all = members.flatMap((_, at) => subsets(members, at + 1));
  return all.filter((set) => {
    const weight = weightOf(weights, set);
    return weight >= least && set.every((member) => weight - (weights[member] as number) < least);
  });
}
