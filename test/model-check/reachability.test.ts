/** What is always reachable, and what is not: decided exactly, told with a shortest story, and never said of what was not looked at. */
import { describe, expect, test } from 'vitest';
import twoPhaseCommit from '../../docs/examples/two-phase-commit.ts';
import unrepaired from '../../docs/examples/two-phase-commit-unrepaired.ts';
import { type CheckOptions, check } from '../../model-check/check.ts';
import { simulate } from '../../model-check/simulate.ts';
import type { Fact, Property, System } from '../../model-check/system.ts';
import type { Transition } from '../../model-check/tabulate.ts';
import { compareBallots } from '../../spec/ballot.ts';
import { castOf, PaxosConfiguration } from '../../spec/configuration.ts';
import { factsOf } from '../../spec/facts.ts';
import type { PaxosProperty } from '../../spec/properties.ts';
import { nextRound, type ProposerState } from '../../spec/proposer.ts';
import { paxos } from '../../spec/single-decree.ts';
import { byEngine, byOracle, explored } from './compare.ts';
import { compareCounterexamples } from './compare-counterexamples.ts';

type Bounds = Parameters<typeof PaxosConfiguration.parse>[0];

/** Single-decree Paxos, of which only is claimed that a choice is always reachable; `exempting` where the last ballot is lost. */
function choosing(bounds: Bounds, exempting: boolean) {
  const configuration = PaxosConfiguration.parse(bounds);
  const cast = castOf(configuration);
  const { chosen } = factsOf(cast);
  const holds = (proposals: unknown) => (proposals as unknown[]).length > 0;
  const ballots: typeof chosen = {
    name: 'ballots',
    of: cast.proposers,
    view: ({ state }) => state,
    combine: (views) => views,
  };
  /** Who started the highest ballot has lost it, and nobody can start a higher one. */
  const isLost = (states: unknown) => {
    const proposers = cast.proposers.map(
      (id, at) => ({ id, ...(states as ProposerState[])[at] }) as ProposerState & { id: string },
    );
    const last = proposers.sort((a, b) => compareBallots(b.ballot, a.ballot))[0];
    const canStart = ({ id, ...state }: ProposerState & { id: string }) => {
      const ballot = { round: nextRound(state), proposer: id };
      return ballot.round <= (cast.bounds[id] ?? 0) && compareBallots(ballot, last?.ballot ?? null) > 0;
    };
    return last?.ballot !== null && last?.phase === 'idle' && !proposers.some(canStart);
  };
  const unless = { facts: [ballots], holds: isLost };
  const property: PaxosProperty = {
    name: 'choice-in-reach',
    kind: 'requirement',
    statement: 'From every reachable state one can be reached in which a value is chosen.',
    alwaysReachable: { facts: [chosen], holds, ...(exempting ? { unless } : {}) },
  };
  return { ...paxos(configuration), properties: [property], situations: [] };
}

const row = async (...[system, options]: Parameters<typeof check>) => {
  const { properties, counterexample, distinctStates } = await check(system, options);
  const { verdict, length, outOfReach } = properties[0] ?? {};
  return {
    verdict,
    length,
    outOfReach,
    distinctStates,
    story: counterexample?.steps.map(({ text }) => text),
  };
};

describe('a choice in single-decree Paxos', () => {
  const bounds = { acceptors: 3, proposers: 2, crashes: 1 };

  test('is out of reach in 124 states, where the last ballot fell in a crash', async () => {
    const system = choosing(bounds, false);
    const expected = {
      verdict: 'violated',
      length: 4,
      outOfReach: { states: 124, exempt: 0 },
      story: [
        'proposer p2 starts ballot 1.p2, to propose v2 (Phase 1a)',
        'proposer p2 crashes and restarts, with its durable state only',
        'acceptor a1 promises ballot 1.p2 and reports nothing accepted (Phase 1b)',
        'acceptor a2 promises ballot 1.p2 and reports nothing accepted (Phase 1b)',
      ],
    };
    expect(await row(system)).toEqual({ ...expected, distinctStates: 10_242 });
    expect(await row(system, { symmetry: true })).toEqual({ ...expected, distinctStates: 2_158 });
  });

  test('of 7,337, if a crash that loses nothing is not counted', () => {
    const explorer = explored(choosing(bounds, false));
    const { steps, tabulation, initial } = explorer;
    const open = [initial];
    const seen = new Set(open.map(String));
    for (let locals = open.pop(); locals; locals = open.pop()) {
      const take = (taken: readonly number[]) => {
        const { crash, from, to } = tabulation.transitions[taken[0] as number] as Pick<
          Transition<unknown, never, unknown>,
          'crash' | 'from' | 'to'
        >;
        const next = explorer.successor(locals as Int32Array, taken);
        if ((!crash || from !== to) && seen.size < seen.add(String(next)).size) open.push(next);
      };
      steps.visit(locals, explorer.crashesIn(locals), {
        local: (transition) => take([transition]),
        crash: take,
      });
    }
    expect(seen.size).toBe(7_337);
  });

  test('is in reach of all others', async () => {
    const exempt = { states: 124, exempt: 124 };
    expect(await row(choosing(bounds, true))).toMatchObject({ verdict: 'holds', outOfReach: exempt });
    expect(await row(choosing(bounds, true), { symmetry: true })).toMatchObject({
      verdict: 'holds',
      outOfReach: exempt,
    });
  });

  test('is always in reach without crashes', async () => {
    const none = { states: 0, exempt: 0 };
    for (const symmetry of [false, true])
      expect(
        await row(choosing({ acceptors: 3, proposers: 2, ballots: [2, 1] }, false), { symmetry }),
      ).toMatchObject({ verdict: 'holds', outOfReach: none });
  });

  test.each([
    { acceptors: 1, proposers: 2, crashes: 1 },
    { acceptors: 1, proposers: 2, crashes: 1, nacks: true },
    { acceptors: 1, proposers: 1, ballots: 2, crashes: 2 },
  ])('as the oracle has it: %o', async (small) => {
    const system = choosing(small, false);
    const counts = await byEngine(system);
    expect(counts).toEqual(byOracle(system));
    expect(counts.outOfReach['choice-in-reach']?.states).toBeGreaterThan(0);
    expect(await compareCounterexamples(system)).toBeGreaterThan(1);
  });

  test('learners stay passive, and what is read of acceptors is said to keep them from it', async () => {
    const system = choosing({ ...bounds, learners: 1 }, true);
    const report = await check(system, { passive: true });
    expect(report.passive?.actors).toEqual(['l1']);
    expect(report.passive?.others).toMatchObject({ a1: 'what is to be always reachable is read of it' });
    expect(report).toMatchObject({ verdict: 'holds', distinctStates: 10_242 });
    expect((await row(choosing({ ...bounds, learners: 1 }, false), { passive: true })).verdict).toBe(
      'violated',
    );
  });
});

type Walk = System<number, never, { type: 'to'; place: number }>;

/** One actor on a graph: by place, the places that it can go to. */
function walk(edges: readonly (readonly number[])[], properties: Walk['properties']): Walk {
  return {
    name: 'walk',
    covers: [],
    actors: [
      {
        name: 'w',
        role: 'walker',
        initial: 0,
        internal: (at) => (edges[at] ?? []).map((place) => ({ type: 'to' as const, place })),
        transition: (state, event) =>
          event.type === 'to'
            ? { rule: 'to', state: event.place, send: [] }
            : { rule: null, state, send: [] },
      },
    ],
    properties,
  };
}

const where: Fact<number, never> = {
  name: 'where',
  of: ['w'],
  view: ({ state }) => state,
  combine: ([at]) => at,
};
const at = (...places: readonly number[]) => ({
  facts: [where],
  holds: (place: unknown) => places.includes(place as number),
});
const inReach = (
  goal: ReturnType<typeof at>,
  unless?: ReturnType<typeof at>,
): Property<number, never, never> => ({
  name: 'in-reach',
  kind: 'requirement',
  statement: 'The goal is always reachable.',
  alwaysReachable: { ...goal, ...(unless ? { unless } : {}) },
});

describe('on graphs', () => {
  test('a cycle that can be left, and one that cannot', async () => {
    const loop = walk([[1], [2], [0, 3], []], [inReach(at(3))]);
    expect(await row(loop)).toMatchObject({ verdict: 'holds', outOfReach: { states: 0, exempt: 0 } });
    const trap = walk([[1, 3], [2], [1], [0, 4], []], [inReach(at(4))]);
    expect(await row(trap)).toMatchObject({
      verdict: 'violated',
      length: 1,
      outOfReach: { states: 2, exempt: 0 },
    });
  });

  test('a goal that is passed by and not returned to is out of reach thereafter', async () => {
    expect(await row(walk([[1], [2], []], [inReach(at(1))]))).toMatchObject({
      verdict: 'violated',
      length: 2,
    });
    expect(await row(walk([[1], [2], []], [inReach(at(1), at(2))]))).toMatchObject({
      verdict: 'holds',
      outOfReach: { states: 1, exempt: 1 },
    });
  });

  test('the initial state may be the one; and what is exempt does not count', async () => {
    expect(await row(walk([[1], []], [inReach(at(7))]))).toMatchObject({ verdict: 'violated', length: 0 });
    expect(await row(walk([[1], []], [inReach(at(7), at(0))]))).toMatchObject({
      verdict: 'violated',
      length: 1,
    });
  });

  test('a ring of 2,000 states in which the goal is the last, in whatever order they are looked at', async () => {
    const ring = Array.from({ length: 2_000 }, (_, place) => [(place + 1) % 2_000, (place + 700) % 2_000]);
    expect(await row(walk(ring, [inReach(at(1_999))]))).toMatchObject({ verdict: 'holds' });
  });
});

describe('what is not said', () => {
  const system = walk([[1, 3], [2], [1], [0, 4], []], [inReach(at(4))]);

  test('nothing of a run that was ended before', async () => {
    const report = await check(system, { maxStates: 2 });
    expect(report).toMatchObject({ verdict: 'incomplete', properties: [{ verdict: 'incomplete' }] });
  });

  test('nothing of a system of which only some runs are looked at', async () => {
    const report = await check({ ...system, restricted: 'some' });
    expect(report).toMatchObject({ verdict: 'incomplete', properties: [{ verdict: 'incomplete' }] });
    expect(report.counterexample).toBeUndefined();
  });

  test('nothing by random walks, which refuse what is asked of them by name', async () => {
    const report = await simulate(system, { walks: 5 });
    expect(report.verdict).toBe('incomplete');
    expect(report.properties).toMatchObject([
      { verdict: 'incomplete', notApplicable: 'a walk does not tell what remains reachable' },
    ]);
    await expect(simulate(system, { walks: 5, properties: ['in-reach'] })).rejects.toThrow(
      'in-reach is about what remains reachable, which random walks do not tell: expected no simulation of it',
    );
  });

  test('a violation of something else ends the run, and leaves it undecided', async () => {
    const wrong: Property<number, never, never> = {
      name: 'never-1',
      kind: 'requirement',
      statement: 'It is never at 1.',
      clauses: [{ facts: [where], check: (place) => (place === 1 ? 'it is at 1' : undefined) }],
    };
    const report = await check({ ...system, properties: [...system.properties, wrong] });
    expect(report.properties.map(({ verdict }) => verdict)).toEqual(['incomplete', 'violated']);
    const whole = await check(
      { ...system, properties: [...system.properties, wrong] },
      { enough: () => false },
    );
    expect(whole.properties.map(({ verdict }) => verdict)).toEqual(['violated', 'violated']);
  });

  test('nothing with several threads, which do not keep the states in one place', async () => {
    const crew = {} as NonNullable<CheckOptions['crew']>;
    await expect(check(system, { crew })).rejects.toThrow(
      'what is always reachable (in-reach) is decided by one thread: expected no workers with it',
    );
  });

  test('clauses and steps beside it are refused', async () => {
    const both = { ...inReach(at(4)), clauses: [] };
    await expect(check(walk([[1], []], [both]))).rejects.toThrow(
      'in-reach says what is to be always reachable: expected neither clauses nor a step beside it',
    );
  });
});

test('two-phase commit blocks, in two steps, if its coordinator does not come back', async () => {
  const [, inReachOfAll] = unrepaired.properties;
  const properties = inReachOfAll ? [inReachOfAll] : [];
  const found = await row({ ...unrepaired, properties });
  expect(found).toMatchObject({ verdict: 'violated', length: 2 });
  expect(found.story).toEqual(['r1 votes yes', 'coordinator crashes']);
  expect(await row({ ...twoPhaseCommit, properties })).toMatchObject({ verdict: 'holds' });
});

test('a limit in the middle of the search leaves it undecided, and a checkpoint goes on with it', async () => {
  const system = choosing({ acceptors: 3, proposers: 2, crashes: 1 }, false);
  const whole = await check(system);
  const search = new AbortController();
  let saved: { position: unknown; words: Int32Array } | undefined;
  const interrupted = await check(system, {
    signal: search.signal,
    checkpoints: {
      every: 0,
      save: (checkpoint) => {
        const words = Int32Array.from([...checkpoint.pieces()].flatMap((piece) => [...piece]));
        saved = { position: checkpoint.position, words };
        if (checkpoint.position.cursor === checkpoint.position.states) search.abort();
      },
    },
  });
  expect(interrupted).toMatchObject({ verdict: 'incomplete', frontier: 0, stopped: 'an interrupt' });
  expect(interrupted.properties).toMatchObject([{ verdict: 'incomplete' }]);
  let from = 0;
  const resumed = await check(system, {
    resume: {
      position: saved?.position as never,
      read: (into) => {
        into.set((saved as { words: Int32Array }).words.subarray(from, from + into.length));
        from += into.length;
      },
    },
  });
  expect(resumed.properties).toEqual(whole.properties);
  expect(resumed.counterexample).toEqual(whole.counterexample);
});
