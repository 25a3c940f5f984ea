import { z } from 'zod';
import { Ballot, showBallot } from './ballot.ts';
import { Message } from './message.ts';
import { Proposal } from './proposal.ts';

/** A proposal as people write it: (2.p1, v1). */
export function showProposal({ ballot, value }: Pick<Proposal, 'ballot' | 'value'>): string {
  return `(${showBallot(ballot)}, ${value})`;
}

/** A message in few words: `promise 2.p1, accepted (1.p2, v2)`. */
export function showMessage(message: Message): string {
  const at = 'ballot' in message ? ` ${showBallot(message.ballot)}` : '';
  switch (message.type) {
    case 'promise':
      return `promise${at}, ${message.accepted ? `accepted ${showProposal(message.accepted)}` : 'nothing accepted'}`;
    case 'nack':
      return `nack${at}, promised ${showBallot(message.promised)}`;
    case 'decision':
      return `decision ${message.value}`;
    case 'accept':
    case 'accepted':
      return `${message.type} ${showProposal(message)}`;
    case 'prepare':
      return `prepare${at}`;
  }
}

const shown = z.union([
  Message.transform(showMessage),
  Proposal.transform(showProposal),
  Ballot.transform(showBallot),
  z.null().transform(() => 'none'),
  z.string(),
]);

/** Anything that a message or a state of Paxos holds, in few words. */
export function show(value: unknown): string {
  const known = shown.safeParse(value);
  if (known.success) return known.data;
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const parts = Object.entries(value).map(([key, item]) => `${key}: ${show(item)}`);
  return parts.length === 0 ? 'none' : `{${parts.join(', ')}}`;
}
