/** What the tests of the roles share: short names for ballots and messages, and a step that is seen not to change its input. */
import { expect } from 'vitest';
import { deepFreeze } from '../../model-check/canonical.ts';
import type { ActorId, Ballot } from '../../spec/ballot.ts';
import type { Message } from '../../spec/message.ts';
import type { Proposal } from '../../spec/proposal.ts';
import { majorities } from '../../spec/quorum.ts';
import { type Role, step } from '../../spec/role.ts';

export const ACCEPTORS = ['a1', 'a2', 'a3'];
export const QUORUMS = majorities(ACCEPTORS);

/** `1.p2`, as people write it, is a ballot. */
export function ballot(text: string): Ballot {
  const [round, proposer] = text.split('.') as [string, string];
  return { round: Number(round), proposer };
}

export const proposal = (at: string, value: string): Proposal => ({ ballot: ballot(at), value });

export const prepare = (at: string): Message => ({
  type: 'prepare',
  from: ballot(at).proposer,
  to: ACCEPTORS,
  ballot: ballot(at),
});

export const promise = (from: string, at: string, accepted: Proposal | null = null): Message => ({
  type: 'promise',
  from,
  to: [ballot(at).proposer],
  ballot: ballot(at),
  accepted,
});

export const accept = (at: string, value: string): Message => ({
  type: 'accept',
  from: ballot(at).proposer,
  to: ACCEPTORS,
  ballot: ballot(at),
  value,
});

export const accepted = (from: string, at: string, value: string, to: string[] = ['l1', 'l2']): Message => ({
  type: 'accepted',
  from,
  to,
  ballot: ballot(at),
  value,
});

export const nack = (from: string, at: string, promised: string): Message => ({
  type: 'nack',
  from,
  to: [ballot(at).proposer],
  ballot: ballot(at),
  promised: ballot(promised),
});

export const decision = (from: string, to: string[], value: string): Message => ({
  type: 'decision',
  from,
  to,
  value,
});

export const receive = (message: Message) => ({ type: 'receive' as const, message });
export const start = (value: string) => ({ type: 'start' as const, value });

/** An actor of a role that takes one event after another; every input is frozen. */
export function actor<C extends { readonly id: ActorId }, S extends object, E, M = Message>(
  role: Role<C, S, E, M>,
  context: C,
  initial: S = role.initial,
) {
  let state = deepFreeze(structuredClone(initial));
  return {
    get state() {
      return state;
    },
    /** Takes an event, and gives the rule that fired and what was sent. */
    takes(event: E) {
      const { rule, send, ...outcome } = step(role, context, state, deepFreeze(structuredClone(event)));
      state = deepFreeze(outcome.state);
      return { rule, send };
    },
    /** Takes an event of which it must take no notice. */
    ignores(event: E) {
      const before = state;
      const { rule, send } = this.takes(event);
      expect({ rule, send, state }).toEqual({ rule: null, send: [], state: before });
    },
  };
}
