import { type CheckOptions, check, type Report } from '../../../model-check/index.ts';
import type { Question } from '../../../src/explorer/question.ts';
import type { AnySystem } from '../../../src/systems.ts';
import { systemOf } from './question.ts';
import { type Broken, brokenStory } from './story.ts';

/** What a page shows of a check. */
export interface Answer {
  readonly report: Omit<Report, 'counterexample'>;
  readonly broken?: Broken;
}

/** Asks the checker: the same functions, with the same options, as the command line. */
export async function answer(question: Question, options: CheckOptions = {}): Promise<Answer> {
  const { system, configuration } = systemOf(question);
  const asked = question.goal === undefined ? system : heading(system, question.goal);
  const { counterexample, ...report } = await check(asked, {
    ...options,
    ...(question.properties ? { properties: question.properties } : {}),
    configuration: configuration as Report['configuration'],
    mutant: question.mutant ?? null,
  });
  return counterexample ? { report, broken: brokenStory(counterexample, system) } : { report };
}

/** The system with one property only, which a shortest way to the goal breaks. */
function heading(system: AnySystem, goal: string): AnySystem {
  const property = system.properties.find(({ name }) => name === goal);
  if (property) return { ...system, properties: [property], situations: [] };
  const situation = system.situations?.find(({ name }) => name === goal);
  if (!situation) throw new Error(`${goal}: ${system.name} has no situation and no property of that name`);
  const { name, statement, state, step } = situation;
  const there = (holds: boolean | undefined) => (holds ? statement : undefined);
  const reached: AnySystem['properties'][number] = {
    name,
    kind: 'lemma',
    statement,
    ...(state
      ? { clauses: [{ facts: state.facts, check: (...values) => there(state.holds(...values)) }] }
      : {}),
    ...(step ? { step: (taken) => there(step(taken)) } : {}),
  };
  return { ...system, properties: [reached], situations: [] };
}

/** What of an answer is the same in every run, on whatever machine. */
export interface Finding {
  readonly verdict: Report['verdict'];
  readonly states: number;
  readonly transitions: number;
  /** The greatest depth reached. */
  readonly depth: number;
  readonly questions: number;
  /** By property that is violated, and by situation that is reached: in how many steps. */
  readonly steps: Readonly<Record<string, number>>;
  /** The property whose counterexample is shown. */
  readonly shown?: string;
}

export function finding({ report, broken }: Answer): Finding {
  const { verdict, distinctStates, transitions, diameter, questions, properties, reached } = report;
  const lengths = [...properties, ...reached].flatMap(({ name, length }) =>
    length === undefined ? [] : [[name, length] as const],
  );
  return {
    verdict,
    states: distinctStates,
    transitions,
    depth: diameter,
    questions,
    steps: Object.fromEntries(lengths),
    ...(broken ? { shown: broken.property } : {}),
  };
}
