import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { canonical } from '../../model-check/canonical.ts';
import { check } from '../../model-check/check.ts';
import type { Report } from '../../model-check/report.ts';
import { type Entry, fill, type Run } from '../../scripts/gallery-readme.ts';
import { names } from '../../spec/configuration.ts';
import { castOf, PaxosConfiguration, paxos, paxosRoles } from '../../spec/index.ts';
import {
  type Bounds,
  compareSizes,
  demonstration,
  findMutant,
  lessOne,
  mutants,
  mutated,
  sizeOf,
  smallerThan,
  total,
} from '../../spec/mutants/index.ts';
import { withPhase2a } from '../../spec/mutants/mutant.ts';

const read = (name: string) => readFileSync(new URL(`../../spec/mutants/${name}`, import.meta.url), 'utf8');
const entries = (JSON.parse(read('gallery.json')) as { mutants: Entry[] }).mutants;
const entryOf = (name: string) => entries.find((entry) => entry.name === name) as Entry;
const runsOf = ({ smallest, also, large }: Entry): Run[] => [smallest, ...also, ...large];
const brokenIn = ({ requirements, lemmas }: Run) =>
  [...requirements, ...(lemmas === 'not checked' ? [] : lemmas)].flatMap(({ name, length }) =>
    length === undefined ? [] : [{ name, length }],
  );
const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
const parse = (bounds: Bounds) => PaxosConfiguration.parse(bounds);
const everything = { enough: () => false };
const found = ({ properties }: Report) =>
  properties.flatMap(({ name, length }) => (length === undefined ? [] : [{ name, length }]));

const unsafe = mutants.filter(({ harmless }) => harmless === undefined);
const harmless = mutants.filter((mutant) => mutant.harmless !== undefined);

describe('the gallery', () => {
  test('has each mutant once, told in sentences', () => {
    const all = mutants.map(({ name }) => name);
    expect(new Set(all).size).toBe(all.length);
    for (const mutant of mutants) {
      expect(mutant.name).toMatch(/^[a-z]+(-[a-z0-9]+)+$/);
      expect(findMutant(mutant.name)).toBe(mutant);
      for (const text of [mutant.breaks, mutant.who, mutant.harmless ?? 'Unsafe.'])
        expect(text).toMatch(/^[A-Z].*\.$/);
      expect([mutant.roles, mutant.quorums].filter(Boolean).length, mutant.name).toBe(1);
    }
    expect(findMutant('none')).toBeUndefined();
  });

  test('changes what rules do, not which rules there are', () => {
    const cast = castOf(parse({ learners: 1 }));
    for (const { roles, name } of mutants) {
      const changed = roles?.(paxosRoles, cast) ?? paxosRoles;
      for (const role of ['acceptor', 'proposer', 'learner'] as const)
        expect(Object.keys(changed[role].rules), name).toEqual(Object.keys(paxosRoles[role].rules));
    }
  });

  test('has a right phase 2a to break', async () => {
    const configuration = parse({ acceptors: 3, proposers: 2, ballots: [2, 1], crashes: 1 });
    const expected = await check(paxos(configuration));
    const report = await check(paxos(configuration, withPhase2a(paxosRoles, {})));
    expect(report.verdict).toBe('holds');
    expect([report.distinctStates, report.transitions, report.diameter]).toEqual([
      expected.distinctStates,
      expected.transitions,
      expected.diameter,
    ]);
  });

  test('has wrong quorums only where it says so', () => {
    for (const { quorums, smallest, name } of mutants) {
      if (!quorums) continue;
      const system = quorums(names('a', parse(smallest).acceptors));
      const meet = system.phase1.every((first) =>
        system.phase2.every((second) => first.some((member) => second.includes(member))),
      );
      expect(meet, name).toBe(false);
    }
  });
});

describe('gallery.json', () => {
  test('records all mutants, in the configurations that they name', () => {
    expect(entries.map(({ name }) => name)).toEqual(mutants.map(({ name }) => name));
    for (const mutant of mutants) {
      const { smallest, also, large, hears } = entryOf(mutant.name);
      expect(smallest.configuration).toEqual(mutant.smallest);
      expect(also.map(({ configuration }) => configuration)).toEqual(mutant.also ?? []);
      expect(large.map(({ configuration }) => configuration)).toEqual(mutant.large ?? []);
      expect(hears).toEqual(mutant.hears);
    }
  });

  test('has every property broken by some mutant, in the configuration that shows the mutant', () => {
    const properties = paxos(parse({})).properties.map(({ name }) => name);
    const broken = new Set(entries.flatMap(({ smallest }) => brokenIn(smallest).map(({ name }) => name)));
    expect(properties.filter((name) => !broken.has(name))).toEqual([]);
  });

  test.each(unsafe.map(({ name }) => name))('%s breaks a requirement, and no smaller one does', (name) => {
    const { smallest, smaller, harmless: recorded } = entryOf(name);
    expect(recorded).toBe(false);
    expect(smallest.requirements.some(({ verdict }) => verdict === 'broken')).toBe(true);
    const size = smallest.configuration;
    const others = smaller?.which === 'all that are smaller' ? smallerThan(size) : lessOne(size);
    expect((smaller?.safe ?? 0) + (smaller?.undecided.length ?? 0)).toBe(others.length);
    if (smaller?.which === 'all that are smaller') expect(smaller.undecided).toEqual([]);
  });

  test.each(harmless.map(({ name }) => name))('%s breaks no requirement where it was checked', (name) => {
    for (const { ended, requirements } of runsOf(entryOf(name))) {
      expect(ended).toBe('all explored');
      expect(requirements.filter(({ verdict }) => verdict === 'broken' || verdict === 'not found')).toEqual(
        [],
      );
    }
  });

  test('is what the tables of the README say', () => {
    const readme = read('README.md');
    expect(fill(readme, entries) === readme).toBe(true);
  });
});

describe('the lengths recorded', () => {
  const small = mutants.flatMap((mutant) =>
    runsOf(entryOf(mutant.name)).flatMap((run, at) =>
      run.distinctStates > 20_000
        ? []
        : [{ name: mutant.name, bounds: run.configuration, run, first: at === 0 }],
    ),
  );

  test.each(small)('$name, $bounds', async ({ name, run, first }) => {
    const mutant = findMutant(name);
    if (!mutant) throw new Error(name);
    const system = first ? demonstration(mutant) : mutated(parse(run.configuration), mutant);
    const report = await check(system, everything);
    expect(report.distinctStates).toBe(run.distinctStates);
    expect(found(report).sort(byName)).toEqual(brokenIn(run).sort(byName));
  });

  test.each(unsafe.filter(({ smallest }) => total(sizeOf(smallest)) <= 6))(
    '$name: nothing smaller shows it',
    async (mutant) => {
      for (const size of smallerThan(mutant.smallest)) {
        const system = mutated(parse({ ...size, ballots: [...size.ballots] }), mutant);
        const report = await check(system, { properties: ['validity', 'agreement', 'learned-is-chosen'] });
        expect(report.verdict, JSON.stringify(size)).toBe('holds');
      }
    },
  );
});

describe('where only some runs are searched', () => {
  const restricted = mutants.filter(({ hears }) => hears !== undefined);

  test.each(restricted)(
    '$name: they are runs of the mutant, all of whose messages are for all',
    async (mutant) => {
      const { counterexample } = await check(demonstration(mutant));
      const { actors } = mutated(parse(mutant.smallest), mutant);
      const acceptors = castOf(parse(mutant.smallest)).acceptors;
      const states = new Map(actors.map(({ name, initial }) => [name, initial]));
      const sent = new Set<string>();
      // As it was sent, before it was given to some acceptors only.
      const unabridged = (message: unknown) => {
        const type = (message as { type?: string } | null)?.type;
        return type === 'prepare' || type === 'accept' ? { ...(message as object), to: acceptors } : message;
      };
      expect(counterexample?.steps.length).toBe(counterexample?.length);
      for (const step of counterexample?.steps ?? []) {
        const actor = actors.find(({ name }) => name === step.actor);
        const message = unabridged(step.message);
        if (message) expect(sent).toContain(canonical(message));
        const event = message ? { type: 'receive', message } : step.event;
        const outcome = actor?.transition(states.get(step.actor) as never, event as never);
        expect(outcome?.rule).toBe(step.rule);
        states.set(step.actor, outcome?.state as never);
        for (const each of outcome?.send ?? []) sent.add(canonical(each));
      }
      const votes = [...sent].map((text) => JSON.parse(text)).filter(({ type }) => type === 'accepted');
      const chosen = votes.filter(
        ({ ballot, value }) =>
          votes.filter((vote) => canonical([vote.ballot, vote.value]) === canonical([ballot, value])).length *
            2 >
          acceptors.length,
      );
      expect(new Set(chosen.map(({ value }) => value)).size).toBe(2);
    },
  );
});

describe('the order of configurations', () => {
  test('counts all that are smaller, each once', () => {
    const size = sizeOf({ acceptors: 3, proposers: 2, learners: 1, ballots: [1, 2], crashes: 1 });
    const smaller = smallerThan({ ...size, ballots: [1, 2] });
    expect(new Set(smaller.map(canonical)).size).toBe(smaller.length);
    for (const other of smaller) {
      expect(compareSizes(other, size)).toBeLessThan(0);
      expect(compareSizes(size, other)).toBeGreaterThan(0);
      expect(other.ballots.length).toBe(other.proposers);
    }
    for (const other of lessOne({ ...size, ballots: [1, 2] }))
      expect(smaller.map(canonical)).toContain(canonical(other));
    // By sum 3: one acceptor, one proposer, one ballot. By sum 4: one more acceptor, learner, crash or ballot.
    expect(smallerThan({ acceptors: 1, proposers: 2, ballots: 1 }).length).toBe(
      1 +
        4 +
        smallerThan({ acceptors: 1, proposers: 2, ballots: 1 }).filter((other) => total(other) === 5).length,
    );
  });
});
