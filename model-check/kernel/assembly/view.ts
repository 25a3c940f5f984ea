/** AssemblyScript. What readings and looks see of a state, and what was seen by looks lately, `Recall.find`. */
import { Field, State, valueIn, word } from './state';

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

/** Whether a state that looks the same was put down to be looked at before: a cache, which forgets. If not, it is from now on. */
export function recall(number: u32, state: State): bool {
  const look = changetype<Look>(looks + number * offsetof<Look>());
  const view = seenIn(state, look.sees, look.count);
  const entry = changetype<Entry>(recalled + ((mixed(view) ^ number) & recalledMask) * offsetof<Entry>());
  if (entry.view == view && entry.number == number) return true;
  entry.view = view;
  entry.number = number;
  return false;
}
