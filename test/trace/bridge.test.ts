import { describe, expect, test } from 'vitest';
import { walkTraces } from '../../src/trace/walks.ts';
import { checked, systemOf } from './checked.ts';
import { chance, corrupted, KINDS } from './corrupt.ts';
import { firstUnexplained } from './oracle.ts';

describe('hidden steps', () => {
  test('lines that are lost are bridged where the naive way bridges them', () => {
    const configurations = [
      { acceptors: 1, proposers: 2, learners: 1, crashes: 1 },
      { acceptors: 2, proposers: 1, learners: 1, ballots: 2 },
    ];
    const made = configurations.map((configuration) => {
      const system = systemOf('paxos', configuration);
      return { system, ...walkTraces('paxos', configuration, system, 13) };
    });
    let bridged = 0;
    let refused = 0;
    for (let number = 0; number < 20; number++) {
      const pick = chance(13, number);
      const { system, header, trace } = made[number % made.length] as (typeof made)[number];
      const lines = trace(number, 4 + pick(4));
      const told = corrupted(
        lines,
        trace(number + 1, 8),
        pick(2) === 0 ? 'drop' : (KINDS[pick(KINDS.length)] as 'drop'),
        pick,
      );
      if (told.length === 0) continue;
      const expected = firstUnexplained(system, header, told, { bridge: 1, skew: 1 });
      const report = checked(header, told, { bridge: 1, skew: 1, attempts: 1000 });
      const at = report.refusal ? report.refusal.line - 2 : told.length;
      expect(at, `seed 13, number ${number}: ${told.map((line) => JSON.stringify(line)).join('\n')}`).toBe(
        expected,
      );
      if (report.bridged.steps > 0) bridged += 1;
      if (report.refusal) {
        refused += 1;
        expect(report.verdict).toBe(report.contradictions.length > 0 ? 'violated' : 'incomplete');
      }
    }
    expect(bridged).toBeGreaterThan(5);
    expect(refused).toBeGreaterThan(5);
  });
});
