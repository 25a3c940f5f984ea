/** A whole number as people read it. */
export const digits = (count: number): string => count.toLocaleString('en-US');

export const steps = (length: number | undefined): string =>
  length === 1 ? '1 step' : `${length ?? '?'} steps`;
