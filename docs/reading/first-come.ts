import { attempt } from './votes.ts';

/** Three acceptors each vote for the first proposal that they receive; one may stop. Two proposers. */
export default attempt({
  name: 'first come, first served',
  acceptors: 3,
  proposers: 2,
  votesFor: 'first',
  mayStop: 1,
});
