import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bothWays, small, smallSymmetric } from './saved.ts';

describe.each([
  ['random systems', small, 50],
  ['random systems by symmetry', smallSymmetric, 25],
] as const)('%s, saved and gone on with', (_name, systems, numRuns) => {
  test('at any moment, end as they do without', () => {
    fc.assert(
      fc.property(systems, fc.integer({ min: 1, max: 30 }), (system, stop) => {
        const { stopped, straight } = bothWays<never, never, never>(system as never, 20, (at) => at === stop);
        expect(stopped).toEqual(straight);
      }),
      { numRuns },
    );
  });

  test('again and again, end as they do without', () => {
    fc.assert(
      fc.property(systems, (system) => {
        const { stopped, straight } = bothWays<never, never, never>(system as never, 5, () => true);
        expect(stopped).toEqual(straight);
      }),
      { numRuns: numRuns / 5 },
    );
  });
});
