import { attempt } from './votes.ts';

/** Three acceptors vote for every proposal that they receive; one may stop. */
export default attempt({
  name: 'a vote for everybody',
  acceptors: 3,
  proposers: 2,
  votesFor: 'every',
  mayStop: 1,
});
