/** The configurations in which the twins (spec/twins) are compared with our engine, and how each checker is run on one. */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { check } from '../model-check/index.ts';
import { AbstractConfiguration, lamportPaxos, PaxosConfiguration, paxos } from '../spec/index.ts';
import { type Bounds, findMutant, type Mutant, mutated, sizeOf } from '../spec/mutants/index.ts';
import { subsets } from '../spec/quorum.ts';

export const TWINS = new URL('../spec/twins/', import.meta.url);

/** What is compared. Of a broken variant, all of its states are explored, those beyond a violation too. */
export interface Counts {
  readonly distinctStates: number;
  /** State-changing. */
  readonly transitions: number;
  readonly diameter: number;
  /** Steps to the nearest violation of agreement; null if there is none. */
  readonly shortest: number | null;
}

/** Lamport's level: `quorum` is the number of acceptors that are a quorum, if not a majority. */
export interface LamportBounds {
  readonly acceptors: number;
  readonly values: number;
  readonly ballots: number;
  readonly quorum?: number;
}

export type Configuration = (
  | { readonly level: 'roles'; readonly bounds: Bounds; readonly mutant?: string }
  | { readonly level: 'lamport'; readonly bounds: LamportBounds }
) & {
  /** The configuration file for TLC that states the same, without its `.cfg`. */
  readonly tlc?: string;
  /** Takes a minute or more, in one of the checkers. */
  readonly large?: true;
};

export const configurations: readonly Configuration[] = [
  { level: 'lamport', bounds: { acceptors: 3, values: 2, ballots: 2 } },
  { level: 'lamport', bounds: { acceptors: 3, values: 2, ballots: 3 } },
  { level: 'lamport', bounds: { acceptors: 3, values: 2, ballots: 4 }, large: true },
  { level: 'lamport', bounds: { acceptors: 4, values: 3, ballots: 2 } },
  { level: 'lamport', bounds: { acceptors: 2, values: 2, ballots: 2, quorum: 1 } },
  { level: 'roles', bounds: { acceptors: 3, proposers: 1, ballots: 3 } },
  { level: 'roles', bounds: { acceptors: 3, proposers: 2, ballots: 1 }, tlc: 'MC11' },
  { level: 'roles', bounds: { acceptors: 3, proposers: 2, ballots: 1, crashes: 1 }, tlc: 'MC11Crash' },
  { level: 'roles', bounds: { acceptors: 3, proposers: 2, ballots: [2, 1] }, tlc: 'MC21' },
  { level: 'roles', bounds: { acceptors: 3, proposers: 2, ballots: [1, 2], crashes: 1 } },
  { level: 'roles', bounds: { acceptors: 3, proposers: 2, ballots: 2 }, tlc: 'MC22', large: true },
  { level: 'roles', bounds: { acceptors: 3, proposers: 3, ballots: 1, values: 2 } },
  { level: 'roles', bounds: { acceptors: 5, proposers: 2, ballots: 1 } },
  {
    level: 'roles',
    bounds: { acceptors: 3, proposers: 2, ballots: 1 },
    mutant: 'own-value',
    tlc: 'MCOwnValue',
  },
  {
    level: 'roles',
    bounds: { acceptors: 2, proposers: 2, ballots: 1 },
    mutant: 'half-is-a-quorum',
    tlc: 'MCHalves',
  },
  { level: 'roles', bounds: { acceptors: 4, proposers: 2, ballots: 1 }, mutant: 'half-is-a-quorum' },
  {
    level: 'roles',
    bounds: { acceptors: 3, proposers: 2, ballots: 1 },
    mutant: 'accepts-lower',
    tlc: 'MCAcceptsLower',
  },
  {
    level: 'roles',
    bounds: { acceptors: 2, proposers: 2, ballots: 1, crashes: 1 },
    mutant: 'promise-not-durable',
  },
  {
    level: 'roles',
    bounds: { acceptors: 3, proposers: 2, ballots: 1, crashes: 1 },
    mutant: 'promise-not-durable',
  },
];

/** A configuration in words. */
export function described(configuration: Configuration): string {
  const plural = (count: number, what: string, many = `${what}s`) => `${count} ${count === 1 ? what : many}`;
  if (configuration.level === 'lamport') {
    const { acceptors, values, ballots, quorum } = configuration.bounds;
    return [
      `Lamport's level: ${plural(acceptors, 'acceptor')}`,
      plural(values, 'value'),
      `ballots 0..${ballots - 1}`,
      ...(quorum === undefined ? [] : [`any ${quorum} of them a quorum`]),
    ].join(', ');
  }
  const { bounds, mutant } = configuration;
  const { acceptors, proposers, crashes, ballots } = sizeOf(bounds);
  return [
    `roles: ${plural(acceptors, 'acceptor')}`,
    plural(proposers, 'proposer'),
    `ballots [${ballots.join(', ')}]`,
    ...(bounds.values === undefined ? [] : [plural(bounds.values, 'value')]),
    ...(crashes > 0 ? [plural(crashes, 'crash', 'crashes')] : []),
    ...(mutant === undefined ? [] : [`\`${mutant}\``]),
  ].join(', ');
}

/** Our engine. */
export async function bySynod(configuration: Configuration): Promise<Counts> {
  const options = { properties: ['agreement'], enough: () => false };
  const { distinctStates, transitions, diameter, properties } =
    configuration.level === 'lamport'
      ? await check(lamportSystem(configuration.bounds), options)
      : await check(roleSystem(configuration), options);
  return { distinctStates, transitions, diameter, shortest: properties[0]?.length ?? null };
}

function lamportSystem({ quorum, ...bounds }: LamportBounds) {
  const members = Array.from({ length: bounds.acceptors }, (_, at) => `a${at + 1}`);
  const family = quorum === undefined ? undefined : subsets(members, quorum);
  const quorums = family && { quorums: { phase1: family, phase2: family }, allowDisjointQuorums: true };
  return lamportPaxos(AbstractConfiguration.parse({ ...bounds, ...quorums }));
}

function roleSystem({ bounds, mutant }: Extract<Configuration, { level: 'roles' }>) {
  const configuration = PaxosConfiguration.parse(bounds);
  return mutant === undefined ? paxos(configuration) : mutated(configuration, findMutant(mutant) as Mutant);
}

/** What Spin needs and is not here, in words; undefined if it can run. */
export async function missingForSpin(): Promise<string | undefined> {
  for (const [command, what] of [
    ['spin', 'spin (Debian package `spin`)'],
    ['gcc', 'a C compiler, gcc'],
  ] as const) {
    const here = await run(command, [command === 'spin' ? '-V' : '--version'], '.').then(
      () => true,
      () => false,
    );
    if (!here) return `${what} is not installed`;
  }
  return undefined;
}

/** The -D options that state the bounds to the Promela texts. */
export function spinDefines(configuration: Configuration): string[] {
  return Object.entries(definitions(configuration)).map(([name, value]) => `-D${name}=${value}`);
}

function definitions(configuration: Configuration): Record<string, number | string> {
  if (configuration.level === 'lamport') {
    const { acceptors, values, ballots, quorum } = configuration.bounds;
    const size = quorum === undefined ? {} : { QUORUM: quorum };
    return { ACCEPTORS: acceptors, VALUES: values, BALLOTS: ballots, ...size };
  }
  const { bounds, mutant } = configuration;
  const { acceptors, proposers, crashes, ballots } = sizeOf(bounds);
  return {
    ACCEPTORS: acceptors,
    PROPOSERS: proposers,
    ROUNDS: Math.max(...ballots),
    ...Object.fromEntries(ballots.map((bound, at) => [`BALLOTS_${at}`, bound])),
    ...(bounds.values === undefined ? {} : { VALUES: bounds.values }),
    ...(crashes > 0 ? { CRASHES: crashes } : {}),
    ...(mutant === undefined ? {} : { MUTANT: mutant.toUpperCase().replaceAll('-', '_') }),
  };
}

const VERIFIER = ['-DSAFETY', '-DNOREDUCE', '-DNOCOMP', '-DSFH', '-DBFS'];

/**
 * Spin, breadth-first and exact: whole states are stored and compared. It counts the initial state as a transition, and the
 * depth of a violation from 0.
 */
export async function bySpin(configuration: Configuration): Promise<Counts> {
  const directory = mkdtempSync(join(tmpdir(), 'synod-twins-'));
  try {
    cpSync(fileURLToPath(TWINS), directory, { recursive: true });
    const text = configuration.level === 'lamport' ? 'lamport.pml' : 'paxos.pml';
    await run('spin', ['-a', ...spinDefines(configuration), text], directory);
    // To optimise takes gcc longer than it saves, except where the search takes a minute.
    const effort = configuration.large ? '-O2' : '-O0';
    await run('gcc', [effort, ...VERIFIER, '-o', 'pan', 'pan.c'], directory);
    const size = configuration.large ? '-w24' : '-w20';
    const all = await run('./pan', ['-m10000', size, '-c0'], directory);
    if (number(all, /errors: (\d+)/) > 0) {
      const first = await run('./pan', ['-m10000', size, '-c1'], directory);
      if (!/assertion violated/.test(first))
        throw new Error(`spin: expected a violated assertion, got:\n${first}`);
      return { ...spinCounts(all), shortest: number(first, /\(at depth (\d+)\)/) + 1 };
    }
    return { ...spinCounts(all), shortest: null };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function spinCounts(output: string) {
  if (/Search not completed|max search depth too small/.test(output))
    throw new Error(`spin: the search was not completed:\n${output}`);
  return {
    distinctStates: number(output, /(\d+) states, stored/),
    transitions: number(output, /(\d+) transitions \(/) - 1,
    diameter: number(output, /depth reached (\d+)/),
  };
}

/** The class path of TLC: the environment variable TLC, if it is set. */
export const tlcPath = process.env['TLC'];

/** What TLC counts can be compared in: of a broken variant the length alone, since it stops there. */
export type TlcCounts = Pick<Counts, 'distinctStates' | 'diameter'> | Pick<Counts, 'shortest'>;

/** TLC, with one worker, so that a counterexample is a shortest one. Its depth is a number of states. */
export async function byTlc(model: string, classPath: string): Promise<TlcCounts> {
  const directory = mkdtempSync(join(tmpdir(), 'synod-twins-'));
  try {
    cpSync(fileURLToPath(TWINS), directory, { recursive: true });
    const absolute = classPath.split(delimiter).map((part) => resolve(part));
    const options = ['-workers', '1', '-noGenerateSpecTE', '-metadir', join(directory, 'states')];
    const arguments_ = ['-XX:+UseParallelGC', '-cp', absolute.join(delimiter), 'tlc2.TLC', ...options];
    const output = await run(
      'java',
      [...arguments_, '-config', `${model}.cfg`, 'MCRolePaxos.tla'],
      directory,
      true,
    );
    if (/Invariant Agreement is violated/.test(output))
      return { shortest: [...output.matchAll(/^State \d+:/gm)].length - 1 };
    if (!/No error has been found/.test(output)) throw new Error(`TLC on ${model}:\n${output}`);
    return {
      distinctStates: number(output, /(\d+) distinct states found, 0 states left/),
      diameter: number(output, /depth of the complete state graph search is (\d+)/) - 1,
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Runs a command, and gives what it prints. Where `fails` is set, its exit status does not count. */
async function run(command: string, options: readonly string[], cwd: string, fails = false): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(command, options, { cwd, maxBuffer: 1 << 28 });
    return stdout;
  } catch (error) {
    const { stdout } = error as { stdout?: string };
    if (fails && typeof stdout === 'string') return stdout;
    throw error;
  }
}

function number(output: string, pattern: RegExp): number {
  const found = pattern.exec(output)?.[1];
  if (found === undefined) throw new Error(`expected ${pattern} in:\n${output}`);
  return Number(found);
}
