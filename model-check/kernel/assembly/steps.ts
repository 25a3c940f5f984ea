/** AssemblyScript. The steps that actors take of themselves, and deliveries: those that `../gather.ts` finds, and how they are taken. */
import { add, taken } from './batch';
import { Field, State, STEPS } from './state';

/** Where `gather` is in the table of functions. */
const GATHER: u32 = 1;

/** The code that finds the offers that hold steps in a state (`../gather.ts`), its bytes, and how often it was written anew. */
export let gather: usize = 0;
export let gatherSize: u32 = 0;
export let gathers: u32 = 0;
/** Where it puts them down: for each the address of its steps, and its own. */
export let enabled: usize = 0;
/** Where what actors do of themselves ends among the enabled offers. */
export let begins: usize = 0;

@unmanaged class Offer {
  actor: Field;
  bit: u32;
  before: u32;
  keeps: u32;
}
/** An offer that holds steps. */
@unmanaged export class Enabled {
  steps: Steps;
  offer: Offer;
}
/** How many steps of one actor there are, and after that the steps. */
@unmanaged export class Steps {
  count: u32;
}
/** The bits in which the local state changes, the sources that are woken, the look that is due, and the number of the transition. */
@unmanaged export class Step {
  flips: u32;
  wakes: u32;
  due: u32;
  number: u32;
}

/** Puts down the offers that hold steps in a state; answers where they end, or a negative number if the steps of one are not known. */
export function gatherAll(state: State): i32 {
  const gathered = call_indirect<u64>(GATHER, state, enabled);
  begins = <usize>(gathered >>> 32);
  return <i32>gathered;
}

/** Takes the steps of some of the enabled offers, or counts those of offers asleep; -1 if there are too many. */
export function takeAll(from: usize, end: usize, state: State, asleep: u32): i32 {
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
@inline export function take(state: State, actor: Field, step: Step, keeps: u32): void {
  add(state ^ ((<u64>step.flips) << actor.shift), keeps & ~step.wakes, step.due);
}

// @ts-ignore: decorator
@inline export function stepAt(steps: Steps, at: u32): Step {
  return changetype<Step>(changetype<usize>(steps) + offsetof<Steps>() + at * offsetof<Step>());
}
