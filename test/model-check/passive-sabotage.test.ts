/** The tests of what is looked at apart can fail: each fault must be seen on some of a fixed list of random systems. */
import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import type * as passiveModule from '../../model-check/passive.ts';
import { PassiveActor } from '../../model-check/passive-actor.ts';
import { PassiveFacts } from '../../model-check/passive-facts.ts';
import { Tally } from '../../model-check/tally.ts';
import { byOracleWithin, type Counts } from './compare.ts';
import { buildQuiet, countsApart, lateNews, QuietSpec, unclaimed } from './passive-system.ts';
import type { RandomSystem } from './random-system.ts';

type Passive = typeof passiveModule;
type Reduced = ReturnType<Passive['apart']>;

/** The faults in `passive.ts` at the moment. */
const faulty = vi.hoisted(() => ({
  apart: undefined as ((system: RandomSystem, names: readonly string[]) => RandomSystem) | undefined,
  reduced: undefined as ((system: RandomSystem) => RandomSystem) | undefined,
  notPassive: undefined as ((reasons: Map<string, string>) => Map<string, string>) | undefined,
}));

vi.mock('../../model-check/passive.ts', async (original) => {
  const real = await original<Passive>();
  return {
    ...real,
    notPassive: (system: RandomSystem) => {
      const reasons = real.notPassive(system);
      return faulty.notPassive ? faulty.notPassive(reasons) : reasons;
    },
    apart: (system: RandomSystem, names: readonly string[]): Reduced => {
      const found = real.apart(
        faulty.apart ? faulty.apart(system, names) : system,
        names,
      ) as unknown as Reduced;
      const reduced = found.system as unknown as RandomSystem;
      return faulty.reduced
        ? { ...found, system: faulty.reduced(reduced) as unknown as Reduced['system'] }
        : found;
    },
  };
});

afterEach(() => {
  vi.restoreAllMocks();
  faulty.apart = undefined;
  faulty.reduced = undefined;
  faulty.notPassive = undefined;
});

const random = fc.sample(QuietSpec, { seed: 2003, numRuns: 130 }).map((spec) => unclaimed(buildQuiet(spec)));
const systems = [lateNews, ...random].flatMap((system) => {
  const oracle = byOracleWithin(system, 120);
  if (!oracle) return [];
  const { transitions: _, ...expected } = oracle;
  return [{ system, expected }];
});

async function differs(system: RandomSystem, expected: Omit<Counts, 'transitions'>): Promise<boolean> {
  try {
    expect((await countsApart(system)).counts).toEqual(expected);
    return false;
  } catch {
    return true;
  }
}

const { closure, nearest } = PassiveActor.prototype;
const { add } = Tally.prototype;
const { jointly } = PassiveFacts.prototype;
type AnyActor = PassiveActor<unknown, never, unknown>;

const faults: Record<string, () => void> = {
  'a closure that forgets one message': () => {
    vi.spyOn(PassiveActor.prototype, 'closure').mockImplementation(function (
      this: AnyActor,
      messages,
      crash,
    ) {
      return closure.call(this, messages.slice(1), crash);
    });
  },
  'crashes beyond the budget': () => {
    vi.spyOn(PassiveActor.prototype, 'closure').mockImplementation(function (this: AnyActor, messages) {
      return closure.call(this, messages, true);
    });
  },
  'crashes of passive actors that are not looked at': () => {
    vi.spyOn(PassiveActor.prototype, 'closure').mockImplementation(function (this: AnyActor, messages) {
      return closure.call(this, messages, false);
    });
  },
  'a crash may lead anywhere': () => {
    const unchecked = PassiveActor.prototype as unknown as { checkRestart(): void };
    vi.spyOn(unchecked, 'checkRestart').mockImplementation(() => undefined);
  },
  'a step found in the initial state, wherever it is taken': () => {
    vi.spyOn(PassiveActor.prototype, 'nearest').mockImplementation(function (this: AnyActor, ...args) {
      return Math.min(1, nearest.apply(this, args));
    });
  },
  'no step of a passive actor is found': () => {
    vi.spyOn(PassiveActor.prototype, 'nearest').mockImplementation(() => -1);
  },
  'a crash step found where no crash is left': () => {
    vi.spyOn(PassiveActor.prototype, 'nearest').mockImplementation(function (this: AnyActor, of, from) {
      return nearest.call(this, of, from, true);
    });
  },
  'one local state only of each passive actor': () => {
    vi.spyOn(PassiveFacts.prototype, 'jointly').mockImplementation(function (
      this: PassiveFacts<unknown, never, unknown>,
      facts,
    ) {
      const joint = jointly.call(this, facts);
      if (!joint) return joint;
      const each: typeof joint.each = (values, visit) => {
        let first = true;
        joint.each(values, (original, steps) => {
          if (first) visit(original, steps);
          first = false;
        });
      };
      return { ...joint, each };
    });
  },
  'states of one kind counted once': () => {
    vi.spyOn(Tally.prototype, 'add').mockImplementation(function (this: Tally, locals, _times, depth) {
      add.call(this, locals, this.valueIn(locals) % 2, depth);
    });
  },
  'the way to a situation that is far from the state of the others': () => {
    faulty.reduced = (system) => ({
      ...system,
      situations:
        system.situations?.map((situation) =>
          situation.state ? { ...situation, state: { ...situation.state, extra: () => 0 } } : situation,
        ) ?? [],
    });
  },
  'a stub whose crash does not count': () => {
    faulty.reduced = (system) => ({
      ...system,
      actors: system.actors.map((actor) => {
        const { restart: _, ...rest } = actor;
        return actor.stub ? rest : actor;
      }),
    });
  },
  'the farthest local states are forgotten': () => {
    faulty.reduced = (system) => {
      const { tally } = system;
      if (!tally) return system;
      const combine = (views: readonly unknown[]) => ({ ...(tally.combine(views) as object), farthest: 0 });
      return { ...system, tally: { ...tally, combine } };
    };
  },
  'an actor that sends is taken for passive': () => {
    faulty.apart = (system, names) => ({
      ...system,
      actors: system.actors.map((actor) =>
        names.includes(actor.name)
          ? { ...actor, transition: (state, event) => ({ ...actor.transition(state, event), send: [] }) }
          : actor,
      ),
    });
  },
  'actors are taken for passive that are read, or seen, or write behind': () => {
    faulty.notPassive = () => new Map();
  },
};

test.each(Object.entries(faults))('%s', async (_name, plant) => {
  plant();
  let seen = false;
  for (const { system, expected } of systems) seen ||= await differs(system, expected);
  expect(seen).toBe(true);
});

test('without a fault there is no difference', async () => {
  for (const { system, expected } of systems) expect(await differs(system, expected)).toBe(false);
  expect(systems.length).toBeGreaterThan(60);
});
