import { plural } from '../configuration.ts';
import { meetsEvery } from '../quorum.ts';
import type { LogCast, MultiPaxosConfiguration } from './configuration.ts';

/** The rules that cannot fire in a configuration, each with the reason. */
export function logIdleRules(
  { replicas, learning, crashes, nacks, leaders }: MultiPaxosConfiguration,
  cast: LogCast,
): Record<string, string> {
  const { acceptors, clients, quorums } = cast;
  const alone = (family: readonly (readonly string[])[]) =>
    acceptors.every((id) => family.some((quorum) => quorum.length === 1 && quorum[0] === id));
  const none = replicas === 0 && 'no replicas';
  const noClients = clients.length === 0 && 'no clients that wait for answers';
  const queries = clients.flatMap(({ asks }) => asks).some(({ kind }) => kind === 'query');
  const noHeartbeats = 'there are no heartbeats';
  const noReads = !queries && 'no reads by index';
  const idle: Record<string, string | false> = {
    collect: alone(quorums.phase1) && 'every acceptor alone is a phase 1 quorum',
    learn: none,
    count: none || (alone(quorums.phase2) && 'every acceptor alone is a phase 2 quorum'),
    'learn-decision': (learning === 'all' || replicas < 2) && 'no replica is told by a distinguished one',
    decided: learning === 'all' && 'no leader is told by a distinguished replica',
    nack: (!nacks && 'nacks are off') || (cast.ballots.length < 2 && 'only one ballot'),
    preempted: (!nacks && 'nacks are off') || (leaders < 2 && 'only one leader'),
    invoke: noClients,
    return: noClients,
    read: noReads,
    confirm: noReads,
    'read-index': noReads,
    'count-confirmed':
      noReads ||
      (acceptors.every((id) => meetsEvery(quorums.phase1, [id])) &&
        'every acceptor alone meets every phase 1 quorum'),
    answer: noReads,
    follow: (cast.election === undefined && noHeartbeats) || (leaders < 2 && 'only one leader'),
    heartbeat: cast.election === undefined && noHeartbeats,
    resend: cast.election === undefined && 'nothing is sent again where there are no heartbeats',
    ask: !cast.catchUp && 'replicas do not ask one another',
    supply: !cast.catchUp && 'replicas do not ask one another',
    truncate: !cast.snapshots && 'the log is not truncated',
    install: (!cast.snapshots && 'the log is not truncated') || (replicas < 2 && 'only one replica'),
    forget: !cast.snapshots && 'the log is not truncated',
    crash: crashes === 0 && 'no crashes',
  };
  return Object.fromEntries(
    Object.entries(idle).filter((entry): entry is [string, string] => Boolean(entry[1])),
  );
}

/** How a leader comes to begin a ballot, and whether others hear that it leads. */
const ELECTED: Readonly<Record<'asynchronous' | 'timely', string>> = {
  asynchronous: 'heartbeats, and requests sent again; leaders begin ballots at any time',
  timely:
    'heartbeats, and requests sent again; a leader begins a ballot at any time when it does not lead, and hears of none that does',
};

/** What "holds" covers, in words. */
export function logCoverage(configuration: MultiPaxosConfiguration, cast: LogCast): string[] {
  const { acceptors, replicas, crashes, nacks, learning, quorums } = configuration;
  const leaders = cast.leaders.map((id) => `${id} at most ${plural(cast.bounds[id] as number, 'ballot')}`);
  const family = (sets: readonly (readonly string[])[]) => sets.map((set) => `{${set.join(', ')}}`).join(' ');
  const told =
    learning === 'all' ? 'all told of every vote' : 'r1 told of votes, the rest and the leaders by decision';
  return [
    `${plural(acceptors, 'acceptor')}; ${leaders.join(', ')}; ${replicas === 0 ? 'no replicas' : `${plural(replicas, 'replica')}, ${told}`}`,
    `${plural(cast.slots.length, 'slot')}, window ${cast.window}; ${requestsCovered(configuration, cast)}`,
    quorums
      ? `phase 1 quorums ${family(quorums.phase1)}; phase 2 quorums ${family(quorums.phase2)}`
      : 'quorums: majorities',
    'every order, delay, duplication and loss of messages (any message sent may be received at any later time, often or never)',
    crashes === 0
      ? 'no crashes'
      : `up to ${plural(crashes, 'crash')}, of any process${cast.clients.length > 0 ? ' but clients' : ''} at any point, of which only the durable state is left`,
    ...(cast.election ? [ELECTED[cast.election]] : []),
    nacks ? 'refusals answered by nacks' : 'no nacks (a refusal is silence)',
    `${cast.clients.length > 0 ? '' : 'no answers to clients, no reads, '}${
      cast.snapshots
        ? 'replicas may truncate the log at any time, and acceptors with them'
        : 'no truncation of the log'
    }${configuration.catchUp ? ', replicas may ask one another at any time for what they lack' : ''}, one set of acceptors`,
  ];
}

/** Who asks leaders for what. */
function requestsCovered({ requests }: MultiPaxosConfiguration, cast: LogCast): string {
  const { clients, commands, leaders, slots } = cast;
  const turns = (id: string) => `${id} for ${slots.map((slot) => cast.asked(id, slot)[0]).join(', ')}`;
  if (clients.length > 0) {
    const asks = clients.map(({ id, asks: script }) => {
      const all = script.map(({ kind, operation }) => `${kind} ${operation}`);
      return `${id} asks for ${all.join(' and then ')}`;
    });
    return `${asks.join('; ')}; any leader, as often as it is asked`;
  }
  if (requests === 'any') return `in each a leader is asked for any of ${commands.join(', ')}`;
  return `in each a leader is asked for one command: ${leaders.map(turns).join('; ')}`;
}
