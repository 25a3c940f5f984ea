/** The log over three deciders: the same claims hold over all, and what one server cannot do is found out. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { check } from '../../../model-check/check.ts';
import { castOf, PaxosConfiguration } from '../../../spec/configuration.ts';
import { restart, step } from '../../../spec/index.ts';
import { multiPaxosDecider } from '../../../spec/log/deciders/multi-paxos.ts';
import { singleDecree } from '../../../spec/log/deciders/single-decree.ts';
import { ServerState, server, singleServer } from '../../../spec/log/deciders/single-server.ts';
import { type LogRoles, logRoles } from '../../../spec/log/multi-paxos.ts';
import { castOfLog, ReplicatedLogConfiguration, replicatedLog } from '../../../spec/log/replicated-log.ts';
import { findMutant } from '../../../spec/mutants/index.ts';
import { paxosRoles, type Roles } from '../../../spec/single-decree.ts';
import { byEngine, byOracle } from '../../model-check/compare.ts';

type Bounds = z.input<typeof ReplicatedLogConfiguration>;
const of = (bounds: Bounds) => ReplicatedLogConfiguration.parse(bounds);
const deciders = ['single-server', 'single-decree', 'multi-paxos'] as const;

describe('against the oracle', () => {
  test.each([
    { decider: 'single-server', replicas: 2, crashes: 1 },
    { decider: 'single-server', replicas: 1, crashes: 1, unrepaired: true },
    { decider: 'single-decree', acceptors: 1, proposers: 1, ballots: 2, replicas: 0, slots: 1, crashes: 1 },
    {
      decider: 'single-decree',
      acceptors: 2,
      proposers: 2,
      replicas: 0,
      slots: 1,
      crashes: 1,
      unrepaired: true,
    },
    { decider: 'multi-paxos', acceptors: 1, proposers: 2, replicas: 1, crashes: 1 },
    { decider: 'multi-paxos', acceptors: 2, proposers: 1, replicas: 0, crashes: 1, unrepaired: true },
  ] as const)('%o', async (bounds) => {
    const system = replicatedLog(of(bounds));
    const counts = await byEngine(system);
    expect(counts).toEqual(byOracle(system));
    expect(counts.distinctStates).toBeGreaterThan(20);
  });

  test('one instance in a row is single-decree Paxos: as many states, and as many from which nothing is chosen', async () => {
    const report = await check(
      replicatedLog(of({ decider: 'single-decree', slots: 1, replicas: 0, crashes: 1 })),
    );
    expect(report.distinctStates).toBe(10_242);
    expect(report.properties.find(({ name }) => name === 'decision-in-reach')).toMatchObject({
      verdict: 'holds',
      outOfReach: { states: 124, exempt: 124 },
    });
  });
});

/** The configuration of each decider in which something can go wrong, and in which everything is explored in a moment. */
const small = { acceptors: 1, replicas: 2, crashes: 1 } as const;

describe('the same claims over all', () => {
  test.each(deciders)('%s: all hold, with crashes that are repaired', async (decider) => {
    const report = await check(replicatedLog(of({ ...small, decider })), { symmetry: true, passive: true });
    expect(report).toMatchObject({ verdict: 'holds', frontier: 0 });
    expect(report.reached.filter(({ reached, notApplicable }) => !reached && !notApplicable)).toEqual([]);
    expect(report.rules.filter(({ tabulated, idle }) => (tabulated === 0) === (idle === undefined))).toEqual(
      [],
    );
    expect(report.properties.filter(({ notApplicable }) => notApplicable)).toEqual([]);
  });

  test('they are the same', () => {
    const [one, ...others] = deciders.map((decider) =>
      replicatedLog(of({ decider })).properties.map(({ name, statement }) => [name, statement]),
    );
    for (const other of others) expect(other).toEqual(one);
  });
});

describe('a process that is never repaired', () => {
  const reach = async (bounds: Bounds) => {
    const system = replicatedLog(of({ ...bounds, crashes: 1, unrepaired: true }));
    const report = await check(system, { symmetry: true, properties: ['decision-in-reach'] });
    const { verdict, length, outOfReach } = report.properties[0] ?? {};
    return { verdict, length, outOfReach, story: report.counterexample?.steps.map(({ text }) => text) };
  };

  test('ends a single server', async () => {
    expect(await reach({ decider: 'single-server' })).toEqual({
      verdict: 'violated',
      length: 1,
      outOfReach: { states: 5, exempt: 0 },
      story: ['server s1 crashes, and is never repaired'],
    });
  });

  test.each(['single-decree', 'multi-paxos'] as const)('ends %s of one acceptor', async (decider) => {
    expect(await reach({ decider, acceptors: 1 })).toMatchObject({
      verdict: 'violated',
      length: 1,
      story: ['acceptor a1 crashes, and is never repaired'],
    });
  });

  test.each(['single-decree', 'multi-paxos'] as const)('does not end %s of three', async (decider) => {
    const { verdict, outOfReach } = await reach({ decider, slots: 1, replicas: 0 });
    expect(verdict).toBe('holds');
    expect(outOfReach?.states).toBeGreaterThanOrEqual(124);
    expect(outOfReach?.exempt).toBe(outOfReach?.states);
  });

  test('if it is every leader, ends Multi-Paxos', async () => {
    const bounds = { decider: 'multi-paxos', slots: 1, replicas: 0, crashes: 2, unrepaired: true } as const;
    const report = await check(replicatedLog(of(bounds)), { symmetry: true });
    expect(report.counterexample?.steps.map(({ text }) => text)).toEqual([
      'leader p1 crashes, and is never repaired',
      'leader p2 crashes, and is never repaired',
    ]);
  });
});

/** What is violated where a role, or what decides, is another. */
async function violated(system: ReturnType<typeof replicatedLog>) {
  const report = await check(system, { enough: () => false });
  return report.properties.filter(({ verdict }) => verdict === 'violated').map(({ name }) => name);
}

describe('every claim can fail', () => {
  test.each([
    ['own-value', ['agreement']],
    ['default-value', ['validity']],
  ])('by single-decree Paxos with the mutant %s', async (name, broken) => {
    const configuration = of({ ...small, decider: 'single-decree', replicas: 0, slots: 1 });
    const cast = castOf(PaxosConfiguration.parse({ acceptors: 1 }));
    const roles = findMutant(name)?.roles?.(paxosRoles, cast) as Roles;
    expect(
      await violated(replicatedLog(configuration, singleDecree(castOfLog(configuration).cast, roles))),
    ).toEqual(broken);
  });

  test('by a server that forgets what it has decided', async () => {
    const configuration = of({ ...small, decider: 'single-server' });
    const forgetful = { ...server, durable: ServerState.pick({}) };
    const decider = singleServer(castOfLog(configuration).cast, forgetful);
    expect(await violated(replicatedLog(configuration, decider))).toEqual([
      'agreement',
      'prefix',
      'same-replies',
    ]);
  });

  test('by Multi-Paxos with a leader that skips phase 1', async () => {
    const configuration = of({ ...small, decider: 'multi-paxos', replicas: 0, crashes: 0 });
    const { bounds, cast } = castOfLog(configuration);
    const begin = logRoles.leader.rules['1a'];
    const atOnce: typeof begin = (...asked) => {
      const effect = begin?.(...asked);
      return effect && { state: { ...effect.state, phase: 'lead' }, send: [] };
    };
    const leader = {
      ...logRoles.leader,
      rules: { ...logRoles.leader.rules, '1a': atOnce as NonNullable<typeof begin> },
    };
    const decider = multiPaxosDecider(bounds, cast, { ...logRoles, leader });
    expect(await violated(replicatedLog(configuration, decider))).toEqual(['agreement']);
  });

  /** Replicas that are wrong whatever decides: each rule that learns is followed by a mistake. */
  const wrongly = (
    mistake: (state: { applied: number; machine: unknown; decided: readonly unknown[] }) => object,
  ) => {
    const { replica } = logRoles;
    const rules = Object.entries(replica.rules).map(([name, rule]) => [
      name,
      (...asked: Parameters<typeof rule>) => {
        const effect = rule(...asked);
        const learned = effect && effect.state.decided.length > asked[1].decided.length;
        return effect && learned
          ? { ...effect, state: { ...effect.state, ...mistake(effect.state) } }
          : effect;
      },
    ]);
    return { ...replica, rules: Object.fromEntries(rules) } as LogRoles['replica'];
  };

  test.each(deciders)('by replicas, over %s', async (decider) => {
    const configuration = of({ ...small, crashes: 0, decider });
    const over = (replica: LogRoles['replica']) => violated(replicatedLog(configuration, undefined, replica));
    expect(await over(wrongly(({ decided }) => ({ applied: decided.length })))).toContain('no-gap');
    expect(await over(wrongly(({ machine }) => ({ machine: `${machine}${machine}` })))).toContain(
      'at-most-once',
    );
    expect(
      await over(wrongly(({ machine }) => ({ machine: [...`${machine}`].reverse().join('') }))),
    ).toContain('in-order');
    const invents = wrongly(() => ({ decided: [{ slot: 1, value: 'c9:9:z' }] }));
    expect(await over(invents)).toContain('learned-is-decided');
  });
});

test.each(deciders)('the price of a command over %s is the one in the README', async (decider) => {
  const stable = { decider, proposers: 1, replicas: 0 };
  const cells = [];
  for (const slots of [1, 2, 3]) {
    // One command in each slot is as good as any.
    const { reached } = await check(replicatedLog(of({ ...stable, slots, commands: 1 })), {
      symmetry: true,
      properties: ['in-order'],
    });
    cells.push(reached.find(({ name }) => name === 'all-decided')?.length);
  }
  const readme = readFileSync(new URL('../../../spec/README.md', import.meta.url), 'utf8');
  expect(readme).toContain(`| \`${decider}\` | ${cells.join(' | ')} |`);
});

test('a server decides in the order of requests, and keeps what it decided', () => {
  const context = { id: 's1', tells: ['r1'] };
  const request = { type: 'request', value: 'c1:1:x' };
  const { state, send } = step(server, context, { log: ['c2:1:y'] }, request);
  expect(state).toEqual({ log: ['c2:1:y', 'c1:1:x'] });
  expect(send).toEqual([{ type: 'decision', from: 's1', to: ['r1'], slot: 2, value: 'c1:1:x' }]);
  expect(restart(server, state)).toEqual(state);
  expect(() => step(server, context, { log: 1 }, request)).toThrow();
});
