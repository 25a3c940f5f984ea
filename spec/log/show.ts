import { z } from 'zod';
import { showBallot } from '../ballot.ts';
import { show } from '../show.ts';
import { SlotProposal, showSlotProposal } from './entry.ts';
import { LogMessage } from './message.ts';
import { Reported } from './states.ts';

/** A message of Multi-Paxos in few words: `promise 2.p1, accepted (1.p2, c1:1:x) in slot 1`. */
export function showLogMessage(message: LogMessage): string {
  switch (message.type) {
    case 'prepare':
      return `prepare ${showBallot(message.ballot)} from slot ${message.first} on`;
    case 'promise':
      return `promise ${showBallot(message.ballot)}, ${showReport(message)}`;
    case 'accept':
    case 'accepted':
      return `${message.type} ${showSlotProposal(message)}`;
    case 'nack':
      return `nack ${showBallot(message.ballot)}, promised ${showBallot(message.promised)}`;
    case 'decision':
      return `decision ${message.value} in slot ${message.slot}`;
    case 'reply':
      return `reply ${message.reply || '(nothing)'} to number ${message.number} of ${message.to.join(', ')}`;
    case 'request':
      return `request for ${message.value}`;
    case 'read':
      return `read ${message.query}, number ${message.number}`;
    case 'confirm':
    case 'confirmed':
      return `${message.type} ${showBallot(message.ballot)} for read ${message.number} of ${message.client}`;
    case 'truncated':
      return `truncated up to slot ${message.last}`;
    case 'heartbeat':
      return `heartbeat ${showBallot(message.ballot)}`;
    case 'ask':
      return `question what is chosen after slot ${message.after}`;
    case 'snapshot':
      return `snapshot at slot ${message.last}`;
    case 'read-index':
      return `read ${message.query}, number ${message.number} of ${message.client}, at slot ${message.index}`;
  }
}

/** What a promise reports. */
export function showReport({ accepted, truncated }: Reported): string {
  const proposals = accepted.map(showSlotProposal).join(' and ');
  const what = accepted.length === 0 ? 'nothing accepted' : `accepted ${proposals}`;
  return truncated === 0 ? what : `the log truncated up to slot ${truncated}, and ${what} after it`;
}

const shown = z.union([
  LogMessage.transform(showLogMessage),
  SlotProposal.transform(showSlotProposal),
  Reported.transform(showReport),
]);

/** Anything that a message or a state of Multi-Paxos holds, in few words. */
export function showLog(value: unknown): string {
  const known = shown.safeParse(value);
  if (known.success) return known.data;
  if (Array.isArray(value)) return `[${value.map(showLog).join(', ')}]`;
  return show(value);
}
