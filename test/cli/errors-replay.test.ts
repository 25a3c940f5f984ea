/** A bad counterexample to replay: exit status 2, and one line that names the place, the value and what was expected. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { Counterexample, Report } from '../../model-check/index.ts';
import { reportIn, synod, temporaryFile } from './run.ts';
import { refused, type Words } from './words.ts';

describe('a replay', () => {
  let good: Report & { counterexample: Counterexample };

  beforeAll(async () => {
    const { counterexample, ...report } = reportIn(
      await synod('check', '--mutant', 'promise-not-durable', '--json'),
    );
    if (!counterexample) throw new Error('there is no counterexample');
    good = { ...report, counterexample };
  });

  type Change = (story: Counterexample) => Counterexample;
  const replayed = async (content: unknown) => await synod('replay', temporaryFile('found.json', content));
  const stepChanged =
    (at: number, change: Partial<Counterexample['steps'][number]>): Change =>
    (story) => ({
      ...story,
      steps: story.steps.map((step, index) => (index === at ? { ...step, ...change } : step)),
    });
  /** The steps after a change, counted anew, so that nothing is wrong but the steps. */
  const counted = (story: Counterexample, steps: Counterexample['steps']): Counterexample => ({
    ...story,
    length: steps.length,
    steps: steps.map((step, at) => ({ ...step, number: at + 1 })),
  });

  test('of the report as it is confirms the violation', async () => {
    expect(await replayed(good)).toMatchObject({ status: 1, stderr: '' });
  });

  test.each<[string, (report: typeof good) => unknown, Words]>([
    ['not JSON', () => 'replay me', ['not JSON']],
    ['not an object', () => [], ['[]', 'expected object']],
    ['no report', () => ({ hello: 'world' }), ['format', 'nothing', 'expected one of']],
    [
      'no counterexample',
      ({ counterexample, ...report }) => report,
      ['counterexample', 'nothing', 'expected object'],
    ],
    [
      'steps that are no list',
      (report) => ({ ...report, counterexample: { ...report.counterexample, steps: 3 } }),
      ['counterexample.steps', '3', 'expected array'],
    ],
    [
      'a step of no kind',
      (report) => ({ ...report, counterexample: { ...report.counterexample, steps: [{}] } }),
      ['counterexample.steps[0].number', 'nothing', 'expected number'],
    ],
    [
      'an unknown system',
      (report) => ({ ...report, system: 'paxus' }),
      ['system', '"paxus"', 'expected', 'paxos'],
    ],
    [
      'an unknown mutant',
      (report) => ({ ...report, mutant: 'nobody' }),
      ['mutant', '"nobody"', 'expected', 'own-value'],
    ],
    [
      'a bad configuration',
      (report) => ({ ...report, configuration: { acceptors: 0 } }),
      ['configuration.acceptors', '0', 'expected at least 1'],
    ],
    [
      'a stranger in the configuration',
      (report) => ({ ...report, configuration: { colour: 'red' } }),
      ['configuration', '"colour"', 'not a known name'],
    ],
    [
      'a module that is a number',
      (report) => ({ ...report, configuration: { module: 5 } }),
      ['configuration.module', '5', 'expected the path of a module'],
    ],
    [
      'a module that is gone',
      (report) => ({ ...report, configuration: { module: './gone.mjs' } }),
      ['./gone.mjs', 'no such file'],
    ],
    [
      'the sound system',
      (report) => ({ ...report, mutant: null }),
      ['counterexample.steps[6]', 'expected', 'which is what the function does'],
    ],
    [
      'another format',
      (report) => ({ ...report, format: 'synod-report/2' }),
      ['format', '"synod-report/2"', 'expected one of'],
    ],
    [
      'another mutant',
      (report) => ({ ...report, mutant: 'own-value' }),
      ['counterexample.steps[', 'expected'],
    ],
    [
      'too few acceptors for the steps',
      (report) => ({ ...report, configuration: { ...report.configuration, proposers: 1 } }),
      ['counterexample.steps[1]', 'expected a step that is enabled there'],
    ],
  ])('of %s', async (_, change, words) => {
    const content = change(good);
    const file = temporaryFile('found.json', content);
    const place = String(words[0]).startsWith('./') ? '' : `${file}: `;
    await refused(['replay', file], [place, ...words]);
  });

  const changes: [string, Change, Words][] = [
    [
      'an unknown property',
      (story) => ({ ...story, property: 'truth' }),
      ['property', '"truth"', 'expected a property of paxos'],
    ],
    [
      'a property that is not violated',
      (story) => ({ ...story, property: 'validity' }),
      ['validity is not violated after 9 steps', 'expected'],
    ],
    [
      'the last step removed',
      (story) => counted(story, story.steps.slice(0, -1)),
      ['is not violated after 8 steps', 'expected'],
    ],
    [
      'the first step removed',
      (story) => counted(story, story.steps.slice(1)),
      ['steps[1]', 'expected a step that is enabled there'],
    ],
    [
      'the crash removed',
      (story) =>
        counted(
          story,
          story.steps.filter(({ rule }) => rule !== 'crash'),
        ),
      ['steps[6]', 'expected'],
    ],
    [
      'a step of the middle removed, uncounted',
      (story) => ({ ...story, steps: story.steps.filter((_, at) => at !== 4) }),
      ['length', '9', 'expected 8'],
    ],
    ['no steps', (story) => counted(story, []), ['is not violated after 0 steps', 'expected']],
    [
      'two steps in the other order',
      (story) =>
        counted(story, [2, 0, 1].flatMap((at) => story.steps[at] ?? []).concat(story.steps.slice(3))),
      ['steps[0]', 'expected a step that is enabled there'],
    ],
    ['another length', (story) => ({ ...story, length: 8 }), ['length', '8', 'expected 9']],
    ['a wrong number', stepChanged(2, { number: 7 }), ['steps[2].number', '7', 'expected 3']],
    ['another actor', stepChanged(2, { actor: 'a9' }), ['steps[2]', 'expected a step that is enabled there']],
    [
      'another role',
      stepChanged(2, { role: 'learner' }),
      ['steps[2].role', '"learner"', 'expected "acceptor"'],
    ],
    ['a wrong rule', stepChanged(2, { rule: '2b' }), ['steps[2].rule', '"2b"', 'expected "1b"']],
    ['no rule', stepChanged(2, { rule: null }), ['steps[2].rule', 'null', 'expected "1b"']],
    [
      'another event',
      stepChanged(0, { event: { type: 'start', value: 'v2' } }),
      ['steps[0]', 'expected a step that is enabled there'],
    ],
    [
      'an event that is null',
      stepChanged(0, { event: null }),
      ['steps[0]', 'expected a step that is enabled there'],
    ],
    ['another message', stepChanged(2, { message: null }), ['steps[2].message', 'null', 'expected {']],
    ['nothing sent', stepChanged(2, { sent: [] }), ['steps[2].sent', '[]', 'expected [{']],
    [
      'another change',
      stepChanged(2, { changed: [{ actor: 'a1', field: 'promised', to: 5 }] }),
      ['steps[2].changed', '5', 'expected [{'],
    ],
    ['no change', stepChanged(2, { changed: [] }), ['steps[2].changed', '[]', 'expected [{']],
  ];

  test.each(changes)('of a counterexample with %s', async (_, change, words) => {
    const file = temporaryFile('found.json', { ...good, counterexample: change(good.counterexample) });
    await refused(['replay', file], [`${file}: counterexample`, ...words]);
  });

  test('words of the file are not repeated: they are told anew', async () => {
    const told = stepChanged(0, { text: 'p1 sings' })({
      ...good.counterexample,
      facts: 'all is well',
      statement: 'Nothing.',
    });
    const { stdout } = await replayed({ ...good, counterexample: told });
    expect(stdout).toBe((await replayed(good)).stdout);
    expect(stdout).not.toMatch(/sings|all is well|Nothing\./);
  });

  test('a run that is longer than need be replays, and is not called the shortest', async () => {
    const { steps } = good.counterexample;
    // The same prepare request once more: nothing comes of it.
    const again = { ...(steps[2] as (typeof steps)[number]), rule: null, sent: [], changed: [] };
    const longer = counted(good.counterexample, [...steps.slice(0, 3), again, ...steps.slice(3)]);
    const ended = await replayed({ ...good, counterexample: longer });
    expect(ended.status).toBe(1);
    expect(ended.stdout).toMatch(/agreement is violated in 10 steps\./);
    expect(ended.stdout).not.toMatch(/shorter|shortest/);
  });
});
