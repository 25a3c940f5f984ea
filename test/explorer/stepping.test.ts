import { describe, expect, test } from 'vitest';
import { answer } from '../../docs/.vitepress/site/answer.ts';
import { systemOf } from '../../docs/.vitepress/site/question.ts';
import { votesIn } from '../../docs/.vitepress/site/votes.ts';
import { canonical } from '../../model-check/canonical.ts';
import { check } from '../../model-check/index.ts';
import { linkFrom, linkText } from '../../src/explorer/link.ts';
import type { Question } from '../../src/explorer/question.ts';
import {
  after,
  firstMoment,
  type Moment,
  placesOf,
  runFrom,
  runOf,
  runText,
} from '../../src/explorer/stepping.ts';

const small = { acceptors: 1, proposers: 2, ballots: 1 };
const broken: Question[] = [
  { system: 'paxos', mutant: 'own-value' },
  { system: 'paxos', mutant: 'send-before-write' },
  { system: 'paxos', mutant: 'announced-after-phase-1' },
  { system: 'paxos', mutant: 'half-is-a-quorum' },
  { system: 'multi-paxos', mutant: 'phase-1-for-one-slot' },
  { system: 'multi-paxos', mutant: 'sessions-not-durable' },
  { system: 'docs/reading/first-come.ts' },
  { system: 'docs/reading/unasked.ts' },
];

describe('a run that is made by hand', () => {
  test.each(broken)('is told as a report tells it: %j', async (question) => {
    const { system } = systemOf(question);
    const { counterexample } = await check(system);
    const steps = counterexample?.steps ?? [];
    expect(steps.length).toBeGreaterThan(0);
    const places = placesOf(
      system,
      steps.map(({ actor, event }) => ({ actor, event: canonical(event) })),
    );
    const run = runOf(system, places);
    expect(run.slice(1).map(({ step }) => step)).toEqual(steps);
    const name = counterexample?.property ?? '';
    expect(run.at(-1)?.wrong[name]).toBe(counterexample?.facts);
    expect(run.slice(0, -1).filter(({ wrong }) => name in wrong)).toEqual([]);
  });

  test.each<Question>([
    { system: 'paxos', configuration: { ...small, learners: 1, crashes: 1 } },
    { system: 'paxos', configuration: small, mutant: 'send-before-write' },
    { system: 'docs/examples/two-phase-commit.ts' },
  ])('is offered every transition, and no other: %j', async (question) => {
    const { system } = systemOf(question);
    const report = await check(system, { enough: () => false });
    const seen = new Set<string>();
    let level: Moment[] = [firstMoment(system)];
    let transitions = 0;
    const wrong = new Set<string>();
    const reached = new Set<string>();
    while (level.length > 0) {
      const next: Moment[] = [];
      for (const moment of level) {
        const text = canonical(moment.state);
        for (const name of Object.keys(moment.wrong)) wrong.add(name);
        for (const name of moment.reached) reached.add(name);
        if (seen.has(text)) continue;
        seen.add(text);
        transitions += moment.choices.filter(({ taken }) => canonical(taken.next) !== text).length;
        next.push(...moment.choices.map((choice) => after(system, 1, choice)));
      }
      level = next;
    }
    expect({ states: seen.size, transitions }).toEqual({
      states: report.distinctStates,
      transitions: report.transitions,
    });
    const violated = report.properties.filter(({ verdict }) => verdict === 'violated');
    expect([...wrong].sort()).toEqual(violated.map(({ name }) => name).sort());
    const found = report.reached.filter((each) => each.reached);
    expect([...reached].sort()).toEqual(found.map(({ name }) => name).sort());
  });

  test('is taken the shortest way to each situation, and to what is broken', async () => {
    const question: Question = { system: 'paxos', configuration: { ...small, learners: 2, crashes: 1 } };
    const { system } = systemOf(question);
    const { reached } = await check(system);
    for (const { name, length, notApplicable } of reached.filter((each) => each.reached)) {
      const { broken: way } = await answer({ ...question, goal: name });
      expect({ name, notApplicable, length: way?.steps.length }).toEqual({
        name,
        notApplicable: undefined,
        length,
      });
      const run = runOf(system, placesOf(system, way?.steps ?? []));
      expect(run.length).toBe((length ?? 0) + 1);
      expect(run.at(-1)?.reached).toContain(name);
      expect(run.slice(0, -1).some((moment) => moment.reached.includes(name))).toBe(false);
    }
    const unbroken = await answer({ ...question, goal: 'agreement' });
    expect(unbroken.report.verdict).toBe('holds');
    const lemma = await answer({
      system: 'paxos',
      configuration: small,
      mutant: 'accepts-lower',
      goal: 'P1a',
    });
    expect(lemma.broken?.steps.length).toBe(6);
    await expect(answer({ ...question, goal: 'nonsense' })).rejects.toThrow(/nonsense/);
  });

  test('has a text, from which it comes back; another text is refused', () => {
    const { system } = systemOf({ system: 'paxos' });
    const places = [0, 1, 0, 2, 0];
    const run = runOf(system, places);
    const text = runText(run, places);
    expect(runFrom(system, text).run.map(({ state }) => state)).toEqual(run.map(({ state }) => state));
    expect(runFrom(system, '').places).toEqual([]);
    for (const wrong of [text.replace('_', '_x'), text.replace('0.1', '0.0'), '0.99_1', 'abc', '0']) {
      expect(() => runFrom(system, wrong), wrong).toThrow(/this link is of another system/);
    }
  });
});

describe('what stands beside a run', () => {
  test('a link says which system, and comes back', () => {
    for (const link of [
      { question: { system: 'paxos' } },
      {
        question: { system: 'paxos', mutant: 'own-value', configuration: { acceptors: 3, ballots: [1, 2] } },
        run: '0.1_x',
      },
      { question: { system: 'docs/reading/duel.ts' }, goal: 'one-of-three' },
    ]) {
      expect(linkFrom(linkText(link))).toEqual(link);
    }
    expect(linkFrom('')).toEqual({ question: { system: 'paxos' } });
    expect(() => linkFrom('system=paxos&acceptors=three')).toThrow('acceptors: three: expected');
  });

  test('the grid has the votes and promises that were sent', async () => {
    const question: Question = { system: 'paxos', configuration: { acceptors: 2, proposers: 2, ballots: 1 } };
    const { system } = systemOf(question);
    const { broken: way } = await answer({ ...question, goal: 'chosen-twice' });
    const moment = runOf(system, placesOf(system, way?.steps ?? [])).at(-1) as Moment;
    const votes = votesIn(moment, system);
    expect(votes.acceptors).toEqual(['a1', 'a2']);
    expect(votes.rows.map(({ ballot }) => ballot)).toEqual(['1.p2', '1.p1']);
    for (const { cells } of votes.rows) {
      expect(cells).toEqual(Array(2).fill({ promised: true, values: ['v1'] }));
    }
    expect(votesIn(firstMoment(system), system).rows).toEqual([]);
  });
});
