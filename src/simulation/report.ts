import { z } from 'zod';
import { EFFECTS, type Effect } from './effects.ts';

const count = z.int().min(0);
const digest = z.string().regex(/^[0-9a-f]{64}$/);

/** What is said of simulations of the node. */
export const NodeSimulationReport = z.strictObject({
  /** `clean`: nothing went wrong in these seeds; that says nothing of others. `incomplete`: interrupted, or some could not be judged. */
  verdict: z.enum(['clean', 'violated', 'incomplete']),
  mutant: z.string().nullable(),
  /** The first seed, and how many from there on were simulated. */
  seed: count,
  seeds: count,
  operations: count,
  milliseconds: count,
  messages: count,
  writes: count,
  starts: count,
  slots: count,
  /** What has come of what went wrong. */
  effects: z.record(z.enum(Object.keys(EFFECTS) as Effect[]), count).readonly(),
  /** Of the digests of all that happened in these seeds, one on each line: SHA-256. */
  digest,
  /** The seeds whose history could not be judged: the search was given up. */
  undecided: z.array(count).readonly(),
  failure: z
    .strictObject({
      seed: count,
      what: z.string(),
      told: z.array(z.string()).readonly(),
      /** Of this seed, before anything is left out. */
      digest,
      /** What is left of its plan when what is not needed is left out, and how many plans were tried for that. */
      nodes: z.array(z.string()).readonly(),
      faults: z.array(z.record(z.string(), z.json())).readonly(),
      operations: count,
      tried: count,
    })
    .nullable(),
});
export type NodeSimulationReport = z.infer<typeof NodeSimulationReport>;
