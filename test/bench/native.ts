/** The programs beside our engine: compiled when the benchmark runs, and run with what they cost. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Configuration, missingForSpin, spinDefines, TWINS } from '../../scripts/twins-runs.ts';
import { Cost } from './results.ts';
import type { Size } from './spaces.ts';

const COMPILER = 'g++';
/** Of the C++ programs. */
export const OPTIMISED = ['-O3', '-march=native'] as const;
/**
 * Of Spin's verifier: depth-first, exact, everything explored. Tried with and without each on one machine, these are the fastest
 * and the smallest. -DNOVSZ is safe where the vector of every state is of one length, as it is in the twins.
 */
export const VERIFIER = [
  ...OPTIMISED,
  ...['-DSAFETY', '-DNOREDUCE', '-DNOCOMP', '-DSFH', '-DNOBOUNDCHECK', '-DNOVSZ'],
] as const;

/** A program and its arguments. */
export type Command = readonly [string, ...string[]];

/** What a program counted, and cost. */
export interface Measurement extends Size {
  readonly tableBytes: number;
  readonly cost: Cost;
}

const source = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** What the C++ programs need and is not here, in words; undefined if they can run. */
export async function missingForCpp(): Promise<string | undefined> {
  return (await version(COMPILER, '--version')) === undefined
    ? `a C++ compiler, ${COMPILER}, is not installed`
    : undefined;
}

/** What Spin's row needs and is not here: its cost is taken by a C++ program. */
export async function missingForSpinRow(): Promise<string | undefined> {
  return (await missingForSpin()) ?? (await missingForCpp());
}

/** What the compiler and Spin say of themselves. */
export async function versions(): Promise<{ compiler?: string; spin?: string }> {
  const [compiler, spin] = await Promise.all([version(COMPILER, '--version'), version('spin', '-V')]);
  return { ...(compiler === undefined ? {} : { compiler }), ...(spin === undefined ? {} : { spin }) };
}

async function version(command: string, option: string): Promise<string | undefined> {
  return run([command, option], '.').then(
    (output) => output.split('\n')[0],
    () => undefined,
  );
}

/** The search in C++ for these bounds, compiled in the folder. */
export async function compileSearch(
  folder: string,
  configuration: Configuration,
  { states }: Size,
): Promise<Command> {
  const program = join(folder, 'search');
  const options = [...OPTIMISED, ...spinDefines(configuration)];
  await run([COMPILER, ...options, '-o', program, source('lamport.cc')], folder);
  return [program, `${states}`];
}

/** As many insertions into a hash table as a search of this size makes: the initial state, and one for each transition. */
export async function compileLimit(folder: string, { states, transitions }: Size): Promise<Command> {
  const program = join(folder, 'limit');
  await run([COMPILER, ...OPTIMISED, '-o', program, source('limit.cc')], folder);
  return [program, `${states}`, `${transitions + 1}`];
}

/** Spin's verifier of this configuration. Its hash table has a slot for each state at least. */
export async function compileSpin(
  folder: string,
  configuration: Configuration,
  { states }: Size,
): Promise<Command> {
  const own = join(folder, 'spin');
  cpSync(fileURLToPath(TWINS), own, { recursive: true });
  const text = configuration.level === 'lamport' ? 'lamport.pml' : 'paxos.pml';
  await run(['spin', '-a', ...spinDefines(configuration), text], own);
  await run(['gcc', ...VERIFIER, '-o', 'pan', 'pan.c'], own);
  return [join(own, 'pan'), '-m10000', `-w${Math.ceil(Math.log2(states))}`, '-c0'];
}

/** The program that tells what a command costs, compiled in the folder. */
export async function compileCost(folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const program = join(folder, 'cost');
  await run([COMPILER, '-O2', '-o', program, source('cost.cc')], folder);
  return program;
}

/** Runs one of the programs above. */
export async function measured(cost: string, tool: 'spin' | 'search' | 'limit', command: Command) {
  const output = await run([cost, ...command], '.');
  const lines = output.trim().split('\n');
  const counted = tool === 'spin' ? countedBySpin(output) : JSON.parse(lines[0] ?? '');
  return { ...counted, cost: Cost.parse(JSON.parse(lines.at(-1) ?? '')) } as Measurement;
}

/** Spin counts the initial state among the transitions. */
export function countedBySpin(output: string): Size & { readonly tableBytes: number } {
  const number = (pattern: RegExp) => {
    const found = pattern.exec(output)?.[1];
    if (found === undefined) throw new Error(`spin: expected ${pattern} in:\n${output}`);
    return Number(found);
  };
  if (/Search not completed|max search depth too small/.test(output) || number(/errors: (\d+)/) > 0)
    throw new Error(`spin: expected a search that is completed without errors:\n${output}`);
  return {
    states: number(/(\d+) states, stored/),
    transitions: number(/(\d+) transitions \(/) - 1,
    tableBytes: Math.round(number(/([\d.]+)\s+(?:total actual )?memory usage/) * 2 ** 20),
  };
}

async function run([file, ...options]: Command, cwd: string): Promise<string> {
  const { stdout } = await promisify(execFile)(file, options, { cwd, maxBuffer: 1 << 26 });
  return stdout;
}
