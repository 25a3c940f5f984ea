import { Option } from 'commander';
import { PaxosConfiguration, type QuorumSystem, quorumForm, quorumSystemOf } from '../../spec/index.ts';
import { InputError, inputError, shortly } from '../input-error.ts';
import { findMutant, type Place } from '../systems.ts';
import { placeIn, readJson, refuseUnwritable } from './files.ts';
import { refuseBesideResume, refuseProgramsBeside, refuseSenseless } from './refusals.ts';
import { type CheckRequest, FOREIGN, flagName, RunOptions } from './request.ts';

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
  new Option(
    '--reconfigure <acceptors>',
    'of multi-paxos: leaders are asked for a change of the acceptors, to those named (a2,a3,a4)',
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
  new Option('--itf <file>', 'write the states of the counterexample in the Informal Trace Format'),
  new Option('--open', 'open the counterexample in the explorer, and serve it until Ctrl-C'),
  new Option('--junit <file>', 'write the properties as test results, in the form of JUnit'),
  new Option(
    '--markdown <file>',
    'add a summary in Markdown to the end of this file ($GITHUB_STEP_SUMMARY, say)',
  ),
  new Option('--json', 'print one JSON object'),
  new Option('--quiet', 'no progress'),
];

const optionsWhere = (takes: (name: string) => boolean) =>
  checkOptions.filter((option) => takes(option.attributeName()));

/** The options that say in which configuration single-decree Paxos is. */
export const paxosOptions = optionsWhere((name) => Object.hasOwn(PaxosConfiguration.shape, name));

/** The options that say which roles other programs play, and how they are asked. */
export const foreignOptions = optionsWhere((name) =>
  [...FOREIGN, 'patience', 'maxDeliveries'].includes(name),
);

/** Bounds of single-decree Paxos in which each rule fires. */
export const EVERY_RULE = { learners: 1, crashes: 1 } as const;

/** The options whose values are numbers, or lists of numbers. */
const numbers = new Set(
  checkOptions.filter(({ flags }) => /<(n|seconds)>/.test(flags)).map((option) => option.attributeName()),
);

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
  for (const name of ['diagram', 'itf', 'junit', 'markdown', 'checkpoint'] as const) {
    const path = run.data[name];
    if (path !== undefined) refuseUnwritable(path);
  }
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
