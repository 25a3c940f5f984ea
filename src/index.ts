/** Synod: the checker and the specification in one import; `synod/spec` and `synod/model-check` have each by itself. */
export * from '../model-check/index.ts';
export {
  acceptor,
  castOf,
  consensus,
  lamportPaxos,
  learner,
  Message,
  majorities,
  PaxosConfiguration,
  paxos,
  paxosRoles,
  proposer,
  QuorumSystem,
  restart,
  step,
  voting,
} from '../spec/index.ts';
