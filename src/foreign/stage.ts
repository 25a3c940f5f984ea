/** The systems of which other programs may play roles: single-decree Paxos, and the acceptors of Multi-Paxos. */
import type { System } from '../../model-check/index.ts';
import {
  type Cast,
  castOf,
  compareBallots,
  type MultiPaxosConfiguration,
  multiPaxos,
  type PaxosConfiguration,
  type PaxosSystem,
  paxos,
  paxosRoles,
} from '../../spec/index.ts';
import { logCastOf } from '../../spec/log/configuration.ts';
import { logRoles, type MultiPaxosSystem } from '../../spec/log/multi-paxos.ts';
import type { ForeignRoleName, Self } from './protocol.ts';
import type { Answered, Input, Sent } from './situation.ts';

/** An event that an actor may be asked to take. */
export type ForeignEvent = Exclude<Input, 'restart'>;
/** Paxos of either sort, some of whose roles other programs play: their states are opaque. */
export type ForeignSystem = System<unknown, Sent, ForeignEvent>;

/** A system before other programs play in it. */
export interface Stage {
  readonly system: ForeignSystem;
  /** The actors that other programs may play, with what each is told about itself and the others. */
  readonly selves: readonly Self[];
  readonly crashes: number;
  readonly nacks: boolean;
  /** The event of beginning a ballot, of an actor that begins any. */
  start(id: string): ForeignEvent | undefined;
  /** Whether an answer lies within the bounds: whether all ballots in which a proposer asks for something are among those of the configuration, and none is above its bound. */
  isWithin(id: string, answered: Answered): boolean;
  /** The names of the rules of our role, which another program need not have. */
  readonly rules: Readonly<Partial<Record<ForeignRoleName, readonly string[]>>>;
}

/** @param system with our roles: another than the plain one where runs are restricted */
export function paxosStage(
  configuration: PaxosConfiguration,
  system: PaxosSystem = paxos(configuration),
): Stage {
  const cast = castOf(configuration);
  const { crashes, nacks } = configuration;
  const rulesOf = (name: keyof typeof paxosRoles & ForeignRoleName) => Object.keys(paxosRoles[name].rules);
  return {
    system: system as unknown as ForeignSystem,
    selves: selvesOf(configuration),
    crashes,
    nacks,
    start: (id) => {
      const value = cast.values[id];
      return value === undefined ? undefined : { type: 'start', value };
    },
    isWithin: (id, answered) => isWithin(cast, id, answered),
    rules: { acceptor: rulesOf('acceptor'), proposer: rulesOf('proposer'), learner: rulesOf('learner') },
  };
}

/** The same of Multi-Paxos: its acceptors ask for nothing of their own accord. */
export function logStage(
  configuration: MultiPaxosConfiguration,
  system: MultiPaxosSystem = multiPaxos(configuration),
): Stage {
  const { acceptors, toldOfVotes: tells } = logCastOf(configuration);
  const { crashes, nacks } = configuration;
  return {
    system: system as unknown as ForeignSystem,
    selves: acceptors.map((id) => ({ role: 'log-acceptor', id, tells })),
    crashes,
    nacks,
    start: () => undefined,
    isWithin: () => true,
    rules: { 'log-acceptor': Object.keys(logRoles.acceptor.rules) },
  };
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

function isWithin(cast: Cast, id: string, { send }: Answered): boolean {
  const bound = cast.bounds[id];
  if (bound === undefined) return true;
  return send.every(
    (message) =>
      !('ballot' in message) ||
      (message.ballot.round <= bound &&
        cast.ballots.some((ballot) => compareBallots(ballot, message.ballot) === 0)),
  );
}
