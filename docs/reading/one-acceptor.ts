import { attempt } from './votes.ts';

/** A single acceptor votes for the first proposal that it receives; it may stop. */
export default attempt({ name: 'one acceptor', acceptors: 1, proposers: 2, votesFor: 'first', mayStop: 1 });
