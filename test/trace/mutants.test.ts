import { describe, expect, test } from 'vitest';
import { findMutant } from '../../spec/mutants/index.ts';
import { walkTraces } from '../../src/trace/walks.ts';
import { checked, systemOf } from './checked.ts';

/** Single-decree mutants that misbehave in what they send or remember, and in which words their traces are refused. */
const MUTANTS: readonly (readonly [string, string | RegExp])[] = [
  ['promise-not-durable', /it says that its promised is none.*promised: [12]\.p[12]/s],
  ['accepted-not-durable', /it says that its accepted is none.*accepted: \([12]\.p[12], v[12]\)/s],
  ['ballot-reused', /it says that its ballot is none.*ballot: [12]\.p[12]/s],
  ['own-value', /it sends accept \(.*that it sends accept \(/s],
  ['promise-counted-twice', /it sends accept \(.*that it sends nothing/s],
  ['half-is-a-quorum', /it sends accept \(.*that it sends nothing/s],
  ['accepts-lower', /it sends accepted \(.*that it sends (nothing|nack)/s],
  ['promises-again', /it sends promise .*that it sends nothing/s],
  ['old-promises-counted', /it sends accept \(.*that it sends nothing/s],
  ['learner-believes-one', /it sends decision v[12].*that it sends nothing/s],
  ['shared-ballots', /it sends prepare.*that it sends prepare/s],
];

describe('traces of mutants', () => {
  test.each(MUTANTS)('%s: refused, and told why', (name, words) => {
    // Random walks crash early: what is forgotten of an accepted proposal shows where there is little else to do.
    const one = name.endsWith('not-durable');
    const learning = { learners: 2, learning: 'distinguished' };
    const bounds = { acceptors: name === 'half-is-a-quorum' ? 4 : 3, ballots: 2, crashes: 2, ...learning };
    const configuration = { proposers: 2, ...(one ? { acceptors: 1, crashes: 9 } : bounds) };
    expect(findMutant(name), name).toBeDefined();
    const { header, trace } = walkTraces('paxos', configuration, systemOf('paxos', configuration, name), 3);
    const refusals = Array.from({ length: 25 }, (_, walk) => checked(header, trace(walk, 100))).filter(
      ({ verdict }) => verdict === 'violated',
    );
    const told = refusals.map(({ refusal }) => `${refusal?.because}; ${refusal?.allowed.join('; ')}`);
    expect(
      told.find((each) => (typeof words === 'string' ? each.includes(words) : words.test(each))),
      told.slice(0, 5).join('\n'),
    ).toBeDefined();
  });

  test('two values chosen are found, beyond the line that is refused', () => {
    const configuration = { acceptors: 1, proposers: 2, learners: 1 };
    const { header, trace } = walkTraces(
      'paxos',
      configuration,
      systemOf('paxos', configuration, 'own-value'),
      3,
    );
    const reports = Array.from({ length: 40 }, (_, walk) => checked(header, trace(walk, 30)));
    const contradicted = reports.find(({ contradictions }) => contradictions.length > 0);
    expect(contradicted?.verdict).toBe('violated');
    expect(contradicted?.contradictions[0]).toMatchObject({
      property: 'agreement',
      facts: expect.stringMatching(/\(1\.p1, v1\) and \(1\.p2, v2\) are both chosen|two values are learned/),
    });
    expect(contradicted?.contradictions[0]?.line).toBeGreaterThan(contradicted?.refusal?.line ?? 99);
  });

  test('of the log: a leader skips phase 1, a replica believes one vote', () => {
    const configuration = {
      acceptors: 3,
      leaders: 2,
      replicas: 2,
      slots: 2,
      ballots: 2,
      crashes: 1,
      snapshots: true,
      learning: 'distinguished',
    };
    for (const name of ['phase-1-skipped', 'believes-one']) {
      const { header, trace } = walkTraces(
        'multi-paxos',
        configuration,
        systemOf('multi-paxos', configuration, name),
        3,
      );
      const refused = Array.from({ length: 40 }, (_, walk) => checked(header, trace(walk, 100))).find(
        ({ verdict }) => verdict === 'violated',
      );
      expect(refused?.refusal?.because, name).toMatch(/^it (sends|says)|has not sent/);
    }
  });
});
