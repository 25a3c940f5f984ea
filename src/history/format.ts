/** The published format of histories: what clients asked and were answered, as JSON lines, in the order in which it happened. */
import { z } from 'zod';
import { KeyValueCommand, KeyValueReply } from '../../spec/log/key-value.ts';

/** Configurations looked at unless more or fewer are asked for: about a gigabyte of them. */
export const BUDGET = 5_000_000;

const moment = {
  /** Who asks: it waits for the end of one operation before it invokes the next. */
  client: z.string().min(1, { error: 'expected the name of a client' }),
  /** When, in milliseconds from any one moment on; for the picture. What came first is said by the order of the lines. */
  time: z.number().min(0).optional(),
};

/** A line of a history. */
export const HistoryLine = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('invoke'), ...moment, command: KeyValueCommand }),
  z.strictObject({ type: z.literal('return'), ...moment, reply: KeyValueReply }),
  /** It was refused: it has had no effect, and never will. */
  z.strictObject({ type: z.literal('fail'), ...moment }),
  /** The client gave up, or lost the connection: it may take effect at any later time, or never. */
  z.strictObject({ type: z.literal('unknown'), ...moment }),
]);
export type HistoryLine = z.infer<typeof HistoryLine>;

/** An operation of a history. */
export interface Operation {
  readonly client: string;
  readonly command: KeyValueCommand;
  /** The lines, counted from 1, of its invocation and its answer; no line (null) where its outcome is unknown. */
  readonly invoked: number;
  readonly returned: number | null;
  /** The answer; null where the outcome is unknown. */
  readonly reply: KeyValueReply | null;
}

/** What is said of a history. */
export const HistoryReport = z.strictObject({
  verdict: z.enum(['holds', 'violated', 'incomplete']),
  /** Operations that are checked; `unknown` of them had no answer. Those that failed are not among them. */
  operations: z.int().min(0),
  unknown: z.int().min(0),
  failed: z.int().min(0),
  clients: z.int().min(0),
  /** Parts of the history that have no key in common: each is explained by itself. */
  parts: z.int().min(0),
  /** How many (set of operations that have taken effect, state) were looked at in all. */
  configurations: z.int().min(0),
  violation: z
    .strictObject({
      /** The line of the answer with which the part of the history ends that no order explains. */
      line: z.int().min(1),
      /** Whether no shorter part is without explanation; false where the search for a shorter one was cut short. */
      shortest: z.boolean(),
      client: z.string(),
      command: KeyValueCommand,
      reply: KeyValueReply,
      /** The answers that would have fitted there. */
      fitting: z.array(KeyValueReply).readonly(),
      /** Whether these are all. */
      all: z.boolean(),
      /** The keys of the part. */
      keys: z.array(z.string()).readonly(),
      /** The order that comes furthest: of each operation the line of its invocation. */
      order: z.array(z.int().min(1)).readonly(),
    })
    .nullable(),
});
export type HistoryReport = z.infer<typeof HistoryReport>;
export type Violation = NonNullable<HistoryReport['violation']>;
