/**
 * The published formats stated a second time, independently, in Effect's Schema: from their description, not from the Zod
 * schemas. Arbitraries are derived from this statement.
 */
import { Schema as S } from 'effect';

const Name = S.String.pipe(S.minLength(1));
const Value = S.String.pipe(S.minLength(1));
const Count = S.Int.pipe(S.nonNegative());

export const Ballot = S.Struct({ round: S.Int.pipe(S.positive()), proposer: Name });
export const Proposal = S.Struct({ ballot: Ballot, value: Value });

const envelope = { from: Name, to: S.Array(Name) };
const proposal = { ballot: Ballot, value: Value };

/** The six messages of single-decree Paxos. */
export const Message = S.Union(
  S.Struct({ type: S.Literal('prepare'), ...envelope, ballot: Ballot }),
  S.Struct({ type: S.Literal('promise'), ...envelope, ballot: Ballot, accepted: S.NullOr(Proposal) }),
  S.Struct({ type: S.Literal('accept'), ...envelope, ...proposal }),
  S.Struct({ type: S.Literal('accepted'), ...envelope, ...proposal }),
  S.Struct({ type: S.Literal('nack'), ...envelope, ballot: Ballot, promised: Ballot }),
  S.Struct({ type: S.Literal('decision'), ...envelope, value: Value }),
);

export const Receive = S.Struct({ type: S.Literal('receive'), message: Message });
export const ProposerEvent = S.Union(S.Struct({ type: S.Literal('start'), value: Value }), Receive);

export const AcceptorState = S.Struct({ promised: S.NullOr(Ballot), accepted: S.NullOr(Proposal) });

export const ProposerState = S.Struct({
  ballot: S.NullOr(Ballot),
  phase: S.Literal('idle', 'prepare', 'accept'),
  value: S.NullOr(Value),
  promises: S.Record({ key: Name, value: S.NullOr(Proposal) }),
  seenRound: Count,
});

export const LearnerState = S.Struct({
  learned: S.NullOr(Value),
  votes: S.Array(S.Struct({ acceptor: Name, proposal: Proposal })),
});

const Slot = S.Int.pipe(S.positive());
const SlotProposal = S.Struct({ slot: Slot, ballot: Ballot, value: Value });
const slotProposal = { slot: Slot, ballot: Ballot, value: Value };

const Sessions = S.Record({
  key: S.String,
  value: S.Struct({ number: S.Int.pipe(S.positive()), reply: S.String }),
});
const Changes = S.Array(
  S.Struct({
    slot: Slot,
    acceptors: S.NonEmptyArray(Name),
    after: S.optional(Slot),
    about: S.optional(S.NonEmptyString),
  }),
);
const ofRead = { client: Name, number: S.Int.pipe(S.positive()) };

/** The messages of Multi-Paxos. */
export const LogMessage = S.Union(
  S.Struct({ type: S.Literal('prepare'), ...envelope, ballot: Ballot, first: Slot }),
  S.Struct({
    type: S.Literal('promise'),
    ...envelope,
    ballot: Ballot,
    first: Slot,
    accepted: S.Array(SlotProposal),
    truncated: Count,
  }),
  S.Struct({ type: S.Literal('accept'), ...envelope, ...slotProposal }),
  S.Struct({ type: S.Literal('accepted'), ...envelope, ...slotProposal }),
  S.Struct({ type: S.Literal('nack'), ...envelope, ballot: Ballot, promised: Ballot }),
  S.Struct({ type: S.Literal('decision'), ...envelope, slot: Slot, value: Value }),
  S.Struct({ type: S.Literal('reply'), ...envelope, number: S.Int.pipe(S.positive()), reply: S.String }),
  S.Struct({ type: S.Literal('request'), ...envelope, value: Value }),
  S.Struct({ type: S.Literal('read'), ...envelope, number: S.Int.pipe(S.positive()), query: S.String }),
  S.Struct({ type: S.Literal('confirm'), ...envelope, ballot: Ballot, ...ofRead }),
  S.Struct({ type: S.Literal('confirmed'), ...envelope, ballot: Ballot, ...ofRead }),
  S.Struct({ type: S.Literal('read-index'), ...envelope, ...ofRead, query: S.String, index: Count }),
  S.Struct({ type: S.Literal('truncated'), ...envelope, last: Slot, changes: S.optional(Changes) }),
  S.Struct({
    type: S.Literal('snapshot'),
    ...envelope,
    last: Slot,
    machine: S.suspend((): S.Schema<Json> => Json),
    sessions: Sessions,
    changes: S.optional(Changes),
  }),
  S.Struct({ type: S.Literal('heartbeat'), ...envelope, ballot: Ballot }),
  S.Struct({ type: S.Literal('ask'), ...envelope, after: Count }),
);

export const LogReceive = S.Struct({ type: S.Literal('receive'), message: LogMessage });
export const LeaderEvent = S.Union(
  S.Struct({ type: S.Literal('time-out') }),
  S.Struct({ type: S.Literal('beat') }),
  S.Struct({ type: S.Literal('resend') }),
  S.Struct({ type: S.Literal('request'), value: Value }),
  LogReceive,
);

export const LogAcceptorState = S.Struct({
  promised: S.NullOr(Ballot),
  accepted: S.Array(SlotProposal),
  truncated: Count,
});

export const LeaderState = S.Struct({
  ballot: S.NullOr(Ballot),
  phase: S.Literal('idle', 'prepare', 'lead'),
  next: Slot,
  promises: S.Record({
    key: Name,
    value: S.Struct({ accepted: S.Array(SlotProposal), truncated: Count }),
  }),
  reported: S.Array(SlotProposal),
  proposed: S.Array(S.Struct({ slot: Slot, value: Value })),
  chosenUpTo: Count,
  chosen: S.Array(Slot),
  changes: Changes,
  covered: Count,
  seenRound: Count,
  reads: S.Record({
    key: Name,
    value: S.Struct({
      number: S.Int.pipe(S.positive()),
      waiting: S.NullOr(S.Struct({ query: S.String, index: Count, confirmed: S.Array(Name) })),
    }),
  }),
  following: S.NullOr(Ballot),
  attempts: Count,
});

const asked = { kind: S.Literal('command', 'query'), operation: S.String };

export const ClientState = S.Struct({ number: Count, pending: S.NullOr(S.Struct(asked)) });
export const ClientEvent = S.Union(S.Struct({ type: S.Literal('invoke'), ...asked }), LogReceive);

export const QuorumSystem = S.Struct({
  phase1: S.NonEmptyArray(S.NonEmptyArray(Name)),
  phase2: S.NonEmptyArray(S.NonEmptyArray(Name)),
});

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Any JSON value. */
export const Json: S.Schema<Json> = S.Union(
  S.Null,
  S.Boolean,
  S.JsonNumber,
  S.String,
  S.Array(S.suspend((): S.Schema<Json> => Json)),
  S.Record({ key: S.String, value: S.suspend((): S.Schema<Json> => Json) }),
);

export const ReplicaState = S.Struct({
  votes: S.Array(S.Struct({ acceptor: Name, proposal: SlotProposal })),
  decided: S.Array(S.Struct({ slot: Slot, value: Value })),
  applied: Count,
  truncated: Count,
  machine: Json,
  sessions: Sessions,
});

export const ReplicaEvent = S.Union(
  S.Struct({ type: S.Literal('truncate') }),
  S.Struct({ type: S.Literal('catch-up') }),
  LogReceive,
);

export const CounterexampleStep = S.Struct({
  number: S.Int.pipe(S.positive()),
  actor: S.String,
  role: S.String,
  rule: S.NullOr(S.String),
  event: Json,
  message: Json,
  sent: S.Array(Json),
  changed: S.Array(
    S.Struct({ actor: S.String, field: S.String, from: S.optional(Json), to: S.optional(Json) }),
  ),
  text: S.String,
});

export const Counterexample = S.Struct({
  property: S.String,
  statement: S.String,
  length: Count,
  steps: S.Array(CounterexampleStep),
  facts: S.String,
});

const Verdict = S.Literal('holds', 'violated', 'incomplete');
const Amount = S.JsonNumber.pipe(S.nonNegative());

const UpTo = (most: number) => S.Int.pipe(S.between(1, most));

export const SimulationReport = S.Struct({
  format: S.Literal('synod-simulation/1'),
  system: S.String,
  configuration: S.Record({ key: S.String, value: Json }),
  mutant: S.NullOr(S.String),
  verdict: S.Literal('violated', 'incomplete'),
  covers: S.Array(S.String),
  restricted: S.optional(S.String),
  seed: Count,
  walks: S.Int.pipe(S.positive()),
  steps: S.Int.pipe(S.positive()),
  shards: S.Struct({ of: UpTo(100_000), done: S.Array(Count), missing: S.optional(S.Array(Count)) }),
  stopped: S.Array(S.Struct({ shard: Count, by: S.String })),
  walked: Count,
  stepsTaken: Count,
  longest: Count,
  deadEnds: Count,
  seconds: Amount,
  stepsPerSecond: Amount,
  peakMemoryBytes: Count,
  properties: S.Array(
    S.Struct({
      name: S.String,
      kind: S.Literal('requirement', 'lemma'),
      statement: S.String,
      verdict: S.Literal('violated', 'incomplete'),
      notApplicable: S.optional(S.String),
      walks: Count,
      first: S.optional(S.Struct({ walk: Count, length: Count })),
    }),
  ),
  reached: S.Array(
    S.Struct({ name: S.String, statement: S.String, walks: Count, notApplicable: S.optional(S.String) }),
  ),
  rules: S.Array(S.Struct({ name: S.String, walks: Count, idle: S.optional(S.String) })),
  counterexample: S.optional(Counterexample),
});

export const Report = S.Struct({
  format: S.Literal('synod-report/1'),
  system: S.String,
  configuration: S.Record({ key: S.String, value: Json }),
  mutant: S.NullOr(S.String),
  verdict: Verdict,
  stopped: S.NullOr(S.String),
  covers: S.Array(S.String),
  restricted: S.optional(S.String),
  distinctStates: Count,
  symmetry: S.optional(S.Struct({ order: Count, represented: Count })),
  passive: S.optional(
    S.Struct({
      actors: S.Array(S.String),
      represented: Count,
      others: S.Record({ key: S.String, value: S.String }),
      undone: S.optional(S.String),
    }),
  ),
  foreign: S.optional(
    S.Array(
      S.Struct({
        role: S.String,
        actors: S.Array(S.String),
        command: S.String,
        kind: S.Literal('stateless', 'stateful', 'history'),
        questions: Count,
        lines: Count,
        repeated: Count,
        otherWays: S.optional(S.Struct({ asked: Count, of: Count })),
        findings: S.Array(
          S.Struct({
            kind: S.Literal('malformed', 'garbage', 'death', 'hang', 'differs', 'grows'),
            actor: S.String,
            text: S.String,
          }),
        ),
      }),
    ),
  ),
  transitions: Count,
  diameter: Count,
  frontier: Count,
  seconds: Amount,
  statesPerSecond: Amount,
  peakMemoryBytes: Count,
  questions: Count,
  properties: S.Array(
    S.Struct({
      name: S.String,
      kind: S.Literal('requirement', 'lemma'),
      statement: S.String,
      verdict: Verdict,
      length: S.optional(Count),
      notApplicable: S.optional(S.String),
    }),
  ),
  reached: S.Array(
    S.Struct({
      name: S.String,
      statement: S.String,
      reached: S.Boolean,
      length: S.optional(Count),
      notApplicable: S.optional(S.String),
    }),
  ),
  rules: S.Array(S.Struct({ name: S.String, tabulated: Count, idle: S.optional(S.String) })),
  counterexample: S.optional(Counterexample),
});
