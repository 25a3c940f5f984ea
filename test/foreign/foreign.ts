/** Ways to check other programs in tests. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'rolldown';
import type { CheckOptions, Report } from '../../model-check/index.ts';
import {
  castOf,
  type MultiPaxosConfiguration,
  PaxosConfiguration,
  type PaxosSystem,
  paxosRoles,
} from '../../spec/index.ts';
import { logCastOf } from '../../spec/log/configuration.ts';
import { logRoles } from '../../spec/log/multi-paxos.ts';
import type { LogMutant } from '../../spec/log/mutants/index.ts';
import { boundsOf, demonstrating, type Mutant } from '../../spec/mutants/index.ts';
import { type Commands, checkForeign, closeRoles, openRoles } from '../../src/foreign/check.ts';
import type { ForeignRoleName } from '../../src/foreign/protocol.ts';
import { type ForeignSystem, paxosStage, type Stage } from '../../src/foreign/stage.ts';
import { foreignSystem } from '../../src/foreign/system.ts';
import { root } from '../cli/run.ts';

type PaxosRoleName = Exclude<ForeignRoleName, 'log-acceptor' | 'leader' | 'replica'>;
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

/** Our roles as a program in one file, which starts four times as fast as its sources do: they are started a hundred times. */
const program = join(mkdtempSync(join(tmpdir(), 'synod-ours-')), 'ours.mjs');
await build({
  input: join(root, 'test/foreign/ours.ts'),
  platform: 'node',
  output: { file: program, format: 'esm' },
  logLevel: 'silent',
});

/** The command line of our roles, or of a mutant's, as another program. */
export function ours(
  mutant: string,
  kind: Kind,
  configuration: PaxosConfiguration | MultiPaxosConfiguration,
): string {
  const words = [process.execPath, program, mutant, kind, JSON.stringify(configuration)];
  return words.map((word) => `'${word}'`).join(' ');
}

/** The roles of the log that a mutant changes, as commands. */
export function logCommands(mutant: LogMutant, kind: Kind, configuration: MultiPaxosConfiguration): Commands {
  const changed = mutant.roles(logRoles, logCastOf(configuration));
  const named = { acceptor: 'log-acceptor', leader: 'leader', replica: 'replica' } as const;
  const names = (['acceptor', 'leader', 'replica'] as const).filter(
    (name) => changed[name] !== logRoles[name],
  );
  return Object.fromEntries(names.map((name) => [named[name], ours(mutant.name, kind, configuration)]));
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
