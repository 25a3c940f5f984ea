import { z } from 'zod';
import type { Shard } from '../../model-check/index.ts';
import { MOST_SHARDS } from '../../model-check/simulation-report.ts';
import type { Place, Recipe } from '../systems.ts';

const names = z.array(z.string()).min(1, { error: 'expected the name of a property' });
const positive = (what: string) =>
  z.number({ error: `expected ${what}` }).positive({ error: `expected ${what}, more than 0` });

const MEMORY = /^(?=.*[1-9])(\d+(?:\.\d+)?)(KiB|MiB|GiB)$/;

/** Threads that may explore together. */
const MOST_WORKERS = 64;

/** A size in bytes. */
function bytes(size: string): number {
  const [, count, unit] = MEMORY.exec(size) ?? [];
  const scale = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 }[unit ?? ''] ?? 1;
  return Math.round(Number(count) * scale);
}

const whole = (what: string) => z.int({ error: `expected ${what}` });

const SHARD = `expected i/n, i from 0 to n - 1 and n at most ${MOST_SHARDS}, such as 0/8`;

/** A shard as it is written: its number, from 0, and how many there are. */
function shardOf(text: string, context: z.RefinementCtx): Shard {
  const [index = Number.NaN, of = Number.NaN] = /^\d+\/\d+$/.test(text) ? text.split('/').map(Number) : [];
  if (index < of && of <= MOST_SHARDS) return { index, of };
  context.issues.push({ code: 'custom', input: text, message: SHARD });
  return z.NEVER;
}

const command = z
  .string({ error: 'expected a command line' })
  .refine((text) => text.trim() !== '' && !/^\d+$/.test(text), {
    error:
      'expected a command line (how many there are is said by --acceptors, --proposers, --learners, --leaders, --replicas)',
  });

/** The options by which other programs are given roles, each with the systems that have such a role. */
export const FOREIGN_OF = {
  acceptor: ['paxos', 'multi-paxos'],
  proposer: ['paxos'],
  learner: ['paxos'],
  leader: ['multi-paxos'],
  replica: ['multi-paxos'],
} as const;
export const FOREIGN = Object.keys(FOREIGN_OF) as readonly (keyof typeof FOREIGN_OF)[];

/** What says how to run a check, besides the configuration of the system. */
export const RunOptions = z.object({
  property: z.union([names, z.string().transform((name) => [name])]).optional(),
  maxStates: positive('a number of states').int({ error: 'expected a whole number of states' }).optional(),
  timeLimit: positive('a number of seconds').optional(),
  symmetry: z.enum(['on', 'off']).default('off'),
  passive: z.enum(['on', 'off']).default('off'),
  workers: whole('a whole number of threads')
    .min(1, { error: 'expected at least 1 thread' })
    .max(MOST_WORKERS, { error: `expected at most ${MOST_WORKERS} threads` })
    .optional(),
  memory: z
    .string()
    .regex(MEMORY, { error: 'expected a size such as 500MiB or 4GiB' })
    .transform(bytes)
    .optional(),
  checkpoint: z.string().optional(),
  every: positive('a number of seconds').optional(),
  resume: z.string().optional(),
  simulate: z.boolean({ error: 'expected true or false' }).default(false),
  seed: whole('a whole number').min(0, { error: 'expected 0 or more' }).optional(),
  shard: z.string({ error: SHARD }).transform(shardOf).optional(),
  walks: whole('a whole number of walks').min(1, { error: 'expected at least 1 walk' }).optional(),
  steps: whole('a whole number of steps').min(1, { error: 'expected at least 1 step' }).optional(),
  acceptor: command.optional(),
  proposer: command.optional(),
  learner: command.optional(),
  leader: command.optional(),
  replica: command.optional(),
  patience: positive('a number of seconds').optional(),
  maxDeliveries: whole('a whole number of deliveries')
    .min(1, { error: 'expected at least 1 delivery' })
    .optional(),
  diagram: z.string().optional(),
  itf: z.string().optional(),
  junit: z.string().optional(),
  markdown: z.string().optional(),
  open: z.boolean({ error: 'expected true or false' }).default(false),
  json: z.boolean().default(false),
  quiet: z.boolean().default(false),
});
export type RunOptions = z.infer<typeof RunOptions>;

/** A check as asked for: by flags, by a file, by defaults. */
export interface CheckRequest {
  readonly recipe: Recipe;
  readonly run: RunOptions;
  /** Names the source of a part of the recipe or of the run, for errors. */
  readonly place: Place;
  /** Whether a part is as a file says, and not a flag. */
  readonly inFile: (name: string) => boolean;
}

/** An option as it is written: `--max-states`. */
export function flagName(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
