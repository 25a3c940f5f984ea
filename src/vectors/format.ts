/** The published format of vectors: a manifest, and a file for each actor with one vector on each line. */
import { z } from 'zod';
import { Message, PaxosConfiguration, ProposerEvent } from '../../spec/index.ts';
import { Self } from '../foreign/protocol.ts';

const count = z.int().min(0);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** One step: what the actor is told, as in the protocol of foreign roles, and what it then sends. */
export const VectorStep = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('step'), event: ProposerEvent, send: z.array(Message) }),
  /** A crash and restart; nothing is sent. */
  z.strictObject({ type: z.literal('restart'), send: z.array(Message).length(0) }),
]);

/** Steps from the initial state on. */
export const VectorLine = z.strictObject({
  /** So many of the first steps are taken in some interleaving, the last of them being tested; the others tell where it led. */
  reached: count,
  steps: z.array(VectorStep).min(1),
});
export type VectorLine = z.infer<typeof VectorLine>;

export const VectorManifest = z.strictObject({
  format: z.literal('synod-vectors/1'),
  /** The bounds within which every step that any interleaving reaches is there. */
  configuration: PaxosConfiguration,
  /** How many states more than ours an implementation may have for the vectors to tell for certain that it differs. */
  extraStates: z.literal(0),
  files: z.array(
    z.strictObject({
      file: z.string(),
      /** The actor, as `reset` names it. */
      self: Self,
      vectors: count,
      steps: count,
      /** Distinct local states, and distinct questions in them, that are reached. */
      states: count,
      questions: count,
      /** Sequences that tell the states apart. */
      suffixes: count,
      sha256,
    }),
  ),
  /** Of the digests of the files, one on each line. */
  digest: sha256,
});
export type VectorManifest = z.infer<typeof VectorManifest>;
