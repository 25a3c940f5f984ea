import type { BridgeBounds } from './bridge.ts';

/** How far an explanation may go. */
export type TraceBounds = BridgeBounds;

/** The lines that are complete; the order of nodes by a clock that is off by some; memory for days. */
export const DEFAULT_BOUNDS: TraceBounds = { bridge: 0, skew: 1000, remember: 100_000, attempts: 5_000 };
