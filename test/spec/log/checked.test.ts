/** Multi-Paxos under the checker: counts against the oracle, the price of a command, clients. */
import { describe, expect, test } from 'vitest';
import { check } from '../../../model-check/check.ts';
import type { Property } from '../../../model-check/system.ts';
import { type LogCast, logCastOf, MultiPaxosConfiguration } from '../../../spec/log/configuration.ts';
import { type LogEvent, type LogRoleState, logFactsOf } from '../../../spec/log/facts.ts';
import type { LogMessage } from '../../../spec/log/message.ts';
import { multiPaxos } from '../../../spec/log/multi-paxos.ts';
import { byEngine, byOracle } from '../../model-check/compare.ts';

type Bounds = Parameters<typeof MultiPaxosConfiguration.parse>[0];
const systemOf = (bounds: Bounds) => multiPaxos(MultiPaxosConfiguration.parse(bounds));

describe('against the oracle', () => {
  test.each([
    [{ acceptors: 1, leaders: 2, replicas: 1, crashes: 1 }, 690],
    [{ acceptors: 2, leaders: 1, replicas: 1, requests: 'any', window: 1 }, 28],
    [{ acceptors: 1, leaders: 1, ballots: 2, crashes: 1, nacks: true }, 380],
    [{ acceptors: 1, replicas: 1, slots: 2, clients: 'w,r', reads: 'log' }, 1_909],
    [{ acceptors: 2, leaders: 1, replicas: 1, slots: 1, clients: 'w,r' }, 336],
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

describe('clients', () => {
  const bounds = { acceptors: 1, replicas: 2, slots: 1, clients: 'w,r' };

  test('what the observer of histories costs', async () => {
    const system = systemOf(bounds);
    const { observers: _observers, ...blind } = {
      ...system,
      properties: system.properties.filter(({ name }) => name !== 'linearizable'),
    };
    expect(await check(system)).toMatchObject({ verdict: 'holds', distinctStates: 8_153 });
    expect(await check(blind)).toMatchObject({ verdict: 'holds', distinctStates: 7_245 });
  });

  test('are given by what each asks for', () => {
    expect(systemOf({ ...bounds, clients: 'wr,r' }).covers[1]).toBe(
      '1 slot, window 1; c1 asks for command x and then query ?; c2 asks for query ?; any leader, as often as it is asked',
    );
    for (const clients of ['', 'w,', 'x', 'w,wx', 'w, r', 'r,r,r,r,r,r,r,r,r,r'])
      expect(() => systemOf({ ...bounds, clients })).toThrow(/1 to 9 clients w for each command/);
    expect(() => systemOf({ ...bounds, replicas: 0 })).toThrow(/at least 1 replica/);
    expect(() => systemOf({ ...bounds, clients: 'wwwww,wwwww' })).toThrow(/at most 9 commands/);
  });
});
