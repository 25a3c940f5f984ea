/** Where a program does not send what our acceptor sends: each kind of difference, and the naive way to find them. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalSet } from '../../model-check/canonical.ts';
import {
  type AcceptorState,
  acceptor,
  type Message,
  PaxosConfiguration,
  restart,
  step,
} from '../../spec/index.ts';
import type { Speaker } from '../../src/foreign/conversation.ts';
import { type Comparison, compare } from '../../src/foreign/diff.ts';
import type { Question, Self } from '../../src/foreign/protocol.ts';
import { ForeignRole } from '../../src/foreign/role.ts';
import type { Input } from '../../src/foreign/situation.ts';
import { selvesOf } from '../../src/foreign/system.ts';
import { type Machine, machinesOf } from '../../src/vectors/machine.ts';
import { refusal, root, synod } from '../cli/run.ts';

type Answer = { readonly state: AcceptorState; readonly send: readonly Message[] };
/** What an acceptor does that may differ from ours. */
type Variant = (before: AcceptorState, input: Input, ours: Answer, self: Self) => Answer;

const configuration = PaxosConfiguration.parse({
  acceptors: 3,
  proposers: 2,
  ballots: 1,
  learners: 1,
  crashes: 1,
});
const selves = selvesOf(configuration);
const machine = (await machinesOf(configuration)).find(({ self }) => self.role === 'acceptor') as Machine;

function answered(variant: Variant, self: Self, state: AcceptorState, input: Input): Answer {
  if (input === 'restart') return variant(state, input, { state: restart(acceptor, state), send: [] }, self);
  const context = { ...(self as Extract<Self, { role: 'acceptor' }>), nacks: false };
  return variant(state, input, step(acceptor, context, state, input), self);
}

/** A program that is a function. */
function speaker(variant: Variant): Speaker {
  const answer = (question: Question & { id: number }): object => {
    if (question.type === 'hello') return { protocol: 1, kind: 'stateless', restart: true };
    if (question.type === 'init') return { state: acceptor.initial };
    const { self, state } = question as { self: Self; state: AcceptorState };
    const input: Input = question.type === 'step' ? question.event : 'restart';
    const after = answered(variant, self, state, input);
    return question.type === 'step' ? { state: after.state, send: after.send } : { state: after.state };
  };
  let number = 0;
  return {
    ask: (lines) => ({
      lines: lines.map((line) => {
        const question = JSON.parse(line) as Question & { id: number };
        number += 1;
        return { number, text: JSON.stringify({ id: question.id, ...answer(question) }) };
      }),
    }),
    stop: async () => {},
  };
}

function compared(variant: Variant): Comparison {
  const role = new ForeignRole(
    'acceptor',
    selves.filter(({ role: name }) => name === 'acceptor'),
    selves.map(({ id }) => id),
    { command: 'a function', patience: 1, maxDeliveries: 4 },
    speaker(variant),
  );
  role.begin();
  return compare(machine, role, 1);
}

const same: Variant = (_before, _input, ours) => ours;
const isEqual = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);
const received = (input: Input) =>
  input !== 'restart' && input.type === 'receive' ? input.message : undefined;

/** Ways to differ, by what they amount to. */
const variants: Readonly<Record<string, Variant>> = {
  less: (_before, input, ours) => (received(input)?.type === 'accept' ? { ...ours, send: [] } : ours),
  again: (before, input, ours, self) => {
    const message = received(input);
    if (message?.type !== 'prepare' || !isEqual(message.ballot, before.promised) || before.accepted)
      return ours;
    const { ballot, from } = message;
    return { ...ours, send: [{ type: 'promise', from: self.id, to: [from], ballot, accepted: null }] };
  },
  nack: (before, input, ours, self) => {
    const message = received(input);
    if (message?.type !== 'prepare' || ours.send.length > 0 || !before.promised) return ours;
    const { ballot, from } = message;
    return {
      ...ours,
      send: [{ type: 'nack', from: self.id, to: [from], ballot, promised: before.promised }],
    };
  },
  other: (before, input, ours) =>
    input === 'restart' ? { ...ours, state: { ...before, promised: before.accepted?.ballot ?? null } } : ours,
  finding: (_before, input, ours) =>
    received(input)?.type === 'accept'
      ? ({ ...ours, send: [{ type: 'prepare' }] } as unknown as Answer)
      : ours,
};

test('our own acceptor does not differ, and is asked all that it is ever asked', () => {
  const { steps, differences, isCut } = compared(same);
  expect({ differences, isCut }).toEqual({ differences: [], isCut: false });
  expect(steps).toBeGreaterThanOrEqual(machine.reached.length);
});

test('copies of what is sent, in another order, are no difference', () => {
  const { differences } = compared((_before, _input, ours) => ({
    ...ours,
    send: [...ours.send, ...ours.send].reverse(),
  }));
  expect(differences).toEqual([]);
});

test.each(['less', 'again', 'nack', 'finding'])(
  'a difference that is "%s" is told as that, and nothing else',
  (kind) => {
    const { differences } = compared(variants[kind] as Variant);
    expect([...new Set(differences.map((each) => each.kind))]).toEqual([kind]);
  },
);

test('one that may matter is told, by a shortest way to it', () => {
  const { differences } = compared(variants['other'] as Variant);
  const [first] = differences.filter(({ kind }) => kind === 'other');
  // A promise, a crash, and what the promise forbids.
  expect(first?.example.path).toHaveLength(2);
  expect(first?.example.ours).toEqual([]);
  expect(first?.example.theirs).toHaveLength(1);
});

describe('the naive way, which takes inputs in a row and compares', () => {
  const alphabet = [...new Map(machine.reached.map(({ input }) => [JSON.stringify(input), input])).values()];
  const asked = new Set(machine.reached.map(({ state, input }) => JSON.stringify([state, input])));
  const isUnlike = (ours: readonly Message[], theirs: readonly Message[]) =>
    canonicalSet([...new Set(ours.map((each) => JSON.stringify(each)))]) !==
    canonicalSet([...new Set(theirs.map((each) => JSON.stringify(each)))]);

  /** Whether something differs in some run of at most so many inputs that our acceptor may be asked. */
  function differs(
    variant: Variant,
    left: number,
    ours: unknown,
    theirs: AcceptorState,
    crashes = 1,
  ): boolean {
    if (left === 0) return false;
    return alphabet.some((input) => {
      const remaining = crashes - (input === 'restart' ? 1 : 0);
      if (remaining < 0) return false;
      if (!asked.has(JSON.stringify([ours, input]))) return false;
      const mine = machine.take(ours, input);
      const its = answered(variant, machine.self, theirs, input);
      return isUnlike(mine.send, its.send) || differs(variant, left - 1, mine.state, its.state, remaining);
    });
  }

  test('finds a difference where one is found, and none where none is', () => {
    const found: boolean[] = [];
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom('silent', 'forgets', 'same'), (which, how) => {
        const { state, input } = machine.reached[
          which % machine.reached.length
        ] as Machine['reached'][number];
        const isHere = (before: AcceptorState, asking: Input) =>
          isEqual(before, state) && isEqual(asking, input);
        const variant: Variant = (before, asking, ours) => {
          if (how === 'same' || !isHere(before, asking)) return ours;
          return how === 'silent' ? { ...ours, send: [] } : { ...ours, state: acceptor.initial };
        };
        const { differences } = compared(variant);
        const [shortest] = differences.map(({ example }) => example.path.length + 1).sort((a, b) => a - b);
        found.push(shortest !== undefined);
        const long = 3;
        expect(differs(variant, long, acceptor.initial, acceptor.initial)).toBe(
          (shortest ?? long + 1) <= long,
        );
      }),
      { seed: 5, numRuns: 25 },
    );
    expect(new Set(found).size).toBe(2);
  });
});

describe('synod diff', () => {
  const examples = `python3 ${root}/examples/python`;
  const program = (kind: string, how: string) =>
    `${process.execPath} ${root}/test/foreign/misbehaving.mjs ${kind} '${how}'`;

  test('no difference: status 0', async () => {
    const { status, stdout } = await synod('diff', '--acceptor', program('stateful', 'not'));
    expect(stdout).toMatch(/a1 ✓ sends what ours sends, in \d+ steps\n$/);
    expect(status).toBe(0);
  });

  test('differences: status 1, and an example of each', async () => {
    const how = 'stale prepare lowers the promise';
    const { status, stdout } = await synod('diff', '--acceptor', program('stateless', how));
    expect(status).toBe(1);
    expect(stdout).toMatch(/a1 differs in [\d,]+ of [\d,]+ steps\n/);
    expect(stdout).toMatch(
      /it may matter: synod check says whether it does\n {6}after .*, asked .*\n {6}it sends .*; ours sends nothing\n/,
    );
  });

  test('a program that hides its state is compared as far as its bound goes: status 3', async () => {
    const args = ['diff', '--acceptor', program('history', 'not'), '--max-deliveries', '2', '--json'];
    const { status, stdout } = await synod(...args);
    expect(JSON.parse(stdout)).toMatchObject([
      { role: 'acceptor', actors: [{ isCut: true, differences: [] }] },
    ]);
    expect(status).toBe(3);
  });

  test.each([
    [[], /^diff: no program is named: expected --acceptor <command>, /],
    [['--acceptor', `${examples}/none.py`], /^--acceptor: ".*none\.py": ends /],
    [['--acceptor', 'true', '--acceptors', '0'], /^--acceptors: 0: expected at least 1 acceptor/],
  ])('refuses %j', async (args, said) => {
    expect(refusal(await synod('diff', ...args))).toMatch(said);
  });
});
