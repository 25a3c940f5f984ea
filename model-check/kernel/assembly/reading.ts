/** AssemblyScript. The steps of readings, `Finder.readingList`: a hash table of what they see. */
import { taken } from './batch';
import { Field, State, STEPS, valueIn, WORD, word } from './state';
import { begins, Enabled, enabled, Steps, stepAt, take } from './steps';
import { Entry, mixed, seenIn } from './view';

export let readings: usize = 0;
export let readingCount: u32 = 0;
/** By reading: its steps in the state that is being expanded, 0 where it is not to be taken at all or has none. */
export let noted: usize = 0;
/** The steps of readings, by what they see: a hash table. */
export let known: usize = 0;
export let knownMask: u32 = 0;

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

/** Takes the steps of readings, or counts those of readings asleep, but for those that its actor or a reading before offers as well. */
export function read(state: State, asleep: u32): i32 {
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

/** Notes the steps of all readings in a state; negative if those of one are not known. */
export function noteAll(state: State): i32 {
  let unknown = 0;
  for (let at: u32 = 0; at < readingCount; at++) unknown |= <i32>changetype<usize>(look(readingAt(at), state));
  return unknown;
}

/** The steps of a reading, 0 where it is not to be taken at all or has none, -1 if they are not known. */
function look(reading: Reading, state: State): Steps {
  let steps = changetype<Steps>(<usize>0);
  const local = valueIn(state, reading.actor);
  if (word(reading.when, local) == reading.open) {
    const view = seenIn(state, reading.views, reading.viewCount) | ((<u64>local) << reading.actor.shift);
    const entry = entryOf(view, reading.number);
    steps = changetype<Steps>(entry.number == 0 ? <usize>(<u32>-1) : entry.steps);
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
  entry.steps = <usize>steps;
  return isNew;
}

/** The entry of what a reading sees, or one that is free for it. */
function entryOf(view: State, number: u32): Entry {
  let slot = mixed(view) ^ number;
  while (true) {
    const entry = changetype<Entry>(known + (slot & knownMask) * offsetof<Entry>());
    if (entry.number == 0 || (entry.view == view && entry.number == number)) return entry;
    slot += 1;
  }
}

function readingAt(at: u32): Reading {
  return changetype<Reading>(readings + at * offsetof<Reading>());
}
