import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { AbstractConfiguration } from '../../spec/abstract/bounds.ts';
import { compareBallots } from '../../spec/ballot.ts';
import { castOf, PaxosConfiguration } from '../../spec/configuration.ts';
import { disjointPair, includesQuorum, majorities, subsets } from '../../spec/quorum.ts';
import { Grid, quorumSystemOf, Weights } from '../../spec/quorum-forms.ts';

const parse = (input: unknown) => PaxosConfiguration.parse(input);

/** The one complaint about a configuration: where, and what was expected. */
function complaint(schema: z.ZodType, input: unknown): { path: PropertyKey[]; message: string } {
  const { error } = schema.safeParse(input);
  if (!error) throw new Error('nothing is wrong with it');
  expect(error.issues.map(({ message }) => message)).toHaveLength(1);
  const { path, message } = error.issues[0] as z.core.$ZodIssue;
  return { path, message };
}

describe('a configuration that is wrong', () => {
  test.each<[string, unknown, PropertyKey[], RegExp]>([
    ['no acceptors', { acceptors: 0 }, ['acceptors'], /^expected at least 1 acceptor$/],
    ['too many acceptors', { acceptors: 10 }, ['acceptors'], /^expected at most 9 acceptors$/],
    ['half an acceptor', { acceptors: 2.5 }, ['acceptors'], /^expected a whole number of acceptors$/],
    ['acceptors in words', { acceptors: 'three' }, ['acceptors'], /^expected a whole number of acceptors$/],
    ['no proposers', { proposers: 0 }, ['proposers'], /^expected at least 1 proposer$/],
    ['minus one learner', { learners: -1 }, ['learners'], /^expected at least 0 learners$/],
    ['minus one crash', { crashes: -1 }, ['crashes'], /^expected at least 0 crashes$/],
    ['infinitely many crashes', { crashes: Number.POSITIVE_INFINITY }, ['crashes'], /crashes$/],
    ['no values', { values: 0 }, ['values'], /^expected at least 1 value$/],
    ['no ballots', { ballots: 0 }, ['ballots'], /^expected at least 1 ballot$/],
    [
      'half a ballot',
      { ballots: 0.5 },
      ['ballots'],
      /^expected a whole number of ballots, or one for each proposer$/,
    ],
    ['ballots in words', { ballots: 'two' }, ['ballots'], /^expected a whole number of ballots/],
    ['no ballots of one proposer', { ballots: [0, 1] }, ['ballots', 0], /^expected at least 1 ballot$/],
    [
      'a list of ballots that is too short',
      { ballots: [2] },
      ['ballots'],
      /^expected one number for each of the 2 proposers$/,
    ],
    [
      'a list of ballots that is too long',
      { ballots: [1, 1, 1] },
      ['ballots'],
      /^expected one number for each of the 2 proposers$/,
    ],
    ['an unknown way of learning', { learning: 'hearsay' }, ['learning'], /"all"\|"distinguished"/],
    [
      'more distinguished learners than learners',
      { learners: 1, learning: 'distinguished', distinguished: 2 },
      ['learners'],
      /^expected at least 2 learners, as many as are distinguished$/,
    ],
    [
      'a distinguished learner that does not exist',
      { learning: 'distinguished' },
      ['learners'],
      /^expected at least 1 learner, as many as are distinguished$/,
    ],
    [
      'distinguished learners where all are told',
      { learners: 2, distinguished: 2 },
      ['distinguished'],
      /^expected none, since learning is "all"/,
    ],
    ['a field that does not exist', { acceptor: 3 }, [], /acceptor/],
    [
      'a quorum with a stranger',
      { acceptors: 2, quorums: { phase1: [['a1', 'a2']], phase2: [['a1'], ['a2', 'a3']] } },
      ['quorums', 'phase2', 1],
      /^expected members among a1, a2$/,
    ],
    [
      'a quorum that names a member twice',
      { acceptors: 1, quorums: { phase1: [['a1']], phase2: [['a1', 'a1']] } },
      ['quorums', 'phase2', 0],
      /^expected each member once$/,
    ],
    [
      'quorums that do not meet',
      { acceptors: 3, quorums: { phase1: [['a1', 'a2'], ['a3']], phase2: [['a1', 'a2']] } },
      ['quorums'],
      /^phase 1 quorum \{a3\} and phase 2 quorum \{a1, a2\} have no acceptor in common; expected every phase 1 quorum to meet every phase 2 quorum/,
    ],
    [
      'a family without a quorum',
      { quorums: { phase1: [], phase2: [['a1']] } },
      ['quorums', 'phase1'],
      /array/,
    ],
    ['an empty quorum', { quorums: { phase1: [[]], phase2: [['a1']] } }, ['quorums', 'phase1', 0], /array/],
    ['quorums of one phase only', { quorums: { phase1: [['a1']] } }, ['quorums', 'phase2'], /array/],
  ])('%s', (_name, input, path, message) => {
    expect(complaint(PaxosConfiguration, input)).toEqual({ path, message: expect.stringMatching(message) });
  });

  test('disjoint quorums are taken where they are asked for', () => {
    const quorums = { phase1: [['a1']], phase2: [['a2']] };
    expect(parse({ acceptors: 2, quorums, allowDisjointQuorums: true }).quorums).toEqual(quorums);
    expect(AbstractConfiguration.parse({ quorums, allowDisjointQuorums: true }).quorums).toEqual(quorums);
    expect(complaint(AbstractConfiguration, { quorums }).message).toMatch(
      /^phase 1 quorum \{a1\} and phase 2 quorum \{a2\} have no acceptor in common/,
    );
  });

  test('a member named twice, and a stranger, in a quorum of an abstract level', () => {
    const twice = { phase1: [['a1', 'a1']], phase2: [['a1']] };
    expect(complaint(AbstractConfiguration, { quorums: twice }).message).toBe('expected each member once');
    const quorums = { phase1: [['a1', 'a7']], phase2: [['a1', 'a7']] };
    expect(complaint(AbstractConfiguration, { quorums }).message).toMatch(
      /^expected members among a1, a2, a3$/,
    );
  });
});

describe('the defaults', () => {
  test('are 3 acceptors, 2 proposers with a ballot and a value each, nothing that goes wrong', () => {
    expect(parse({})).toEqual({
      acceptors: 3,
      proposers: 2,
      learners: 0,
      ballots: 1,
      crashes: 0,
      allowDisjointQuorums: false,
      learning: 'all',
      nacks: false,
    });
  });
});

describe('the cast of a configuration', () => {
  test('names the actors, gives out values in turn, and bounds each proposer', () => {
    const cast = castOf(parse({ proposers: 3, values: 2, ballots: [1, 3, 2], learners: 3 }));
    expect(cast.acceptors).toEqual(['a1', 'a2', 'a3']);
    expect(cast.proposers).toEqual(['p1', 'p2', 'p3']);
    expect(cast.values).toEqual({ p1: 'v1', p2: 'v2', p3: 'v1' });
    expect(cast.bounds).toEqual({ p1: 1, p2: 3, p3: 2 });
    expect(cast.toldOfVotes).toEqual(['l1', 'l2', 'l3']);
    expect(cast.ballots.map(({ round, proposer }) => `${round}.${proposer}`)).toEqual([
      '1.p1',
      '1.p2',
      '1.p3',
      '2.p2',
      '2.p3',
      '3.p2',
    ]);
    expect(cast.quorums.phase1).toEqual([
      ['a1', 'a2'],
      ['a1', 'a3'],
      ['a2', 'a3'],
    ]);
  });

  test('has the distinguished learners alone told of votes', () => {
    const bounds = { learners: 3, learning: 'distinguished', distinguished: 2 };
    expect(castOf(parse(bounds)).toldOfVotes).toEqual(['l1', 'l2']);
  });

  test('lists every ballot once, from the lowest, none shared by two proposers', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 9 }), (ballots) => {
        const cast = castOf(parse({ proposers: ballots.length, ballots }));
        expect(cast.ballots).toHaveLength(ballots.reduce((a, b) => a + b, 0));
        for (const [at, ballot] of cast.ballots.entries()) {
          const next = cast.ballots[at + 1];
          if (next) expect(compareBallots(ballot, next)).toBeLessThan(0);
        }
      }),
    );
  });
});

const Members = fc.subarray(['a1', 'a2', 'a3', 'a4', 'a5']);
const Family = fc.array(fc.subarray(['a1', 'a2', 'a3', 'a4', 'a5'], { minLength: 1 }), {
  minLength: 1,
  maxLength: 6,
});

describe('quorums', () => {
  test('majorities are the smallest sets of more than half, and all of them meet', () => {
    for (let count = 1; count <= 9; count++) {
      const members = Array.from({ length: count }, (_, at) => `a${at + 1}`);
      const { phase1, phase2 } = majorities(members);
      expect(phase1).toEqual(phase2);
      expect(disjointPair({ phase1, phase2 })).toBeUndefined();
      for (const quorum of phase1) {
        expect(quorum.length * 2).toBeGreaterThan(count);
        expect((quorum.length - 1) * 2).toBeLessThanOrEqual(count);
      }
      const binomial = phase1[0]!.reduce((product, _, k) => (product * (count - k)) / (k + 1), 1);
      expect(new Set(phase1.map((quorum) => quorum.join())).size).toBe(Math.round(binomial));
    }
  });

  test('a set includes a quorum exactly if some quorum of the family is within it', () => {
    fc.assert(
      fc.property(Family, Members, (family, members) => {
        const within = new Set(members);
        const expected = family.some((quorum) => new Set([...quorum, ...within]).size === within.size);
        expect(includesQuorum(family, members)).toBe(expected);
      }),
    );
  });

  test('a disjoint pair is found exactly if there is one, and is one', () => {
    fc.assert(
      fc.property(Family, Family, (phase1, phase2) => {
        const pair = disjointPair({ phase1, phase2 });
        const meet = (a: string[], b: string[]) =>
          new Set([...a, ...b]).size < new Set(a).size + new Set(b).size;
        expect(pair !== undefined).toBe(phase1.some((one) => phase2.some((other) => !meet(one, other))));
        if (!pair) return;
        expect(phase1).toContainEqual(pair[0]);
        expect(phase2).toContainEqual(pair[1]);
        expect(meet(...(pair as [string[], string[]]))).toBe(false);
      }),
    );
  });

  test('subsets of a size are all there, each once', () => {
    expect(subsets(['x', 'y', 'z'], 0)).toEqual([[]]);
    expect(subsets(['x', 'y', 'z'], 2)).toEqual([
      ['x', 'y'],
      ['x', 'z'],
      ['y', 'z'],
    ]);
    expect(subsets(['x'], 2)).toEqual([]);
  });
});

describe('grids and weights', () => {
  test('a grid has its rows and its columns for quorums', () => {
    const rows = [
      ['a1', 'a2', 'a3'],
      ['a4', 'a5', 'a6'],
    ];
    expect(quorumSystemOf({ grid: rows })).toEqual({
      phase1: rows,
      phase2: [
        ['a1', 'a4'],
        ['a2', 'a5'],
        ['a3', 'a6'],
      ],
    });
    expect(complaint(Grid, { grid: [['a1', 'a2'], ['a3']] })).toEqual({
      path: ['grid'],
      message: 'expected rows of equal length',
    });
  });

  test('of weights the quorums are the minimal sets that weigh enough', () => {
    expect(quorumSystemOf({ weights: { a1: 2, a2: 1, a3: 1, a4: 0 }, phase2: 2 })).toEqual({
      phase1: [
        ['a1', 'a2'],
        ['a1', 'a3'],
      ],
      phase2: [['a1'], ['a2', 'a3']],
    });
    expect(quorumSystemOf({ weights: { a1: 1, a2: 1, a3: 1 } })).toEqual(majorities(['a1', 'a2', 'a3']));
    expect(complaint(Weights, { weights: { a1: 1, a2: 0 }, phase2: 2 }).path).toEqual(['weights']);
    expect(complaint(Weights, { weights: {} }).path).toEqual(['weights']);
    const many = Object.fromEntries(Array.from({ length: 13 }, (_, at) => [`a${at}`, 1]));
    expect(complaint(Weights, { weights: many }).message).toBe('expected at most 12 acceptors');
  });

  const names = (count: number) => Array.from({ length: count }, (_, at) => `a${at + 1}`);
  const grids = fc
    .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }))
    .map(([rows, columns]) => ({
      grid: Array.from({ length: rows }, (_, row) =>
        names(rows * columns).slice(row * columns, (row + 1) * columns),
      ),
    }));
  const weights = fc
    .array(fc.nat(4), { minLength: 1, maxLength: 6 })
    .filter((all) => all.some((each) => each > 0))
    .chain((all) => {
      const total = all.reduce((sum, each) => sum + each);
      const phase2 = fc.option(fc.integer({ min: 1, max: total }), { nil: undefined });
      return phase2.map((least) => ({
        weights: Object.fromEntries(all.map((each, at) => [`a${at + 1}`, each])),
        ...(least === undefined ? {} : { phase2: least }),
      }));
    });

  test('whatever they are, each phase 1 quorum meets each phase 2 quorum', () => {
    fc.assert(
      fc.property(fc.oneof(grids, weights), (form) => {
        const system = quorumSystemOf(form);
        expect(disjointPair(system)).toBeUndefined();
        expect([system.phase1.length, system.phase2.length].every((count) => count > 0)).toBe(true);
      }),
    );
  });

  test('a set includes a quorum if and only if it weighs enough', () => {
    fc.assert(
      fc.property(weights, fc.infiniteStream(fc.boolean()), (form, coins) => {
        const members = Object.keys(form.weights).filter(() => coins.next().value);
        const weight = (of: string[]) => of.reduce((sum, each) => sum + (form.weights[each] as number), 0);
        const total = weight(Object.keys(form.weights));
        const least = form.phase2 ?? Math.floor(total / 2) + 1;
        const { phase1, phase2 } = quorumSystemOf(form);
        expect(includesQuorum(phase2, members)).toBe(weight(members) >= least);
        expect(includesQuorum(phase1, members)).toBe(weight(members) > total - least);
      }),
    );
  });
});
