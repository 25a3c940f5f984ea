/**
 * The durable parts of a node's roles as rows. Which fields these are is said by the roles; here it is said how each is laid out, so that a
 * transition that changes one slot, or one key, writes one row. Parts that are one and the same object are not compared.
 */
import type { Slot } from '../../spec/log/entry.ts';
import type { StateMachine } from '../../spec/log/state-machine.ts';
import { LeaderState, LogAcceptorState, ReplicaState } from '../../spec/log/states.ts';
import { type Change, StorageError } from './interfaces.ts';
import type { StoredMachine } from './store/machine.ts';

/** The durable parts of the three roles of a node. */
export interface Durable {
  readonly acceptor: Pick<LogAcceptorState, 'promised' | 'accepted' | 'truncated'>;
  readonly leader: Pick<LeaderState, 'ballot'>;
  readonly replica: Pick<ReplicaState, 'decided' | 'applied' | 'truncated' | 'machine' | 'sessions'>;
  /** How often the node has been started: its clients never use a number again. */
  readonly starts: number;
}

const slotKey = (slot: Slot) => String(slot).padStart(16, '0');

interface InSlot {
  readonly slot: Slot;
}

/** With how many entries that are the same two lists begin. They are long, and nearly always one is the beginning of the other. */
function sharedBy(old: readonly InSlot[], list: readonly InSlot[]): number {
  let at = 0;
  while (at < old.length && old[at] === list[at]) at++;
  return at;
}

/** The rows that differ between two lists in the order of their slots. */
function* slotChanges(prefix: string, old: readonly InSlot[], list: readonly InSlot[]): Generator<Change> {
  if (old === list) return;
  let at = sharedBy(old, list);
  for (const entry of list.slice(at)) {
    for (; at < old.length && (old[at] as InSlot).slot < entry.slot; at++)
      yield [`${prefix}/${slotKey((old[at] as InSlot).slot)}`, null];
    const known = old[at];
    if (known?.slot === entry.slot) at++;
    if (known !== entry) yield [`${prefix}/${slotKey(entry.slot)}`, JSON.stringify(entry)];
  }
  for (const { slot } of old.slice(at)) yield [`${prefix}/${slotKey(slot)}`, null];
}

/** What is to be written where `before` is stored (null: nothing is), so that it is `after`. */
export function changesBetween<T extends StateMachine['initial']>(
  machine: StoredMachine<T>,
  before: Durable | null,
  after: Durable,
): Change[] {
  const changes: Change[] = [];
  const whole = (key: string, old: unknown, value: unknown) => {
    if (before === null || old !== value) changes.push([key, JSON.stringify(value)]);
  };
  const { acceptor, leader, replica } = after;
  const old = before ?? undefined;
  whole('starts', old?.starts, after.starts);
  whole('leader/ballot', old?.leader.ballot, leader.ballot);
  whole('acceptor/promised', old?.acceptor.promised, acceptor.promised);
  whole('acceptor/truncated', old?.acceptor.truncated, acceptor.truncated);
  changes.push(...slotChanges('acceptor/accepted', old?.acceptor.accepted ?? [], acceptor.accepted));
  whole('replica/applied', old?.replica.applied, replica.applied);
  whole('replica/truncated', old?.replica.truncated, replica.truncated);
  changes.push(...slotChanges('replica/decided', old?.replica.decided ?? [], replica.decided));
  // Sessions are never forgotten.
  for (const [client, session] of Object.entries(replica.sessions))
    if (session !== old?.replica.sessions[client])
      changes.push([`replica/session/${client}`, JSON.stringify(session)]);
  const stored = old ? (old.replica.machine as T) : machine.initial;
  for (const [key, value] of machine.changes(stored, replica.machine as T))
    changes.push([`replica/machine/${key}`, value]);
  return changes;
}

/**
 * What rows hold; null if there are none.
 *
 * @throws StorageError if they do not hold the durable parts of a node
 */
export function durableOf<T extends StateMachine['initial']>(
  machine: StoredMachine<T>,
  rows: ReadonlyMap<string, string>,
): Durable | null {
  if (rows.size === 0) return null;
  const lists: Record<string, [string, string][]> = {
    'acceptor/accepted': [],
    'replica/decided': [],
    'replica/session': [],
    'replica/machine': [],
  };
  const single: Record<string, unknown> = {};
  for (const [key, text] of rows) {
    const [, prefix = '', rest = ''] = /^([^/]+\/[^/]+)\/(.*)$/s.exec(key) ?? [];
    if (Object.hasOwn(lists, prefix)) lists[prefix]?.push([rest, text]);
    else single[key] = json(key, text);
  }
  const list = (prefix: string) =>
    (lists[prefix] ?? [])
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([rest, text]) => json(`${prefix}/${rest}`, text));
  const acceptor = { promised: single['acceptor/promised'], truncated: single['acceptor/truncated'] };
  const replica = { applied: single['replica/applied'], truncated: single['replica/truncated'] };
  const sessions = (lists['replica/session'] ?? []).map(([client, text]) => [client, json(client, text)]);
  try {
    return {
      starts: Number(single['starts']),
      acceptor: durableAcceptor.parse({ ...acceptor, accepted: list('acceptor/accepted') }),
      leader: durableLeader.parse({ ballot: single['leader/ballot'] }),
      replica: {
        ...durableReplica.parse({
          ...replica,
          decided: list('replica/decided'),
          sessions: Object.fromEntries(sessions),
        }),
        machine: machine.restore(lists['replica/machine'] ?? []),
      },
    };
  } catch (error) {
    throw new StorageError(`what is stored is not the state of a node: ${String(error)}`);
  }
}

const durableAcceptor = LogAcceptorState.pick({ promised: true, accepted: true, truncated: true });
const durableLeader = LeaderState.pick({ ballot: true });
const durableReplica = ReplicaState.pick({ decided: true, applied: true, truncated: true, sessions: true });

function json(key: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new StorageError(`the row ${key} is not JSON`);
  }
}
