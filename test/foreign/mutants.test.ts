import { expect, test } from 'vitest';
import { check } from '../../model-check/check.ts';
import type { Report } from '../../model-check/report.ts';
import { demonstration, findMutant, type Mutant } from '../../spec/mutants/index.ts';
import { foreignMutant } from './foreign.ts';

/** A crash, a write that is lost, a proposer, a learner: each in few states. The slow tests have all of the gallery, in both kinds. */
const few = [
  ['promise-not-durable', 'stateless'],
  ['send-before-write', 'stateful'],
  ['own-value', 'stateless'],
  ['learner-believes-one', 'stateful'],
] as const;

/** What of a report does not depend on where a role is played: the states, and what of messages was found. */
function comparable({ verdict, distinctStates, transitions, diameter, properties }: Report) {
  const ofMessages = properties.filter(({ name }) => name !== 'only-grow' && name !== 'well-behaved');
  const found = ofMessages.map(({ name, length }) => [name, length]);
  return { verdict, distinctStates, transitions, diameter, found };
}

test.each(few)('%s, as a %s program, is what it is in process', async (name, kind) => {
  const mutant = findMutant(name) as Mutant;
  const report = await foreignMutant(mutant, kind);
  expect(comparable(report)).toEqual(comparable(await check(demonstration(mutant))));
  expect(report.verdict).toBe('violated');
  expect(report.foreign?.flatMap(({ findings }) => findings)).toEqual([]);
});

test('a mutant that does not tell its state is caught, by the same shortest run', async () => {
  const mutant = findMutant('accepts-lower') as Mutant;
  const length = ({ properties }: Report) => properties.find(({ name }) => name === 'agreement')?.length;
  const report = await foreignMutant(mutant, 'history');
  expect(report.verdict).toBe('violated');
  expect(length(report)).toBe(length(await check(demonstration(mutant))));
});
