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
  voting,
} from '../spec/index.ts';
import { demonstration, findMutant, type Mutant, mutants, mutated } from '../spec/mutants/index.ts';
import { InputError, inputError, shortly } from './input-error.ts';

/** A system whose types are its own affair: what the checker is given. */
// biome-ignore lint/suspicious/noExplicitAny: each system has its own states, messages and events
export type AnySystem = System<any, any, any>;

/** A system that the command line knows by name. */
export interface NamedSystem {
  readonly name: string;
  readonly summary: string;
  readonly configuration: z.ZodObject;
  build(configuration: unknown): AnySystem;
}

function named<C>(
  name: string,
  summary: string,
  configuration: z.ZodObject & z.ZodType<C>,
  build: (configuration: C) => AnySystem,
): NamedSystem {
  return { name, summary, configuration, build: (input) => build(configuration.parse(input)) };
}

export const systems: readonly NamedSystem[] = [
  named('paxos', 'single-decree Paxos: proposers, acceptors, learners', PaxosConfiguration, (configuration) =>
    paxos(configuration),
  ),
  named(
    'multi-paxos',
    'Multi-Paxos, a replicated log: leaders, acceptors, replicas of a state machine',
    MultiPaxosConfiguration,
    (configuration) => multiPaxos(configuration),
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
  const found = mutant === null ? undefined : mutantOf(name, mutant, place);
  const parsed = system.configuration.safeParse(configuration);
  if (!parsed.success) throw inputError(parsed.error, configuration, place);
  if (!found) return { configuration: parsed.data, system: system.build(parsed.data) };
  const { quorums } = parsed.data;
  if (found.quorums && quorums !== undefined) {
    throw new InputError(
      `${place(['quorums'])}: ${shortly(quorums)}: the mutant ${found.name} has quorums of its own; expected none beside them`,
    );
  }
  const broken = recipe.demonstration
    ? demonstration(found)
    : mutated(PaxosConfiguration.parse(parsed.data), found);
  return { configuration: parsed.data, system: broken };
}

function mutantOf(system: string, name: string, place: Place): Mutant {
  const found = findMutant(name);
  if (found && system === 'paxos') return found;
  const expected = found
    ? `${system} has no mutants; expected the system paxos`
    : `expected, for the system paxos, one of ${mutants.map((each) => each.name).join(', ')}`;
  throw new InputError(`${place(['mutant'])}: ${shortly(name)}: ${expected}`);
}
