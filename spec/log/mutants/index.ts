import { election } from './election.ts';
import type { LogMutant } from './mutant.ts';
import { phases } from './phases.ts';
import { reads } from './reads.ts';
import { snapshots } from './snapshots.ts';

export { type LogMutant, logMutated } from './mutant.ts';

/** Multi-Paxos with one rule broken, in ways in which people break it. */
export const logMutants: readonly LogMutant[] = [...phases, ...reads, ...snapshots, ...election];
