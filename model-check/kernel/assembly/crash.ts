/** AssemblyScript. The crashes that a state enables, `Finder.crash`, and the looks that are due after them. */
import { add, taken } from './batch';
import { Field, replaced, State, STEPS, valueIn, word } from './state';

export let crashes: usize = 0;
export let crashCount: u32 = 0;
/** The field of the crashes used, and how many there may be. */
export let crashField: usize = 0;
export let budget: u32 = 0;
/** By two looks: the look at all that either is at, or -1. */
export let unions: usize = 0;
export let lookCount: u32 = 0;
/** By transition: the local state it leads to, and the look that is due after it. */
export let to: usize = 0;
export let dues: usize = 0;

/** The crash of a group; in that of way 1, last writes are lost. */
@unmanaged class Crash {
  way: u32;
  members: usize;
  count: u32;
}
/** One of a group: by local state, its transition, or -1, and whether a last write may be lost. */
@unmanaged class Member {
  actor: Field;
  transitions: usize;
  losable: usize;
}

/** Takes the crashes of a state; false if not all is known. */
export function crash(state: State): bool {
  if (budget == 0) return true;
  const used = valueIn(state, changetype<Field>(crashField));
  if (used >= budget) return true;
  const crashed = replaced(state, changetype<Field>(crashField), used + 1);
  for (let at: u32 = 0; at < crashCount; at++) {
    const each = changetype<Crash>(crashes + at * offsetof<Crash>());
    if ((each.way == 0 || losable(state, each)) && !crashGroup(crashed, each)) return false;
  }
  return true;
}

function crashGroup(crashed: State, group: Crash): bool {
  let state = crashed;
  let look: u32 = 0;
  for (let k: u32 = 0; k < group.count; k++) {
    const member = memberOf(group, k);
    const number = word(member.transitions, valueIn(crashed, member.actor));
    if (<i32>number < 0) return false;
    const next = word(to, number);
    if (next > member.actor.mask) return false;
    state = replaced(state, member.actor, next);
    look = either(look, word(dues, number));
    if (<i32>look < 0) return false;
  }
  if (taken == STEPS) return false;
  add(state, 0, look);
  return true;
}

/** Whether the crash of a group may undo a last write. */
function losable(state: State, group: Crash): bool {
  for (let k: u32 = 0; k < group.count; k++) {
    const member = memberOf(group, k);
    if (word(member.losable, valueIn(state, member.actor)) != 0) return true;
  }
  return false;
}

/** The look at all that either of two looks is at, or -1. */
function either(one: u32, other: u32): u32 {
  if (one == 0 || one == other) return other;
  return other == 0 ? one : word(unions, one * lookCount + other);
}

function memberOf(group: Crash, at: u32): Member {
  return changetype<Member>(group.members + at * offsetof<Member>());
}
