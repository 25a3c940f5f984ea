import { Option } from 'commander';
import { z } from 'zod';
import type { Shard } from '../../model-check/index.ts';
import { MOST_SHARDS } from '../../model-check/simulation-report.ts';
import { type QuorumSystem, quorumForm, quorumSystemOf } from '../../spec/index.ts';
import { InputError, inputError, shortly } from '../input-error.ts';
import { type AnySystem, findMutant, findSystem, type Place, type Recipe } from '../systems.ts';
import { placeIn, readJson, refuseUnwritable } from './files.ts';

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

/** Options of the one way to look at a system that make no sense for the other, and why. */
const ONLY_WALKS = ['seed', 'shard', 'walks', 'steps'] as const;
const NOT_FOR_WALKS = {
  symmetry: 'random walks make no use of symmetry',
  passive: 'random walks take the steps of every actor',
  workers: 'random walks are shared out among processes (--shard)',
  maxStates: 'random walks count no states (--walks and --time-limit bound them)',
  memory: 'random walks keep no states (--walks and --time-limit bound them)',
  checkpoint: 'random walks keep no states, and so have none to save',
  every: 'random walks keep no states, and so have none to save',
  resume: 'random walks keep no states, and so have none to save',
} as const;

const command = z
  .string({ error: 'expected a command line' })
  .refine((text) => text.trim() !== '' && !/^\d+$/.test(text), {
    error: 'expected a command line (how many there are is said by --acceptors, --proposers, --learners)',
  });

/** The roles that other programs may play. */
export const FOREIGN = ['acceptor', 'proposer', 'learner'] as const;

/** Options that make no sense where another program plays a role, and why. */
const NOT_FOR_PROGRAMS = {
  symmetry: 'the states of another program are opaque, and cannot be renamed',
  simulate: 'every interleaving is explored with the programs of others',
  checkpoint: 'what another program answers is not saved',
  resume: 'what another program answers is not saved',
} as const;

/** What says how to run a check, besides the configuration of the system. */
const RunOptions = z.object({
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
  patience: positive('a number of seconds').optional(),
  maxDeliveries: whole('a whole number of deliveries')
    .min(1, { error: 'expected at least 1 delivery' })
    .optional(),
  diagram: z.string().optional(),
  json: z.boolean().default(false),
  quiet: z.boolean().default(false),
});
export type RunOptions = z.infer<typeof RunOptions>;

/** The options of `check`: those of the system's configuration, then those of the run. */
export const checkOptions: readonly Option[] = [
  new Option('--acceptors <n>', 'number of acceptors'),
  new Option('--proposers <n>', 'number of proposers'),
  new Option('--learners <n>', 'number of learners'),
  new Option('--leaders <n>', 'of multi-paxos: number of leaders'),
  new Option('--replicas <n>', 'of multi-paxos and replicated-log: number of replicas'),
  new Option('--slots <n>', "of the same: clients' commands are proposed in slots 1 to n"),
  new Option('--commands <n>', 'of the same: number of commands'),
  new Option(
    '--window <n>',
    'of multi-paxos: how many slots a leader may be ahead of what it knows to be chosen',
  ),
  new Option('--requests <way>', 'of multi-paxos: leaders are asked for commands "in-turn", or for "any"'),
  new Option(
    '--clients <scripts>',
    'of multi-paxos: clients that wait for answers, each with w for a command and r for a read (wr,r)',
  ),
  new Option('--snapshots', 'of multi-paxos: replicas truncate the log, and acceptors with them'),
  new Option(
    '--election <way>',
    'of multi-paxos: heartbeats, and time-outs at any time ("asynchronous") or where no leader is heard ("timely")',
  ),
  new Option('--catch-up', 'of multi-paxos: replicas ask one another for what they lack'),
  new Option('--reads <way>', 'of multi-paxos: clients read by "index", or by commands in the "log"'),
  new Option(
    '--ballots <n>',
    'at most n ballots of each proposer: rounds 1 to n (2), or one number each (2,1)',
  ),
  new Option('--values <n>', 'number of values; proposer i proposes value i mod n'),
  new Option('--crashes <n>', 'crashes, of any process, in one run'),
  new Option(
    '--decider <name>',
    'of replicated-log: what decides: single-server, single-decree or multi-paxos',
  ),
  new Option(
    '--unrepaired',
    'of replicated-log: crashes are of processes that decide, which never come back',
  ),
  new Option(
    '--quorums <file>',
    'JSON file: {"phase1": [["a1", "a2"], ...], "phase2": [...]}, {"grid": [["a1", "a2"], ...]} or {"weights": {"a1": 2, ...}}; default: majorities',
  ),
  new Option('--allow-disjoint-quorums', 'to see what goes wrong'),
  new Option('--learning <way>', 'acceptors tell "all" learners, or the "distinguished" ones'),
  new Option('--distinguished <n>', 'number of distinguished learners'),
  new Option('--nacks', 'acceptors answer what they refuse'),
  new Option(
    '--mutant <name>',
    'check a broken rule instead (see synod list); in its smallest configuration by default',
  ),
  new Option('--property <name>', 'check this property only (repeatable)').argParser(
    (name: string, before: string[] | undefined) => [...(before ?? []), name],
  ),
  new Option('--max-states <n>', 'stop, incomplete, beyond this many distinct states'),
  new Option('--time-limit <seconds>', 'stop, incomplete, after this time'),
  new Option(
    '--symmetry <on|off>',
    'explore one state of each orbit under renamings of acceptors, learners, values',
  ),
  new Option('--workers <n>', 'threads that explore together (1); the report is the same for every number'),
  new Option(
    '--passive <on|off>',
    'leave actors that send nothing out of the product, and look at them apart: what they can know follows',
  ),
  new Option('--memory <size>', 'stop, incomplete, when the tables of the search take more (500MiB, 4GiB)'),
  new Option('--checkpoint <file>', 'save the run to this file from time to time, and when a limit ends it'),
  new Option('--every <seconds>', 'time between two checkpoints (default: 300)'),
  new Option(
    '--resume <file>',
    'go on with a run that was saved; it saves to the same file, if --checkpoint names no other',
  ),
  new Option('--simulate', 'walk at random instead of exploring every interleaving; never says "holds"'),
  new Option('--seed <n>', 'with --simulate: the same seed gives the same walks (default: 1)'),
  new Option('--walks <n>', 'with --simulate: number of walks, of all shards together (default: 10000)'),
  new Option('--steps <n>', 'with --simulate: end a walk after this many steps (default: 1000)'),
  new Option(
    '--shard <i/n>',
    'with --simulate: only each n-th walk, from walk i on (0/n to n-1/n); see synod merge',
  ),
  ...FOREIGN.map(
    (role) =>
      new Option(
        `--${role} <command>`,
        `another program plays the ${role}s (docs/your-own-implementation.md)`,
      ),
  ),
  new Option('--patience <seconds>', 'of another program: time for each answer (default: 10)'),
  new Option(
    '--max-deliveries <n>',
    'of a program that does not tell its state: what it may be told, and no more (default: 4)',
  ),
  new Option('--config <file>', 'read any of these options from a JSON file (maxStates for --max-states)'),
  new Option('--diagram <file>', 'write the counterexample as a Mermaid sequence diagram'),
  new Option('--json', 'print one JSON object'),
  new Option('--quiet', 'no progress'),
];

/** The options whose values are numbers, or lists of numbers. */
const numbers = new Set(
  checkOptions.filter(({ flags }) => /<(n|seconds)>/.test(flags)).map((option) => option.attributeName()),
);

/** A check as asked for: by flags, by a file, by defaults. */
export interface CheckRequest {
  readonly recipe: Recipe;
  readonly run: RunOptions;
  /** Names the source of a part of the recipe or of the run, for errors. */
  readonly place: Place;
  /** Whether a part is as a file says, and not a flag. */
  readonly inFile: (name: string) => boolean;
}

/** Puts flags and file together; a flag wins over the file. */
export function checkRequest(system: string | undefined, given: Record<string, unknown>): CheckRequest {
  const { config, ...flags } = given;
  const file = typeof config === 'string' ? fileOptions(config) : {};
  const flagged = Object.fromEntries(
    Object.entries(flags).map(([name, value]) => [name, numbers.has(name) ? numeric(value) : value]),
  );
  if (typeof flags['quorums'] === 'string') flagged['quorums'] = quorumsFrom(flags['quorums']);
  const asked: Record<string, unknown> = {
    ...file,
    ...flagged,
    ...(system === undefined ? {} : { system }),
  };
  const { mutant, system: name = 'paxos', ...options } = asked;
  const inFile = (part: string) =>
    Object.hasOwn(file, part) &&
    !Object.hasOwn(flagged, part) &&
    !(part === 'system' && system !== undefined);
  const place: Place = ([part, ...rest]) => {
    if (part === undefined) return String(name);
    if (inFile(String(part))) return placeIn(String(config))([part, ...rest]);
    if (part === 'system') return 'system';
    if (part === 'quorums' && typeof flags['quorums'] === 'string') return placeIn(flags['quorums'])(rest);
    const byMutant = !Object.hasOwn(flagged, part) && Object.hasOwn(smallest(name, mutant), part);
    return byMutant ? `${flagName(String(part))}, as ${String(mutant)} has it` : flagName(String(part));
  };
  for (const part of ['mutant', 'system']) {
    const value = asked[part];
    if (value === undefined || typeof value === 'string') continue;
    throw new InputError(`${place([part])}: ${shortly(value)}: expected a name`);
  }
  const isRunOption = ([part]: [string, unknown]) => Object.hasOwn(RunOptions.shape, part);
  const entries = Object.entries(options);
  const runOptions = Object.fromEntries(entries.filter(isRunOption));
  const run = RunOptions.safeParse(runOptions);
  if (!run.success) throw inputError(run.error, runOptions, place);
  refuseSenseless(run.data, runOptions, place);
  if (run.data.diagram !== undefined) refuseUnwritable(run.data.diagram);
  if (run.data.checkpoint !== undefined) refuseUnwritable(run.data.checkpoint);
  const configuration = entries.filter((entry) => !isRunOption(entry));
  refuseProgramsBeside(run.data, name, mutant, place);
  if (run.data.resume !== undefined) refuseBesideResume(asked, place);
  return {
    recipe: {
      system: name as string,
      configuration: { ...smallest(name, mutant), ...Object.fromEntries(configuration) },
      mutant: (mutant as string | undefined) ?? null,
      // Whoever names bounds wants all the runs within them.
      demonstration: configuration.length === 0,
    },
    run: run.data,
    place,
    inFile,
  };
}

/** Refuses options of random walks where all states are explored, and the other way round. `given` is as it was written. */
function refuseSenseless(run: RunOptions, given: Record<string, unknown>, place: Place): void {
  const refuse = (name: string, why: string): never => {
    throw new InputError(`${place([name])}: ${shortly(given[name])}: ${why}`);
  };
  const program = FOREIGN.find((role) => run[role] !== undefined);
  if (program === undefined) {
    const alone = (['patience', 'maxDeliveries'] as const).find((name) => run[name] !== undefined);
    if (alone !== undefined)
      refuse(alone, `is for other programs: expected ${FOREIGN.map(flagName).join(', ')} with it`);
  } else {
    for (const [name, why] of Object.entries(NOT_FOR_PROGRAMS)) {
      const value = run[name as keyof typeof NOT_FOR_PROGRAMS];
      if (value === undefined || value === false || value === 'off') continue;
      refuse(name, `${why}: expected none with ${flagName(program)}`);
    }
  }
  if (!run.simulate) {
    const stray = ONLY_WALKS.find((name) => run[name] !== undefined);
    if (stray !== undefined) refuse(stray, 'is for random walks: expected --simulate with it');
    if (run.every !== undefined && run.checkpoint === undefined && run.resume === undefined)
      refuse('every', 'is the time between checkpoints: expected --checkpoint with it');
    if (run.checkpoint !== undefined && run.passive === 'on')
      refuse('checkpoint', 'what is known of passive actors is not saved: expected --passive off with it');
    if ((run.workers ?? 1) > 1) refuseAlone(run, refuse);
    return;
  }
  const unlessOff = (way: 'on' | 'off') => (way === 'off' ? undefined : way);
  const asked = { ...run, symmetry: unlessOff(run.symmetry), passive: unlessOff(run.passive) };
  for (const [name, why] of Object.entries(NOT_FOR_WALKS)) {
    if (asked[name as keyof typeof NOT_FOR_WALKS] !== undefined)
      refuse(name, `${why}: expected none with --simulate`);
  }
}

/** Other programs play roles of single-decree Paxos, and none that is broken on purpose. */
function refuseProgramsBeside(run: RunOptions, system: unknown, mutant: unknown, place: Place): void {
  const program = FOREIGN.find((role) => run[role] !== undefined);
  if (program === undefined) return;
  const text = `${place([program])}: ${shortly(run[program])}`;
  if (system !== 'paxos')
    throw new InputError(
      `${text}: other programs play roles of the system paxos: expected no ${shortly(system)}`,
    );
  if (mutant !== undefined)
    throw new InputError(`${text}: a mutant is one of our roles: expected no --mutant ${shortly(mutant)}`);
}

/** Refuses what is done by one thread only. */
function refuseAlone(run: RunOptions, refuse: (name: string, why: string) => never): void {
  if (run.checkpoint !== undefined || run.resume !== undefined)
    refuse(
      'workers',
      'a run of several threads is not saved: expected no --checkpoint and no --resume with it',
    );
  if (run.passive === 'on')
    refuse('workers', 'passive actors are looked at apart by one thread: expected --passive off with it');
}

/** Options that say how to go on with a run. All others say what was begun. */
const FOR_RESUMING: readonly string[] = [
  'resume',
  'maxStates',
  'timeLimit',
  'memory',
  'checkpoint',
  'every',
  'diagram',
  'json',
  'quiet',
];

function refuseBesideResume(asked: Record<string, unknown>, place: Place): void {
  const stray = Object.keys(asked).find((name) => !FOR_RESUMING.includes(name));
  if (stray === undefined) return;
  throw new InputError(
    `${place([stray])}: ${shortly(asked[stray])}: the checkpoint says what is checked: expected with --resume only ${FOR_RESUMING.slice(1).map(flagName).join(', ')}`,
  );
}

/** Refuses options that the system does not take, by name. */
export function refuseStrangers({ recipe, place, inFile }: CheckRequest): void {
  const known = Object.keys(findSystem(recipe.system, place).configuration.shape);
  for (const [name, value] of Object.entries(recipe.configuration)) {
    if (known.includes(name)) continue;
    const expected = inFile(name)
      ? [...known, 'system', 'mutant', ...Object.keys(RunOptions.shape)]
      : known.map(flagName);
    throw new InputError(
      `${place([name])}: ${shortly(value)}: ${recipe.system} has no such option; expected one of ${expected.join(', ')}`,
    );
  }
}

/** Refuses properties that the system does not have, by name. */
export function refuseUnknownProperties({ run, place }: CheckRequest, { properties }: AnySystem): void {
  const known = properties.map(({ name }) => name);
  run.property?.forEach((name, at) => {
    if (known.includes(name)) return;
    throw new InputError(
      `${place(['property', at])}: ${shortly(name)}: expected one of ${known.join(', ') || 'none: the system has no properties'}`,
    );
  });
}

function smallest(system: unknown, mutant: unknown): Record<string, unknown> {
  return findMutant(system, mutant)?.smallest ?? {};
}

function fileOptions(path: string): Record<string, unknown> {
  const content = readJson(path);
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new InputError(`${path}: ${shortly(content)}: expected a JSON object of options`);
  }
  return content as Record<string, unknown>;
}

function quorumsFrom(path: string): QuorumSystem {
  const content = readJson(path);
  const parsed = quorumForm(content).safeParse(content);
  if (!parsed.success) throw inputError(parsed.error, content, placeIn(path));
  return quorumSystemOf(parsed.data);
}

/** Flags come as text: what is a number becomes one, and so does what is a list of numbers. */
function numeric(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const isNumber = (text: string) => /^-?\d+(\.\d+)?$/.test(text);
  if (isNumber(value)) return Number(value);
  const parts = value.split(',');
  return parts.length > 1 && parts.every(isNumber) ? parts.map(Number) : value;
}

function flagName(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
