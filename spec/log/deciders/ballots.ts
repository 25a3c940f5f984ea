import type { Fact, Predicate } from '../../../model-check/system.ts';
import { type ActorId, type Ballot, compareBallots } from '../../ballot.ts';
import type { LogCast } from '../configuration.ts';
import { nextLeaderRound } from '../leader.ts';
import type { LeaderState } from '../states.ts';
import { type DeciderLocal, type DeciderMessage, isDown } from './decider.ts';

/** What a proposer has done and can do in an instance of consensus, or in all of them. */
export interface Ballots {
  /** The highest ballot that it has started, and whether it goes on with it. */
  readonly last: Ballot | null;
  readonly pursued: boolean;
  /** The ballot that it may start next, within its bounds. */
  readonly next: Ballot | null;
}

/** What is asked of a proposer's state: whether it pursues a ballot, and the round of the next. */
interface Asked {
  readonly pursues: boolean;
  readonly nextRound: number;
}

/**
 * The ballots of a proposer, in one slot or in all: which were started is read off the messages sent, and so is known of one
 * that has stopped for good.
 */
export function ballotsOf(
  proposer: ActorId,
  { state, sent }: DeciderLocal,
  bound: number,
  isPrepare: (message: DeciderMessage) => boolean,
  ask: (state: object) => Asked,
): Ballots {
  const started = sent
    .filter(isPrepare)
    .map((message) => (message as DeciderMessage & { ballot: Ballot }).ballot);
  const last = started.sort(compareBallots).at(-1) ?? null;
  if (isDown(state)) return { last, pursued: false, next: null };
  const { pursues, nextRound: round } = ask(state);
  return { last, pursued: pursues, next: round <= bound ? { round, proposer } : null };
}

/**
 * Whether in some instance the highest ballot was lost: who started it goes on with it no more (it has crashed), and nobody may start
 * a higher one. In unbounded Paxos there always is a higher one.
 */
export const lastBallotLost: Predicate<never, never>['holds'] = (...instances) =>
  instances.some((proposers) => {
    const all = proposers as readonly Ballots[];
    const highest = [...all].sort((a, b) => compareBallots(b.last, a.last))[0];
    if (!highest || highest.last === null || highest.pursued) return false;
    return !all.some(({ next }) => compareBallots(next, highest.last) > 0);
  });

/** Where it may be that no leader of Multi-Paxos gets anything chosen any more, because ballots are bounded. */
export function ballotsUsedUp({
  leaders,
  bounds,
}: Pick<LogCast, 'leaders' | 'bounds'>): Predicate<object, DeciderMessage> {
  const asked = (state: object) => ({
    pursues: (state as LeaderState).phase !== 'idle',
    nextRound: nextLeaderRound(state as LeaderState),
  });
  const ballots: Fact<object, DeciderMessage> = {
    name: 'ballots',
    of: leaders,
    view: (local, id) => ballotsOf(id, local, bounds[id] as number, ({ type }) => type === 'prepare', asked),
    combine: (views) => views,
  };
  return { facts: [ballots], holds: lastBallotLost };
}
