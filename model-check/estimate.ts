/** Sizes of the first levels that say nothing yet. */
const LEAST_LEVELS = 8;
/** Over how many of the last levels a trend is taken. What they disagree in is what is not known. */
const WINDOWS = [4, 6, 8, 12];
/** What is left may be so much less, or more, than the trends have it: levels end faster than they began, or begin again. */
const LESS = 0.15;
const MORE = 2;
/** Bounds further apart than this say too little to be told. */
const WIDEST = 4;

/** More states than can be explored. */
const MOST = 1e15;

/** Bounds of a number of states. */
export interface Bounds {
  readonly least: number;
  readonly most: number;
}

/**
 * How many states there will be, from the sizes of the levels of a breadth-first search so far: a guess, by the trend of the
 * ratios of one level to the one before. Ratios fall, roughly along a line, as a bounded system is used up.
 *
 * @param sizes of the complete levels
 * @returns undefined where it cannot be told: before there are enough levels, while they grow as fast as ever, and where it
 *   could be anything
 */
export function expectedStates(sizes: readonly number[]): Bounds | undefined {
  if (sizes.length < LEAST_LEVELS) return undefined;
  const found = sizes.reduce((sum, size) => sum + size, 0);
  const ratios = sizes.slice(1).map((size, at) => Math.log(size / (sizes[at] as number)));
  const rests = WINDOWS.map((window) => rest(sizes[sizes.length - 1] as number, ratios, window));
  const least = found + LESS * Math.min(...rests);
  const most = found + MORE * Math.max(...rests);
  return Number.isFinite(most) && most <= WIDEST * least ? { least, most } : undefined;
}

/** The states of the levels to come, if the ratios go on along the line through the last of them; Infinity if that does not fall. */
function rest(last: number, ratios: readonly number[], window: number): number {
  const recent = ratios.slice(-window);
  const middle = (recent.length - 1) / 2;
  const mean = recent.reduce((sum, ratio) => sum + ratio, 0) / recent.length;
  const spread = recent.reduce((sum, _, at) => sum + (at - middle) ** 2, 0);
  const slope = recent.reduce((sum, ratio, at) => sum + (at - middle) * (ratio - mean), 0) / spread;
  if (slope > -0.001) return Number.POSITIVE_INFINITY;
  let ratio = mean + slope * (recent.length - middle);
  let states = 0;
  for (let level = last * Math.exp(ratio); level >= 1; level *= Math.exp(ratio)) {
    states += level;
    if (states > MOST) return Number.POSITIVE_INFINITY;
    ratio += slope;
  }
  return states;
}
