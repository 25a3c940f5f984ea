/** What holds of every role in every state that its schema allows, with every event that it may be given. */
import { Arbitrary, Schema } from 'effect';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ZodError } from 'zod';
import { deepFreeze } from '../../model-check/canonical.ts';
import { acceptor } from '../../spec/acceptor.ts';
import { compareBallots } from '../../spec/ballot.ts';
import { learner } from '../../spec/learner.ts';
import { logAcceptor } from '../../spec/log/acceptor.ts';
import { client } from '../../spec/log/client.ts';
import { journal } from '../../spec/log/journal.ts';
import { leader } from '../../spec/log/leader.ts';
import { replicaOf } from '../../spec/log/replica.ts';
import { type ProposerState, proposer } from '../../spec/proposer.ts';
import { durablePart, type Role, restart, step } from '../../spec/role.ts';
import * as effect from './formats-in-effect.ts';
import { ACCEPTORS, ballot, QUORUMS, start } from './paper.ts';

const any = <T, I>(schema: Schema.Schema<T, I>) => Arbitrary.make(schema) as unknown as fc.Arbitrary<unknown>;

/** The same value with few names, values and rounds, so that a state and an event have something to do with each other. */
function narrowed(value: unknown, key = ''): unknown {
  const pick = (prefix: string, choices: number) => `${prefix}${(String(value).length % choices) + 1}`;
  if (typeof value === 'number')
    return ['seenRound', 'applied', 'index', 'truncated', 'chosenUpTo'].includes(key)
      ? value % 4
      : (value % 3) + 1;
  if (typeof value === 'string') {
    if (key === 'proposer') return pick('p', 2);
    if (key === 'value' || key === 'learned') return pick('v', 2);
    if (key === 'from' || key === 'acceptor') return pick('a', 3);
    if (key === 'client') return pick('c', 2);
    return value;
  }
  if (Array.isArray(value)) return key === 'to' ? ['p1'] : value.map((item) => narrowed(item));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, item]) => [
    key === 'promises' ? `a${(name.length % 3) + 1}` : key === 'reads' ? `c${(name.length % 2) + 1}` : name,
    narrowed(item, name),
  ]);
  return Object.fromEntries(entries);
}

/** A state and an event that are about one ballot, and one read, where both have one. */
function aligned([state, event]: readonly [unknown, unknown]): [unknown, unknown] {
  const { message } = event as {
    message?: { type: string; ballot?: unknown; client?: string; number?: number };
  };
  const inOne = message?.ballot !== undefined && 'ballot' in (state as object);
  const ofRead = inOne && 'reads' in (state as object) && message.client !== undefined;
  const waiting = { query: '', index: 0, confirmed: [] };
  const asked = (event as { type: string }).type === 'request' || message?.type === 'request';
  const free = asked && 'reported' in (state as object) ? { reported: [] } : {};
  return [
    {
      ...(state as object),
      ...free,
      ...(inOne ? { ballot: message.ballot } : {}),
      ...(ofRead ? { reads: { [message.client as string]: { number: message.number, waiting } } } : {}),
    },
    event,
  ];
}

const inputs = (state: Schema.Schema<never>, events: readonly Schema.Schema<never>[]) => {
  const pair = fc.tuple(any(state), fc.oneof(...events.map((event) => any(event))));
  const narrow = pair.map((each): [unknown, unknown] => [narrowed(each[0]), narrowed(each[1])]);
  return fc.oneof(
    { weight: 1, arbitrary: pair },
    { weight: 2, arbitrary: narrow },
    { weight: 3, arbitrary: narrow.map(aligned) },
  );
};

/** The messages to a proposer, so that they come often. */
const [, Promised, , , Refused] = effect.Message.members;
const toProposer = [Promised, Refused].map((message) =>
  Schema.Struct({ type: Schema.Literal('receive'), message: message as Schema.Schema<unknown> }),
);

const [
  Prepare,
  LogPromised,
  LogAccept,
  Vote,
  LogRefused,
  Decision,
  Replied,
  Asked,
  Read,
  Confirm,
  Confirmed,
  ReadIndex,
  Truncated,
  Snapshot,
  Heartbeat,
  Ask,
] = effect.LogMessage.members;
const received = (...messages: unknown[]) =>
  messages.map((message) =>
    Schema.Struct({ type: Schema.Literal('receive'), message: message as Schema.Schema<unknown> }),
  );
const [, Beat, Resend] = effect.LeaderEvent.members;
const toLeader = received(
  LogPromised,
  LogPromised,
  LogPromised,
  LogPromised,
  LogRefused,
  Decision,
  Asked,
  Read,
  Confirmed,
  Truncated,
  Heartbeat,
);

interface Envelope {
  readonly from: string;
  readonly to: readonly string[];
}

interface Case {
  readonly role: Role<{ readonly id: string }, object, unknown, Envelope>;
  readonly contexts: readonly { readonly id: string }[];
  readonly inputs: fc.Arbitrary<[unknown, unknown]>;
}
const asCase = <C extends { readonly id: string }, S extends object, E, M>(
  role: Role<C, S, E, M>,
  contexts: readonly C[],
  arbitrary: fc.Arbitrary<[unknown, unknown]>,
): Case => ({ role: role as unknown as Case['role'], contexts, inputs: arbitrary });
const schema = (one: unknown) => one as Schema.Schema<never>;

const cases: Record<string, Case> = {
  acceptor: asCase(
    acceptor,
    [
      { id: 'a1', tells: [], nacks: false },
      { id: 'a1', tells: ['l1', 'l2'], nacks: true },
    ],
    inputs(schema(effect.AcceptorState), [schema(effect.Receive)]),
  ),
  proposer: asCase(
    proposer,
    [
      { id: 'p1', acceptors: ACCEPTORS, quorums: QUORUMS },
      { id: 'p2', acceptors: ['a1'], quorums: { phase1: [['a1']], phase2: [['a1']] } },
    ],
    inputs(schema(effect.ProposerState), [effect.ProposerEvent, ...toProposer].map(schema)),
  ),
  learner: asCase(
    learner,
    [
      { id: 'l1', quorums: QUORUMS, announcesTo: [] },
      { id: 'l1', quorums: { phase1: [['a1']], phase2: [['a2']] }, announcesTo: ['l2', 'l3'] },
    ],
    inputs(schema(effect.LearnerState), [schema(effect.Receive)]),
  ),
  'acceptor of the log': asCase(
    logAcceptor,
    [
      { id: 'a1', tells: [], nacks: false },
      { id: 'a1', tells: ['r1', 'r2'], nacks: true },
    ],
    inputs(
      schema(effect.LogAcceptorState),
      [effect.LogReceive, ...received(Prepare, LogAccept, Confirm, Truncated)].map(schema),
    ),
  ),
  leader: asCase(
    leader,
    [
      {
        id: 'p1',
        acceptors: ACCEPTORS,
        quorums: QUORUMS,
        replicas: ['r1'],
        window: 3,
        election: { peers: ['p2'], backOff: 3 },
        changesAfter: 3,
      },
      {
        id: 'p2',
        acceptors: ['a1'],
        quorums: { phase1: [['a1']], phase2: [['a1']] },
        replicas: [],
        window: 1,
      },
    ],
    inputs(schema(effect.LeaderState), [effect.LeaderEvent, Beat, Beat, Resend, ...toLeader].map(schema)),
  ),
  replica: asCase(
    replicaOf(journal),
    [
      { id: 'r1', quorums: QUORUMS, announcesTo: [], replies: false, peers: [], acceptors: [] },
      {
        id: 'r1',
        quorums: { phase1: [['a1']], phase2: [['a2']] },
        announcesTo: ['p1', 'r2'],
        replies: true,
        peers: ['r2'],
        acceptors: ACCEPTORS,
        changesAfter: 1,
      },
    ],
    inputs(
      schema(effect.ReplicaState),
      [effect.ReplicaEvent, ...received(Vote, Vote, Vote, Vote, Decision, ReadIndex, Snapshot, Ask)].map(
        schema,
      ),
    ),
  ),
  client: asCase(
    client,
    [
      { id: 'c1', leaders: [] },
      { id: 'c1', leaders: ['p1', 'p2'] },
    ],
    inputs(schema(effect.ClientState), [effect.ClientEvent, ...received(Replied)].map(schema)),
  ),
};

/** The one thing that has an end: the rounds that a number can count. */
const atTheEnd = (text: string) => text.includes(String(Number.MAX_SAFE_INTEGER));

describe.each(Object.entries(cases))('%s', (_name, { role, contexts, inputs: given }) => {
  test('answers every event in every state, the same each time, and writes to neither', () => {
    const fired = new Map<string | null, number>();
    fc.assert(
      fc.property(given, fc.constantFrom(...contexts), ([state, event], context) => {
        const text = JSON.stringify([state, event]);
        fc.pre(!atTheEnd(text));
        const outcome = step(role, deepFreeze(context), deepFreeze(state), deepFreeze(event));
        expect(JSON.stringify([state, event])).toBe(text);
        expect(step(role, context, state, event)).toEqual(outcome);
        fired.set(outcome.rule, (fired.get(outcome.rule) ?? 0) + 1);
        // What comes out could come in again.
        expect(role.state.parse(outcome.state)).toEqual(outcome.state);
        for (const message of outcome.send) {
          expect(role.message.parse(message)).toEqual(message);
          expect(message.from).toBe(context.id);
          expect(message.to).toEqual([...new Set(message.to)].sort());
        }
        if (outcome.rule === null)
          expect(outcome).toEqual({ rule: null, state: role.state.parse(state), send: [] });
        else expect(Object.keys(role.rules)).toContain(outcome.rule);
      }),
      { seed: 7, numRuns: 1500, ignoreEqualValues: false },
    );
    for (const rule of [null, ...Object.keys(role.rules)])
      expect(fired.get(rule), `${rule}`).toBeGreaterThan(0);
  });

  test('keeps exactly its durable part in a restart, and of it everything', () => {
    fc.assert(
      fc.property(given, ([state]) => {
        const before = role.state.parse(state) as Record<string, unknown>;
        const after = restart(role, deepFreeze(state)) as Record<string, unknown>;
        const durable = Object.keys(role.durable.shape);
        expect(Object.keys(after).sort()).toEqual(Object.keys(role.initial).sort());
        for (const field of Object.keys(after)) {
          const source = durable.includes(field) ? before : (role.initial as Record<string, unknown>);
          expect(after[field]).toEqual(source[field]);
        }
        expect(restart(role, after)).toEqual(after);
        expect(durablePart(role, after)).toEqual(durablePart(role, before));
      }),
    );
  });

  test('refuses every input that is not of its schema, before anything else', () => {
    fc.assert(
      fc.property(given, fc.jsonValue(), fc.boolean(), ([state, event], junk, inState) => {
        fc.pre(!(inState ? role.state : role.event).safeParse(junk).success);
        const [one, other] = inState ? [junk, event] : [state, junk];
        expect(() => step(role, contexts[0] as { id: string }, one, other)).toThrow(ZodError);
      }),
    );
  });
});

describe('whatever the state, one step', () => {
  test('of an acceptor never lowers its promise, and it votes only at or above what it has promised', () => {
    fc.assert(
      fc.property(cases['acceptor']!.inputs, ([state, event]) => {
        const context = { id: 'a1', tells: ['l1'], nacks: true };
        const before = acceptor.state.parse(state);
        const { state: after, send } = step(acceptor, context, state, event);
        expect(compareBallots(after.promised, before.promised)).toBeGreaterThanOrEqual(0);
        for (const message of send) {
          if (message.type === 'accepted') {
            expect(compareBallots(message.ballot, before.promised)).toBeGreaterThanOrEqual(0);
            expect(after.accepted).toEqual({ ballot: message.ballot, value: message.value });
          }
          if (message.type === 'promise') {
            expect(compareBallots(message.ballot, before.promised)).toBeGreaterThan(0);
            expect(message.accepted).toEqual(before.accepted);
            expect(after).toEqual({ promised: message.ballot, accepted: before.accepted });
          }
          if (message.type === 'nack') expect(after).toEqual(before);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('of a proposer never lowers its ballot; it proposes once in a ballot, with a quorum, and then the value it must', () => {
    let proposed = 0;
    fc.assert(
      fc.property(cases['proposer']!.inputs, ([state, event]) => {
        fc.pre(!atTheEnd(JSON.stringify([state, event])));
        const context = { id: 'p1', acceptors: ACCEPTORS, quorums: QUORUMS };
        const before = proposer.state.parse(state);
        const { state: after, send } = step(proposer, context, state, event);
        expect(compareBallots(after.ballot, null)).toBeGreaterThanOrEqual(before.ballot ? 1 : 0);
        expect((after.ballot?.round ?? 0) - (before.ballot?.round ?? 0)).toBeGreaterThanOrEqual(0);
        for (const message of send) {
          if (message.type !== 'accept') continue;
          proposed += 1;
          expect([before.phase, after.phase]).toEqual(['prepare', 'accept']);
          expect(message.ballot).toEqual(before.ballot);
          const last = proposer.event.parse(event);
          if (last.type !== 'receive' || last.message.type !== 'promise') throw new Error('on what?');
          const promises = { ...before.promises, [last.message.from]: last.message.accepted };
          expect(Object.keys(promises).filter((id) => ACCEPTORS.includes(id)).length).toBeGreaterThan(1);
          const reported = Object.values(promises).filter((each) => each !== null);
          const top = reported.filter((each) =>
            reported.every((other) => compareBallots(each.ballot, other.ballot) >= 0),
          );
          if (top.length === 0) expect(message.value).toBe(before.value);
          else expect(top.map(({ value }) => value)).toContain(message.value);
        }
      }),
      { numRuns: 1500 },
    );
    expect(proposed).toBeGreaterThan(10);
  });
});

test('where the rounds end, a proposer refuses to start rather than to use a ballot twice', () => {
  const last: ProposerState = {
    ...proposer.initial,
    ballot: { ...ballot('1.p1'), round: Number.MAX_SAFE_INTEGER },
  };
  expect(() =>
    step(proposer, { id: 'p1', acceptors: ACCEPTORS, quorums: QUORUMS }, last, start('v1')),
  ).toThrow(ZodError);
});
