/** AssemblyScript. The successors that are not yet added to the states, `Explorer.flush`, and what is new among them. */
import { canonical, canonise, orbit, order } from './orbit';
import { hashOf, place, touch } from './set';
import {
  BATCH,
  BATCHED,
  DUE,
  FOUND,
  LOOK,
  LOOK_DUE,
  LOOKED_AT,
  RECORD,
  State,
  SUCCESSOR,
  WORD,
} from './state';
import { lookAtAll, wait } from './view';

/** Where the successors are put, and their hashes, if they are wanted beforehand. */
let batch: usize = BATCHED;
let hashes: usize = 0;
/** Successors in the batch, states found, and those to be looked at. */
export let batched: u32 = 0;
export let found: u32 = 0;
export let due: u32 = 0;
/** Successors of the state that is being expanded, after those in the batch. */
export let taken: u32 = 0;
/** The states that those found stand for, since this was asked last. */
export let represented: f64 = 0;
/** Whether something was missing when a successor was made of the state that is being expanded. */
export let missing: bool = false;

/** The successors of a state come next. */
export function begin(): void {
  taken = 0;
  missing = false;
}

/** Puts a successor after those in the batch. */
// @ts-ignore: decorator
@inline export function add(state: State, asleep: u32, look: u32): void {
  const at = batch + SUCCESSOR * (batched + taken);
  store<u32>(at, look, LOOK_DUE);
  store<u64>(at, state, LOOKED_AT);
  if (order == 0) {
    store<u64>(at, state);
    store<u32>(at, asleep, 8);
  } else if (canonise(state)) {
    store<u64>(at, canonical);
    store<u32>(at, orbit, 8);
  } else missing = true;
  if (hashes != 0) store<u32>(hashes + WORD * (batched + taken), hashOf(load<u64>(at)));
  taken += 1;
}

/** Has so many successors, which lie after those in the batch, be in it; and adds it to the states when it is full. */
export function accept(count: u32): void {
  batched += count;
  while (batched >= BATCH) {
    const more = batched - BATCH;
    batched = BATCH;
    flush();
    memory.copy(BATCHED, BATCHED + SUCCESSOR * BATCH, SUCCESSOR * more);
    batched = more;
  }
}

/** From here on successors are put where `at` says, and none of them is there yet; and their hashes where `beside` says, unless it is 0. */
export function into(at: usize, beside: usize): void {
  batch = at;
  hashes = beside;
  batched = 0;
}

/** Puts down a successor that has turned out to be new: its record. Answers how many states it stands for. */
// @ts-ignore: decorator
@inline export function record(successor: usize, at: usize): u32 {
  const asleep = load<u32>(successor, 8);
  store<u64>(at, load<u64>(successor));
  store<u32>(at, asleep, 8);
  return order == 0 ? 1 : asleep;
}

/** Adds the successors of the batch to the states, and puts down those that are new. */
export function flush(): void {
  const count = batched;
  batched = 0;
  touch(count);
  let waiting: u32 = 0;
  for (let k: u32 = 0; k < count; k++) {
    const successor = BATCHED + SUCCESSOR * k;
    if (!place(load<u64>(successor), k, count)) continue;
    represented += record(successor, FOUND + RECORD * found);
    found += 1;
    waiting += wait(successor, waiting);
  }
  due += lookAtAll(waiting, DUE + LOOK * due);
}
