/** Ways to check other programs in tests. */
import { join } from 'node:path';
import type { CheckOptions, Report } from '../../model-check/index.ts';
import {
  castOf,
  type MultiPaxosConfiguration,
  PaxosConfiguration,
  type PaxosSystem,
  paxosRoles,
} from '../../spec/index.ts';
import { boundsOf, demonstrating, type Mutant } from '../../spec/mutants/index.ts';
import { type Commands, checkForeign, closeRoles, openRoles } from '../../src/foreign/check.ts';
import type { ForeignRoleName } from '../../src/foreign/protocol.ts';
import { type ForeignSystem, paxosStage, type Stage } from '../../src/foreign/stage.ts';
import { foreignSystem } from '../../src/foreign/system.ts';
import { root } from '../cli/run.ts';

type PaxosRoleName = Exclude<ForeignRoleName, 'log-acceptor'>;
export type Kind = 'stateless' | 'stateful' | 'history';

/** Checks programs in a configuration. */
export async function checked(
  of: PaxosConfiguration | Stage,
  commands: Commands,
  options: CheckOptions & { patience?: number; maxDeliveries?: number; mostWays?: number } = {},
  looking: (system: ForeignSystem) => ForeignSystem = (system) => system,
): Promise<Report> {
  const stage = 'system' in of ? of : paxosStage(of);
  const { patience = 60, maxDeliveries = 4, ...rest } = options;
  const roles = await openRoles(stage, commands, { patience, maxDeliveries });
  try {
    return await checkForeign(looking(foreignSystem(stage, roles)), roles, rest);
  } finally {
    await closeRoles(roles);
  }
}

/** The command line of our roles, or of a mutant's, as another program. */
export function ours(
  mutant: string,
  kind: Kind,
  configuration: PaxosConfiguration | MultiPaxosConfiguration,
): string {
  const words = [join(root, 'register.mjs'), join(root, 'test/foreign/ours.ts'), mutant, kind];
  const quoted = [...words, JSON.stringify(configuration)].map((word) => `'${word}'`).join(' ');
  return `${process.execPath} --import ${quoted}`;
}

/** The roles that a mutant changes; of wrong quorums, those that are told of quorums. */
function rolesOf(mutant: Mutant, configuration: PaxosConfiguration): PaxosRoleName[] {
  const all: PaxosRoleName[] = ['proposer', 'acceptor', 'learner'];
  const changed = mutant.roles?.(paxosRoles, castOf(configuration));
  const isChanged = (name: PaxosRoleName) =>
    changed
      ? changed[name] !== paxosRoles[name] || (name === 'acceptor' && changed.acceptorWritesBehind === true)
      : name !== 'acceptor';
  return all.filter((name) => isChanged(name) && (name !== 'learner' || configuration.learners > 0));
}

/** What is found of a mutant that another program plays. */
export async function foreignMutant(mutant: Mutant, kind: Kind, options: CheckOptions = {}): Promise<Report> {
  const configuration = boundsOf(PaxosConfiguration.parse(mutant.smallest), mutant);
  const names = rolesOf(mutant, configuration);
  const commands = Object.fromEntries(names.map((name) => [name, ours(mutant.name, kind, configuration)]));
  return await checked(
    configuration,
    commands,
    { mostWays: 500, ...options },
    (system) => demonstrating(system as unknown as PaxosSystem, mutant) as unknown as ForeignSystem,
  );
}
