import type { Question } from './question.ts';

/** What a link to the explorer says: the system, and the run so far or a place to go to. */
export interface Link {
  readonly question: Question;
  /** A run, as `runText` writes it. */
  readonly run?: string;
  /** A situation to be reached, or a property to be broken, on the shortest way. */
  readonly goal?: string;
}

/** The part of an address after the #. */
export function linkText({ question, run, goal }: Link): string {
  const { system, configuration = {}, mutant } = question;
  const fields = new URLSearchParams({ system });
  if (mutant !== undefined) fields.set('mutant', mutant);
  for (const [name, value] of Object.entries(configuration)) fields.set(name, JSON.stringify(value));
  if (goal !== undefined) fields.set('goal', goal);
  if (run) fields.set('run', run);
  return fields.toString();
}

/**
 * What such a text says; Paxos as it is, if it says nothing.
 *
 * @throws Error if a bound is not JSON
 */
export function linkFrom(text: string): Link {
  const { system = 'paxos', mutant, run, goal, ...bounds } = Object.fromEntries(new URLSearchParams(text));
  const configuration = Object.fromEntries(
    Object.entries(bounds).map(([name, value]) => {
      try {
        return [name, JSON.parse(value)];
      } catch {
        throw new Error(`${name}: ${value}: expected a number or a list of numbers`);
      }
    }),
  );
  return {
    question: {
      system,
      ...(mutant === undefined ? {} : { mutant }),
      ...(Object.keys(configuration).length === 0 ? {} : { configuration }),
    },
    ...(run === undefined ? {} : { run }),
    ...(goal === undefined ? {} : { goal }),
  };
}
