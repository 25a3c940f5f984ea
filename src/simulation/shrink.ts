import type { Plan } from './plan.ts';

/** A plan that still goes wrong with less of what goes wrong in it, and fewer operations; and how many plans were tried. */
export interface Shrunk {
  readonly plan: Plan;
  readonly tried: number;
}

/**
 * Leaves out of a plan what is not needed for it to go wrong: half of the faults at first, then smaller pieces, down to single ones; then
 * operations likewise (Zeller and Hildebrandt, Simplifying and isolating failure-inducing input, 2002). At most `most` plans are tried.
 */
export async function shrink(
  plan: Plan,
  goesWrong: (plan: Plan) => Promise<boolean>,
  most = 300,
): Promise<Shrunk> {
  let best = plan;
  let tried = 0;
  const without = async <K extends 'faults' | 'asked'>(part: K): Promise<void> => {
    for (
      let size = Math.ceil(best[part].length / 2);
      size >= 1;
      size = size === 1 ? 0 : Math.ceil(size / 2)
    ) {
      for (let at = 0; at < best[part].length && tried < most; ) {
        const rest = [...best[part].slice(0, at), ...best[part].slice(at + size)];
        const smaller = { ...best, [part]: rest };
        tried += 1;
        if (await goesWrong(smaller)) best = smaller;
        else at += size;
      }
    }
  };
  await without('faults');
  await without('asked');
  await without('faults');
  return { plan: best, tried };
}
