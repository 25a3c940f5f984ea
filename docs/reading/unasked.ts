/**
 * Numbered proposals, and nobody is asked first: Paxos without phase 1. A proposer takes a ballot and sends its accept requests
 * at once, with the value that it likes.
 */
import { PaxosConfiguration, paxos, paxosRoles } from '../../spec/index.ts';
import { withProposer } from '../../spec/mutants/mutant.ts';
import { nextRound, type ProposerRule } from '../../spec/proposer.ts';

const proposeAtOnce: ProposerRule = ({ id, acceptors }, state, event) => {
  if (event.type !== 'start') return undefined;
  const { value } = event;
  const ballot = { round: nextRound(state), proposer: id };
  return {
    state: { ...state, ballot, phase: 'accept', value },
    send: [{ type: 'accept', from: id, to: acceptors, ballot, value }],
  };
};

const bounds = PaxosConfiguration.parse({ acceptors: 3, proposers: 2, ballots: 1 });
const system = paxos(bounds, withProposer(paxosRoles, { '1a': proposeAtOnce }));
const nobodyAsks = { '1b': 'nobody asks', '2a': 'nobody asks', collect: 'nobody asks' };

export default {
  ...system,
  name: 'numbers without asking',
  covers: [...system.covers, 'broken on purpose: there is no phase 1'],
  idleRules: { ...system.idleRules, ...nobodyAsks },
};
