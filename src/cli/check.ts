import { type CheckOptions, check, type Report, type SavedRun } from '../../model-check/index.ts';
import { InputError, shortly } from '../input-error.ts';
import { type Built, buildSystem } from '../systems.ts';
import { withCrew } from '../workers/crew.ts';
import { openInExplorer, refuseUnopenable } from './explore.ts';
import { begun, longRun, refusingChanges } from './long-run.ts';
import { blaming, isModulePath, loadModule } from './module.ts';
import { outputReport } from './output.ts';
import { progressLine } from './progress.ts';
import { refuseStrangers, refuseUnknownProperties } from './refusals.ts';
import type { CheckRequest, RunOptions } from './request.ts';

/** `synod check`: one configuration. Returns the exit status. */
export async function runCheck(asked: CheckRequest): Promise<number> {
  const { request, saved } = begun(asked);
  const built = await systemOf(request);
  refuseUnknownProperties(request, built.system);
  refuseUnopenable(request);
  return await blaming(request.recipe.system, async () => {
    const report = await refusingChanges(request, () => checked(built, request, saved));
    const status = outputReport(report, built.system, request.run);
    if (request.run.open) await openInExplorer(report, built.system, request.recipe);
    return status;
  });
}

function checked(built: Built, request: CheckRequest, saved?: SavedRun): Promise<Report> {
  return exploring(built, request, (options) =>
    check(built.system, {
      ...options,
      symmetry: request.run.symmetry === 'on',
      ...longRun(request, saved),
    }),
  );
}

/** Runs an exploration as it was asked for: by how many threads, within which bounds, with a line of progress. */
export async function exploring<T>(
  built: Built,
  request: CheckRequest,
  explore: (options: CheckOptions) => Promise<T>,
): Promise<T> {
  const { workers = 1, passive, memory, maxStates, ...run } = request.run;
  return await withCrew(workers, (crew) =>
    interruptibly(run, (signal, line) =>
      explore({
        ...commonOptions(built, request),
        passive: passive === 'on',
        ...(crew ? { crew } : {}),
        ...(memory === undefined ? {} : { maxMemory: memory }),
        ...(maxStates === undefined ? {} : { maxStates }),
        signal,
        onProgress: (progress) => line.show(progress),
      }),
    ),
  );
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
