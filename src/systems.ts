import type { z } from 'zod';
import type { System } from '../model-check/index.ts';
import {
  AbstractConfiguration,
  ConsensusConfiguration,
  consensus,
  lamportPaxos,
  MultiPaxosConfiguration,
  multiPaxos,
  PaxosConfiguration,
  paxos,
  ReplicatedLogConfiguration,
  replicatedLog,
  voting,
} from '../spec/index.ts';
import { logMutants, logMutated } from '../spec/log/mutants/index.ts';
import { demonstration, mutants, mutated } from '../spec/mutants/index.ts';
import { InputError, inputError, shortly } from './input-error.ts';

/** A system whose types are its own affair: what the checker is given. */
// biome-ignore lint/suspicious/noExplicitAny: each system has its own states, messages and events
export type AnySystem = System<any, any, any>;

/** A broken variant of a system, which can be checked in its place. */
export interface NamedMutant {
  readonly name: string;
  readonly breaks: string;
  readonly who: string;
  readonly harmless?: string | undefined;
  /** The configuration in which it is checked if none is asked for. */
  readonly smallest: Record<string, unknown>;
  /** Whether its quorums are what is wrong with it. */
  readonly hasQuorums: boolean;
  build(configuration: unknown): AnySystem;
  /** In its smallest configuration, and there perhaps only some of the runs. */
  demonstration(): AnySystem;
}

/** A system that the command line knows by name. */
export interface NamedSystem {
  readonly name: string;
  readonly summary: string;
  readonly configuration: z.ZodObject;
  readonly mutants: readonly NamedMutant[];
  build(configuration: unknown): AnySystem;
}

function named<C>(
  name: string,
  summary: string,
  configuration: z.ZodObject & z.ZodType<C>,
  build: (configuration: C) => AnySystem,
  broken: readonly NamedMutant[] = [],
): NamedSystem {
  return {
    name,
    summary,
    configuration,
    mutants: broken,
    build: (input) => build(configuration.parse(input)),
  };
}

const paxosMutants = mutants.map(
  (mutant): NamedMutant => ({
    ...mutant,
    smallest: mutant.smallest,
    hasQuorums: mutant.quorums !== undefined,
    build: (configuration) => mutated(PaxosConfiguration.parse(configuration), mutant),
    demonstration: () => demonstration(mutant),
  }),
);

const multiPaxosMutants = logMutants.map((mutant): NamedMutant => {
  const build = (configuration: unknown) => logMutated(MultiPaxosConfiguration.parse(configuration), mutant);
  return { ...mutant, hasQuorums: false, build, demonstration: () => build(mutant.smallest) };
});

export const systems: readonly NamedSystem[] = [
  named(
    'paxos',
    'single-decree Paxos: proposers, acceptors, learners',
    PaxosConfiguration,
    (configuration) => paxos(configuration),
    paxosMutants,
  ),
  named(
    'multi-paxos',
    'Multi-Paxos, a replicated log: leaders, acceptors, replicas of a state machine',
    MultiPaxosConfiguration,
    (configuration) => multiPaxos(configuration),
    multiPaxosMutants,
  ),
  named(
    'replicated-log',
    'a replicated log over whatever decides: one server, single-decree Paxos in a row, or Multi-Paxos',
    ReplicatedLogConfiguration,
    (configuration) => replicatedLog(configuration),
  ),
  named(
    'lamport-paxos',
    "Lamport's TLA+ module Paxos: acceptors and the set of all messages",
    AbstractConfiguration,
    lamportPaxos,
  ),
  named(
    'voting',
    "Lamport's TLA+ module Voting: acceptors that see one another's votes",
    AbstractConfiguration,
    voting,
  ),
  named('consensus', "Lamport's TLA+ module Consensus: a value is chosen", ConsensusConfiguration, consensus),
];

/** Which system to check, as it stands in a report: with it the system can be built again. */
export interface Recipe {
  readonly system: string;
  readonly configuration: Record<string, unknown>;
  readonly mutant: string | null;
  /** Whether to look only at the runs that the gallery demonstrates the mutant by, if it names some. */
  readonly demonstration?: boolean;
}

/** Names the source of a part of what is asked for, for errors: `--acceptors`, `bounds.json: acceptors`. */
export type Place = (path: readonly PropertyKey[]) => string;

export function findSystem(name: string, place: Place): NamedSystem {
  const system = systems.find((candidate) => candidate.name === name);
  if (system) return system;
  const known = systems.map((each) => each.name).join(', ');
  throw new InputError(
    `${place(['system'])}: ${shortly(name)}: expected one of ${known}, or the path of a module (./my-system.ts)`,
  );
}

/** A system that was built from a recipe. */
export interface Built {
  readonly system: AnySystem;
  /** With the defaults filled in. */
  readonly configuration: Record<string, unknown>;
}

/**
 * Builds a system.
 *
 * @param place names the source of a part of the configuration, of `system` or of `mutant`
 */
export function buildSystem(recipe: Recipe, place: Place): Built {
  const { system: name, configuration, mutant } = recipe;
  const system = findSystem(name, place);
  const found = mutant === null ? undefined : mutantOf(system, mutant, place);
  const parsed = system.configuration.safeParse(configuration);
  if (!parsed.success) throw inputError(parsed.error, configuration, place);
  if (!found) return { configuration: parsed.data, system: system.build(parsed.data) };
  const { quorums } = parsed.data;
  if (found.hasQuorums && quorums !== undefined) {
    throw new InputError(
      `${place(['quorums'])}: ${shortly(quorums)}: the mutant ${found.name} has quorums of its own; expected none beside them`,
    );
  }
  const broken = recipe.demonstration ? found.demonstration() : found.build(parsed.data);
  return { configuration: parsed.data, system: broken };
}

/** The mutant of that name of a system, if there are both. */
export function findMutant(system: unknown, name: unknown): NamedMutant | undefined {
  return systems.find((each) => each.name === system)?.mutants.find((each) => each.name === name);
}

function mutantOf(system: NamedSystem, name: string, place: Place): NamedMutant {
  const found = findMutant(system.name, name);
  if (found) return found;
  const known = system.mutants.map((each) => each.name).join(', ');
  const having = systems.filter(({ mutants: broken }) => broken.length > 0).map((each) => each.name);
  const expected = known
    ? `expected, for the system ${system.name}, one of ${known}`
    : `${system.name} has no mutants; expected the system ${having.join(' or ')}`;
  throw new InputError(`${place(['mutant'])}: ${shortly(name)}: ${expected}`);
}
