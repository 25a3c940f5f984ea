import { PaxosConfiguration } from '../../spec/index.ts';
import { checkForeign, closeRoles, openRoles } from '../foreign/check.ts';
import type { ForeignRole } from '../foreign/role.ts';
import { foreignPaxos } from '../foreign/system.ts';
import { exploring, systemOf } from './check.ts';
import { outputReport } from './output.ts';
import { refuseUnknownProperties } from './refusals.ts';
import { type CheckRequest, FOREIGN, type RunOptions } from './request.ts';

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
  return await withRoles(configuration, run, async (roles) => {
    const system = foreignPaxos(configuration, roles);
    refuseUnknownProperties(request, system);
    const report = await exploring(built, request, (options) => checkForeign(system, roles, options));
    return outputReport(report, system, run);
  });
}

/** Starts the programs that are to play roles, and ends them when what is done with them is done. */
export async function withRoles<T>(
  configuration: PaxosConfiguration,
  run: RunOptions,
  use: (roles: ForeignRole[]) => Promise<T>,
): Promise<T> {
  const commands = Object.fromEntries(
    FOREIGN.flatMap((role) => (run[role] === undefined ? [] : [[role, run[role]]])),
  );
  const { patience = PATIENCE, maxDeliveries = DELIVERIES } = run;
  const roles = await openRoles(configuration, commands, { patience, maxDeliveries });
  try {
    return await use(roles);
  } finally {
    await closeRoles(roles);
  }
}
