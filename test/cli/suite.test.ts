/** The default suite: its entries, and what it complains of. The suite itself is run by `npm run check`. */
import { describe, expect, test } from 'vitest';
import { check, type Report, type System } from '../../model-check/index.ts';
import { logMutants } from '../../spec/log/mutants/index.ts';
import { mutants } from '../../spec/mutants/index.ts';
import {
  complaints,
  foilEntries,
  mutantEntries,
  type SuiteEntry,
  soundEntries,
} from '../../src/suite/entries.ts';
import { runEntries } from '../../src/suite/pool.ts';
import { buildSystem, systems } from '../../src/systems.ts';

const entries = [...soundEntries, ...mutantEntries, ...foilEntries];
const key = (entry: SuiteEntry) => JSON.stringify([entry.system, entry.mutant, entry.configuration]);
const built = (entry: SuiteEntry) => buildSystem(entry, (path) => path.map(String).join('.'));

async function reportOf(entry: SuiteEntry, options: Parameters<typeof check>[1] = {}): Promise<Report> {
  return await check(built(entry).system, options);
}

describe('the entries', () => {
  test('each can be built, and stands there once', () => {
    for (const entry of entries) expect(built(entry).system.actors.length).toBeGreaterThan(0);
    expect(new Set(entries.map(key)).size).toBe(entries.length);
  });

  test('the unbroken ones hold, the mutants are caught or harmless, all of them', () => {
    expect(new Set(soundEntries.map(({ mutant, expected }) => `${mutant} ${expected}`))).toEqual(
      new Set(['null holds']),
    );
    expect(
      mutantEntries.map(({ mutant, configuration, expected }) => ({ mutant, configuration, expected })),
    ).toEqual(
      [...mutants, ...logMutants].map(({ name, smallest, harmless }) => ({
        mutant: name,
        configuration: smallest,
        expected: harmless === undefined ? 'caught' : 'harmless',
      })),
    );
  });

  test('the foil is caught by what is no longer reachable, and by nothing else', async () => {
    for (const entry of foilEntries) {
      const report = await reportOf(entry);
      expect(complaints(entry, report)).toEqual([]);
      const broken = report.properties.filter(({ verdict }) => verdict === 'violated');
      expect(broken.map(({ name }) => name)).toEqual(['decision-in-reach']);
    }
  });

  test('every system is there, and every option of paxos that is no demonstration', () => {
    expect(new Set(soundEntries.map(({ system }) => system))).toEqual(
      new Set(systems.map(({ name }) => name)),
    );
    const used = new Set(
      soundEntries
        .filter(({ system }) => system === 'paxos')
        .flatMap(({ configuration }) => Object.keys(configuration)),
    );
    expect([...used]).toEqual(
      expect.arrayContaining([
        'acceptors',
        'proposers',
        'learners',
        'ballots',
        'crashes',
        'learning',
        'nacks',
        'quorums',
      ]),
    );
  });

  test.each(['paxos', 'multi-paxos'])(
    'every situation and every rule of %s is possible in one of the unbroken entries',
    (name) => {
      const possible = soundEntries
        .filter(({ system }) => system === name)
        .map((entry) => built(entry).system)
        .map(({ situations = [], rules = [], idleRules = {} }) => ({
          situations: situations
            .filter(({ notApplicable }) => notApplicable === undefined)
            .map(({ name }) => name),
          rules: rules.filter((rule) => !(rule in idleRules)),
          all: [...situations.map(({ name }) => name), ...rules],
        }));
      const reachable = new Set(possible.flatMap(({ situations, rules }) => [...situations, ...rules]));
      expect(reachable).toEqual(new Set(possible.flatMap(({ all }) => all)));
    },
  );
});

/** The smallest of the unbroken entries in which every kind of thing is there. */
const sound: SuiteEntry = {
  system: 'paxos',
  configuration: { acceptors: 1, proposers: 2, learners: 2, ballots: 1, crashes: 1 },
  mutant: null,
  expected: 'holds',
};
const caught = (
  mutant: string,
  configuration = mutants.find(({ name }) => name === mutant)?.smallest ?? {},
): SuiteEntry => ({
  system: 'paxos',
  configuration,
  mutant,
  expected: 'caught',
});

describe('complaints', () => {
  test('none of a sound system that is explored to the end, nor of a mutant that is caught', async () => {
    const report = await reportOf(sound);
    expect(report.verdict).toBe('holds');
    expect(complaints(sound, report)).toEqual([]);
    const entry = caught('own-value');
    expect(complaints(entry, await reportOf(entry))).toEqual([]);
  });

  test('a situation that is possible and not reached', async () => {
    const { system } = built(sound);
    const [first, ...others] = system.situations ?? [];
    const asleep: System = {
      ...system,
      situations: [{ ...first, state: undefined, step: () => false } as never, ...others],
    };
    const report = await check(asleep);
    expect(report.verdict).toBe('holds');
    expect(complaints(sound, report)).toEqual(['situation "chosen" is not reached']);
  });

  test('a situation that is impossible is no matter', async () => {
    const { system } = built(sound);
    const [first, ...others] = system.situations ?? [];
    const impossible = { ...first, state: undefined, step: () => false, notApplicable: 'needs more' };
    expect(
      complaints(sound, await check({ ...system, situations: [impossible as never, ...others] })),
    ).toEqual([]);
  });

  test('a rule that never fires', async () => {
    const { system } = built(sound);
    const report = await check({ ...system, rules: [...(system.rules ?? []), '3a'] });
    expect(complaints(sound, report)).toEqual(['rule "3a" never fires']);
    const idle = { ...system.idleRules, '3a': 'there is no phase 3' };
    expect(
      complaints(sound, await check({ ...system, rules: [...(system.rules ?? []), '3a'], idleRules: idle })),
    ).toEqual([]);
  });

  test('a rule that really never fires, since another is in its place', async () => {
    const { system } = built(sound);
    const actors = system.actors.map((actor) => ({
      ...actor,
      transition: (state: never, event: never) => {
        const outcome = actor.transition(state, event);
        return outcome.rule === '2b' ? { rule: null, state, send: [] } : outcome;
      },
    }));
    const found = complaints(sound, await check({ ...system, actors }));
    expect(found).toEqual(
      expect.arrayContaining(['rule "2b" never fires', 'situation "chosen" is not reached']),
    );
  });

  test('a property of the unbroken system that is violated, requirement or lemma', async () => {
    const broken = await reportOf(caught('own-value'), { enough: () => false });
    expect(complaints(sound, broken)).toEqual(
      expect.arrayContaining(['agreement is violated', 'P2c is violated']),
    );
    const lemma = await reportOf(caught('accepts-only-what-it-promised'), { maxStates: 5000 });
    expect(lemma.verdict).toBe('violated');
    expect(complaints(sound, lemma)).toEqual(expect.arrayContaining(['P1 is violated']));
  });

  test('a mutant that is not caught: in a configuration that is too small for it, or that is no mutant at all', async () => {
    const complaint = ['no requirement is found violated: the checker would not notice this mistake'];
    const small = caught('own-value', { acceptors: 1, proposers: 1, ballots: 1 });
    expect(complaints(small, await reportOf(small))).toEqual(complaint);
    expect(complaints(caught('own-value'), await reportOf(sound))).toEqual(complaint);
  });

  test('a mutant whose lemmas alone break is not caught', async () => {
    const entry = caught('own-value');
    const lemma = await reportOf(entry, { properties: ['P2c'] });
    expect(lemma.verdict).toBe('violated');
    expect(complaints(entry, lemma)).toEqual([
      'no requirement is found violated: the checker would not notice this mistake',
    ]);
  });

  test('a harmless mutant that breaks a requirement; its lemmas may break', async () => {
    const harmless = { ...caught('own-value'), expected: 'harmless' as const };
    expect(complaints(harmless, await reportOf(harmless))).toEqual(['agreement is violated']);
    expect(complaints(harmless, await reportOf(harmless, { properties: ['P2c', 'validity'] }))).toEqual([]);
  });

  test('a run that was not finished, of a sound system or of a harmless mutant', async () => {
    const unfinished = await reportOf(sound, { maxStates: 10 });
    expect(unfinished.verdict).toBe('incomplete');
    const complaint = ['not finished: ended by the bound of 10 states'];
    expect(complaints(sound, unfinished)).toEqual(complaint);
    expect(complaints({ ...sound, expected: 'harmless' }, unfinished)).toEqual(complaint);
    expect(complaints({ ...sound, expected: 'caught' }, unfinished)).toHaveLength(1);
  });

  test('a harmless mutant that breaks a lemma and was not finished', async () => {
    const entry: SuiteEntry = { ...caught('accepts-only-what-it-promised'), expected: 'harmless' };
    const unfinished = await reportOf(entry, { maxStates: 5000 });
    expect(unfinished).toMatchObject({ verdict: 'violated', stopped: 'the bound of 5000 states' });
    expect(complaints(entry, unfinished)).toEqual(['not finished: ended by the bound of 5000 states']);
  });
});

describe('the pool of worker threads', () => {
  const quick = mutantEntries.filter(({ mutant }) => mutant === 'own-value' || mutant === 'default-value');

  test('gives each entry its own report, the same as here', async () => {
    const reports = new Map<SuiteEntry, Report>();
    await runEntries([sound, ...quick], new AbortController().signal, (entry, answer) => {
      if (answer.kind === 'report') reports.set(entry, answer.report);
      else expect(answer.kind).toBe('progress');
    });
    expect(reports.size).toBe(3);
    for (const [entry, report] of reports) {
      const { distinctStates, transitions, counterexample } = await reportOf(entry);
      expect(report).toMatchObject({
        system: entry.system,
        mutant: entry.mutant,
        distinctStates,
        transitions,
      });
      expect(report.counterexample).toEqual(counterexample);
    }
  });

  test('passes on what goes wrong in an entry, and goes on with the next', async () => {
    const bad: SuiteEntry = { ...sound, configuration: { acceptors: 0 } };
    const answers: string[] = [];
    await runEntries([bad, sound], new AbortController().signal, (_, answer) => {
      answers.push(answer.kind === 'error' ? answer.message : answer.kind);
    });
    expect(answers.sort()).toEqual(['report', 'suite: acceptors: 0: expected at least 1 acceptor']);
  });

  test('stops at once when it is told to', async () => {
    const endless: SuiteEntry = {
      ...sound,
      configuration: { acceptors: 5, proposers: 3, ballots: 2, crashes: 2 },
    };
    const stop = new AbortController();
    const heard: string[] = [];
    setTimeout(() => stop.abort(), 1500);
    const started = performance.now();
    await runEntries([endless, endless, sound], stop.signal, (_, { kind }) => heard.push(kind));
    expect((performance.now() - started) / 1000).toBeLessThan(6);
    expect(heard).not.toContain('report');
    expect(heard).not.toContain('error');
  });
});
