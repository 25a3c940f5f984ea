/** The published format of traces: a header, then one line for each thing that was noticed of an actor. */
import { z } from 'zod';
import { ActorId, LogMessage, Message, QuorumSystem, Slot, Value } from '../../spec/index.ts';
import { quorumProblem } from '../../spec/quorum.ts';

export const TRACE_FORMAT = 'synod-trace/1';

const Actors = z.array(ActorId).readonly();
const SomeActors = z.array(ActorId).min(1).readonly();
const Announcing = z.record(ActorId, Actors).readonly();

const common = {
  format: z.literal(TRACE_FORMAT),
  /** Which actors share a process, and so the order of their lines; each is a node of its own if absent. */
  nodes: z.record(z.string().min(1), Actors).readonly().optional(),
  acceptors: SomeActors,
  /** Majorities if absent. */
  quorums: QuorumSystem.optional(),
  /** Who is told of votes; all learners, or replicas, if absent. */
  tells: Actors.optional(),
  /** By learner, or replica, that tells others what it has learned: whom. Nobody if absent. */
  announcesTo: Announcing.default({}),
  /** Whether acceptors may answer what they refuse. */
  nacks: z.boolean().default(true),
  /**
   * `each-step`: what is durable is on disk before anything else happens. `told`: it is on disk when a line says so
   * (`persisted`), before which nothing that follows from it may leave, and from which a restart begins.
   */
  writes: z.enum(['each-step', 'told']).default('each-step'),
};

/** The first line of a trace: of what system, and who is who in it. */
export const TraceHeader = z
  .discriminatedUnion('system', [
    z.strictObject({
      ...common,
      system: z.literal('paxos'),
      proposers: SomeActors,
      learners: Actors.default([]),
    }),
    z.strictObject({
      ...common,
      system: z.literal('multi-paxos'),
      leaders: SomeActors,
      replicas: Actors.default([]),
      /** The paper's alpha. */
      window: z.int().min(1),
      /** After how many slots a change of the acceptors is in force; absent where they never change. */
      changesAfter: z.int().min(1).optional(),
      /** The acceptors of the beginning; all of them if absent. */
      first: SomeActors.optional(),
      /** What is replicated. */
      machine: z.enum(['key-value', 'journal', 'store']).default('key-value'),
      /** If leaders follow one another by their heartbeats: how many attempts in vain double the time that one waits. */
      election: z.strictObject({ backOff: z.int().min(0) }).optional(),
      /** Whether replicas answer clients. */
      replies: z.boolean().default(true),
    }),
  ])
  .check(({ value, issues }) => {
    if (issues.length > 0) return;
    for (const { path, input, message } of headerProblems(value)) {
      issues.push({ code: 'custom', path, input, message });
    }
  });
export type TraceHeader = z.infer<typeof TraceHeader>;

/** The actors that learn: learners, or replicas. */
export function learnersOf(header: TraceHeader): readonly ActorId[] {
  return header.system === 'paxos' ? header.learners : header.replicas;
}

/** The actors that propose: proposers, or leaders. */
export function proposersOf(header: TraceHeader): readonly ActorId[] {
  return header.system === 'paxos' ? header.proposers : header.leaders;
}

interface Problem {
  readonly path: (string | number)[];
  readonly input: unknown;
  readonly message: string;
}

function* headerProblems(header: TraceHeader): Generator<Problem> {
  const learners = learnersOf(header);
  const all = [...header.acceptors, ...proposersOf(header), ...learners];
  const strangers = (names: readonly ActorId[], among: readonly ActorId[]) =>
    names.filter((name) => !among.includes(name));
  const twice = all.find((name, at) => all.indexOf(name) !== at);
  if (twice !== undefined)
    yield { path: [], input: twice, message: 'expected each actor to have a name of its own' };
  const wrong = header.quorums && quorumProblem(header.quorums, header.acceptors, false);
  if (wrong)
    yield {
      ...wrong,
      path: ['quorums', ...wrong.path],
      message: wrong.message.replace(/ \(--allow-.*\)$/, ''),
    };
  const [unknown] = header.system === 'multi-paxos' ? strangers(header.first ?? [], header.acceptors) : [];
  if (unknown !== undefined)
    yield {
      path: ['first'],
      input: unknown,
      message: `expected names among ${header.acceptors.join(', ')}`,
    };
  const [told] = strangers([...(header.tells ?? []), ...Object.keys(header.announcesTo)], learners);
  if (told !== undefined)
    yield {
      path: ['tells'],
      input: told,
      message: `expected names among ${learners.join(', ') || 'no learners'}`,
    };
  const housed = Object.values(header.nodes ?? {}).flat();
  const [homeless] = header.nodes ? [...strangers(all, housed), ...strangers(housed, all)] : [];
  if (homeless !== undefined)
    yield { path: ['nodes'], input: homeless, message: 'expected each actor in one node, and no others' };
  const shared = housed.find((name, at) => housed.indexOf(name) !== at);
  if (shared !== undefined)
    yield { path: ['nodes'], input: shared, message: 'expected each actor in one node' };
}

/** Some fields of a state, by name. */
const Fields = z.record(z.string(), z.json());

/** What lines may be, where messages are such. */
function traceLine<M extends z.ZodType<{ readonly type: string; readonly from: ActorId }>>(message: M) {
  const of = {
    actor: ActorId,
    /** By which several files are put together; in one file the order of lines is what counts. */ time: z
      .number()
      .optional(),
  };
  const sent = z.array(message).readonly();
  const step = {
    ...of,
    /** What it sends by this step. If absent, it may send whatever it might; if present, no more than this. */
    sent: sent.optional(),
    /** The durable part of its state, or some fields of it, on disk before those leave. */
    persisted: Fields.optional(),
    /** Its state after the step, or some fields of it. */
    state: Fields.optional(),
  };
  return z.discriminatedUnion('event', [
    z.strictObject({ event: z.literal('received'), ...step, message }),
    /** Of a proposer, with the value that it would like to have chosen: it begins a ballot. Of a leader, without. */
    z.strictObject({ event: z.literal('timed-out'), ...step, value: Value.optional() }),
    /** A leader is asked for a command, by a client that is no actor. */
    z.strictObject({ event: z.literal('requested'), ...step, value: Value }),
    /** A leader says that it leads; asks again for what it has asked for. A replica forgets the beginning of its log; asks for what it lacks. */
    z.strictObject({ event: z.enum(['heartbeat', 'resent', 'truncated', 'asked']), ...step }),
    /** Told apart from the step in which it sends: it has sent these by now. */
    z.strictObject({ event: z.literal('sent'), ...of, sent }),
    /** Told apart: the durable part of its state (these fields of it) is on disk by now. */
    z.strictObject({ event: z.literal('persisted'), ...of, persisted: Fields.optional() }),
    z.strictObject({ event: z.literal('crashed'), ...of }),
    z.strictObject({ event: z.literal('restarted'), ...of, state: Fields.optional() }),
    /** By now it has learned that a value is chosen (a replica: in a slot). */
    z.strictObject({ event: z.literal('learned'), ...of, value: Value, slot: Slot.optional() }),
    /** By now a replica has applied the log up to this slot, in which that value is chosen. */
    z.strictObject({ event: z.literal('applied'), ...of, slot: Slot, value: Value.optional() }),
  ]);
}

const recipients = { to: Message.options[0].shape.to.optional() };

/** A message as traces tell it: whom it is for may be left out. */
const [prepare, promise, accept, accepted, nack, decision] = Message.options;
export const TraceMessage = z.discriminatedUnion('type', [
  prepare.extend(recipients),
  promise.extend(recipients),
  accept.extend(recipients),
  accepted.extend(recipients),
  nack.extend(recipients),
  decision.extend(recipients),
]);

export const LogTraceMessage = z.discriminatedUnion(
  'type',
  LogMessage.options.map((option) => (option as z.ZodObject).extend(recipients)) as never,
) as z.ZodType<Told<LogMessage>>;

/** A message of which it may not be told whom it is for. */
export type Told<M> = M extends unknown
  ? Omit<M, 'to'> & { readonly to?: readonly ActorId[] | undefined }
  : never;

/** A line of a trace of single-decree Paxos. */
export const PaxosTraceLine = traceLine(TraceMessage);
/** A line of a trace of Multi-Paxos. */
export const LogTraceLine = traceLine(LogTraceMessage);

export type TraceMessage = Told<Message> | Told<LogMessage>;
export type TraceLine = z.infer<typeof PaxosTraceLine> | z.infer<typeof LogTraceLine>;
