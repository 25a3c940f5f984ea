import { type SimulationProgress, type SimulationReport, simulate } from '../../model-check/index.ts';
import type { Built } from '../systems.ts';
import { commonOptions, interruptibly, systemOf } from './check.ts';
import { openInExplorer, refuseUnopenable } from './explore.ts';
import { blaming } from './module.ts';
import { outputSimulation } from './output.ts';
import { digits } from './print.ts';
import { refuseUnknownProperties } from './refusals.ts';
import type { CheckRequest } from './request.ts';

/** `synod check --simulate`: random walks in one configuration. Returns the exit status. */
export async function runSimulation(request: CheckRequest): Promise<number> {
  const { run, recipe } = request;
  const built = await systemOf(request);
  refuseUnknownProperties(request, built.system);
  refuseUnopenable(request);
  return await blaming(recipe.system, async () => {
    const report = await walked(built, request);
    const status = outputSimulation(report, built.system, run);
    if (run.open) await openInExplorer(report, built.system, recipe);
    return status;
  });
}

async function walked(built: Built, request: CheckRequest): Promise<SimulationReport> {
  const { seed, shard, walks, steps, ...run } = request.run;
  return await interruptibly(run, (signal, line) =>
    simulate(built.system, {
      ...commonOptions(built, request),
      ...(seed === undefined ? {} : { seed }),
      ...(shard === undefined ? {} : { shard }),
      ...(walks === undefined ? {} : { walks }),
      ...(steps === undefined ? {} : { steps }),
      signal,
      onProgress: (progress) => line.note(told(progress)),
    }),
  );
}

function told({ walked: done, of, stepsTaken, seconds, violated }: SimulationProgress): string {
  const found = violated.length === 0 ? '' : `, violated: ${violated.join(', ')}`;
  return `${digits(done)} of ${digits(of)} walks, ${digits(stepsTaken)} steps, ${Math.round(seconds)} s${found}`;
}
