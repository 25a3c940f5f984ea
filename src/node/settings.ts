import { z } from 'zod';

const milliseconds = z.int().min(1).max(3_600_000);
const count = z.int().min(1).max(1_000_000);
const bytes = z
  .int()
  .min(1)
  .max(1 << 30);

/** So many attempts in vain to lead make a node wait longer each. */
export const BACK_OFF = 4;

/** How many messages of a kind may wait until the role that they are for can take them. */
export const PARKED = 1024;

/** After how many slots a change of the nodes is in force, in clusters that do not say it. */
export const CHANGES_AFTER = 64;

/** The times and limits of a node. Times are in milliseconds, sizes in bytes. */
export const Settings = z.strictObject({
  /** How often a leader says that it leads. */
  heartbeat: milliseconds.default(50),
  /** Who has heard of no leader for this long, and up to as long again by chance, begins a ballot of its own; after each attempt in vain it waits twice as long. */
  election: milliseconds.default(500),
  /** A leader that has been told of no decision for this long asks for votes again; a replica that has come to know nothing asks what others know. */
  resend: milliseconds.default(250),
  /** How long a client's request may take. */
  timeout: milliseconds.default(5000),
  /** After this long a request is sent again. */
  retry: milliseconds.default(500),
  /** The paper's alpha. */
  window: count.default(64),
  /** A change of the nodes is in force so many slots later: at least the window, the same on all nodes, and never another. */
  changesAfter: count.default(CHANGES_AFTER),
  /** How many batches of commands of a node's clients, and how many of reads, may be under way. */
  sessions: z.int().min(1).max(64).default(4),
  /** Clients' commands in one slot, or in one confirmed read. */
  batchCommands: count.default(512),
  batchBytes: bytes.default(256 * 1024),
  /** Clients' commands that wait for a batch; to those that come then the answer is to try again. */
  queueCommands: count.default(20_000),
  queueBytes: bytes.default(32 * 1024 * 1024),
  /** The log is truncated when so many slots are applied. */
  keptSlots: count.default(1000),
});
export type Settings = z.infer<typeof Settings>;
