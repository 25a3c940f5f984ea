/** The specification: imports nothing but zod, and runs anywhere. Its README says in which order to read it. */
export { AbstractConfiguration } from './abstract/bounds.ts';
export { ConsensusConfiguration, consensus } from './abstract/consensus.ts';
export { lamportPaxos } from './abstract/lamport-paxos.ts';
export { voting } from './abstract/voting.ts';
export { type AcceptorContext, AcceptorState, acceptor } from './acceptor.ts';
export { ActorId, Ballot, compareBallots, showBallot } from './ballot.ts';
export { type Cast, castOf, PaxosConfiguration } from './configuration.ts';
export { type LearnerContext, LearnerState, learner } from './learner.ts';
export { logAcceptor } from './log/acceptor.ts';
export { type LogCast, logCastOf, MultiPaxosConfiguration } from './log/configuration.ts';
export { Decided, NO_OP, Slot, SlotProposal } from './log/entry.ts';
export {
  encodeKeyValue,
  KeyValueCommand,
  KeyValueReply,
  type KeyValues,
  keyValue,
} from './log/key-value.ts';
export { leader } from './log/leader.ts';
export { emptyHistory, type History, invoked, returned } from './log/linearizability.ts';
export { LogMessage, LogReceive } from './log/message.ts';
export { type LogRoles, logRoles, type MultiPaxosSystem, multiPaxos } from './log/multi-paxos.ts';
export { replicaOf } from './log/replica.ts';
export { ReplicatedLogConfiguration, replicatedLog } from './log/replicated-log.ts';
export {
  type Answer,
  Command,
  decide,
  decodeCommand,
  encodeCommand,
  Replicated,
  type StateMachine,
} from './log/state-machine.ts';
export {
  type LeaderContext,
  LeaderEvent,
  LeaderState,
  type LogAcceptorContext,
  LogAcceptorState,
  type ReplicaContext,
  ReplicaEvent,
  ReplicaState,
  Request,
  TimeOut,
} from './log/states.ts';
export { Accept, Accepted, Decision, Message, Nack, Prepare, PromiseMessage, Receive } from './message.ts';
export { highest, Proposal, Value } from './proposal.ts';
export {
  nextRound,
  type ProposerContext,
  ProposerEvent,
  ProposerState,
  proposer,
  Start,
} from './proposer.ts';
export { disjointPair, includesQuorum, majorities, QuorumSystem } from './quorum.ts';
export { Grid, QuorumForm, quorumForm, quorumSystemOf, Weights } from './quorum-forms.ts';
export { durablePart, type Effect, fire, type Role, type Rule, restart, step } from './role.ts';
export { type PaxosSystem, paxos, paxosRoles, type Roles } from './single-decree.ts';
