import { type CheckOptions, check, type Report } from '../../../model-check/index.ts';
import type { Question } from './command.ts';
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
  const { counterexample, ...report } = await check(system, {
    ...options,
    ...(question.properties ? { properties: question.properties } : {}),
    configuration: configuration as Report['configuration'],
    mutant: question.mutant ?? null,
  });
  return counterexample ? { report, broken: brokenStory(counterexample, system) } : { report };
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
