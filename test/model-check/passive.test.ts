import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { check } from '../../model-check/check.ts';
import { apart } from '../../model-check/passive.ts';
import type { Envelope, System } from '../../model-check/system.ts';
import { PaxosConfiguration } from '../../spec/configuration.ts';
import { type Mutant, mutants, mutated } from '../../spec/mutants/index.ts';
import { paxos } from '../../spec/single-decree.ts';
import { byEngine, byOracle, byOracleWithin } from './compare.ts';
import { buildQuiet, compareApart, countsApart, lateNews, QuietSpec, unclaimed } from './passive-system.ts';
import { renameAll } from './symmetric-system.ts';

/** What must be told alike of a system, whether passive actors are looked at apart or not. */
async function bothWays<S, M extends Envelope, E>(system: System<S, M, E>, symmetry = false) {
  const [whole, apart] = [
    await check(system, { symmetry, enough: () => false }),
    await check(system, { symmetry, enough: () => false, passive: true }),
  ];
  const alike = ({ verdict, stopped, diameter, properties, reached, counterexample }: typeof whole) => ({
    ...{ verdict, stopped, diameter, properties, reached, counterexample },
  });
  expect(alike(apart)).toEqual(alike(whole));
  expect(apart.passive?.represented).toBe(whole.symmetry?.represented ?? whole.distinctStates);
  if (!symmetry) {
    const fired = ({ rules }: typeof whole) => new Map(rules.map((rule) => [rule.name, rule]));
    expect(fired(apart)).toEqual(fired(whole));
    expect(apart.questions).toBe(whole.questions);
  }
  return { whole, apart };
}

describe('random systems with actors that send nothing', () => {
  test('states, diameter, questions, rules and every shortest length are those of the oracle', async () => {
    await compareApart(100, 200);
  }, 90_000);

  test('no crash where none is left', async () => {
    const { transitions, distinctStates, outOfReach, ...expected } = byOracle(lateNews);
    expect(expected.found).toEqual({ known: 3, 'a crash': 1, forgotten: 6 });
    const { found, questions, fired, diameter } = await byEngine(lateNews);
    expect({ found, questions, fired, diameter }).toEqual(expected);
    expect((await countsApart(lateNews)).counts).toEqual({ ...expected, distinctStates, outOfReach });
    expect((await countsApart(lateNews)).actors).toEqual(['b']);
  });

  test('verdicts, lengths and counterexamples are those of a run with all actors', async () => {
    let violated = 0;
    for (const spec of fc.sample(QuietSpec, { seed: 2001, numRuns: 90 })) {
      const system = buildQuiet(spec);
      if (!byOracleWithin(system, 200)) continue;
      for (const { name } of system.properties) {
        const [whole, apart] = [
          await check(system, { properties: [name] }),
          await check(system, { properties: [name], passive: true }),
        ];
        expect(apart.verdict).toBe(whole.verdict);
        // From how many states something is out of reach is told of the others only.
        const told = ({ properties: [row] }: typeof whole) => ({ ...row, outOfReach: undefined });
        expect(told(apart)).toEqual(told(whole));
        expect(apart.counterexample).toEqual(whole.counterexample);
        if ((whole.counterexample?.length ?? 0) > 1) violated += 1;
      }
    }
    expect(violated).toBeGreaterThan(15);
  }, 60_000);

  test('they are not trivial', async () => {
    const seen: Record<string, number> = {};
    const note = (what: string, is: boolean) => {
      seen[what] = (seen[what] ?? 0) + (is ? 1 : 0);
    };
    for (const spec of fc.sample(QuietSpec, { seed: 1990, numRuns: 130 })) {
      const system = unclaimed(buildQuiet(spec));
      if (!byOracleWithin(system, 200)) continue;
      const { actors, report } = await countsApart(system);
      const { passive, distinctStates, reached } = report;
      const saved = (passive?.represented ?? 0) > distinctStates;
      const restarts = system.actors.filter(({ restart }) => restart).map(({ name }) => name);
      const crashes = (system.crashes?.budget ?? 0) > 0;
      const groups = crashes ? (system.crashes?.groups ?? restarts.map((name) => [name])) : [];
      const among = (group: readonly string[]) => group.filter((name) => actors.includes(name)).length;
      note('compared', true);
      note('states saved', saved);
      note('half of the states saved', (passive?.represented ?? 0) >= 2 * distinctStates);
      note('two passive actors', saved && actors.length === 2);
      note('a passive actor that crashes', saved && groups.some((group) => among(group) > 0));
      note(
        'one that crashes together with others',
        saved && groups.some((group) => among(group) > 0 && among(group) < group.length),
      );
      note(
        'one with steps of its own',
        saved &&
          system.actors.some((each) => actors.includes(each.name) && each.internal?.({ at: 0 }).length),
      );
      note(
        'one that is not passive since it crashes',
        /crash/.test(Object.values(passive?.others ?? {}).join()),
      );
      note('one that is read or seen', /read|see/.test(Object.values(passive?.others ?? {}).join()));
      note('a situation far away', saved && reached.some(({ length = 0 }) => length > 2));
    }
    const least = {
      compared: 80,
      'states saved': 40,
      'half of the states saved': 20,
      'two passive actors': 8,
      'a passive actor that crashes': 8,
      'one that crashes together with others': 8,
      'one with steps of its own': 20,
      'one that is not passive since it crashes': 8,
      'one that is read or seen': 5,
      'a situation far away': 8,
    };
    for (const [what, count] of Object.entries(least)) expect(seen[what], what).toBeGreaterThanOrEqual(count);
  }, 60_000);
});

type Bounds = Parameters<typeof PaxosConfiguration.parse>[0];
const small: [actors: string[], bounds: Bounds][] = [
  [['l1'], { acceptors: 2, proposers: 2, learners: 1 }],
  [['l1'], { proposers: 2, learners: 1, ballots: 1 }],
  [['l1'], { acceptors: 2, proposers: 1, learners: 1, ballots: 2, crashes: 2 }],
  [['l1', 'l2'], { acceptors: 2, proposers: 2, learners: 2, crashes: 1 }],
  [['l1', 'l2'], { acceptors: 3, proposers: 1, learners: 2, crashes: 1 }],
  [['l1', 'l2'], { acceptors: 2, proposers: 2, learners: 2, nacks: true }],
  [['l2'], { acceptors: 2, proposers: 1, learners: 2, learning: 'distinguished' }],
  [['l2', 'l3'], { acceptors: 2, proposers: 1, learners: 3, learning: 'distinguished', crashes: 1 }],
  [[], { acceptors: 2, proposers: 1 }],
];

describe('paxos is told the same with passive actors apart', () => {
  test.each(small)('%o looked at apart: %o', async (actors, bounds) => {
    const system = paxos(PaxosConfiguration.parse(bounds));
    const { apart, whole } = await bothWays(system);
    expect(apart.passive?.actors).toEqual(actors);
    if (actors.length > 0) expect(apart.distinctStates).toBeLessThan(whole.distinctStates);
    const symmetric = await bothWays(system, true);
    expect(symmetric.apart.passive?.actors).toEqual(actors);
    expect(symmetric.apart.symmetry?.represented).toBe(apart.distinctStates);
  });

  const learning = mutants.filter(({ smallest, hears }) => (smallest.learners ?? 0) > 0 && !hears);
  const configurations = learning.flatMap((mutant) => {
    const also = mutant.also?.filter(({ learners = 0 }) => learners > 0) ?? [];
    return [mutant.smallest, { ...mutant.smallest, learners: 2, crashes: 1 }, ...also].map(
      (bounds) => [mutant.name, bounds, mutant] as [string, Bounds, Mutant],
    );
  });
  test.each(configurations)('the mutant %s, %o', async (_name, bounds, mutant) => {
    const { apart } = await bothWays(mutated(PaxosConfiguration.parse(bounds), mutant));
    if (apart.verdict !== 'violated') return;
    expect(apart.passive).toMatchObject({ actors: [], undone: expect.stringContaining('violated') });
    expect(apart.counterexample).toBeDefined();
  });
});

test('2 learners, a crash and nacks: the states that a run of all of them finds', async () => {
  const bounds = { proposers: 2, ballots: 1, learners: 2, crashes: 1, nacks: true };
  const report = await check(paxos(PaxosConfiguration.parse(bounds)), { passive: true });
  expect(report).toMatchObject({ verdict: 'holds', distinctStates: 85_974 });
  expect(report.passive).toMatchObject({ actors: ['l1', 'l2'], represented: 3_410_430 });
});

describe('with symmetry', () => {
  /** Two that are alike, and one that listens to the first only. */
  const partial: System<string, Envelope, { type: string }> = {
    name: 'partial',
    covers: [],
    actors: ['a', 'b', 'c'].map((name) => ({
      name,
      role: name === 'c' ? 'listener' : 'twin',
      initial: 'quiet',
      internal: (state) => (name !== 'c' && state === 'quiet' ? [{ type: 'call' }] : []),
      transition: (state, event) => {
        if (event.type === 'call') return { rule: 'call', state: 'done', send: [{ from: name, to: ['c'] }] };
        const heard = 'message' in event && event.message.from === 'a' && state === 'quiet';
        return heard ? { rule: 'hear', state: 'called', send: [] } : { rule: null, state, send: [] };
      },
    })),
    symmetry: { permutations: [{ a: 'b', b: 'a' }], rename: renameAll },
    properties: [],
  };

  test('a passive actor that tells apart what is interchangeable is refused', async () => {
    expect(await check(partial)).toMatchObject({ distinctStates: 6 });
    expect((await check(partial, { passive: true })).passive).toMatchObject({
      actors: ['c'],
      represented: 6,
    });
    await expect(check(partial, { symmetry: true })).rejects.toThrow('expected --symmetry off');
    await expect(check(partial, { symmetry: true, passive: true })).rejects.toThrow(
      'expected --symmetry off',
    );
    const { system } = apart(partial, ['c']);
    await expect(check(system, { symmetry: true })).rejects.toThrow(
      'the fact "the states of passive actors" is not symmetric: expected --symmetry off',
    );
  });
});

describe('bounds', () => {
  const system = paxos(PaxosConfiguration.parse({ acceptors: 2, proposers: 2, learners: 1 }));

  test('what is told of a run that is cut short is true of the whole system', async () => {
    const whole = await check(system);
    const lengths = new Map(whole.reached.map(({ name, length }) => [name, length]));
    const told: string[] = [];
    for (let maxStates = 10; maxStates < 160; maxStates += 10) {
      const { verdict, reached, passive } = await check(system, { passive: true, maxStates });
      expect(verdict).toBe('incomplete');
      expect(passive?.represented).toBeLessThan(whole.distinctStates);
      for (const { name, length } of reached) {
        if (length === undefined) continue;
        expect([name, length]).toEqual([name, lengths.get(name)]);
        told.push(name);
      }
    }
    expect(told).toContain('learned');
  });

  test('a violation is one even if it is too far away to be shown', async () => {
    const mutant = mutants.find(({ name }) => name === 'learner-believes-one') as Mutant;
    const broken = mutated(PaxosConfiguration.parse({ acceptors: 3, proposers: 2, learners: 2 }), mutant);
    const properties = ['learned-is-chosen'];
    let unshown = 0;
    for (let maxStates = 100; maxStates < 400; maxStates += 25) {
      const whole = await check(broken, { properties, maxStates });
      const report = await check(broken, { properties, maxStates, passive: true });
      if (whole.verdict === 'violated') expect(report.counterexample).toEqual(whole.counterexample);
      else if (report.verdict === 'violated') {
        expect(report.properties[0]?.verdict).toBe('violated');
        expect(report.properties[0]).not.toHaveProperty('length');
        expect(report).not.toHaveProperty('counterexample');
        unshown += 1;
      }
    }
    expect(unshown).toBeGreaterThan(0);
  });
});
