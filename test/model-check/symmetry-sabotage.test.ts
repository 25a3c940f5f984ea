/** The tests of symmetry can fail: what each planted fault does to the counts and the verdicts. */
import { afterEach, expect, test, vi } from 'vitest';
import { check } from '../../model-check/check.ts';
import { Claims } from '../../model-check/claims.ts';
import { Steps } from '../../model-check/steps.ts';
import { Symmetry } from '../../model-check/symmetry.ts';
import type { Envelope, Property, System } from '../../model-check/system.ts';
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

type Walk = { readonly type: string };
const names = ['a', 'b', 'c'];

/** Three that may go on by what each sees of all: `next` tells how from where it is, and where the others are. */
function walkers<S>(
  {
    name,
    initial,
    properties,
  }: Pick<System<S, Envelope, Walk>, 'name' | 'properties'> & { readonly initial: S },
  leads: (state: S, type: string) => S,
  next: (actor: string, state: S, others: readonly S[]) => string | undefined,
): System<S, Envelope, Walk> {
  return {
    name,
    covers: [],
    actors: names.map((each) => ({
      name: each,
      role: 'twin',
      initial,
      transition: (state, event) => ({
        rule: event.type === 'receive' ? null : 'go',
        state: event.type === 'receive' ? state : leads(state, event.type),
        send: [],
      }),
    })),
    readings: names.map((actor) => ({
      name: `of ${actor}`,
      actor,
      of: names,
      view: ({ state }) => state,
      events: ({ state }, views) => {
        const type = next(actor, state, views.filter((_, at) => names[at] !== actor) as S[]);
        return type === undefined ? [] : [{ type }];
      },
    })),
    symmetry: { permutations: permutationsAmong(names), rename: renameAll },
    properties,
  };
}

const where = (of: readonly string[]) => ({
  name: `where ${of} are`,
  of,
  view: ({ state }: { state: unknown }) => state,
  combine: (seen: readonly unknown[]) => seen,
});

/** Each goes two steps while the others are at home; what is odd about one of them shows in images of the explored states only. */
function odd({ claim = false, reading = false }): System<number, Envelope, Walk> {
  const properties: Property<number, Envelope, Walk>[] = [
    {
      name: 'not all go',
      kind: 'lemma',
      statement: 'somebody is at home',
      clauses: [
        {
          facts: [where(names)],
          check: (seen) => ((seen as number[]).includes(0) ? undefined : 'nobody is'),
        },
      ],
    },
    {
      name: 'not far',
      kind: 'lemma',
      statement: 'one of them does not go far',
      clauses: names.map((name) => ({
        facts: [where([name])],
        check: (seen) => (claim && name === 'a' && (seen as number[])[0] === 2 ? `${name} does` : undefined),
      })),
    },
  ];
  return walkers(
    { name: 'odd', initial: 0, properties },
    (state) => state + 1,
    (actor, state, others) => {
      const stops = reading && actor === 'a' && state === 1;
      return others.some((other) => other !== 0) || state === 2 || stops ? undefined : 'go';
    },
  );
}

const { meet } = Claims.prototype;

test('a claim counts as compared in all images where another one was', async () => {
  const asymmetric = odd({ claim: true });
  await expect(check(asymmetric, { symmetry: true })).rejects.toThrow(/not far is not symmetric/);
  expect(await check(asymmetric)).toMatchObject({ verdict: 'violated' });
  const { symmetry, distinctStates } = await check(odd({}), { symmetry: true });
  expect([symmetry?.represented, distinctStates]).toEqual([7, 3]);

  vi.spyOn(Claims.prototype, 'meet').mockImplementation(function (
    this: Claims<unknown, Envelope, unknown>,
    _asked,
    images,
  ) {
    meet.call(this, [...this.properties, ...this.situations], images);
  });
  expect(await check(asymmetric, { symmetry: true })).toMatchObject({ verdict: 'holds' });
});

test('what an actor may do counts as compared where it was not', async () => {
  const asymmetric = odd({ reading: true });
  await expect(check(asymmetric, { symmetry: true })).rejects.toThrow(/what c may do is not symmetric/);
  vi.spyOn(Steps.prototype, 'meet').mockReturnValue(false);
  const { symmetry } = await check(asymmetric, { symmetry: true });
  expect(symmetry?.represented).toBe(7);
  expect((await check(asymmetric)).distinctStates).toBe(6);
});

/** The first goes far; after that, each of the others may go wrong. */
function wronged(): System<string, Envelope, Walk> {
  const right: Property<string, Envelope, Walk> = {
    name: 'right',
    kind: 'requirement',
    statement: 'nobody goes wrong',
    clauses: names.map((name) => ({
      facts: [where([name])],
      check: (seen) => ((seen as string[])[0] === 'wrong' ? `${name} is` : undefined),
    })),
  };
  return walkers(
    { name: 'wronged', initial: 'home', properties: [right] },
    (_, type) => type,
    (_, state, others) => {
      const home = others.filter((other) => other === 'home').length;
      if (state !== 'home' || home < 1) return undefined;
      return home === 2 ? 'far' : 'wrong';
    },
  );
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
