/** Lines of a trace, and what is wrong with one, in words. */
import type { TraceLine, TraceMessage } from './format.ts';
import { complete, eventOf, type Local, type Reader } from './local.ts';
import { keyOf, type Network } from './network.ts';
import type { Event, Player, Players } from './players.ts';
import type { Stuck } from './run.ts';

/** What a line tells. */
export function tellLine(players: Players, line: TraceLine): string {
  const { actor } = line;
  const messages = (list: readonly TraceMessage[]) =>
    list.length === 0 ? 'nothing' : list.map((message) => players.show(complete(message))).join(' and ');
  const role = players.of.get(actor)?.role ?? 'actor';
  const sending = 'sent' in line && line.sent !== undefined ? `, and sends ${messages(line.sent)}` : '';
  const inSlot = 'slot' in line && line.slot !== undefined ? ` in slot ${line.slot}` : '';
  switch (line.event) {
    case 'received':
      return `${role} ${actor} receives ${messages([line.message])} from ${line.message.from}${sending}`;
    case 'timed-out':
      return `${role} ${actor} begins a ballot${line.value === undefined ? '' : ` for ${line.value}`}${sending}`;
    case 'requested':
      return `${role} ${actor} is asked for ${line.value}${sending}`;
    case 'heartbeat':
      return `${role} ${actor} says that it leads${sending}`;
    case 'resent':
      return `${role} ${actor} asks again for what it has asked for${sending}`;
    case 'asked':
      return `${role} ${actor} asks for what it lacks${sending}`;
    case 'truncated':
      return `${role} ${actor} forgets the beginning of its log${sending}`;
    case 'sent':
      return `${role} ${actor} has sent ${messages(line.sent)}`;
    case 'persisted':
      return `${role} ${actor} has written ${line.persisted ? players.show(line.persisted) : 'its state'}`;
    case 'crashed':
      return `${role} ${actor} crashes`;
    case 'restarted':
      return `${role} ${actor} restarts${line.state ? ` with ${players.show(line.state)}` : ''}`;
    case 'learned':
      return `${role} ${actor} has learned ${line.value}${inSlot}`;
    case 'applied':
      return `${role} ${actor} has applied its log up to slot ${line.slot}${line.value === undefined ? '' : `, where ${line.value} is chosen`}`;
  }
}

/** What a hidden step is. */
export function tellHidden(players: Players, player: Player, before: Local, event: Event): string {
  if (event.type === 'restart') return `${player.role} ${player.actor} crashes and restarts`;
  if (event.type === 'write') return `${player.role} ${player.actor} writes its state to the disk`;
  return players.tell(player, before.state, event);
}

/** Why a line is not explained; `root` is the line at which all begins, if it is another. */
export function tellStuck(players: Players, stuck: Stuck, root: Stuck): string {
  const { why } = stuck;
  if (!('waitsFor' in why)) return why.because;
  const { message } = why.waitsFor;
  const missing = `${message.from} has not sent ${players.show(complete(message))} to it`;
  if (root === stuck) return missing;
  return `${missing}; at ${root.line.place} there is no explanation of ${tellLine(players, root.line.told)}: ${tellStuck(players, root, root)}`;
}

/** Things to do that are named at most. */
const MOST_NAMED = 5;

/** What an actor might have done in the place of what a line tells of it. */
export function allowedThere(
  players: Players,
  player: Player,
  reader: Reader,
  local: Local,
  network: Network,
  stuck: Stuck,
): string[] {
  const { why, line } = stuck;
  if (!('waitsFor' in why)) {
    const event = eventOf(line.told);
    const taken =
      event && !local.down && why.instead !== undefined
        ? `${players.tell(player, local.state, event)}: `
        : '';
    return why.instead === undefined ? [] : [`${taken}${why.instead}`];
  }
  const found: string[] = [];
  const seen = new Set<string>();
  for (const message of network.receivable(player.actor)) {
    if (found.length >= MOST_NAMED) break;
    const key = keyOf(message);
    const event = { type: 'receive', message };
    const outlook = seen.has(key) || local.down ? undefined : reader.hidden(local, event, network);
    seen.add(key);
    if (!outlook || !('local' in outlook)) continue;
    const changes = outlook.local.state !== local.state || outlook.release.length > 0;
    if (changes) found.push(players.tell(player, local.state, event));
  }
  return found;
}
