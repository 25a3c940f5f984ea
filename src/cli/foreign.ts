import { PaxosConfiguration } from '../../spec/index.ts';
import { checkForeign, closeRoles, openRoles } from '../foreign/check.ts';
import { foreignPaxos } from '../foreign/system.ts';
import { hireCrew } from '../workers/crew.ts';
import { commonOptions, interruptibly, STATUS, systemOf, writeDiagram } from './check.ts';
import { type CheckRequest, FOREIGN, type RunOptions, refuseUnknownProperties } from './options.ts';
import { printReport } from './print.ts';

/** Seconds in which another program must answer, if none are asked for. */
const PATIENCE = 10;
/** Deliveries to an actor whose program does not tell its state, if none are asked for. */
const DELIVERIES = 4;

/** Whether other programs are to play roles. */
export function isForeign(run: RunOptions): boolean {
  return FOREIGN.some((role) => run[role] !== undefined);
}

/** `synod check --acceptor ...`: one configuration in which other programs play some roles. Returns the exit status. */
export async function runForeign(request: CheckRequest): Promise<number> {
  const { run } = request;
  const built = await systemOf(request);
  const configuration = PaxosConfiguration.parse(built.configuration);
  const commands = Object.fromEntries(
    FOREIGN.flatMap((role) => (run[role] === undefined ? [] : [[role, run[role]]])),
  );
  const { patience = PATIENCE, maxDeliveries = DELIVERIES, workers = 1 } = run;
  const roles = await openRoles(configuration, commands, { patience, maxDeliveries });
  const crew = workers > 1 ? hireCrew(workers - 1) : undefined;
  try {
    const system = foreignPaxos(configuration, roles);
    refuseUnknownProperties(request, system);
    const report = await interruptibly(run, (signal, line) =>
      checkForeign(system, roles, {
        ...commonOptions(built, request),
        passive: run.passive === 'on',
        ...(crew ? { crew } : {}),
        ...(run.memory === undefined ? {} : { maxMemory: run.memory }),
        ...(run.maxStates === undefined ? {} : { maxStates: run.maxStates }),
        signal,
        onProgress: (progress) => line.show(progress),
      }),
    );
    process.stdout.write(run.json ? `${JSON.stringify(report)}\n` : `${printReport(report, system)}\n`);
    if (run.diagram !== undefined) writeDiagram(run.diagram, report, system);
    return STATUS[report.verdict];
  } finally {
    await crew?.dismiss();
    await closeRoles(roles);
  }
}
