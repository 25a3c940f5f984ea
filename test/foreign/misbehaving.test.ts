import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { check } from '../../model-check/check.ts';
import { PaxosConfiguration, paxos } from '../../spec/index.ts';
import { InputError } from '../../src/input-error.ts';
import { checked, type Kind } from './foreign.ts';

const program = fileURLToPath(new URL('misbehaving.mjs', import.meta.url));
const small = PaxosConfiguration.parse({ acceptors: 1, proposers: 2, ballots: 1 });
const acceptor = (kind: Kind, how = 'not') => ({
  acceptor: `${process.execPath} ${program} ${kind} '${how}'`,
});
const findingsOf = ({ foreign = [] }: Awaited<ReturnType<typeof checked>>) =>
  foreign.flatMap(({ findings }) => findings);

/** By way: the kind of the finding, and what is said of it. */
const ways: readonly (readonly [how: string, kind: string, said: RegExp])[] = [
  ['no JSON', 'garbage', /line \d+ of its output what is not JSON \(.*\): "DEBUG: here"/],
  ['half a line', 'garbage', /is not JSON/],
  ['no object', 'garbage', /has the id nothing: expected/],
  ['another id', 'garbage', /has the id \d+: expected \d+/],
  ['no id', 'garbage', /has the id nothing/],
  ['a state that JavaScript rounds', 'garbage', /the number 12345678901234567890, which JavaScript rounds/],
  ['a name twice', 'garbage', /one name twice/],
  ['too deep', 'garbage', /nested more than 100 levels deep/],
  ['too long', 'garbage', /line \d+ of its output with more than 1048576 bytes/],
  ['not UTF-8', 'garbage', /what is not UTF-8/],
  ['no state', 'malformed', /state.*expected/],
  ['a message of nobody', 'malformed', /send\.0\.type/],
  ['a ballot of round 0', 'malformed', /send\.0\.ballot\.round: 0/],
  ['a message of another role', 'malformed', /send\.0\.type/],
  ['another sender', 'malformed', /from: "a9": expected "a1"/],
  ['a stranger told', 'malformed', /to: "a9": expected actors among p1, p2, a1/],
  ['something more', 'malformed', /sent/],
  ['dies', 'death', /ends \(exit status 1\); its last words: Traceback: no such ballot/],
];

describe('a program that answers an accept request with, or by', () => {
  // Both kinds go the same way from here on, so that every other is enough for each.
  test.each(ways.map((way, at) => [...way, at % 2 === 0 ? 'stateless' : 'stateful'] as const))(
    '%s: a finding of %s',
    async (how, what, said, kind) => {
      const report = await checked(small, acceptor(kind, how));
      expect(findingsOf(report).map((finding) => finding.kind)).toContain(what);
      expect(report.verdict).toBe('violated');
      // Told as a run: a ballot, a promise, a proposal, and what came of it.
      expect(report.counterexample).toMatchObject({ property: 'well-behaved', length: 4 });
      expect(report.counterexample?.facts).toMatch(/^a1, asked accept \(1\.p\d, v\d\) in state \{/);
      expect(report.counterexample?.facts).toMatch(said);
      expect(report.properties.some(({ verdict }) => verdict === 'holds')).toBe(false);
    },
  );
});

describe('a program', () => {
  test.each<[Kind, string]>([
    ['stateless', 'holds'],
    ['stateful', 'holds'],
    ['history', 'incomplete'],
  ])('that is right, and %s, makes a verdict of %s', async (kind, verdict) => {
    const configuration = PaxosConfiguration.parse({ ...small, learners: 1, crashes: 1 });
    const report = await checked(configuration, acceptor(kind), { maxDeliveries: 2 });
    expect([report.verdict, report.counterexample]).toEqual([verdict, undefined]);
    const [foreign] = report.foreign ?? [];
    expect(foreign).toMatchObject({ kind, actors: ['a1'], findings: [] });
    expect(foreign?.questions).toBeGreaterThan(10);
    expect(foreign?.repeated).toBe(foreign?.questions);
    if (kind === 'history') expect(report.stopped).toMatch(/^the bound of 2 deliveries to each of a1/);
    if (kind === 'stateful') expect(foreign?.otherWays?.asked).toBe(foreign?.otherWays?.of);
    if (kind !== 'history')
      expect(report.distinctStates).toBe((await check(paxos(configuration))).distinctStates);
  });

  // Review: these pass all vectors that are a shortest path and one event more.
  test.each([
    'stores nothing if it had promised',
    'duplicate accept wipes',
    'stale prepare lowers the promise',
  ])('whose acceptor %s is unsafe, whoever keeps its state', async (how) => {
    const runs = await Promise.all(
      (['stateless', 'stateful', 'history'] as const).map((kind) =>
        checked(small, acceptor(kind, how), { maxDeliveries: 5 }),
      ),
    );
    expect(runs.map(({ verdict }) => verdict)).toEqual(['violated', 'violated', 'violated']);
    const lengths = runs.map(({ counterexample }) => [counterexample?.property, counterexample?.length]);
    expect(lengths).toEqual([lengths[0], lengths[0], lengths[0]]);
    expect(lengths[0]?.[0]).toBe('agreement');
  });

  test('that hangs is told of, once, and is not asked again', async () => {
    const report = await checked(small, acceptor('stateless', 'hangs'), { patience: 1 });
    expect(report.verdict).toBe('violated');
    expect(findingsOf(report).map(({ kind }) => kind)).toEqual(['hang']);
    expect(report.counterexample?.facts).toMatch(
      /gives no answer within 1 s \(does it flush its output\?\)$/,
    );
  });

  test.each<[Kind, string]>([
    ['stateless', 'grows'],
    ['stateful', 'grows'],
    ['stateless', 'random'],
  ])('that is %s and %s has ever new states, which ends the run', async (kind, how) => {
    const report = await checked(small, acceptor(kind, how));
    expect(report.verdict).toBe('incomplete');
    expect(report.stopped).toMatch(
      /^growth without end: a1, asked prepare 1\.p\d in state .*is in a new state each time that this is asked once more, 100 times on end/,
    );
    expect(report.properties.some(({ verdict }) => verdict === 'holds')).toBe(false);
  });

  test.each<[Kind, string]>([
    ['stateless', 'remembers all'],
    ['stateful', 'by process'],
    ['stateful', 'hidden duplicates'],
    ['history', 'by process'],
  ])('that is %s and %s answers otherwise when it is asked once more', async (kind, how) => {
    const report = await checked(small, acceptor(kind, how), { maxDeliveries: 2 });
    const kinds = findingsOf(report).map((finding) => finding.kind);
    expect([how, ...kinds]).toEqual(kind === 'history' ? [how] : [how, 'differs']);
    expect(report.verdict).toBe(kind === 'history' ? 'incomplete' : 'violated');
    if (kind !== 'history') expect(report.counterexample?.property).toBe('well-behaved');
  });

  test('that dies in a restart is found by a run with a crash', async () => {
    const configuration = { ...small, crashes: 1 };
    const report = await checked(configuration, acceptor('stateful', 'dies in a restart'));
    expect(report.counterexample).toMatchObject({ property: 'well-behaved', length: 1 });
    expect(report.counterexample?.facts).toMatch(/^a1, asked restart in state .* ends \(exit status 3\)/);
  });

  test.each([
    ['tells one state', /answers with no state: expected one in each answer or in none/],
    ['says more', /what it was not asked|has the id|is not JSON/],
  ])('that %s is told of', async (how, said) => {
    const report = await checked(small, acceptor('stateful', how));
    expect(report.verdict).toBe('violated');
    expect(report.counterexample?.facts).toMatch(said);
  });

  test('that begins otherwise in a new process never holds', async () => {
    const report = await checked(small, acceptor('stateless', 'another beginning'));
    expect(report.verdict).toBe('incomplete');
    expect(report.stopped).toMatch(/^a program that is not well-behaved: a1, asked to begin, answers/);
  });

  test.each([
    ['another version', /protocol: 2: expected 1, the version spoken here/],
    ['no such', /./],
  ])('that cannot begin is refused: %s', async (how, said) => {
    const command = how === 'no such' ? { acceptor: 'no-such-program' } : acceptor('stateless', how);
    await expect(checked(small, command)).rejects.toThrow(InputError);
    await expect(checked(small, command)).rejects.toThrow(said);
  });
});
