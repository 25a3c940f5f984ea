/** Processes that are killed at many moments, on larger systems. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { budget } from '../budget.ts';
import { bothWays, small, smallSymmetric } from '../model-check/saved.ts';
import { killedAndResumed } from './kill.ts';

describe('a process that is killed again and again comes to the same end', () => {
  const all: [string, number][] = [
    ['--ballots 2,1 --crashes 1', 4],
    ['--mutant most-often-reported-lower --ballots 1,2', 3],
    ['--learners 1 --crashes 1', 4],
  ];
  test.each(all.slice(-budget({ ci: 1, night: 3 })))('%s', async (asked, kills) => {
    await killedAndResumed(asked, { seed: 1, kills });
  });
});

describe.each([
  ['random systems', small],
  ['random systems by symmetry', smallSymmetric],
] as const)('%s', (_name, systems) => {
  test('end the same, after whichever slice they are saved and gone on with', () => {
    fc.assert(
      fc.property(systems, (system) => {
        for (let slice = 1; slice <= 30; slice++) {
          const same = bothWays<never, never, never>(system as never, 15, (at) => at === slice);
          expect(same.stopped).toEqual(same.straight);
        }
      }),
      { numRuns: 5 },
    );
  });
});
