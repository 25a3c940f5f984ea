/** What the benchmark measures: the state spaces, what must be counted in each, and who explores it. */
import { type Configuration, described } from '../../scripts/twins-runs.ts';

/** The numbers of workers with which Synod is measured. */
export const WORKERS: readonly number[] = [1, 2];

export interface Size {
  readonly states: number;
  readonly transitions: number;
}

/** A state space. `compared`: by everybody, and ratios are given; else it is a point of the growth curve only. */
export interface Space {
  readonly configuration: Configuration;
  readonly size: Size;
  /** With symmetry: the orbits, and the transitions of their representatives. */
  readonly orbits?: Size;
  readonly compared: boolean;
  /** Minutes: measured with --full only, and once. */
  readonly large?: true;
}

/** Who explores a space: our engine, Spin, a hand-written search in C++; `limit` makes the insertions and nothing else. */
export type Explorer =
  | { readonly tool: 'synod'; readonly workers: number; readonly symmetry: boolean }
  | { readonly tool: 'spin' | 'search' | 'limit' };

const lamport = (acceptors: number, values: number, ballots: number): Configuration => ({
  level: 'lamport',
  bounds: { acceptors, values, ballots },
});
const roles = (ballots: number): Configuration => ({
  level: 'roles',
  bounds: { acceptors: 3, proposers: 2, ballots },
});
const point = (configuration: Configuration, states: number, transitions: number): Space => ({
  configuration,
  size: { states, transitions },
  compared: false,
});

/** About each power of ten from 10^3 to 10^8 at Lamport's level, and one space at the level of roles. */
export const spaces: readonly Space[] = [
  point(lamport(2, 2, 3), 1_501, 3_015),
  point(lamport(3, 4, 2), 10_321, 25_130),
  point(lamport(3, 2, 3), 185_369, 491_535),
  point(lamport(5, 3, 2), 1_214_529, 4_641_346),
  {
    configuration: lamport(3, 2, 4),
    size: { states: 8_220_065, transitions: 23_340_612 },
    orbits: { states: 710_709, transitions: 2_030_859 },
    compared: true,
  },
  {
    configuration: roles(2),
    size: { states: 4_990_041, transitions: 15_189_882 },
    orbits: { states: 850_505, transitions: 2_593_887 },
    compared: true,
  },
  { ...point(lamport(3, 1, 5), 115_856_201, 331_187_617), large: true },
];

/** Enough to see that the benchmark works: nothing of what it prints says anything about speed. */
export const smallestSpaces: readonly Space[] = [
  {
    configuration: lamport(3, 2, 2),
    size: { states: 3_921, transitions: 9_442 },
    orbits: { states: 443, transitions: 1_099 },
    compared: true,
  },
  {
    configuration: roles(1),
    size: { states: 2_905, transitions: 8_338 },
    orbits: { states: 609, transitions: 1_771 },
    compared: true,
  },
];

export function nameOf({ configuration }: Space): string {
  return described(configuration);
}

/** Who explores this space. The search in C++ knows Lamport's level only; and of 10^8 states, Spin prints 8 digits, which cannot be checked. */
export function explorersOf({ compared, configuration, large }: Space): Explorer[] {
  const synod = (symmetry: boolean) =>
    WORKERS.map((workers): Explorer => ({ tool: 'synod', workers, symmetry }));
  return [
    ...synod(false),
    ...(compared ? synod(true) : []),
    ...(large ? [] : [{ tool: 'spin' } as const]),
    ...(configuration.level === 'lamport' ? [{ tool: 'search' } as const] : []),
    ...(compared ? [{ tool: 'limit' } as const] : []),
  ];
}

export function expectedOf({ size, orbits }: Space, explorer: Explorer): Size {
  if (explorer.tool !== 'synod' || !explorer.symmetry) return size;
  if (!orbits) throw new Error('a space that is compared must say how many orbits it has');
  return orbits;
}
