/**
 * Two proposers that get in each other's way: Paxos as it is, and a statement that is not true of it, that of three ballots
 * which pass phase 1 one leads to a choice.
 */
import type { System } from '../../model-check/index.ts';
import { castOf } from '../../spec/configuration.ts';
import { factsOf, type PaxosFact, type RoleState } from '../../spec/facts.ts';
import {
  type AcceptorState,
  compareBallots,
  includesQuorum,
  type Message,
  PaxosConfiguration,
  type Proposal,
  paxos,
} from '../../spec/index.ts';
import type { PaxosEvent, PaxosProperty } from '../../spec/properties.ts';

type Promised = AcceptorState['promised'];
type Votes = { readonly acceptor: string; readonly votes: readonly Proposal[] };

const bounds = PaxosConfiguration.parse({ acceptors: 3, proposers: 2, ballots: 2 });
const cast = castOf(bounds);
const { issued, votes } = factsOf(cast);

/** By acceptor, the highest ballot that it has promised or accepted. */
const promised: PaxosFact = {
  name: 'promised',
  of: cast.acceptors,
  view: ({ state }) => (state as AcceptorState).promised,
  combine: (views) => views,
};

/** Whether enough acceptors have accepted the proposal, or still would. */
function mayBeChosen({ ballot }: Proposal, box: readonly Votes[], promises: readonly Promised[]): boolean {
  const able = box.filter(
    (each, at) =>
      each.votes.some((vote) => compareBallots(vote.ballot, ballot) === 0) ||
      compareBallots(ballot, promises[at] ?? null) >= 0,
  );
  const names = able.map(({ acceptor }) => acceptor);
  return includesQuorum(cast.quorums.phase2, names);
}

const oneOfThree: PaxosProperty = {
  name: 'one-of-three',
  kind: 'lemma',
  statement: 'Of three proposals that are issued, one is chosen or still can be.',
  clauses: [
    {
      facts: [issued, votes, promised],
      check: (...seen) => {
        const [proposals, box, promises] = seen as [Proposal[], Votes[], Promised[]];
        const alive = proposals.some((proposal) => mayBeChosen(proposal, box, promises));
        if (proposals.length < 3 || alive) return undefined;
        return 'three proposals are issued, each was overtaken, and none can be chosen any more';
      },
    },
  ],
};

const system: System<RoleState, Message, PaxosEvent> = {
  ...paxos(bounds),
  name: 'two proposers',
  properties: [oneOfThree],
};
export default system;
