/** Systems whose actors get many local states late, so that packed states are widened in mid-run; counts by formula. */
import type { Actor, System } from '../../model-check/system.ts';

type Tick = { readonly type: 'tick' };
export type Counters = System<number, never, Tick>;

/** An actor that counts to `limit`; once it has counted to `limit`, no further. */
const counter = (name: string, limit: number): Actor<number, never, Tick> => ({
  name,
  role: 'counter',
  initial: 0,
  internal: (count) => (count < limit ? [{ type: 'tick' }] : []),
  transition: (count) => ({ rule: 'tick', state: count + 1, send: [] }),
});

/** Counters that count independently of one another, and so many inert actors that few bits are left to each. */
export function counters(limits: readonly number[], inert: number): Counters {
  return {
    name: 'counters',
    covers: [],
    actors: [
      ...limits.map((limit, at) => counter(`c${at}`, limit)),
      ...Array.from({ length: inert }, (_, at) => counter(`i${at}`, 0)),
    ],
    properties: [
      {
        name: 'not all at their limits',
        kind: 'requirement',
        statement: 'some counter is below its limit',
        clauses: [
          {
            facts: [
              {
                name: 'all',
                of: limits.map((_, at) => `c${at}`),
                view: ({ state }) => state,
                combine: (all) => all,
              },
            ],
            check: (all) => ((all as number[]).every((n, at) => n === limits[at]) ? 'all are' : undefined),
          },
        ],
      },
    ],
  };
}

/** So many counters that are alike, but for their names, up to how far each has counted. */
export function alike(count: number, limit: number, inert: number): Counters {
  const names = Array.from({ length: count }, (_, at) => `c${at}`);
  const next = Object.fromEntries(names.map((name, at) => [name, names[(at + 1) % count] as string]));
  return {
    ...counters(
      names.map(() => limit),
      inert,
    ),
    properties: [],
    symmetry: { permutations: [next, { c0: 'c1', c1: 'c0' }], rename: (value) => value },
  };
}

const product = (numbers: readonly number[]) => numbers.reduce((a, b) => a * b, 1);

/** What the counts must be: a grid with sides of limit + 1 states. */
export function expected(limits: readonly number[]) {
  const states = product(limits.map((limit) => limit + 1));
  return {
    distinctStates: states,
    transitions: limits.reduce((sum, limit) => sum + (states / (limit + 1)) * limit, 0),
    diameter: limits.reduce((a, b) => a + b, 0),
  };
}

/** What the numbers of orbits and of states must be of counters that are alike: multisets, and sequences. */
export function expectedAlike(count: number, limit: number) {
  let size = 1;
  for (let k = 1; k <= count; k++) size = (size * (limit + k)) / k;
  return { size, represented: (limit + 1) ** count };
}
