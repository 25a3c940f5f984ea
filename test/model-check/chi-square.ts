/** Pearson's statistic of how far counts are from being equal. */
export function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/**
 * Whether counts may be those of equally likely outcomes: the statistic is below its 99.9th percentile, by the approximation of
 * Wilson and Hilferty.
 */
export function isUniform(counts: readonly number[]): boolean {
  const freedom = counts.length - 1;
  if (freedom === 0) return true;
  const spread = 2 / (9 * freedom);
  return chiSquare(counts) < freedom * (1 - spread + 3.09 * Math.sqrt(spread)) ** 3;
}
