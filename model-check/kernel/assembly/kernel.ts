/**
 * AssemblyScript. The inner loop of the search, over one linear memory: `Explorer.expand` and `flush` for states of two words. What it
 * looks up is laid out by `../tables.ts`; it asks nothing, and stops at a state of which something is not known. Several threads may each
 * have an instance of it on one memory: what they write beside the tables lies apart (`mine`).
 */

import { accept, batched, begin, found, missing, taken } from './batch';
import { crash } from './crash';
import { order } from './orbit';
import { noteAll, read } from './reading';
import { crowded } from './set';
import { OUT, RECORD, SOURCE, State } from './state';
import { begins, enabled, gatherAll, takeAll } from './steps';

/** State-changing transitions seen. */
export let seen: u32 = 0;
/** Whether `expand` stopped before a state of which something is not known. */
export let asks: bool = false;

/**
 * Expands records of the source window from number `at` to `end`; answers how far it has come. It stops before a state of which
 * something is not known, and when there is no more room for what it finds.
 */
export function expand(at: u32, end: u32): u32 {
  asks = false;
  for (; at < end; at++) {
    if (crowded) return at;
    const record = SOURCE + RECORD * at;
    const passed = successors(load<u64>(record), load<u32>(record, 8));
    asks = passed < 0;
    if (asks || found + batched + taken > OUT) return at;
    seen += passed + taken;
    accept(taken);
  }
  return at;
}

/** Puts the successors of a state after those in the batch; answers how many steps of sources asleep it passed over, or -1 if not all is known. */
export function successors(state: State, asleep: u32): i32 {
  begin();
  const passed = find(state, order == 0 ? asleep : 0);
  return passed < 0 || !crash(state) || missing ? -1 : passed;
}

/** Takes the steps of single actors in a state, or counts those of sources asleep; answers how many these are, or -1 if not all is known. */
function find(state: State, asleep: u32): i32 {
  const end = gatherAll(state);
  if ((end | noteAll(state)) < 0) return -1;
  const first = takeAll(enabled, begins, state, asleep);
  const second = read(state, asleep);
  const third = takeAll(begins, <usize>end, state, asleep);
  return (first | second | third) < 0 ? -1 : first + second + third;
}
