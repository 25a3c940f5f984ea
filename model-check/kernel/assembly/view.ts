/** AssemblyScript. What readings and looks see of a state, and what was seen by looks lately, `Recall.find`. */
import { Field, LOOK, LOOK_DUE, LOOKED_AT, mine, State, valueIn, WAIT, WAITING, word } from './state';

/** Keeps the reading of entries from being optimised away. */
export let entriesRead: u64 = 0;

/** By look, the fields that it looks at; and what was looked at lately, a cache. */
export let looks: usize = 0;
export let recalled: usize = 0;
export let recalledMask: u32 = 0;

/** What is seen of a field: numbers by local state. */
@unmanaged class Seen {
  field: Field;
  numbers: usize;
}
@unmanaged class Look {
  sees: usize;
  count: u32;
}
/** What a reading sees, its number, counted from 1, and the address of its steps. Or what was seen by a look, and its number. */
@unmanaged export class Entry {
  view: State;
  number: u32;
  steps: usize;
}

/** A hash of what is seen, worse and cheaper than that of states: its lower 21 bits depend on all of it. */
// @ts-ignore: decorator
@inline export function mixed(view: State): u32 {
  const product = view * 0x9e3779b97f4a7c15;
  return <u32>(product ^ (product >>> 43));
}

/** What is seen of some fields, packed as the state is: it has no more values than the field has. */
// @ts-ignore: decorator
@inline export function seenIn(state: State, sees: usize, count: u32): State {
  let view: State = 0;
  for (let k: u32 = 0; k < count; k++) {
    const seen = changetype<Seen>(sees + k * offsetof<Seen>());
    view |= (<u64>word(seen.numbers, valueIn(state, seen.field))) << seen.field.shift;
  }
  return view;
}

/** Has a successor that has turned out to be new wait, behind so many others, for the look that is due at it. Answers 1, or 0 if none is due. */
// @ts-ignore: decorator
@inline export function wait(successor: usize, behind: u32): u32 {
  store<u32>(WAITING + mine + WAIT * behind, <u32>successor);
  return u32(load<u32>(successor, LOOK_DUE) != 0);
}

/**
 * Puts down, from `into` on, the looks of the first `count` that wait, but those at states that look the same as one that was put down before: a
 * cache, which forgets. Answers how many these are. The entries of all are read before the first is compared: no wrong guess keeps one from being read.
 */
export function lookAtAll(count: u32, into: usize): u32 {
  const end = WAITING + mine + WAIT * count;
  let all: u64 = 0;
  for (let at = WAITING + mine; at < end; at += WAIT) {
    const successor: usize = load<u32>(at);
    const number = load<u32>(successor, LOOK_DUE);
    const look = changetype<Look>(looks + number * offsetof<Look>());
    const view = seenIn(load<u64>(successor, LOOKED_AT), look.sees, look.count);
    const entry = recalled + ((mixed(view) ^ number) & recalledMask) * offsetof<Entry>();
    store<u32>(at, <u32>entry, 4);
    store<u64>(at, view, 8);
    all ^= load<u64>(entry);
  }
  entriesRead = all;
  let put = into;
  for (let at = WAITING + mine; at < end; at += WAIT) {
    const successor: usize = load<u32>(at);
    const entry = changetype<Entry>(<usize>load<u32>(at, 4));
    const view = load<u64>(at, 8);
    const number = load<u32>(successor, LOOK_DUE);
    if (entry.view == view && entry.number == number) continue;
    entry.view = view;
    entry.number = number;
    store<u64>(put, load<u64>(successor, LOOKED_AT));
    store<u32>(put, number, 8);
    put += LOOK;
  }
  return <u32>((put - into) / LOOK);
}
