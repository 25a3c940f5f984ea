/** Random walks of the engine against walks taken the naive way with the same chance. */
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { canonical } from '../../model-check/canonical.ts';
import { Claims } from '../../model-check/claims.ts';
import { Explorer } from '../../model-check/explorer.ts';
import { initialState, type NaiveState } from '../../model-check/naive.ts';
import { ObserverTable } from '../../model-check/observers.ts';
import { RandomStream } from '../../model-check/random.ts';
import { simulate } from '../../model-check/simulate.ts';
import type { Envelope, LocalStep, System } from '../../model-check/system.ts';
import { Walker } from '../../model-check/walk.ts';
import { PaxosConfiguration } from '../../spec/configuration.ts';
import type { Message } from '../../spec/message.ts';
import { demonstration, findMutant, type Mutant } from '../../spec/mutants/index.ts';
import { paxos } from '../../spec/single-decree.ts';
import { isUniform } from './chi-square.ts';
import { byOracleWithin } from './compare.ts';
import { choicesFrom, tallied, tallyNaively } from './naive-walks.ts';
import { build, Spec } from './random-system.ts';
import { flaw } from './shortest.ts';

type AnyWalker = Walker<unknown, Envelope, unknown>;

const asked = fc.record({
  seed: fc.oneof(fc.nat({ max: 9 }), fc.maxSafeNat()),
  walks: fc.integer({ min: 1, max: 12 }),
  steps: fc.integer({ min: 1, max: 25 }),
});
/** Without the inert parts, which the naive walk writes out at every step. */
const light = Spec.map((spec) => ({ ...spec, ballast: { actors: 0, observers: 0 } }));

/** The number of distinct states that some walks pass: a state is told by the numbers of its parts. */
function statesPassed<S, M extends Envelope, E>(
  system: System<S, M, E>,
  { seed, walks, steps }: { seed: number; walks: number; steps: number },
): number {
  const explorer = new Explorer(system, false, false);
  const walker = new Walker(explorer, seed);
  const passed = new Set([explorer.initial.join()]);
  for (let walk = 0; walk < walks; walk++) {
    walker.begin(walk);
    let state = explorer.initial;
    while (walker.depth < steps) {
      const taken = walker.step();
      if (!taken) break;
      state = explorer.successor(state, taken);
      passed.add(state.join());
    }
  }
  return passed.size;
}

describe('walks on random systems', () => {
  test('are, step by step, those taken the naive way', async () => {
    await fc.assert(
      fc.asyncProperty(light, asked, async (spec, options) => {
        const system = build(spec);
        expect(tallied(await simulate(system, options))).toEqual(tallyNaively(system, options));
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  test('end in a counterexample that the functions replay, of the length that was told', async () => {
    let shown = 0;
    await fc.assert(
      fc.asyncProperty(light, asked, async (spec, options) => {
        const system = build(spec);
        const { counterexample, properties, verdict } = await simulate(system, options);
        expect(verdict).toBe(properties.some(({ first }) => first) ? 'violated' : 'incomplete');
        expect(counterexample !== undefined).toBe(verdict === 'violated');
        if (!counterexample) return;
        shown += 1;
        const property = properties.find(({ name }) => name === counterexample.property);
        expect(property?.first?.length).toBe(counterexample.length);
        expect(flaw(system, counterexample)).toBeUndefined();
        const lesser = properties.filter(
          ({ kind, first }) => first && kind === property?.kind && first.walk < (property.first?.walk ?? 0),
        );
        expect(lesser).toEqual([]);
      }),
      { numRuns: 100 },
    );
    expect(shown).toBeGreaterThan(25);
  }, 60_000);

  test('find nothing that the naive explorer does not, and nothing sooner', async () => {
    await fc.assert(
      fc.asyncProperty(light, asked, async (spec, options) => {
        const system = build(spec);
        const known = byOracleWithin(system, 120);
        if (!known) return;
        const { properties, reached } = await simulate(system, options);
        for (const { name, first } of properties) {
          if (first) expect(first.length).toBeGreaterThanOrEqual(known.found[name] ?? Infinity);
        }
        for (const { name, walks } of reached) if (walks > 0) expect(known.found).toHaveProperty([name]);
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  test('many long ones on tiny systems pass every state, and find everything', async () => {
    const tiny = fc.sample(light, { seed: 1959, numRuns: 140 }).flatMap((spec) => {
      const system = build(spec);
      const known = byOracleWithin(system, 24);
      return known && known.distinctStates > 4 ? [{ system, known }] : [];
    });
    expect(tiny.length).toBeGreaterThan(15);
    for (const { system, known } of tiny) {
      const options = { seed: 3, walks: 400, steps: 40 };
      expect(statesPassed(system, options)).toBe(known.distinctStates);
      const { properties, reached } = await simulate(system, options);
      const found = [...properties, ...reached].filter(({ walks }) => walks > 0).map(({ name }) => name);
      // No walk shows that something is out of reach.
      const expected = Object.keys(known.found).filter((name) => !name.startsWith('reachable'));
      expect(found.sort()).toEqual(expected.sort());
    }
  }, 60_000);
});

describe('the choice of a step', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });
  const system = paxos(PaxosConfiguration.parse({ acceptors: 2, proposers: 2, crashes: 1 }));

  /** By number of steps to choose from: how often the first, the second, ... of them is taken. */
  function timesTaken(walks: number): Map<number, number[]> {
    const explorer = new Explorer(system, false, false);
    const walker = new Walker(explorer, 77);
    const times = new Map<number, number[]>();
    const choices = new Map<string, ReturnType<typeof choicesFrom<unknown, Message, unknown>>>();
    for (let walk = 0; walk < walks; walk++) {
      walker.begin(walk);
      let state = initialState(system) as NaiveState<unknown, Message>;
      for (let taken = walker.step(); taken; taken = walker.step()) {
        const { step } = explorer.tabulation.transitions[taken[0] as number] as {
          step: LocalStep<unknown, Message, unknown>;
        };
        const text = canonical(state);
        const known = choices.get(text) ?? choicesFrom(system as never, state);
        choices.set(text, known);
        const at = known.findIndex(
          ({ steps: [first] }) =>
            first?.actor === step.actor && canonical(first.event) === canonical(step.event),
        );
        const counts = times.get(known.length) ?? new Array<number>(known.length).fill(0);
        times.set(known.length, counts);
        counts[at]! += 1;
        state = known[at]?.next as typeof state;
      }
    }
    return times;
  }

  const largest = (times: ReturnType<typeof timesTaken>) =>
    [...times.values()].filter(
      (counts) => counts.length > 1 && counts.reduce((sum, count) => sum + count) > 300,
    );

  test('is uniform over the enabled steps that change the state, wherever the walk is', () => {
    const groups = largest(timesTaken(500));
    expect(groups.length).toBeGreaterThan(3);
    for (const counts of groups)
      expect({ counts, uniform: isUniform(counts) }).toMatchObject({ uniform: true });
  });

  test('would be noticed to be otherwise', () => {
    const { below } = RandomStream.prototype;
    vi.spyOn(RandomStream.prototype, 'below').mockImplementation(function (this: RandomStream, count) {
      return Math.min(below.call(this, count), below.call(this, 2 * count));
    });
    expect(largest(timesTaken(500)).every(isUniform)).toBe(false);
  });
});

describe('what the comparison would notice', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });
  const options = { seed: 5, walks: 6, steps: 15 };
  const systems = fc.sample(light, { seed: 1998, numRuns: 40 }).map((spec) => {
    const system = build(spec);
    return { system, expected: tallyNaively(system, options) };
  });

  async function differing(): Promise<number> {
    let count = 0;
    for (const { system, expected } of systems) {
      const seen = await simulate(system, options).then(tallied, (error: Error) => error.message);
      if (canonical(seen) !== canonical(expected)) count += 1;
    }
    return count;
  }

  test('with no fault, nothing', async () => {
    expect(await differing()).toBe(0);
  });

  function beginOtherwise(how: (walker: AnyWalker, begin: () => void) => void): void {
    const { begin } = Walker.prototype;
    vi.spyOn(Walker.prototype, 'begin').mockImplementation(function (this: AnyWalker, walk) {
      how(this, () => begin.call(this, walk));
    });
  }

  const faults: Record<string, () => unknown> = {
    'crashes are never taken': () => vi.spyOn(Walker.prototype, 'crash').mockImplementation(() => {}),
    'a step that changes an observer only is not taken': () => {
      const { local } = Walker.prototype;
      vi.spyOn(Walker.prototype, 'local').mockImplementation(function (this: never, transition) {
        const { explorer, locals } = this as unknown as {
          explorer: Explorer<unknown, never, unknown>;
          locals: Int32Array;
        };
        const { by, to } = explorer.tabulation;
        if (to.data[transition] !== locals[by.data[transition] as number]) local.call(this, transition);
      });
    },
    'observers see nothing': () =>
      vi.spyOn(ObserverTable.prototype, 'after').mockImplementation((record) => record),
    'findings of steps are overlooked': () => vi.spyOn(Claims.prototype, 'foundBy').mockReturnValue([]),
    'states are not looked at after a step': () => vi.spyOn(Claims.prototype, 'lookAfter').mockReturnValue(0),
    'of two looks in the crash of a group one is forgotten': () =>
      vi.spyOn(Claims.prototype, 'both').mockImplementation((one, other) => Math.min(one, other)),
    'all walks have one stream': () => {
      const { begin } = Walker.prototype;
      vi.spyOn(Walker.prototype, 'begin').mockImplementation(function (this: AnyWalker) {
        begin.call(this, 0);
      });
    },
    'what was found is not forgotten at the next walk': () =>
      beginOtherwise((walker, begin) => {
        const before = walker.found.slice();
        begin();
        before.forEach((length, at) => {
          if (length !== -1) walker.found[at] = length;
        });
      }),
    'the steps to choose from are in the order in which they were met': () =>
      beginOtherwise((walker, begin) => {
        Object.assign(walker, { order: () => 0 });
        begin();
      }),
  };
  test.each(Object.entries(faults))('%s', async (_name, plant) => {
    plant();
    const count = await differing();
    vi.restoreAllMocks();
    expect(count).toBeGreaterThan(0);
  });
});

describe('the gallery of broken variants', () => {
  const few = [
    'own-value',
    'old-promises-counted',
    'half-is-a-quorum',
    'one-is-asked',
    'learner-believes-one',
  ];

  test.each(few)('%s is caught by 300 walks', async (name) => {
    const system = demonstration(findMutant(name) as Mutant);
    const { verdict, properties, counterexample } = await simulate(system, { walks: 300 });
    expect(verdict).toBe('violated');
    expect(properties.some(({ kind, first }) => kind === 'requirement' && first)).toBe(true);
    expect(counterexample && flaw(system, counterexample)).toBeUndefined();
  });

  test('one that is harmless breaks no requirement', async () => {
    const system = demonstration(findMutant('shared-ballots-addressed') as Mutant);
    const { properties } = await simulate(system, { walks: 300 });
    expect(properties.filter(({ kind, first }) => kind === 'requirement' && first)).toEqual([]);
  });
});
