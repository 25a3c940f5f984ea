import { MergeError, mergeSimulations, SimulationReport } from '../../model-check/index.ts';
import { InputError, inputError } from '../input-error.ts';
import { placeIn, readJsonLines } from './files.ts';
import { STATUS } from './output.ts';
import { printSimulation } from './print-simulation.ts';
import { systemOf } from './replay.ts';

/** `synod merge`: one report out of those of several shards. Returns the exit status. */
export async function runMerge(
  files: readonly string[],
  { json = false }: { json?: boolean },
): Promise<number> {
  const given = files.flatMap(readJsonLines).map(({ place, value }) => {
    const parsed = SimulationReport.safeParse(value);
    if (!parsed.success) throw inputError(parsed.error, value, placeIn(place));
    return { place, report: parsed.data };
  });
  const places = given.map(({ place }) => place);
  const report = merged(
    given.map((each) => each.report),
    places,
  );
  // A module need not be at hand where reports are put together: its values are then shown as JSON.
  const isModule = report.configuration['module'] !== undefined;
  const showing = isModule ? {} : await systemOf(report, placeIn(places[0] as string));
  process.stdout.write(`${json ? JSON.stringify(report) : printSimulation(report, showing)}\n`);
  return STATUS[report.verdict];
}

function merged(reports: readonly SimulationReport[], places: readonly string[]): SimulationReport {
  try {
    return mergeSimulations(reports, (at) => places[at] as string);
  } catch (error) {
    throw error instanceof MergeError ? new InputError(error.message) : error;
  }
}
