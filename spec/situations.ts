import type { Situation } from '../model-check/system.ts';
import { compareBallots } from './ballot.ts';
import type { Cast, PaxosConfiguration } from './configuration.ts';
import { type PaxosFacts, type RoleState, sent } from './facts.ts';
import type { Message } from './message.ts';
import type { PaxosEvent } from './properties.ts';
import type { Proposal } from './proposal.ts';

export type PaxosSituation = Situation<RoleState, Message, PaxosEvent>;

/**
 * What must be reachable, so that "holds" is not said of a system in which nothing happens. Each states the smallest
 * configuration in which it is possible.
 */
export function situationsOf(
  configuration: PaxosConfiguration,
  cast: Cast,
  facts: PaxosFacts,
): PaxosSituation[] {
  const { proposers, learners, crashes } = configuration;
  const needs = (enough: boolean, what: string) => (enough ? undefined : `needs ${what}`);
  const values = new Set(Object.values(cast.values)).size;
  const holds = (test: (...values: never[]) => boolean) => test as (...values: readonly unknown[]) => boolean;
  return [
    {
      name: 'chosen',
      statement: 'a value is chosen',
      state: { facts: [facts.chosen], holds: holds((chosen: Proposal[]) => chosen.length > 0) },
    },
    {
      name: 'learned',
      statement: 'a learner has learned a value',
      notApplicable: needs(learners >= 1, 'at least 1 learner'),
      state: {
        facts: [facts.learned],
        holds: holds((learned: { value: string | null }[]) => learned.some(({ value }) => value !== null)),
      },
    },
    {
      name: 'adopted',
      statement: "a proposer adopts another's value",
      notApplicable: needs(proposers >= 2 && values >= 2, 'at least 2 proposers with different values'),
      step: ({ actor, after }) => sent(after, 'accept').some(({ value }) => value !== cast.values[actor]),
    },
    {
      name: 'preempted',
      statement: 'a proposal is refused by an acceptor that has promised a higher ballot',
      notApplicable: needs(cast.ballots.length >= 2, 'at least 2 ballots in all'),
      step: ({ role, event, before, after }) => {
        if (role !== 'acceptor' || event.type !== 'receive' || event.message.type !== 'accept') return false;
        const { ballot } = event.message;
        const higher = sent(before, 'promise').some((promise) => compareBallots(promise.ballot, ballot) > 0);
        return higher && sent(after, 'accepted').every((vote) => compareBallots(vote.ballot, ballot) !== 0);
      },
    },
    {
      name: 'two-pass-phase-1',
      statement: 'two proposers have both passed phase 1',
      notApplicable: needs(proposers >= 2, 'at least 2 proposers'),
      state: {
        facts: [facts.issued],
        holds: holds((issued: Proposal[]) => new Set(issued.map(({ ballot }) => ballot.proposer)).size >= 2),
      },
    },
    {
      name: 'chosen-twice',
      statement: 'two ballots choose, and choose the same value',
      notApplicable: needs(cast.ballots.length >= 2, 'at least 2 ballots in all'),
      state: {
        facts: [facts.chosen],
        holds: holds((chosen: Proposal[]) =>
          chosen.some(({ value }, at) => at > 0 && value === chosen[0]?.value),
        ),
      },
    },
    {
      name: 'acceptor-came-back',
      statement: 'an acceptor crashes after promising, and comes back',
      notApplicable: needs(crashes >= 1, 'at least 1 crash'),
      step: ({ role, event, before }) =>
        role === 'acceptor' && event.type === 'crash' && sent(before, 'promise').length > 0,
    },
    {
      name: 'learned-by-one',
      statement: 'one learner has learned what is chosen, and another not yet',
      notApplicable: needs(learners >= 2, 'at least 2 learners'),
      state: {
        facts: [facts.learned, facts.chosen],
        holds: holds((learned: { value: string | null }[], chosen: Proposal[]) => {
          const knows = learned.filter(({ value }) => chosen.some((proposal) => proposal.value === value));
          return knows.length > 0 && learned.some(({ value }) => value === null);
        }),
      },
    },
  ];
}
