/** Multi-Paxos under the checker: counts against the oracle, what each mutant breaks, and the price of a command. */
import { describe, expect, test } from 'vitest';
import { check } from '../../../model-check/check.ts';
import type { Property } from '../../../model-check/system.ts';
import { type LogCast, logCastOf, MultiPaxosConfiguration } from '../../../spec/log/configuration.ts';
import { type LogEvent, type LogRoleState, logFactsOf } from '../../../spec/log/facts.ts';
import type { LogMessage } from '../../../spec/log/message.ts';
import { multiPaxos } from '../../../spec/log/multi-paxos.ts';
import { logMutants, logMutated } from '../../../spec/log/mutants.ts';
import { byEngine, byOracle } from '../../model-check/compare.ts';

type Bounds = Parameters<typeof MultiPaxosConfiguration.parse>[0];
const systemOf = (bounds: Bounds) => multiPaxos(MultiPaxosConfiguration.parse(bounds));

describe('against the oracle', () => {
  test.each([
    [{ acceptors: 1, leaders: 2, replicas: 1, crashes: 1 }, 690],
    [{ acceptors: 2, leaders: 1, replicas: 1, requests: 'any', window: 1 }, 28],
    [{ acceptors: 1, leaders: 1, ballots: 2, crashes: 1, nacks: true }, 380],
  ] as const)('%o', async (bounds, states) => {
    const system = systemOf(bounds);
    const counts = await byEngine(system);
    expect(counts).toEqual(byOracle(system));
    expect(counts.distinctStates).toBe(states);
  });

  test.each([
    { acceptors: 2, leaders: 2, replicas: 1 },
    { acceptors: 1, leaders: 2, replicas: 2, slots: 2, crashes: 1 },
  ])('symmetry and passive actors leave the number of states as it is: %o', async (bounds) => {
    const plain = await check(systemOf(bounds));
    const reduced = await check(systemOf(bounds), { symmetry: true, passive: true });
    expect(reduced.passive?.represented).toBe(plain.distinctStates);
    expect(reduced.distinctStates).toBeLessThan(plain.distinctStates / 3);
    expect([reduced.verdict, reduced.diameter]).toEqual([plain.verdict, plain.diameter]);
    expect(reduced.reached).toEqual(plain.reached);
  });
});

/** What each breaks in its small configuration, and in how many steps at least. */
const broken: Record<string, Record<string, number>> = {
  'phase-1-skipped': { agreement: 6, P2c: 5 },
  'phase-1-for-one-slot': { agreement: 11, P2c: 10 },
  'promise-reports-one-slot': { agreement: 11, P2c: 10 },
  'promise-per-slot': { agreement: 10, P1a: 7, P2c: 9 },
  'log-of-one-acceptor': { agreement: 17, P2c: 15 },
  'hole-filled-with-nothing': { validity: 10 },
  'hole-filled-with-commands': {},
  'log-promise-not-durable': { agreement: 11, P1a: 8, P2c: 10, 'only-grow': 3 },
  'leader-ballot-reused': { agreement: 10, 'one-value-per-ballot': 8, 'only-grow': 2 },
  'believes-one': { 'learned-is-chosen': 8 },
  'gap-applied': { 'no-gap': 7, 'in-order': 9 },
  'applied-twice': { 'at-most-once': 9 },
  'sessions-not-durable': { 'at-most-once': 10 },
  'machine-not-durable': { 'in-order': 7 },
};

async function brokenBy(name: string, bounds?: Bounds) {
  const mutant = logMutants.find((each) => each.name === name);
  if (!mutant) throw new Error(`no mutant ${name}`);
  const configuration = MultiPaxosConfiguration.parse(bounds ?? mutant.smallest);
  const report = await check(logMutated(configuration, mutant), { enough: () => false });
  expect(report.frontier).toBe(0);
  return Object.fromEntries(
    report.properties.flatMap(({ name: property, verdict, length }) =>
      verdict === 'violated' ? [[property, length]] : [],
    ),
  );
}

describe('mutants', () => {
  test('all are here', () => {
    expect(Object.keys(broken).sort()).toEqual(logMutants.map(({ name }) => name).sort());
  });

  test.each(Object.entries(broken))('%s', async (name, properties) => {
    expect(await brokenBy(name)).toEqual(properties);
    const requirements = Object.keys(properties).filter((each) => !/^P|only-grow|per-ballot/.test(each));
    const harmless = logMutants.find((each) => each.name === name)?.harmless;
    expect(requirements.length === 0).toBe(harmless !== undefined);
  });

  test('two replicas that apply over gaps do different things in different orders', async () => {
    const found = await brokenBy('gap-applied', { acceptors: 1, leaders: 1, replicas: 2 });
    expect(found).toEqual({ prefix: 9, 'no-gap': 7, 'in-order': 9, 'same-replies': 10 });
  });

  test('every property is broken by one of them', () => {
    const all = systemOf({}).properties.map(({ name }) => name);
    const found = Object.values(broken).flatMap((each) => Object.keys(each));
    expect(new Set([...found, 'prefix', 'same-replies'])).toEqual(new Set(all));
  });
});

/** Says no when a value is chosen in every slot: the counterexample is the shortest run to that. */
function neverAllChosen(cast: LogCast): Property<LogRoleState, LogMessage, LogEvent> {
  const { chosen } = logFactsOf(cast);
  return {
    name: 'never-all-chosen',
    kind: 'requirement',
    statement: 'In some slot no value is ever chosen.',
    clauses: [
      {
        facts: cast.slots.map((slot) => chosen(slot)),
        check: (...all) =>
          all.every((each) => (each as unknown[]).length > 0) ? 'all slots are decided' : undefined,
      },
    ],
  };
}

/** By type, the messages received in the shortest run in which so many commands are chosen. */
async function messagesFor(slots: number, acceptors: number) {
  const configuration = MultiPaxosConfiguration.parse({ acceptors, leaders: 1, slots });
  const system = multiPaxos(configuration);
  const property = neverAllChosen(logCastOf(configuration));
  const { counterexample } = await check({ ...system, properties: [property] });
  const counts: Record<string, number> = {};
  for (const { message } of counterexample?.steps ?? []) {
    const { type } = (message ?? { type: 'none' }) as { type: string };
    counts[type] = (counts[type] ?? 0) + 1;
  }
  return { ...counts, votes: counterexample?.steps.filter(({ rule }) => rule === '2b').length };
}

describe('a stable leader', () => {
  test.each([
    [1, 1],
    [3, 2],
    [4, 3],
  ])(
    'of %i acceptors pays phase 1 once, and for each command one round trip to a quorum',
    async (acceptors, quorum) => {
      for (const commands of [1, 2, 3]) {
        expect(await messagesFor(commands, acceptors)).toEqual({
          // The time-out, and the requests of clients.
          none: 1 + commands,
          prepare: quorum,
          promise: quorum,
          accept: commands * quorum,
          votes: commands * quorum,
        });
      }
    },
  );
});
