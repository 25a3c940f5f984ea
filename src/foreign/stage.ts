/** The systems of which other programs may play roles: single-decree Paxos, and Multi-Paxos. */
import type { System } from '../../model-check/index.ts';
import {
  type Ballot,
  castOf,
  compareBallots,
  type MultiPaxosConfiguration,
  multiPaxos,
  type PaxosConfiguration,
  type PaxosSystem,
  paxos,
  paxosRoles,
} from '../../spec/index.ts';
import { type LogCast, logCastOf } from '../../spec/log/configuration.ts';
import { logRoles, type MultiPaxosSystem } from '../../spec/log/multi-paxos.ts';
import { encodeChange } from '../../spec/log/reconfiguration.ts';
import type { ForeignRoleName, Self } from './protocol.ts';
import type { Answered, Input, Sent } from './situation.ts';

/** An event that an actor may be asked to take. */
export type ForeignEvent = Exclude<Input, 'restart'>;
/** Paxos of either sort, some of whose roles other programs play: their states are opaque. */
export type ForeignSystem = System<unknown, Sent, ForeignEvent>;

type ByRole<T> = Readonly<Partial<Record<ForeignRoleName, T>>>;

/** A system before other programs play in it. */
export interface Stage {
  readonly system: ForeignSystem;
  /** The actors that other programs may play, with what each is told about itself and the others. */
  readonly selves: readonly Self[];
  readonly crashes: number;
  readonly nacks: boolean;
  /**
   * What an actor is asked in every state, whatever it has been told; the first begins a ballot. Undefined of one that shows what
   * this depends on: it is asked what ours is asked.
   */
  prompts(id: string): readonly ForeignEvent[] | undefined;
  /** Whether an answer lies within the bounds of the configuration. */
  isWithin(id: string, input: Input, answered: Answered): boolean;
  /** The names of the rules of our role that another program need not have: it is known by what it sends. */
  readonly rules: ByRole<readonly string[]>;
  /** The names of the properties and situations that are about states, or rules, of our role. */
  readonly inside: ByRole<readonly string[]>;
}

/** @param system with our roles: another than the plain one where runs are restricted */
export function paxosStage(
  configuration: PaxosConfiguration,
  system: PaxosSystem = paxos(configuration),
): Stage {
  const cast = castOf(configuration);
  const { crashes, nacks } = configuration;
  const unsaid = (name: keyof typeof paxosRoles & ForeignRoleName) =>
    without(Object.keys(paxosRoles[name].rules), ['1a', '1b', '2a', '2b', 'learn']);
  return {
    system: system as unknown as ForeignSystem,
    selves: selvesOf(configuration),
    crashes,
    nacks,
    prompts: (id) => {
      const value = cast.values[id];
      return value === undefined ? [] : [{ type: 'start', value }];
    },
    isWithin: (id, _input, answered) => startsOnly(cast, id, answered),
    rules: { acceptor: unsaid('acceptor'), proposer: unsaid('proposer'), learner: unsaid('learner') },
    inside: { acceptor: ['only-grow'], proposer: ['only-grow'] },
  };
}

/** The same of Multi-Paxos. */
export function logStage(
  configuration: MultiPaxosConfiguration,
  system: MultiPaxosSystem = multiPaxos(configuration),
): Stage {
  const cast = logCastOf(configuration);
  const { crashes, nacks } = configuration;
  const prompts = leaderPrompts(cast);
  const { acceptor, leader, replica } = logRoles;
  return {
    system: system as unknown as ForeignSystem,
    selves: logSelvesOf(cast),
    crashes,
    nacks,
    prompts: (id) => (cast.leaders.includes(id) ? prompts : cast.replicas.includes(id) ? undefined : []),
    isWithin: (id, input, answered) =>
      startsOnly(cast, id, answered) && proposesOnly(cast, id, input, answered),
    rules: {
      'log-acceptor': without(Object.keys(acceptor.rules), ['1b', '2b']),
      leader: without(Object.keys(leader.rules), ['1a', '2a']),
      replica: Object.keys(replica.rules),
    },
    inside: {
      'log-acceptor': ['only-grow', 'refused-as-truncated', 'led-on-after-truncation'],
      leader: [
        'only-grow',
        'follows-highest',
        'removed-cannot-disturb',
        'deposed-by-heartbeat',
        'stale-heartbeat',
        'led-after-following',
        'window-moved',
        'truncation-reported',
        'change-survives-a-crash',
      ],
      replica: ['snapshot-installed', 'caught-up', 'caught-up-by-snapshot', 'read-too-early'],
    },
  };
}

function without(names: readonly string[], others: readonly string[]): string[] {
  return names.filter((name) => !others.includes(name));
}

/** What each actor of single-decree Paxos is told about itself and the others. */
export function selvesOf(configuration: PaxosConfiguration): Self[] {
  const cast = castOf(configuration);
  const { acceptors, quorums, toldOfVotes: tells } = cast;
  const others = cast.learners.filter((id) => !tells.includes(id));
  const announces = (id: string) =>
    configuration.learning === 'distinguished' && tells.includes(id) ? others : [];
  return [
    ...cast.proposers.map((id): Self => ({ role: 'proposer', id, acceptors, quorums })),
    ...acceptors.map((id): Self => ({ role: 'acceptor', id, tells })),
    ...cast.learners.map((id): Self => ({ role: 'learner', id, quorums, announcesTo: announces(id) })),
  ];
}

/** The same of Multi-Paxos. */
function logSelvesOf(cast: LogCast): Self[] {
  const { first, quorums, leaders, replicas, window, toldOfVotes: tells, toldOfDecisions } = cast;
  const changes = cast.changed ? { changesAfter: window } : {};
  const others = (ids: readonly string[], id: string) => ids.filter((other) => other !== id);
  const heard = (id: string) => (cast.election === undefined ? {} : { peers: others(leaders, id) });
  return [
    ...leaders.map((id): Self => {
      const known = { acceptors: first, quorums, replicas, window };
      return { role: 'leader', id, ...known, ...heard(id), ...changes };
    }),
    ...cast.acceptors.map((id): Self => ({ role: 'log-acceptor', id, tells })),
    ...replicas.map((id): Self => {
      const announcesTo = tells.includes(id) ? others(toldOfDecisions, id) : [];
      const known = { acceptors: cast.acceptors, quorums, peers: others(replicas, id), announcesTo };
      return { role: 'replica', id, ...known, replies: cast.clients.length > 0, ...changes };
    }),
  ];
}

/** A leader may begin a ballot and be asked for a command at any time: what it makes of that shows whether it is the time. */
function leaderPrompts({ election, clients, commands, changed }: LogCast): ForeignEvent[] {
  const asked = clients.length === 0 ? commands : changed ? [encodeChange(changed)] : [];
  return [
    { type: 'time-out' },
    ...(election === undefined ? [] : ([{ type: 'beat' }, { type: 'resend' }] as const)),
    ...asked.map((value) => ({ type: 'request' as const, value })),
  ];
}

/** Whether all ballots in which a proposer asks for something are among those of the configuration, and none is above its bound. */
function startsOnly(
  { bounds, ballots }: { bounds: Readonly<Record<string, number>>; ballots: readonly Ballot[] },
  id: string,
  { send }: Answered,
): boolean {
  const bound = bounds[id];
  if (bound === undefined) return true;
  return send.every(
    (message) =>
      !('ballot' in message) ||
      (message.ballot.round <= bound &&
        ballots.some((ballot) => compareBallots(ballot, message.ballot) === 0)),
  );
}

/** Whether a leader proposes in slots of the configuration only, and what it is asked for in one in which it may be asked for that. */
function proposesOnly({ slots, clients, asked }: LogCast, id: string, input: Input, { send }: Answered) {
  const value = input !== 'restart' && input.type === 'request' ? input.value : undefined;
  const isDue = (slot: number) => clients.length > 0 || asked(id, slot).includes(value as string);
  return send.every(
    (message) =>
      message.type !== 'accept' ||
      !('slot' in message) ||
      (message.slot <= slots.length && (message.value !== value || isDue(message.slot))),
  );
}
