/** What the tests of the log's roles share: short names for messages. */
import type { LogMessage } from '../../../spec/log/message.ts';
import { ACCEPTORS, ballot } from '../paper.ts';

/** `1.p1 2 c1:1:x`: ballot, slot, value. */
export function at(text: string) {
  const [number, slot, value] = text.split(' ') as [string, string, string];
  return { ballot: ballot(number), slot: Number(slot), value };
}

export const prepare = (number: string, first: number): LogMessage => ({
  type: 'prepare',
  from: ballot(number).proposer,
  to: ACCEPTORS,
  ballot: ballot(number),
  first,
});

export const promise = (from: string, number: string, first: number, ...reports: string[]): LogMessage => ({
  type: 'promise',
  from,
  to: [ballot(number).proposer],
  ballot: ballot(number),
  first,
  accepted: reports.map(at),
  truncated: 0,
});

export const accept = (text: string): LogMessage => ({
  type: 'accept',
  from: at(text).ballot.proposer,
  to: ACCEPTORS,
  ...at(text),
});

export const accepted = (from: string, text: string, to = ['r1']): LogMessage => ({
  type: 'accepted',
  from,
  to,
  ...at(text),
});

export const nack = (from: string, number: string, promised: string): LogMessage => ({
  type: 'nack',
  from,
  to: [ballot(number).proposer],
  ballot: ballot(number),
  promised: ballot(promised),
});

export const decision = (from: string, to: string[], slot: number, value: string): LogMessage => ({
  type: 'decision',
  from,
  to,
  slot,
  value,
});

export const receive = (message: LogMessage) => ({ type: 'receive' as const, message });
export const timeOut = { type: 'time-out' as const };
export const request = (value: string) => ({ type: 'request' as const, value });
