import { AcceptorState } from '../acceptor.ts';
import { ProposerState } from '../proposer.ts';
import type { Mutant } from './mutant.ts';

/** What must survive a restart does not. */
export const memory: readonly Mutant[] = [
  {
    name: 'promise-not-durable',
    breaks:
      'An acceptor that restarts has forgotten its promise; it remembers only the proposal it accepted.',
    who: 'First versions of home-made implementations, which save "the data" and keep the protocol state in memory.',
    roles: (roles) => ({
      ...roles,
      acceptor: { ...roles.acceptor, durable: AcceptorState.pick({ accepted: true }) },
    }),
    smallest: { acceptors: 1, proposers: 2, ballots: 1, crashes: 1 },
    also: [
      { acceptors: 2, proposers: 2, ballots: 1, crashes: 1 },
      { acceptors: 3, proposers: 2, ballots: 1, crashes: 1 },
    ],
  },
  {
    name: 'accepted-not-durable',
    breaks:
      'An acceptor that restarts has forgotten the proposal it accepted; it remembers only its promise.',
    who: 'Implementations that write the value to disk only once they know it is chosen.',
    roles: (roles) => ({
      ...roles,
      acceptor: { ...roles.acceptor, durable: AcceptorState.pick({ promised: true }) },
    }),
    smallest: { acceptors: 1, proposers: 2, ballots: 1, crashes: 1 },
    also: [
      { acceptors: 2, proposers: 2, ballots: 1, crashes: 1 },
      { acceptors: 3, proposers: 2, ballots: 1, crashes: 1 },
    ],
  },
  {
    name: 'send-before-write',
    breaks:
      'An acceptor answers before its new state is on disk, so that a crash may undo what it has already told.',
    who: 'Implementations that write without waiting for the disk (no fsync), or that swap the two steps to save time.',
    roles: (roles) => ({ ...roles, acceptorWritesBehind: true }),
    smallest: { acceptors: 1, proposers: 2, ballots: 1, crashes: 1 },
    also: [
      { acceptors: 2, proposers: 2, ballots: 1, crashes: 1 },
      { acceptors: 3, proposers: 2, ballots: 1, crashes: 1 },
    ],
  },
  {
    name: 'ballot-reused',
    breaks:
      'A proposer that restarts has forgotten which ballots it has used and uses one again, while old promises for it still travel.',
    who: 'Implementations that count ballots in memory, or that take them from a clock that went back.',
    source:
      'https://github.com/ahelwer/PaxosCluster/issues/1 is an instance; https://github.com/Tencent/phxpaxos/issues/145 asks whether another is, and was closed as no bug (its proposer begins above what the acceptor in the same process has promised)',
    roles: (roles) => ({ ...roles, proposer: { ...roles.proposer, durable: ProposerState.pick({}) } }),
    smallest: { acceptors: 3, proposers: 2, ballots: 1, crashes: 1 },
  },
];
