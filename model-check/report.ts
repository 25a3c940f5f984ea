/** The published formats, as Zod schemas: reports and counterexamples. Their JSON Schemas are generated from here. */
import { z } from 'zod';

const Json = z.json();
const count = z.int().min(0);

/** `holds`: in every reachable state and step. `incomplete`: neither shown to hold nor violated within the bounds. */
export const Verdict = z.enum(['holds', 'violated', 'incomplete']);
export type Verdict = z.infer<typeof Verdict>;

export const ChangedField = z.strictObject({
  actor: z.string(),
  /** The field of the actor's state; empty where the state is not an object. */
  field: z.string(),
  from: Json.optional(),
  to: Json.optional(),
});

export const CounterexampleStep = z.strictObject({
  /** From 1. */
  number: z.int().min(1),
  actor: z.string(),
  role: z.string(),
  /** The rule that fired; null where none did. */
  rule: z.string().nullable(),
  event: Json,
  /** The message received, if the event is a receipt. */
  message: Json.nullable(),
  /** The messages that the step added to the network. */
  sent: z.array(Json),
  changed: z.array(ChangedField),
  /** The step in words. */
  text: z.string(),
});
export type CounterexampleStep = z.infer<typeof CounterexampleStep>;

export const Counterexample = z.strictObject({
  property: z.string(),
  statement: z.string(),
  /** Steps from the initial state; no run that violates the property is shorter (but see `restricted`). */
  length: count,
  steps: z.array(CounterexampleStep),
  /** What is wrong at the end, in words. */
  facts: z.string(),
});
export type Counterexample = z.infer<typeof Counterexample>;

export const Report = z.strictObject({
  format: z.literal('synod-report/1'),
  system: z.string(),
  configuration: z.record(z.string(), Json),
  /** The broken rule that was checked in place of the right one, if any. */
  mutant: z.string().nullable(),
  verdict: Verdict,
  /** Why the run ended before everything was explored, if it did. */
  stopped: z.string().nullable(),
  /** What a verdict of `holds` covers, in words. */
  covers: z.array(z.string()),
  /** If only some of the runs within the bounds are looked at: which. The verdict is then not `holds`, and a counterexample is the shortest of those. */
  restricted: z.string().optional(),
  /** With symmetry, one for each orbit. */
  distinctStates: count,
  /** If symmetry was made use of: the number of symmetries, and of the states that the explored ones stand for. */
  symmetry: z.strictObject({ order: count, represented: count }).optional(),
  /** If passive actors were to be looked at apart; `distinctStates` and `transitions` are then those of the others. */
  passive: z
    .strictObject({
      /** The passive actors that were. */
      actors: z.array(z.string()),
      /** The states of all actors together. */
      represented: count,
      /** By actor, why it is not passive. */
      others: z.record(z.string(), z.string()),
      /** Why no actor was looked at apart though some are passive, if so. */
      undone: z.string().optional(),
    })
    .optional(),
  /** If some actors are played by other programs: what came of asking them. */
  foreign: z
    .array(
      z.strictObject({
        role: z.string(),
        actors: z.array(z.string()),
        /** The command line by which the program is started. */
        command: z.string(),
        /** `stateless`: it is handed its state. `stateful`: it keeps and tells its state. `history`: it keeps it and does not tell it. */
        kind: z.enum(['stateless', 'stateful', 'history']),
        /** Distinct questions asked of it: what it does in a state, and what it begins with. */
        questions: count,
        /** Lines sent to it in all. */
        lines: count,
        /** Questions that were asked once more, in another order and of a new process. */
        repeated: count,
        /** Questions that were asked once more after another way to the same state, and how many there are of those. */
        otherWays: z.strictObject({ asked: count, of: count }).optional(),
        /** What it does that none should do. */
        findings: z.array(
          z.strictObject({
            kind: z.enum(['malformed', 'garbage', 'death', 'hang', 'differs', 'grows']),
            actor: z.string(),
            /** One sentence that names the question. */
            text: z.string(),
          }),
        ),
      }),
    )
    .optional(),
  /** State-changing transitions. */
  transitions: count,
  /** Steps on the longest shortest path from the initial state; of an unfinished run, the greatest depth reached. */
  diameter: count,
  /** States found and not expanded: 0 where everything was explored. */
  frontier: count,
  seconds: z.number().min(0),
  statesPerSecond: z.number().min(0),
  peakMemoryBytes: count,
  /** Calls of transition functions. */
  questions: count,
  properties: z.array(
    z.strictObject({
      name: z.string(),
      kind: z.enum(['requirement', 'lemma']),
      statement: z.string(),
      verdict: Verdict,
      /** Why this configuration is too small for it to say anything, if so. */
      notApplicable: z.string().optional(),
      /** The length of its shortest counterexample. */
      length: count.optional(),
      /**
       * Of what is to be always reachable, once it is decided: from how many states it cannot be reached, and how many of these
       * are exempt. With passive actors apart, states of the others.
       */
      outOfReach: z.strictObject({ states: count, exempt: count }).optional(),
    }),
  ),
  reached: z.array(
    z.strictObject({
      name: z.string(),
      statement: z.string(),
      reached: z.boolean(),
      /** Steps on the shortest way there. */
      length: count.optional(),
      /** Why this configuration is too small for it. */
      notApplicable: z.string().optional(),
    }),
  ),
  rules: z.array(
    z.strictObject({
      name: z.string(),
      /** The number of distinct (local state, event) for which it fired. */
      tabulated: count,
      /** Why it cannot fire in this configuration. */
      idle: z.string().optional(),
    }),
  ),
  /** Of a violation; absent if the search for it was interrupted. */
  counterexample: Counterexample.optional(),
});
export type Report = z.infer<typeof Report>;

/**
 * The situations that should have been reached, and the rules that should have fired, in a run that explored everything:
 * reasons to distrust a verdict of `holds`.
 */
export function unreached(report: Report): string[] {
  if (report.frontier > 0) return [];
  return [
    ...report.reached.flatMap(({ name, reached, notApplicable }) =>
      reached || notApplicable !== undefined ? [] : [`situation "${name}" is not reached`],
    ),
    ...report.rules.flatMap(({ name, tabulated, idle }) =>
      tabulated > 0 || idle !== undefined ? [] : [`rule "${name}" never fires`],
    ),
  ];
}
