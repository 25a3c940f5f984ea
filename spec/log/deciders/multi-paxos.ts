import type { ActorId } from '../../ballot.ts';
import { plural } from '../../configuration.ts';
import type { Proposal } from '../../proposal.ts';
import { quorumSymmetries } from '../../symmetry.ts';
import type { LogCast, MultiPaxosConfiguration } from '../configuration.ts';
import { type LogStep, logFactsOf } from '../facts.ts';
import { type LogRoles, logRoles, multiPaxos } from '../multi-paxos.ts';
import { tellLog } from '../tell.ts';
import { ballotsUsedUp } from './ballots.ts';
import type { DecidedFact, Decider, DeciderActor } from './decider.ts';

/** Multi-Paxos: leaders and acceptors as in `multiPaxos`, which tell replicas of votes. */
export function multiPaxosDecider(
  configuration: MultiPaxosConfiguration,
  cast: LogCast,
  roles: LogRoles = logRoles,
): Decider {
  const { acceptors, leaders, quorums } = cast;
  const { actors, rules = [], idleRules = {} } = multiPaxos(configuration, roles);
  const deciding = [...leaders, ...acceptors];
  return {
    covers: [`Multi-Paxos: ${plural(acceptors.length, 'acceptor')}; ${asked(cast)}`],
    actors: actors.filter(({ name }) => deciding.includes(name)) as readonly unknown[] as DeciderActor[],
    quorums,
    decided: valuesChosen(cast),
    exhausted: ballotsUsedUp(cast),
    interchangeable: quorumSymmetries(acceptors, quorums),
    rules,
    idleRules,
    tell: (step) => tellLog(step as LogStep),
  };
}

/** The ballots of each proposer, and what it is asked for. */
export function asked(cast: LogCast): string {
  const each = (id: ActorId) =>
    `${id} at most ${plural(cast.bounds[id] as number, 'ballot')}, for ${cast.slots.map((slot) => cast.asked(id, slot)[0]).join(', ')}`;
  return cast.leaders.map(each).join('; ');
}

/** The values for which a phase 2 quorum has voted in a slot, in one ballot. */
export function valuesChosen(cast: LogCast): Decider['decided'] {
  const { chosen } = logFactsOf(cast);
  return (slot) => {
    const fact = chosen(slot) as unknown as DecidedFact;
    const combine = (views: readonly unknown[]) => {
      const proposals = fact.combine(views) as unknown as Proposal[];
      return [...new Set(proposals.map(({ value }) => value))].sort();
    };
    return { ...fact, combine };
  };
}
