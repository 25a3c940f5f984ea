/** The published format of random walks, as a Zod schema. Its JSON Schema is generated from here. */
import { z } from 'zod';
import { Counterexample } from './report.ts';

const count = z.int().min(0);
const positive = z.int().min(1);

/** As many as an Indexed Job of Kubernetes may have. */
export const MOST_SHARDS = 100_000;

/** Random walks never show that something holds. */
const Verdict = z.enum(['violated', 'incomplete']);

export const SimulationReport = z.strictObject({
  format: z.literal('synod-simulation/1'),
  system: z.string(),
  configuration: z.record(z.string(), z.json()),
  /** The broken rule that was walked in place of the right one, if any. */
  mutant: z.string().nullable(),
  verdict: Verdict,
  /** What the walks lie within, in words. */
  covers: z.array(z.string()),
  /** If only some of the runs within the bounds are walked: which. */
  restricted: z.string().optional(),
  seed: count,
  /** Walks asked for, of all shards together. They are numbered from 0; walk w is in shard w mod `shards.of`. */
  walks: positive,
  /** Steps after which a walk is ended. */
  steps: positive,
  shards: z.strictObject({
    of: positive.max(MOST_SHARDS),
    done: z.array(count),
    /** Where reports were merged: the shards that none of them is of. */
    missing: z.array(count).optional(),
  }),
  /** The shards that did not walk all of their walks, and why. */
  stopped: z.array(z.strictObject({ shard: count, by: z.string() })),
  /** Walks walked; if a shard was stopped, its last one may have been cut short. */
  walked: count,
  /** Steps taken, in all walks. */
  stepsTaken: count,
  /** Steps of the longest walk. */
  longest: count,
  /** Walks that ended because no step was left that changes the state. */
  deadEnds: count,
  /** Of all shards, one after the other. */
  seconds: z.number().min(0),
  stepsPerSecond: z.number().min(0),
  peakMemoryBytes: count,
  properties: z.array(
    z.strictObject({
      name: z.string(),
      kind: z.enum(['requirement', 'lemma']),
      statement: z.string(),
      verdict: Verdict,
      /** Why this configuration is too small for it to say anything, if so. */
      notApplicable: z.string().optional(),
      /** Walks that violate it. */
      walks: count,
      /** The first of them, by number, and the steps to the first violation in it. */
      first: z.strictObject({ walk: count, length: count }).optional(),
    }),
  ),
  reached: z.array(
    z.strictObject({
      name: z.string(),
      statement: z.string(),
      /** Walks in which it is reached. */
      walks: count,
      /** Why this configuration is too small for it. */
      notApplicable: z.string().optional(),
    }),
  ),
  /** By name. */
  rules: z.array(
    z.strictObject({
      name: z.string(),
      /** Walks in which it fires. */
      walks: count,
      /** Why it cannot fire in this configuration. */
      idle: z.string().optional(),
    }),
  ),
  /** The first walk that violates the property shown, up to there; a shorter one may exist. */
  counterexample: Counterexample.optional(),
});
export type SimulationReport = z.infer<typeof SimulationReport>;

/**
 * The violated property that is shown: a requirement before a lemma, then the one violated in the walk of the lowest number,
 * then in the fewest steps.
 */
export function shownProperty(
  properties: SimulationReport['properties'],
): SimulationReport['properties'][number] | undefined {
  const rank = ({ kind, first }: SimulationReport['properties'][number]) =>
    [kind === 'requirement' ? 0 : 1, first?.walk ?? 0, first?.length ?? 0] as const;
  return properties
    .filter(({ first }) => first !== undefined)
    .sort((a, b) => {
      const [one, other] = [rank(a), rank(b)];
      return one[0] - other[0] || one[1] - other[1] || one[2] - other[2];
    })[0];
}
