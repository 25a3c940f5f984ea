/** The mail of a node: what is taken first. */
import { expect, test } from 'vitest';
import type { LogMessage } from '../../spec/log/message.ts';
import { nodeCast } from '../../src/node/cast.ts';
import { Mail } from '../../src/node/mail.ts';

const ballot = { round: 1, proposer: 'p1' };
const vote = (value: string): LogMessage => ({
  ...{ type: 'accepted', from: 'a1', to: ['r1', 'r2', 'r3'] },
  ...{ ballot, slot: 1, value },
});
const accept: LogMessage = {
  ...{ type: 'accept', from: 'p1', to: ['a1', 'a2', 'a3'] },
  ...{ ballot, slot: 2, value: 'c1-w0:2:x' },
};

function mailOf(self: string, leader: string | null): Mail {
  const transport = { start() {}, send() {}, know() {} };
  const mail = new Mail(nodeCast(self, ['n1', 'n2', 'n3']), transport, Math.random);
  mail.leader = leader;
  return mail;
}

/** What is taken at once, and what is taken when the rest is admitted. */
function taken(mail: Mail, messages: readonly LogMessage[]) {
  mail.receive(messages);
  const first = mail.inbox.splice(0);
  const more = mail.admit();
  const last = mail.inbox.splice(0);
  expect(more).toBe(last.length > 0);
  expect(mail.admit()).toBe(false);
  return { first, last };
}

test('a vote that nobody at a node waits for is taken after the request that has come behind it, and is not lost', () => {
  const elsewhere = vote('c1-w0:1:x');
  expect(taken(mailOf('n2', 'n1'), [elsewhere, accept])).toEqual({ first: [accept], last: [elsewhere] });
});

test('a vote is taken at once by the leader, by the node of the client, and where no leader is known', () => {
  for (const [mail, value] of [
    [mailOf('n1', 'n1'), 'c2-w0:1:x'],
    [mailOf('n2', 'n1'), 'c2-w0:1:x'],
    [mailOf('n2', null), 'c1-w0:1:x'],
  ] as const)
    expect(taken(mail, [vote(value), accept])).toEqual({ first: [vote(value), accept], last: [] });
});
