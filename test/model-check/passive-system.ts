/** Random systems some of whose actors send nothing, for the tests of what is looked at apart (docs/decisions/0006). */
import fc from 'fast-check';
import { expect } from 'vitest';
import { check } from '../../model-check/check.ts';
import {
  CRASHES,
  type Envelope,
  type Property,
  type Situation,
  type System,
} from '../../model-check/system.ts';
import { byOracleWithin, countsIn } from './compare.ts';
import { build, type Event, type Msg, type RandomSystem, Spec, type State } from './random-system.ts';

export const QuietSpec = fc.record({
  spec: Spec,
  /** The actors that send nothing, and what a crash leaves of each. */
  quiet: fc.subarray([0, 1, 2, 3], { minLength: 1, maxLength: 2 }),
  crash: fc.array(fc.constantFrom('home', 'home', 'same', 'chance', 'none'), { minLength: 4, maxLength: 4 }),
  /** Whether the first of them crashes together with another actor. */
  together: fc.nat({ max: 3 }).map((roll) => roll === 0),
  /** Whether there are readings and observers, which mostly are in the way. */
  watched: fc.nat({ max: 9 }).map((roll) => roll === 0),
});
export type QuietSpec = typeof QuietSpec extends fc.Arbitrary<infer T> ? T : never;

const RESTART = { home: [0, 0, 0, 0], same: [0, 1, 2, 3], none: null };

/** The system of a specification, with its properties turned into situations as well: these have lengths that are compared. */
export function buildQuiet({ spec, quiet, crash, together, watched }: QuietSpec): RandomSystem {
  const actors = spec.actors.map((actor, at) => {
    if (!quiet.includes(at))
      return together ? { ...actor, restart: actor.restart ?? RESTART.home, writeBehind: false } : actor;
    const after = crash[at] ?? 'none';
    const restart = after === 'chance' || (together && after === 'none') ? actor.restart : RESTART[after];
    return { ...actor, messages: [], restart, writeBehind: false };
  });
  const [first = 0] = quiet;
  const group = together ? { groups: [[first, first + 1], [first + 1]], crashes: spec.crashes + 1 } : {};
  const rest = watched ? {} : { readings: [], observers: [] };
  const system = build({ ...spec, actors, ballast: { actors: 0, observers: 0 }, ...group, ...rest });
  return { ...system, situations: [...(system.situations ?? []), ...situationsOf(system)] };
}

/** Each clause and each step property as a situation, and the first of either as one. */
function situationsOf({ properties }: RandomSystem): Situation<State, Msg, Event>[] {
  const named = (name: string) => ({ name: `found: ${name}`, statement: 'something of chance happens' });
  const states = properties.flatMap(({ name, clauses = [] }) =>
    clauses.map(({ facts, check }, at) => ({
      ...named(`clause ${at} of ${name}`),
      state: { facts, holds: (...values: readonly unknown[]) => check(...values) !== undefined },
    })),
  );
  const steps = properties.flatMap(({ name, step }: Property<State, Msg, Event>) =>
    step ? [{ ...named(name), step: (each: Parameters<typeof step>[0]) => step(each) !== undefined }] : [],
  );
  const [state, step] = [states[0], steps[0]];
  const both = state && step ? [{ ...named('either'), state: state.state, step: step.step }] : [];
  return [...states, ...steps, ...both];
}

/** The same system with nothing claimed of it: whatever is in it, all of it is explored. */
export function unclaimed(system: RandomSystem): RandomSystem {
  return { ...system, properties: [] };
}

/** What a run that looks at passive actors apart says of the whole system. */
export async function countsApart<S, M extends Envelope, E>(system: System<S, M, E>) {
  const report = await check(system, { passive: true, enough: () => false, timeLimit: 10 });
  const { transitions: _, ...counts } = countsIn(report);
  const { represented = -1, actors = [] } = report.passive ?? {};
  return { actors, report, counts: { ...counts, distinctStates: represented } };
}

/** Compares random systems of so many states at most with the oracle; returns how many, and how many states were explored of them. */
export async function compareApart(
  runs: number,
  states: number,
): Promise<{ systems: number; explored: number }> {
  const compared = { systems: 0, explored: 0 };
  await fc.assert(
    fc.asyncProperty(QuietSpec, async (spec) => {
      const system = unclaimed(buildQuiet(spec));
      const oracle = byOracleWithin(system, states);
      if (!oracle) return;
      const { transitions: _, ...expected } = oracle;
      const { counts, report } = await countsApart(system);
      expect(counts).toEqual(expected);
      compared.systems += 1;
      compared.explored += report.distinctStates;
    }),
    { numRuns: runs },
  );
  return compared;
}

/** The transitions of one of the two below. */
const moves =
  (table: (at: number, event: { type: string; message?: Msg }) => { to: number; send?: Msg } | undefined) =>
  (state: State, event: Parameters<RandomSystem['actors'][number]['transition']>[1]) => {
    const move = table(state.at, event);
    if (!move) return { rule: null, state, send: [] };
    return { rule: 'move', state: { at: move.to }, send: move.send ? [move.send] : [] };
  };
const news = (kind: number): Msg => ({ from: 'a', to: ['b'], kind });
const one = { type: 'do', k: 0 } as const;

/**
 * An actor that has news, and other news after a crash, by which a second comes to know in one step what it works out in four
 * without; and there it may crash, if the one crash has not happened.
 */
export const lateNews: RandomSystem = {
  name: 'late news',
  covers: ['one crash'],
  actors: [
    {
      name: 'a',
      role: 'reporter',
      initial: { at: 0 },
      internal: ({ at }) => (at % 2 === 0 ? [one] : []),
      transition: moves((at, { type }) => (type === 'do' ? { to: at + 1, send: news(at) } : undefined)),
      restart: () => ({ at: 2 }),
    },
    {
      name: 'b',
      role: 'reader',
      initial: { at: 0 },
      internal: ({ at }) => (at > 0 && at < 4 ? [one] : []),
      transition: moves((at, { type, message }) => {
        if (type === 'do') return { to: at + 1 };
        if (message?.kind === 0) return at === 0 ? { to: 1 } : undefined;
        return at === 0 ? { to: 4 } : at === 4 ? { to: 5 } : undefined;
      }),
      restart: () => ({ at: 0 }),
    },
  ],
  crashes: { budget: 1 },
  properties: [],
  situations: [
    {
      name: 'forgotten',
      statement: 'the reader knows, and forgets it in a crash',
      step: ({ actor, event, before }) => actor === 'b' && event.type === 'crash' && before.state.at === 4,
    },
    {
      name: 'known',
      statement: 'the reader knows, and there has been a crash',
      state: {
        facts: [
          { name: 'known', of: ['b'], view: ({ state }) => state.at, combine: ([at]) => at },
          { name: 'crashes used', of: [CRASHES], view: ({ state }) => state, combine: ([used]) => used },
        ],
        holds: (at, used) => at === 4 && used === 1,
      },
    },
    {
      name: 'a crash',
      statement: 'there has been a crash',
      state: {
        facts: [
          { name: 'crashes used', of: [CRASHES], view: ({ state }) => state, combine: ([used]) => used },
        ],
        holds: (used) => used === 1,
      },
    },
  ],
};
