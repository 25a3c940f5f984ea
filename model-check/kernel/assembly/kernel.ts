/**
 * AssemblyScript. The inner loop of the search, over one linear memory: `Explorer.expand` and `flush`, `Finder.find`
 * and `Recall.find` for states of two words. What it looks up is laid out by
 * `../tables.ts`; it asks nothing, and stops at a state of which something is not known. Several threads may each have an
 * instance of it on one memory: what they write beside the tables lies apart (`mine`).
 */

import { canonical, canonise, orbit, order } from './orbit';
import { crowded, hashOf, place, touch } from './set';
import {
  BATCH,
  BATCHED,
  DUE,
  Field,
  FOUND,
  LOOK,
  LOOKED_AT,
  OUT,
  RECORD,
  replaced,
  SOURCE,
  State,
  STEPS,
  SUCCESSOR,
  valueIn,
  WORD,
} from './state';

/** Where `gather` is in the table of functions. */
const GATHER: u32 = 1;

// What `../tables.ts` has laid out, and where.
/** The code that finds the offers that hold steps in a state (`../gather.ts`), its bytes, and how often it was written anew. */
export let gather: usize = 0;
export let gatherSize: u32 = 0;
export let gathers: u32 = 0;
/** Where it puts them down: for each the address of its steps, and its own. */
export let enabled: usize = 0;
export let readings: usize = 0;
export let readingCount: u32 = 0;
/** By reading: its steps in the state that is being expanded, 0 where it is not to be taken at all or has none. */
export let noted: usize = 0;
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
/** The steps of readings, by what they see: a hash table. */
export let known: usize = 0;
export let knownMask: u32 = 0;
/** By look, the fields that it looks at; and what was looked at lately, a cache. */
export let looks: usize = 0;
export let recalled: usize = 0;
export let recalledMask: u32 = 0;

/** Where the successors are put, and their hashes, if they are wanted beforehand. */
let batch: usize = BATCHED;
let hashes: usize = 0;
/** Successors in the batch, states found, and those to be looked at. */
export let batched: u32 = 0;
export let found: u32 = 0;
export let due: u32 = 0;
/** State-changing transitions seen. */
export let seen: u32 = 0;
/** Where what actors do of themselves ends among the enabled offers. */
let begins: usize = 0;
/** Successors of the state that is being expanded, after those in the batch. */
export let taken: u32 = 0;
/** The states that those found stand for, since this was asked last. */
export let represented: f64 = 0;
/** Whether something was missing when a successor was made of the state that is being expanded. */
let missing: bool = false;

@unmanaged class Offer {
  actor: Field;
  bit: u32;
  before: u32;
  keeps: u32;
}
/** An offer that holds steps. */
@unmanaged class Enabled {
  steps: Steps;
  offer: Offer;
}
/** How many steps of one actor there are, and after that the steps. */
@unmanaged class Steps {
  count: u32;
}
/** The bits in which the local state changes, the sources that are woken, the look that is due, and the number of the transition. */
@unmanaged class Step {
  flips: u32;
  wakes: u32;
  due: u32;
  number: u32;
}
@unmanaged class Reading {
  actor: Field;
  when: usize;
  open: u32;
  bit: u32;
  before: u32;
  keeps: u32;
  number: u32;
  views: usize;
  viewCount: u32;
  /** The offer of its actor's internal steps, or 0, and the first reading of the same actor. */
  internal: usize;
  first: usize;
}
/** What is seen of a field: numbers by local state. */
@unmanaged class Seen {
  field: Field;
  numbers: usize;
}
@unmanaged class Look {
  sees: usize;
  count: u32;
}
/** What a reading sees, its number, counted from 1, and its steps. Or what was seen by a look, and its number. */
@unmanaged class Entry {
  view: State;
  number: u32;
  steps: Steps;
}
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

// @ts-ignore: decorator
@inline function word(array: usize, at: u32): u32 {
  return load<u32>(array + ((<usize>at) << 2));
}

/**
 * Expands records of the source window from number `at` to `end`; answers how far it has come. It stops before a state of which
 * something is not known, and when there is no more room for what it finds.
 */
export function expand(at: u32, end: u32): u32 {
  for (; at < end; at++) {
    if (crowded) return at;
    const record = SOURCE + RECORD * at;
    const passed = successors(load<u64>(record), load<u32>(record, 8));
    if (passed < 0 || found + batched + taken > OUT) return at;
    seen += passed + taken;
    batched += taken;
    while (batched >= BATCH) {
      const more = batched - BATCH;
      batched = BATCH;
      flush();
      memory.copy(BATCHED, BATCHED + SUCCESSOR * BATCH, SUCCESSOR * more);
      batched = more;
    }
  }
  return at;
}

/** From here on successors are put where `at` says, and none of them is there yet; and their hashes where `beside` says, unless it is 0. */
export function into(at: usize, beside: usize): void {
  batch = at;
  hashes = beside;
  batched = 0;
}

/** Puts the successors of a state after those in the batch; answers how many steps of sources asleep it passed over, or -1 if not all is known. */
export function successors(state: State, asleep: u32): i32 {
  taken = 0;
  missing = false;
  const passed = find(state, order == 0 ? asleep : 0);
  return passed < 0 || !crash(state) || missing ? -1 : passed;
}

/** Takes the steps of a state. */
function find(state: State, asleep: u32): i32 {
  const gathered = call_indirect<u64>(GATHER, state, enabled);
  let unknown = <i32>gathered;
  for (let at: u32 = 0; at < readingCount; at++) unknown |= <i32>changetype<usize>(look(readingAt(at), state));
  if (unknown < 0) return -1;
  begins = <usize>(gathered >>> 32);
  const first = takeAll(enabled, begins, state, asleep);
  const second = read(state, asleep);
  const third = takeAll(begins, <usize>(<u32>gathered), state, asleep);
  return (first | second | third) < 0 ? -1 : first + second + third;
}

/** Takes the steps of some of the enabled offers, or counts those of offers asleep; -1 if there are too many. */
function takeAll(from: usize, end: usize, state: State, asleep: u32): i32 {
  let passed = 0;
  for (let at = from; at < end; at += offsetof<Enabled>()) {
    const steps = changetype<Enabled>(at).steps;
    const offer = changetype<Enabled>(at).offer;
    if (asleep & offer.bit) {
      passed += steps.count;
      continue;
    }
    if (taken + steps.count > STEPS) return -1;
    const keeps = (asleep | offer.before) & offer.keeps;
    for (let k: u32 = 0; k < steps.count; k++) take(state, offer.actor, stepAt(steps, k), keeps);
  }
  return passed;
}

/** Takes a step, asleep after which are the sources of `keeps` that it does not wake. */
// @ts-ignore: decorator
@inline function take(state: State, actor: Field, step: Step, keeps: u32): void {
  add(state ^ ((<u64>step.flips) << actor.shift), keeps & ~step.wakes, step.due);
}

// @ts-ignore: decorator
@inline function stepAt(steps: Steps, at: u32): Step {
  return changetype<Step>(changetype<usize>(steps) + offsetof<Steps>() + at * offsetof<Step>());
}

/** Puts a successor after those in the batch. */
// @ts-ignore: decorator
@inline function add(state: State, asleep: u32, look: u32): void {
  const at = batch + SUCCESSOR * (batched + taken);
  store<u32>(at, look, 12);
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

/** Puts down a successor that has turned out to be new: its record. Answers how many states it stands for. */
// @ts-ignore: decorator
@inline export function record(successor: usize, at: usize): u32 {
  const asleep = load<u32>(successor, 8);
  store<u64>(at, load<u64>(successor));
  store<u32>(at, asleep, 8);
  return order == 0 ? 1 : asleep;
}

/** Puts down the look that is due at a successor, if any; answers how many that makes. */
// @ts-ignore: decorator
@inline export function lookAt(successor: usize, at: usize): u32 {
  const look = load<u32>(successor, 12);
  const state = load<u64>(successor, LOOKED_AT);
  if (look == 0 || recall(look, state)) return 0;
  store<u64>(at, state);
  store<u32>(at, look, 8);
  return 1;
}

/** Takes the crashes of a state; false if not all is known. */
function crash(state: State): bool {
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

/** Takes the steps of readings, or counts those of readings asleep, but for those that its actor or a reading before offers as well. */
function read(state: State, asleep: u32): i32 {
  let passed = 0;
  for (let at: u32 = 0; at < readingCount; at++) {
    const reading = readingAt(at);
    const steps = notedOf(reading);
    if (changetype<usize>(steps) == 0) continue;
    if (taken + steps.count > STEPS) return -1;
    const keeps = (asleep | reading.before) & reading.keeps;
    for (let k: u32 = 0; k < steps.count; k++) {
      const step = stepAt(steps, k);
      if (offeredBefore(reading, step.number)) continue;
      if (asleep & reading.bit) passed += 1;
      else take(state, reading.actor, step, keeps);
    }
  }
  return passed;
}

function offeredBefore(reading: Reading, transition: u32): bool {
  for (let at = enabled; at < begins; at += offsetof<Enabled>()) {
    const each = changetype<Enabled>(at);
    if (changetype<usize>(each.offer) == reading.internal && includes(each.steps, transition)) return true;
  }
  for (let at = reading.first; at < changetype<usize>(reading); at += offsetof<Reading>()) {
    const other = changetype<Reading>(at);
    if (other.actor === reading.actor && includes(notedOf(other), transition)) return true;
  }
  return false;
}

function includes(steps: Steps, transition: u32): bool {
  if (changetype<usize>(steps) == 0) return false;
  for (let k: u32 = 0; k < steps.count; k++) if (stepAt(steps, k).number == transition) return true;
  return false;
}

/** The steps of a reading, 0 where it is not to be taken at all or has none, -1 if they are not known. */
function look(reading: Reading, state: State): Steps {
  let steps = changetype<Steps>(<usize>0);
  const local = valueIn(state, reading.actor);
  if (word(reading.when, local) == reading.open) {
    const view = seenIn(state, reading.views, reading.viewCount) | ((<u64>local) << reading.actor.shift);
    const entry = entryOf(view, reading.number);
    steps = entry.number == 0 ? changetype<Steps>(<usize>(<u32>-1)) : entry.steps;
  }
  store<u32>(noted + WORD * reading.number, <u32>changetype<usize>(steps));
  return steps;
}

// @ts-ignore: decorator
@inline function notedOf(reading: Reading): Steps {
  return changetype<Steps>(<usize>word(noted, reading.number));
}

/** Enters the steps of a reading, by its number and the halves of what it sees; tells whether there was no entry. */
export function enter(low: u32, high: u32, number: u32, steps: u32): bool {
  const view = (<u64>low) | ((<u64>high) << 32);
  const entry = entryOf(view, number);
  const isNew = entry.number == 0;
  entry.view = view;
  entry.number = number;
  entry.steps = changetype<Steps>(<usize>steps);
  return isNew;
}

/** The entry of what a reading sees, or one that is free for it. */
function entryOf(view: State, number: u32): Entry {
  let slot = hashOf(view) ^ number;
  while (true) {
    const entry = changetype<Entry>(known + (slot & knownMask) * offsetof<Entry>());
    if (entry.number == 0 || (entry.view == view && entry.number == number)) return entry;
    slot += 1;
  }
}

/** What is seen of some fields, packed as the state is: it has no more values than the field has. */
// @ts-ignore: decorator
@inline function seenIn(state: State, sees: usize, count: u32): State {
  let view: State = 0;
  for (let k: u32 = 0; k < count; k++) {
    const seen = changetype<Seen>(sees + k * offsetof<Seen>());
    view |= (<u64>word(seen.numbers, valueIn(state, seen.field))) << seen.field.shift;
  }
  return view;
}

/** Adds the successors of the batch to the states, and puts down those that are new. */
export function flush(): void {
  const count = batched;
  batched = 0;
  touch(count);
  for (let k: u32 = 0; k < count; k++) {
    const successor = BATCHED + SUCCESSOR * k;
    if (!place(load<u64>(successor), k, count)) continue;
    represented += record(successor, FOUND + RECORD * found);
    found += 1;
    due += lookAt(successor, DUE + LOOK * due);
  }
}

/** Whether a state that looks the same was put down to be looked at before: a cache, which forgets. If not, it is from now on. */
function recall(number: u32, state: State): bool {
  const look = changetype<Look>(looks + number * offsetof<Look>());
  const view = seenIn(state, look.sees, look.count);
  const entry = changetype<Entry>(recalled + ((hashOf(view) ^ number) & recalledMask) * offsetof<Entry>());
  if (entry.view == view && entry.number == number) return true;
  entry.view = view;
  entry.number = number;
  return false;
}

function memberOf(group: Crash, at: u32): Member {
  return changetype<Member>(group.members + at * offsetof<Member>());
}

function readingAt(at: u32): Reading {
  return changetype<Reading>(readings + at * offsetof<Reading>());
}
