import { castOf, PaxosConfiguration } from '../configuration.ts';
import type { Bounds } from './mutant.ts';

/**
 * How large a configuration is, for the purposes of the gallery. All else is as by default: majorities, a value for each
 * proposer, every learner told of every vote, no nacks.
 */
export interface Size {
  readonly acceptors: number;
  readonly proposers: number;
  readonly learners: number;
  readonly crashes: number;
  /** By proposer. */
  readonly ballots: readonly number[];
}

/** The size of a configuration. */
export function sizeOf(bounds: Bounds): Size {
  const configuration = PaxosConfiguration.parse(bounds);
  const { acceptors, proposers, learners, crashes } = configuration;
  return { acceptors, proposers, learners, crashes, ballots: Object.values(castOf(configuration).bounds) };
}

/** Acceptors, proposers, learners, crashes and ballots, all added up. */
export function total({ acceptors, proposers, learners, crashes, ballots }: Size): number {
  return acceptors + proposers + learners + crashes + ballots.reduce((sum, each) => sum + each, 0);
}

/**
 * All configurations that are smaller than this one. The order is by the total; of configurations with one total the one
 * with fewer acceptors is the smaller, then the one with fewer proposers, fewer learners, fewer crashes, fewer ballots of the
 * first proposer, of the second, and so on.
 */
export function smallerThan(bounds: Bounds): Size[] {
  const size = sizeOf(bounds);
  const totals = Array.from({ length: total(size) }, (_, at) => at + 1);
  return totals.flatMap(ofTotal).filter((other) => compareSizes(other, size) < 0);
}

/** The order of configurations: negative if `a` is the smaller. */
export function compareSizes(a: Size, b: Size): number {
  const [left, right] = [a, b].map((size) => [
    total(size),
    size.acceptors,
    size.proposers,
    size.learners,
    size.crashes,
    ...size.ballots,
  ]) as [number[], number[]];
  const differs = left.findIndex((part, at) => part !== right[at]);
  return differs === -1 ? 0 : (left[differs] as number) - (right[differs] as number);
}

/** What is left of a configuration when one thing is taken from it; of acceptors, any number of them. */
export function lessOne(bounds: Bounds): Size[] {
  const size = sizeOf(bounds);
  const { acceptors, proposers, learners, crashes, ballots } = size;
  const without = (at: number) => ballots.filter((_, proposer) => proposer !== at);
  return [
    ...upTo(acceptors - 1).map((fewer) => ({ ...size, acceptors: fewer })),
    ...ballots.flatMap((count, at) =>
      count > 1
        ? [{ ...size, ballots: ballots.with(at, count - 1) }]
        : proposers > 1
          ? [{ ...size, proposers: proposers - 1, ballots: without(at) }]
          : [],
    ),
    ...(learners > 0 ? [{ ...size, learners: learners - 1 }] : []),
    ...(crashes > 0 ? [{ ...size, crashes: crashes - 1 }] : []),
  ];
}

function ofTotal(sum: number): Size[] {
  return upTo(sum).flatMap((acceptors) =>
    upTo(sum - acceptors).flatMap((proposers) =>
      [0, ...upTo(sum)].flatMap((learners) =>
        [0, ...upTo(sum)].flatMap((crashes) =>
          sums(sum - acceptors - proposers - learners - crashes, proposers).map((ballots) => ({
            acceptors,
            proposers,
            learners,
            crashes,
            ballots,
          })),
        ),
      ),
    ),
  );
}

/** The lists of `length` positive numbers with this sum. */
function sums(sum: number, length: number): number[][] {
  if (sum < length) return [];
  if (length === 1) return [[sum]];
  return upTo(sum - length + 1).flatMap((first) =>
    sums(sum - first, length - 1).map((rest) => [first, ...rest]),
  );
}

function upTo(last: number): number[] {
  return Array.from({ length: Math.max(0, last) }, (_, at) => at + 1);
}
