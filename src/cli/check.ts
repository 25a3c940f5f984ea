import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { check, type Report, type SavedRun, SystemError } from '../../model-check/index.ts';
import { InputError, inputError, shortly, thrown } from '../input-error.ts';
import { type AnySystem, type Built, buildSystem } from '../systems.ts';
import { hireCrew } from '../workers/crew.ts';
import { mermaid } from './diagram.ts';
import { openInExplorer, refuseUnopenable } from './explore.ts';
import { placeIn, writeWhole } from './files.ts';
import { begun, longRun, refusingChanges } from './long-run.ts';
import { type CheckRequest, type RunOptions, refuseStrangers, refuseUnknownProperties } from './options.ts';
import { printReport } from './print.ts';
import { progressLine } from './progress.ts';

/** Exit statuses by verdict. */
export const STATUS: Readonly<Record<Report['verdict'], number>> = { holds: 0, violated: 1, incomplete: 3 };

/** `synod check`: one configuration. Returns the exit status. */
export async function runCheck(asked: CheckRequest): Promise<number> {
  const { request, saved } = begun(asked);
  const { run, recipe } = request;
  const built = await systemOf(request);
  refuseUnknownProperties(request, built.system);
  refuseUnopenable(request);
  return await blaming(recipe.system, async () => {
    const report = await refusingChanges(request, () => checked(built, request, saved));
    process.stdout.write(run.json ? `${JSON.stringify(report)}\n` : `${printReport(report, built.system)}\n`);
    if (run.diagram !== undefined) writeDiagram(run.diagram, report, built.system);
    if (run.open) await openInExplorer(report, built.system, recipe);
    return STATUS[report.verdict];
  });
}

async function checked(built: Built, request: CheckRequest, saved?: SavedRun): Promise<Report> {
  const { run } = request;
  const { workers = 1 } = run;
  const crew = workers > 1 ? hireCrew(workers - 1) : undefined;
  try {
    return await interruptibly(run, (signal, line) =>
      check(built.system, {
        ...commonOptions(built, request),
        symmetry: run.symmetry === 'on',
        passive: run.passive === 'on',
        ...(crew ? { crew } : {}),
        ...(run.memory === undefined ? {} : { maxMemory: run.memory }),
        ...(run.maxStates === undefined ? {} : { maxStates: run.maxStates }),
        ...longRun(request, saved),
        signal,
        onProgress: (progress) => line.show(progress),
      }),
    );
  } finally {
    await crew?.dismiss();
  }
}

/** What is asked of a check and of a simulation alike. */
export function commonOptions({ configuration }: Built, { run, recipe }: CheckRequest) {
  return {
    ...(run.property ? { properties: run.property } : {}),
    ...(run.timeLimit === undefined ? {} : { timeLimit: run.timeLimit }),
    peakMemory: () => process.resourceUsage().maxRSS * 1024,
    configuration: configuration as Report['configuration'],
    mutant: recipe.mutant,
  };
}

/** Runs what may take long, with a line of progress; Ctrl-C ends it. */
export async function interruptibly<T>(
  { quiet, json }: Pick<RunOptions, 'quiet' | 'json'>,
  run: (signal: AbortSignal, line: ReturnType<typeof progressLine>) => Promise<T>,
): Promise<T> {
  const line = progressLine(quiet || json);
  const interrupted = new AbortController();
  const stop = () => interrupted.abort();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    return await run(interrupted.signal, line);
  } finally {
    process.removeListener('SIGINT', stop);
    process.removeListener('SIGTERM', stop);
    line.end();
  }
}

export function writeDiagram(
  path: string,
  { counterexample }: Pick<Report, 'counterexample'>,
  system: AnySystem,
): void {
  if (counterexample) writeWhole(path, mermaid(counterexample, system));
  else process.stderr.write(`${path}: not written, since there is no counterexample to draw\n`);
}

/** Whether a system is named by the path of a module. */
export function isModulePath(name: string): boolean {
  return /[\\/]/.test(name) || /\.[cm]?[jt]s$/.test(name);
}

/** Builds the system that is asked for, or loads it. */
export async function systemOf(request: CheckRequest): Promise<Built> {
  const { system: name, configuration, mutant } = request.recipe;
  if (isModulePath(name)) {
    const [option] = Object.entries({ ...configuration, ...(mutant === null ? {} : { mutant }) });
    if (option) {
      throw new InputError(
        `${request.place([option[0]])}: ${shortly(option[1])}: ${name} is a module, which sets its own bounds; expected no configuration`,
      );
    }
    return { system: await loadModule(name), configuration: { module: name } };
  }
  refuseStrangers(request);
  return buildSystem(request.recipe, request.place);
}

/** What a system must have, as far as it can be told without asking its functions. */
const called = z.string().min(1, { error: 'expected a name' });
const method = z.custom<unknown>((value) => typeof value === 'function', { error: 'expected a function' });
const Fact = z.looseObject({ name: called, of: z.array(z.string()), view: method, combine: method });
const Predicate = z.looseObject({ facts: z.array(Fact), holds: method });
const LooksLikeSystem = z.looseObject({
  name: called,
  covers: z.array(z.string()),
  actors: z
    .array(
      z.looseObject({
        name: called,
        role: z.string(),
        transition: method,
        internal: method.optional(),
        restart: method.optional(),
      }),
    )
    .min(1, { error: 'expected at least one actor' })
    .check(({ value, issues }) => {
      value.forEach(({ name }, at) => {
        if (value.findIndex((other) => other.name === name) === at) return;
        issues.push({
          code: 'custom',
          path: [at, 'name'],
          input: name,
          message: 'expected a name that no other actor has',
        });
      });
    }),
  readings: z
    .array(
      z.looseObject({
        name: called,
        actor: z.string(),
        of: z.array(z.string()),
        view: method,
        events: method,
      }),
    )
    .optional(),
  observers: z.array(z.looseObject({ name: called, label: method, observe: method })).optional(),
  crashes: z
    .looseObject({ budget: z.int().min(0), groups: z.array(z.array(z.string())).optional() })
    .optional(),
  properties: z.array(
    z.looseObject({
      name: called,
      kind: z.enum(['requirement', 'lemma']),
      statement: z.string(),
      clauses: z.array(z.looseObject({ facts: z.array(Fact), check: method })).optional(),
      step: method.optional(),
      alwaysReachable: Predicate.extend({ unless: Predicate.optional() }).optional(),
    }),
  ),
  situations: z
    .array(
      z.looseObject({
        name: called,
        statement: z.string(),
        notApplicable: z.string().optional(),
        state: Predicate.optional(),
        step: method.optional(),
      }),
    )
    .optional(),
  rules: z.array(z.string()).optional(),
  idleRules: z.record(z.string(), z.string()).optional(),
  tell: method.optional(),
  show: method.optional(),
});

/** Loads a user's own system: the default export of a module, or its export `system`. */
export async function loadModule(path: string): Promise<AnySystem> {
  const file = resolve(path);
  if (!existsSync(file))
    throw new InputError(`${path}: no such file: expected a module that exports a system`);
  const exported = await importModule(path, file);
  const system = exported['default'] ?? exported['system'];
  if (system === undefined || system === null) {
    const exports = Object.keys(exported).join(', ') || 'nothing';
    throw new InputError(
      `${path}: it exports ${exports}: expected a System (see synod/model-check) as its default export`,
    );
  }
  const parsed = LooksLikeSystem.safeParse(system);
  if (!parsed.success) {
    throw new InputError(
      `${inputError(parsed.error, system, placeIn(path)).message}; expected a System (see synod/model-check)`,
    );
  }
  return system as AnySystem;
}

async function importModule(path: string, file: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  } catch (error) {
    if (codeOf(error) === 'ERR_UNKNOWN_FILE_EXTENSION') {
      throw new InputError(
        `${path}: Node ${process.versions.node} does not load TypeScript: expected a .js or .mjs module, or Node 22.18 or newer`,
      );
    }
    throw new InputError(
      `${path}: cannot be loaded: ${thrown(error)}: expected a module that exports a system`,
    );
  }
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

/** Runs what calls the functions of a system. What a user's own module throws there is its fault, and is told as such. */
export async function blaming<T>(name: string, run: () => Promise<T> | T): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!isModulePath(name)) throw error;
    if (error instanceof SystemError) throw new InputError(`${name}: ${error.message}`);
    const line = lineIn(resolve(name), error);
    if (error instanceof InputError || (error instanceof Error && line === undefined)) throw error;
    throw new InputError(
      `${name}${line === undefined ? '' : `: line ${line}`}: ${thrown(error)}: expected functions that do not throw`,
    );
  }
}

/** The line of a file in which an error was thrown, or through which it came. */
function lineIn(file: string, error: unknown): string | undefined {
  const frames = error instanceof Error ? (error.stack ?? '').split('\n') : [];
  const frame = frames.find((each) => each.includes(file) || each.includes(pathToFileURL(file).href));
  return frame?.match(/:(\d+):\d+\)?$/)?.[1];
}
