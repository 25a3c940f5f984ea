import { expect, test } from 'vitest';
import { check } from '../../model-check/check.ts';
import { PaxosConfiguration } from '../../spec/configuration.ts';
import { paxos } from '../../spec/single-decree.ts';
import { compareApart } from './passive-system.ts';

test('3 acceptors, 2 proposers with 2 ballots each, a learner, a crash: 337,628,866 states, of which 3,018,526 are explored', async () => {
  const system = paxos(PaxosConfiguration.parse({ learners: 1, crashes: 1, ballots: 2 }));
  const report = await check(system, { passive: true, symmetry: true });
  expect(report).toMatchObject({ verdict: 'holds', frontier: 0, distinctStates: 3_018_526 });
  expect(report.passive).toMatchObject({ actors: ['l1'], represented: 337_628_866 });
});

test('hundreds of random systems', async () => {
  const runs = 250;
  const { systems } = await compareApart(runs, 300);
  expect(systems).toBeGreaterThan(0.5 * runs);
});
