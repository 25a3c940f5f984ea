import { ChangedSystem, type CheckOptions, type SavedRun } from '../../model-check/index.ts';
import { InputError } from '../input-error.ts';
import { openCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { errorColors } from './colors.ts';
import { placeIn, refuseUnwritable } from './files.ts';
import type { CheckRequest } from './request.ts';

/** Seconds between two checkpoints, if none are asked for. */
const EVERY = 300;

/** A request to go on with a run, as one to begin what that began; and the run. Other requests stay as they are. */
export function begun(request: CheckRequest): { readonly request: CheckRequest; readonly saved?: SavedRun } {
  const { resume, checkpoint } = request.run;
  if (resume === undefined) return { request };
  const { recipe, run: saved } = openCheckpoint(resume);
  if (checkpoint === undefined) refuseUnwritable(resume);
  return { request: { ...request, recipe, place: placeIn(resume), inFile: () => true }, saved };
}

/** The part of a check's options that is about checkpoints. */
export function longRun(
  { run, recipe }: CheckRequest,
  saved: SavedRun | undefined,
): Pick<CheckOptions, 'checkpoints' | 'resume'> {
  const path = run.checkpoint ?? run.resume;
  const save = path && {
    every: run.every ?? EVERY,
    save: (checkpoint: Parameters<typeof writeCheckpoint>[2]) =>
      orTell(() => writeCheckpoint(path, recipe, checkpoint)),
  };
  return { ...(save ? { checkpoints: save } : {}), ...(saved ? { resume: saved } : {}) };
}

/** A disk that is full ends no run: there may be room next time, and there is a result to come. */
function orTell(save: () => void): void {
  try {
    save();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    process.stderr.write(`${errorColors.red('synod:')} ${error.message}; the run goes on without\n`);
  }
}

/** Runs what goes on with a run, of which it may turn out that the specification is another now. */
export async function refusingChanges<T>({ run, recipe }: CheckRequest, go: () => Promise<T>): Promise<T> {
  try {
    return await go();
  } catch (error) {
    if (!(error instanceof ChangedSystem)) throw error;
    throw new InputError(
      `${run.resume}: ${recipe.system} does not answer as it did when this was written: expected the specification to be the same`,
    );
  }
}
