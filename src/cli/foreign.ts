import { MultiPaxosConfiguration, PaxosConfiguration } from '../../spec/index.ts';
import { checkForeign, closeRoles, openRoles, optionOf } from '../foreign/check.ts';
import { ForeignRoleName } from '../foreign/protocol.ts';
import type { ForeignRole } from '../foreign/role.ts';
import { logStage, paxosStage, type Stage } from '../foreign/stage.ts';
import { foreignSystem } from '../foreign/system.ts';
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
  const stage =
    request.recipe.system === 'multi-paxos'
      ? logStage(MultiPaxosConfiguration.parse(built.configuration))
      : paxosStage(PaxosConfiguration.parse(built.configuration));
  return await withRoles(stage, run, async (roles) => {
    const system = foreignSystem(stage, roles);
    // What is inside of other programs cannot be asked for.
    refuseUnknownProperties(request, {
      ...system,
      properties: system.properties.filter(({ notApplicable }) => notApplicable === undefined),
    });
    const report = await exploring(built, request, (options) => checkForeign(system, roles, options));
    return outputReport(report, system, run);
  });
}

/** Starts the programs that are to play roles, and ends them when what is done with them is done. */
export async function withRoles<T>(
  stage: Stage,
  run: RunOptions,
  use: (roles: ForeignRole[]) => Promise<T>,
): Promise<T> {
  const isLog = stage.selves.some((self) => self.role === 'log-acceptor');
  const commands = Object.fromEntries(
    ForeignRoleName.options.flatMap((role) => {
      const command = run[optionOf(role)];
      const isHere = role !== (isLog ? 'acceptor' : 'log-acceptor');
      return command === undefined || !isHere ? [] : [[role, command]];
    }),
  );
  const { patience = PATIENCE, maxDeliveries = DELIVERIES } = run;
  const roles = await openRoles(stage, commands, { patience, maxDeliveries });
  try {
    return await use(roles);
  } finally {
    await closeRoles(roles);
  }
}
