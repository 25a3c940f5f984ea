/** The checker: knows nothing of Paxos, and runs in Node and in a browser. */
export { canonical } from './canonical.ts';
export { type CheckOptions, check, type Progress } from './check.ts';
export { ChangedSystem, type Checkpoint, Position, type SavedRun } from './checkpoint.ts';
export { MergeError, mergeSimulations } from './merge.ts';
export {
  exploreNaively,
  initialState,
  isOfKind,
  leadsTo,
  type NaiveResult,
  type NaiveState,
  type NaiveStep,
  OUT_OF_REACH,
  stepsFrom,
  violation,
} from './naive.ts';
export { type Crew, type CrewMemory, crewMemory } from './parallel/mail.ts';
export { ParallelExplorer } from './parallel/parallel-explorer.ts';
export { type Post, work } from './parallel/worker.ts';
export { Counterexample, CounterexampleStep, Report, unreached, Verdict } from './report.ts';
export { type Shard, type SimulationOptions, type SimulationProgress, simulate } from './simulate.ts';
export { SimulationReport } from './simulation-report.ts';
export type * from './system.ts';
export { SystemError } from './terms.ts';
