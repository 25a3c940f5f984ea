import type { System } from '../../model-check/system.ts';
import { showBallot } from '../ballot.ts';
import { castOf, names, PaxosConfiguration } from '../configuration.ts';
import type { Message } from '../message.ts';
import { type PaxosSystem, paxos, paxosRoles } from '../single-decree.ts';
import { ballots } from './ballots.ts';
import { counting } from './counting.ts';
import { learning } from './learning.ts';
import { memory } from './memory.ts';
import type { Mutant } from './mutant.ts';
import { section22 } from './section-2-2.ts';
import { valueRule } from './value-rule.ts';

export type { Bounds, Mutant } from './mutant.ts';
export { compareSizes, lessOne, type Size, sizeOf, smallerThan, total } from './order.ts';

/** The rooms of the gallery, by what is broken. */
export const rooms: readonly { readonly title: string; readonly mutants: readonly Mutant[] }[] = [
  { title: 'Section 2.2 to the letter', mutants: section22 },
  { title: 'What must survive a restart', mutants: memory },
  { title: 'Which value to propose', mutants: valueRule },
  { title: 'What makes a quorum', mutants: counting },
  { title: 'Ballots and their order', mutants: ballots },
  { title: 'What is learned', mutants: learning },
];

/** The gallery: Paxos with one rule broken, in as many ways as people break it. */
export const mutants: readonly Mutant[] = rooms.flatMap((room) => room.mutants);

/** The mutant of that name. */
export function findMutant(name: string): Mutant | undefined {
  return mutants.find((mutant) => mutant.name === name);
}

/** A configuration with the mutant's quorums, if those are what is wrong with it. */
export function boundsOf(configuration: PaxosConfiguration, mutant: Mutant): PaxosConfiguration {
  const quorums = mutant.quorums?.(names('a', configuration.acceptors));
  return quorums ? { ...configuration, quorums, allowDisjointQuorums: true } : configuration;
}

/** Single-decree Paxos in a configuration, with the mutant's rule in place of the right one. */
export function mutated(configuration: PaxosConfiguration, mutant: Mutant): PaxosSystem {
  const bounds = boundsOf(configuration, mutant);
  const cast = castOf(bounds);
  const system = paxos(bounds, mutant.roles?.(paxosRoles, cast) ?? paxosRoles);
  return {
    ...system,
    covers: [...system.covers, `broken on purpose (${mutant.name}): ${mutant.breaks}`],
    properties: [...system.properties, ...(mutant.statements?.(cast) ?? [])],
  };
}

/**
 * The mutant in its smallest configuration, ready to be checked. If that has too many runs to look at all of them, only
 * those in which each request goes to the acceptors that hear it: what breaks there breaks in the mutant, in a run of that
 * length, though perhaps not in the shortest.
 */
export function demonstration(mutant: Mutant): PaxosSystem {
  return demonstrating(mutated(PaxosConfiguration.parse(mutant.smallest), mutant), mutant);
}

/** A system of which only the runs are looked at that demonstrate the mutant, if it names some. */
export function demonstrating<S, E>(system: System<S, Message, E>, { hears }: Mutant): System<S, Message, E> {
  if (!hears) return system;
  const heard = (message: Message): Message => {
    if (message.type !== 'prepare' && message.type !== 'accept') return message;
    const request = `${message.type} ${showBallot(message.ballot)}`;
    return { ...message, to: message.to.filter((acceptor) => hears[acceptor]?.includes(request)) };
  };
  return {
    ...system,
    restricted: 'only the runs in which each acceptor receives certain requests and no others',
    actors: system.actors.map((actor) => ({
      ...actor,
      transition: (state, event) => {
        const outcome = actor.transition(state, event);
        return { ...outcome, send: outcome.send.map(heard) };
      },
    })),
  };
}
