/** The tests of symmetry can fail: what each planted fault does to the counts and the verdicts. */
import { afterEach, expect, test, vi } from 'vitest';
import { check } from '../../model-check/check.ts';
import { Claims } from '../../model-check/claims.ts';
import { Symmetry } from '../../model-check/symmetry.ts';
import type { Envelope, System } from '../../model-check/system.ts';
import { AbstractConfiguration } from '../../spec/abstract/bounds.ts';
import { lamportPaxos } from '../../spec/abstract/lamport-paxos.ts';
import { permutationsAmong, renameAll } from './symmetric-system.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const lamport = lamportPaxos(AbstractConfiguration.parse({}));
const { canonise } = Symmetry.prototype;

test('every state its own representative: the verdict is right, and nothing is saved', async () => {
  vi.spyOn(Symmetry.prototype, 'canonise').mockImplementation((locals, into) => {
    into.set(locals);
    return 1;
  });
  const report = await check(lamport, { symmetry: true });
  expect(report).toMatchObject({ distinctStates: 3_921, verdict: 'holds', diameter: 16 });
  expect(report.distinctStates).not.toBe(443);
});

test('a representative that is not that of the whole orbit', async () => {
  vi.spyOn(Symmetry.prototype, 'canonise').mockImplementation(function (
    this: Symmetry<unknown, Envelope, unknown>,
    locals,
    into,
  ) {
    const orbit = canonise.call(this, locals, into);
    // Of orbits of one size, two members each stand for themselves.
    if (orbit === 12 && locals[1] === 1) into.set(locals);
    return orbit;
  });
  const report = await check(lamport, { symmetry: true });
  expect([report.distinctStates, report.symmetry?.represented]).not.toEqual([443, 3_921]);
});

test('orbits one too large', async () => {
  vi.spyOn(Symmetry.prototype, 'canonise').mockImplementation(function (
    this: Symmetry<unknown, Envelope, unknown>,
    locals,
    into,
  ) {
    return canonise.call(this, locals, into) + 1;
  });
  const report = await check(lamport, { symmetry: true });
  expect(report.distinctStates).toBe(443);
  expect(report.symmetry?.represented).toBe(3_921 + 442);
});

/** The first goes far; after that, each of the others may go wrong. */
function wronged(): System<string, Envelope, { type: string }> {
  const names = ['a', 'b', 'c'];
  return {
    name: 'wronged',
    covers: [],
    actors: names.map((name) => ({
      name,
      role: 'twin',
      initial: 'home',
      transition: (state, event) =>
        event.type === 'receive'
          ? { rule: null, state, send: [] }
          : { rule: 'go', state: event.type, send: [] },
    })),
    readings: names.map((actor) => ({
      name: `of ${actor}`,
      actor,
      of: names,
      view: ({ state }) => state,
      events: ({ state }, views) => {
        const home = views.filter((view) => view === 'home').length;
        if (state !== 'home' || home < 2) return [];
        return [{ type: home === 3 ? 'far' : 'wrong' }];
      },
    })),
    symmetry: { permutations: permutationsAmong(names), rename: renameAll },
    properties: [
      {
        name: 'right',
        kind: 'requirement',
        statement: 'nobody goes wrong',
        clauses: names.map((name) => ({
          facts: [
            { name: `where ${name} is`, of: [name], view: ({ state }) => state, combine: ([where]) => where },
          ],
          check: (where) => (where === 'wrong' ? `${name} is` : undefined),
        })),
      },
    ],
  };
}

test('a look, due after a step, at the representative instead of where the step led', async () => {
  const right = await check(wronged(), { symmetry: true });
  expect(right).toMatchObject({ verdict: 'violated', properties: [{ length: 2 }] });
  expect(right.counterexample).toEqual((await check(wronged())).counterexample);

  let symmetry: Symmetry<unknown, Envelope, unknown> | undefined;
  vi.spyOn(Symmetry.prototype, 'canonise').mockImplementation(function (
    this: Symmetry<unknown, Envelope, unknown>,
    locals,
    into,
  ) {
    symmetry = this;
    return canonise.call(this, locals, into);
  });
  const { evaluate } = Claims.prototype;
  vi.spyOn(Claims.prototype, 'evaluate').mockImplementation(function (
    this: Claims<unknown, Envelope, unknown>,
    look,
    locals,
    depth,
  ) {
    const representative = locals.slice();
    if (symmetry) canonise.call(symmetry, locals, representative);
    evaluate.call(this, look, representative, depth);
  });
  const report = await check(wronged(), { symmetry: true });
  expect(report.verdict).toBe('holds');
  expect(report.distinctStates).toBe(right.distinctStates);
});
