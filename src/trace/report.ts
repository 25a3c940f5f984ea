import { z } from 'zod';

const count = z.int().min(0);

/** What `synod trace check --json` prints. */
export const TraceReport = z.strictObject({
  format: z.literal('synod-trace-report/1'),
  system: z.enum(['paxos', 'multi-paxos']),
  /** `holds`: there is a run of the specification that explains every line. `incomplete`: none within the bounds. */
  verdict: z.enum(['holds', 'violated', 'incomplete']),
  /** Lines read, the header included, and lines explained, the header excluded. */
  lines: count,
  explained: count,
  bounds: z.strictObject({
    /** Steps that no line tells of, between two lines of one actor. */
    bridge: count,
    /** By how many lines something may be told too late, as compared with other nodes. */
    skew: count,
    /** Messages, and slots, that are remembered. */
    remember: count,
    /** Attempts at finding hidden steps for one line. */
    attempts: count,
  }),
  /** Steps that no line tells of, by which lines are explained: all that were needed, and the first of them in words. */
  bridged: z.strictObject({
    steps: count,
    first: z.array(z.strictObject({ actor: z.string(), beforeLine: z.string(), step: z.string() })),
  }),
  /** The first line in the order of the file after which no explanation exists. */
  refusal: z
    .strictObject({
      place: z.string(),
      line: count,
      actor: z.string(),
      /** What the line tells. */
      told: z.string(),
      because: z.string(),
      /** What would have been allowed there. */
      allowed: z.array(z.string()),
      /** If larger bounds might help: which. */
      bound: z.string().optional(),
    })
    .optional(),
  /** Why the trace was not read to its end, if it was not. */
  stopped: z.string().optional(),
  /** Requirements that the lines contradict by themselves, refused ones included. */
  contradictions: z.array(
    z.strictObject({
      property: z.enum(['agreement', 'learned-is-chosen']),
      place: z.string(),
      line: count,
      facts: z.string(),
    }),
  ),
});
export type TraceReport = z.infer<typeof TraceReport>;
