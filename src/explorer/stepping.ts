/** A run that is made by hand, one step at a time, by the plain explorer: in a page, or to give a run a link. */
import { canonical } from '../../model-check/canonical.ts';
import { plainly } from '../../model-check/counterexample.ts';
import {
  type CounterexampleStep,
  type Envelope,
  initialState,
  isOfKind,
  type NaiveState,
  type NaiveStep,
  stepsFrom,
} from '../../model-check/index.ts';
import type { AnySystem } from '../systems.ts';
import { toldStep, wrongAfter } from './told.ts';

type State = NaiveState<unknown, Envelope>;
type Step = NaiveStep<unknown, Envelope, unknown>;

/** A step that can be taken. */
export interface Choice {
  readonly actor: string;
  /** The event, as canonical JSON. */
  readonly event: string;
  /** The step in words. */
  readonly text: string;
  readonly taken: Step;
}

/** A moment of a run: the state after its last step, what can happen next, and what is the case. */
export interface Moment {
  readonly state: State;
  /** The step that led here; none to the initial state. */
  readonly step?: CounterexampleStep;
  readonly choices: readonly Choice[];
  /** By property that is violated here, or by the step that led here: what is wrong. */
  readonly wrong: Readonly<Record<string, string>>;
  /** The situations that are there, or in the step that led here. */
  readonly reached: readonly string[];
}

/** The beginning of every run. */
export function firstMoment(system: AnySystem): Moment {
  return momentOf(system, initialState(system));
}

/** The moment after a step. */
export function after(system: AnySystem, number: number, { taken }: Choice): Moment {
  return { ...momentOf(system, taken.next, taken), step: toldStep(system, taken, number) };
}

/**
 * The moments of the run that takes these choices, by their places among those that there are each time. It ends where there
 * is no such choice.
 */
export function runOf(system: AnySystem, places: readonly number[]): Moment[] {
  const run = [firstMoment(system)];
  for (const place of places) {
    const choice = run.at(-1)?.choices[place];
    if (!choice) break;
    run.push(after(system, run.length, choice));
  }
  return run;
}

/** The places of the choices that make up a run told by a report, as far as each can be taken. */
export function placesOf(system: AnySystem, steps: readonly Pick<Choice, 'actor' | 'event'>[]): number[] {
  const places: number[] = [];
  let moment = firstMoment(system);
  for (const { actor, event } of steps) {
    const place = moment.choices.findIndex((choice) => choice.actor === actor && choice.event === event);
    const choice = moment.choices[place];
    if (!choice) break;
    places.push(place);
    moment = after(system, places.length, choice);
  }
  return places;
}

function momentOf(system: AnySystem, state: State, taken?: Step): Moment {
  const wrong = system.properties.flatMap((property) => {
    const sentence = wrongAfter(property, state, taken);
    return sentence === undefined ? [] : [[property.name, sentence] as const];
  });
  const reached = (system.situations ?? []).filter((situation) => isReached(situation, state, taken));
  return {
    state,
    choices: choicesIn(system, state),
    wrong: Object.fromEntries(wrong),
    reached: reached.map(({ name }) => name),
  };
}

/** The steps that change something, or that a situation or a property speaks of (a refusal, say), each once. */
function choicesIn(system: AnySystem, state: State): Choice[] {
  const before = canonical(state);
  const tell = system.tell ?? plainly;
  return stepsFrom(system, state).flatMap((taken) => {
    const [first] = taken.steps;
    if (!first || (canonical(taken.next) === before && !isSpokenOf(system, taken))) return [];
    const text = taken.steps.map((step) => tell(step)).join('; ');
    return [{ actor: first.actor, event: canonical(first.event), text, taken }];
  });
}

function isSpokenOf({ properties, situations = [] }: AnySystem, { steps }: Step): boolean {
  return steps.some(
    (each) =>
      situations.some(({ step, notApplicable }) => notApplicable === undefined && step?.(each)) ||
      properties.some(({ step }) => step?.(each) !== undefined),
  );
}

function isReached(
  { state: there, step, notApplicable }: NonNullable<AnySystem['situations']>[number],
  state: State,
  taken?: Step,
): boolean {
  if (notApplicable !== undefined) return false;
  if (taken?.steps.some((each) => step?.(each))) return true;
  return there !== undefined && isOfKind(there, state);
}

/** The text by which a link says which run it means: the places of the choices, and a sum over what they said. */
export function runText(run: readonly Moment[], places: readonly number[]): string {
  return places.length === 0 ? '' : `${places.join('.')}_${sumOf(run)}`;
}

/**
 * The run that a link means.
 *
 * @throws Error if the text is not of a run of this system, as it is when the link is older than a change of the rules
 */
export function runFrom(system: AnySystem, text: string): { run: Moment[]; places: number[] } {
  const [choices = '', sum] = text.split('_');
  const places = choices === '' ? [] : choices.split('.').map(Number);
  const run = runOf(system, places);
  if (run.length !== places.length + 1 || (places.length > 0 && sumOf(run) !== sum))
    throw new Error('this link is of another system, or of an older version of it');
  return { run, places };
}

/** A sum over the words of a run (FNV-1a, 32 bits). */
function sumOf(run: readonly Moment[]): string {
  let sum = 0x811c9dc5;
  for (const { step } of run) {
    for (const character of step?.text ?? '')
      sum = Math.imul(sum ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  return (sum >>> 0).toString(36);
}
