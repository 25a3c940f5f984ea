import { z } from 'zod';
import type { Fact, Property, Situation, System } from '../../model-check/system.ts';
import { count, plural } from '../configuration.ts';
import type { Value } from '../proposal.ts';
import { restart, step } from '../role.ts';
import { paxosRoles } from '../single-decree.ts';
import { permutationsOf, symmetries } from '../symmetry.ts';
import { type LogCast, logCastOf, MultiPaxosConfiguration } from './configuration.ts';
import {
  type Decider,
  type DeciderActor,
  type DeciderEvent,
  type DeciderMessage,
  type DeciderStep,
  isDown,
  mortal,
  tellCrash,
} from './deciders/decider.ts';
import { multiPaxosDecider } from './deciders/multi-paxos.ts';
import { singleDecree } from './deciders/single-decree.ts';
import { server, singleServer } from './deciders/single-server.ts';
import { NO_OP } from './entry.ts';
import { type LogStep, logFactsOf, type ReplicaView } from './facts.ts';
import { type LogRoles, logRoles, votesInOrder } from './multi-paxos.ts';
import { logPropertiesOf } from './properties.ts';
import { showLog } from './show.ts';
import { tellLog } from './tell.ts';

/** A bounded log over something that decides: how many of each, and what may go wrong. */
export const ReplicatedLogConfiguration = z.strictObject({
  /** What decides. The acceptors, proposers and ballots below are not those of a single server. */
  decider: z
    .enum(['single-server', 'single-decree', 'multi-paxos'], {
      error: 'expected single-server, single-decree or multi-paxos',
    })
    .default('multi-paxos'),
  acceptors: count('acceptor', 1, 9).default(3),
  /** Of multi-paxos, the leaders. */
  proposers: count('proposer', 1, 9).default(2),
  replicas: count('replica', 0, 9).default(1),
  slots: count('slot', 1, 9).default(2),
  commands: count('command', 1, 9).default(2),
  /** Each proposer starts at most so many ballots; of single-decree, in each slot. */
  ballots: count('ballot', 1, 99).default(1),
  /** How many crashes there may be in one run: of any process; if unrepaired, of the processes that decide. */
  crashes: count('crash', 0, 9).default(0),
  /** Whether a process that crashes never comes back. */
  unrepaired: z.boolean().default(false),
});
export type ReplicatedLogConfiguration = z.infer<typeof ReplicatedLogConfiguration>;

export type ReplicatedLogSystem = System<object, DeciderMessage, DeciderEvent>;
type LogClaim = Property<object, DeciderMessage, DeciderEvent>;

/** The actors of a configuration, as of Multi-Paxos. */
export function castOfLog(configuration: ReplicatedLogConfiguration) {
  const { acceptors, proposers: leaders, replicas, slots, commands, ballots, crashes } = configuration;
  const bounds = MultiPaxosConfiguration.parse({
    ...{ acceptors, leaders, replicas, slots, commands, ballots, crashes },
  });
  return { bounds, cast: logCastOf(bounds) };
}

/** What decides, as a configuration names it. */
export function deciderOf(configuration: ReplicatedLogConfiguration): Decider {
  const { bounds, cast } = castOfLog(configuration);
  switch (configuration.decider) {
    case 'single-server':
      return singleServer(cast);
    case 'single-decree':
      return singleDecree(cast);
    case 'multi-paxos':
      return multiPaxosDecider(bounds, cast);
  }
}

/** The rules of all that may decide, and of replicas. */
const RULES: readonly string[] = [
  ...new Set([
    ...[server, ...Object.values(paxosRoles), ...Object.values(logRoles)].flatMap((role) =>
      Object.keys(role.rules),
    ),
    'crash',
  ]),
];

/** A log that is replicated over whatever decides what is in its slots, as a system to be checked. The claims are the same over all. */
export function replicatedLog(
  configuration: ReplicatedLogConfiguration,
  decider: Decider = deciderOf(configuration),
  replica: LogRoles['replica'] = logRoles.replica,
): ReplicatedLogSystem {
  const { cast } = castOfLog(configuration);
  const { crashes, unrepaired } = configuration;
  const deciding = unrepaired ? decider.actors.map(mortal) : decider.actors;
  const replicas = cast.replicas.map((id) => replicaActor(replica, decider, id));
  const mayCrash = unrepaired ? deciding : [...deciding, ...replicas];
  return {
    name: 'replicated-log',
    covers: coverage(configuration, cast, decider),
    actors: [...deciding, ...replicas],
    crashes: { budget: crashes, groups: mayCrash.map(({ name }) => [name]) },
    symmetry: symmetries([...decider.interchangeable, ...permutationsOf(cast.replicas)], votesInOrder),
    properties: claims(cast, decider),
    situations: situations(configuration, cast, decider),
    rules: RULES,
    idleRules: idleRules(configuration, decider),
    tell: (each) => told(each, decider),
    show: (value) => (isDown(Object(value)) ? 'down' : showLog(value)),
  };
}

function replicaActor(role: LogRoles['replica'], { quorums }: Decider, id: string): DeciderActor {
  const context = { id, quorums, announcesTo: [], replies: false, peers: [], acceptors: [] };
  return {
    name: id,
    role: role.name,
    initial: role.initial,
    transition: (state, event) => step(role, context, state, event),
    restart: (state) => restart(role, state),
  };
}

/** The claims of Multi-Paxos that are about what replicas make of the log, and not about how it is decided. */
const OF_REPLICAS: readonly string[] = ['prefix', 'no-gap', 'in-order', 'at-most-once', 'same-replies'];

/** Consensus in each slot, what replicas make of it, and that nothing that can happen puts an end to it. */
function claims(cast: LogCast, { decided, exhausted }: Decider): LogClaim[] {
  const { commands, slots, replicas } = cast;
  const facts = logFactsOf(cast);
  const ofReplicas = logPropertiesOf(cast, facts).filter(({ name }) => OF_REPLICAS.includes(name));
  const inSlot = new Map(slots.map((slot) => [slot, decided(slot)]));
  const each = (clause: (slot: number) => NonNullable<LogClaim['clauses']>[number]) => slots.map(clause);
  return [
    {
      name: 'validity',
      kind: 'requirement',
      statement: "Only a client's command, or the no-op, may be decided in a slot.",
      clauses: each((slot) => ({
        facts: [decidedIn(slot)],
        check: (values) => {
          const stray = (values as Value[]).find((value) => value !== NO_OP && !commands.includes(value));
          return stray && `${stray} is decided in slot ${slot}; the commands are ${commands.join(', ')}`;
        },
      })),
    },
    {
      name: 'agreement',
      kind: 'requirement',
      statement: 'Only a single value is decided in a slot.',
      clauses: each((slot) => ({
        facts: [decidedIn(slot)],
        check: (values) =>
          (values as Value[]).length > 1
            ? `${(values as Value[]).join(' and ')} are both decided in slot ${slot}`
            : undefined,
      })),
    },
    {
      name: 'learned-is-decided',
      kind: 'requirement',
      statement:
        'A replica never learns that a value has been decided in a slot unless it actually has been.',
      notApplicable: replicas.length === 0 ? 'needs at least 1 replica' : undefined,
      clauses: each((slot) => ({
        facts: [facts.learned(slot) as Fact<object, DeciderMessage>, decidedIn(slot)],
        check: (learned, values) => {
          const wrong = (learned as { replica: string; value: string | null }[]).find(
            ({ value }) => value !== null && !(values as Value[]).includes(value),
          );
          return (
            wrong &&
            `${wrong.replica} learned ${wrong.value} in slot ${slot}; decided: ${(values as Value[]).join(', ') || 'nothing'}`
          );
        },
      })),
    },
    ...(ofReplicas as readonly unknown[] as LogClaim[]),
    {
      name: 'decision-in-reach',
      kind: 'requirement',
      statement:
        'From every reachable state one can be reached in which a value is decided in every slot, unless the last ballot that may be started was lost.',
      alwaysReachable: {
        facts: slots.map(decidedIn),
        holds: (...all) => all.every((values) => (values as Value[]).length > 0),
        ...(exhausted ? { unless: exhausted } : {}),
      },
    },
  ];

  function decidedIn(slot: number) {
    return inSlot.get(slot) as NonNullable<ReturnType<typeof inSlot.get>>;
  }
}

function situations(
  { crashes, unrepaired }: ReplicatedLogConfiguration,
  cast: LogCast,
  { decided }: Decider,
): Situation<object, DeciderMessage, DeciderEvent>[] {
  const { applied } = logFactsOf(cast);
  const { slots, replicas } = cast;
  return [
    {
      name: 'all-decided',
      statement: 'a value is decided in every slot',
      state: {
        facts: slots.map((slot) => decided(slot)),
        holds: (...all) => all.every((values) => (values as Value[]).length > 0),
      },
    },
    {
      name: 'all-applied',
      statement: 'all replicas have applied every slot',
      notApplicable: replicas.length === 0 ? 'needs at least 1 replica' : undefined,
      state: {
        facts: [applied as Fact<object, DeciderMessage>],
        holds: (views) => (views as ReplicaView[]).every(({ applied: last }) => last === slots.length),
      },
    },
    {
      name: 'waiting',
      statement: 'a replica knows what is decided in slot 2, and waits for slot 1',
      notApplicable:
        replicas.length === 0 || slots.length < 2 ? 'needs at least 1 replica and 2 slots' : undefined,
      state: {
        facts: [applied as Fact<object, DeciderMessage>],
        holds: (views) =>
          (views as ReplicaView[]).some(
            ({ applied: last, decided: known }) => last === 0 && known.some(({ slot }) => slot === 2),
          ),
      },
    },
    {
      name: 'crashed-after-deciding',
      statement: `a process that has had a part in a decision crashes${unrepaired ? ', and is never repaired' : ''}`,
      notApplicable: crashes === 0 ? 'needs at least 1 crash' : undefined,
      step: ({ event, before }) =>
        event.type === 'crash' && before.sent.some(({ type }) => type === 'accepted' || type === 'decision'),
    },
  ];
}

function told(each: DeciderStep, decider: Decider): string {
  if (each.event.type === 'crash') return tellCrash(each);
  const told = each.role === logRoles.replica.name ? undefined : decider.tell(each);
  return told ?? tellLog(each as LogStep);
}

/** The rules that cannot fire in a configuration, each with the reason; replicas are told either of votes or of decisions. */
function idleRules(
  { decider: name, acceptors, replicas, crashes }: ReplicatedLogConfiguration,
  decider: Decider,
): Record<string, string> {
  const server = name === 'single-server' && 'a server tells of decisions';
  const none = replicas === 0 && 'no replicas';
  const idle: Record<string, string | false> = {
    learn: none || server,
    count: none || server || (acceptors === 1 && 'one acceptor is a quorum'),
    'learn-decision': none || (!server && 'replicas are told of votes'),
    crash: crashes === 0 && 'no crashes',
  };
  const others = RULES.filter((rule) => !(rule in idle) && !decider.rules.includes(rule));
  return {
    ...Object.fromEntries(others.map((rule) => [rule, `no rule of ${name}`])),
    ...decider.idleRules,
    ...Object.fromEntries(
      Object.entries(idle).filter((entry): entry is [string, string] => Boolean(entry[1])),
    ),
  };
}

/** What "holds" covers, in words. */
function coverage(
  { crashes, unrepaired }: ReplicatedLogConfiguration,
  cast: LogCast,
  { covers }: Decider,
): string[] {
  return [
    ...covers,
    `${plural(cast.slots.length, 'slot')}, ${plural(cast.replicas.length, 'replica')}`,
    'every order, delay, duplication and loss of messages (any message sent may be received at any later time, often or never)',
    crashes === 0
      ? 'no crashes'
      : unrepaired
        ? `up to ${plural(crashes, 'crash')} of the processes that decide, never repaired`
        : `up to ${plural(crashes, 'crash')}, of any process at any point, of which only the durable state is left`,
  ];
}
