/** Acceptors of Multi-Paxos that other programs play. */
import { describe, expect, test } from 'vitest';
import { check, type Report } from '../../model-check/index.ts';
import { MultiPaxosConfiguration, multiPaxos } from '../../spec/index.ts';
import { type LogMutant, logMutants, logMutated } from '../../spec/log/mutants/index.ts';
import { logStage } from '../../src/foreign/stage.ts';
import { refusal, synod } from '../cli/run.ts';
import { checked, type Kind, ours } from './foreign.ts';

const foreign = (configuration: MultiPaxosConfiguration, mutant: string, kind: Kind) =>
  checked(logStage(configuration), { 'log-acceptor': ours(mutant, kind, configuration) }, { mostWays: 500 });

/** What is found of messages; that registers only grow cannot be asked of states that are opaque. */
const ofMessages = ({ properties }: Report) =>
  properties
    .filter(({ name }) => name !== 'well-behaved' && name !== 'only-grow')
    .map(({ name, length }) => [name, length]);

describe.each<Kind>(['stateless', 'stateful'])('as %s programs, our acceptors', (kind) => {
  test.each([
    { acceptors: 2, leaders: 2, slots: 2, nacks: true },
    { acceptors: 1, leaders: 2, replicas: 1, slots: 1, crashes: 1, snapshots: true },
    { acceptors: 1, leaders: 2, replicas: 1, slots: 1, commands: 1, clients: 'wr' },
  ])('are those of Multi-Paxos, %o', async (bounds) => {
    const configuration = MultiPaxosConfiguration.parse(bounds);
    const [report, own] = [
      await foreign(configuration, 'none', kind),
      await check(multiPaxos(configuration)),
    ];
    expect([report.verdict, report.foreign?.flatMap(({ findings }) => findings)]).toEqual(['holds', []]);
    expect([report.distinctStates, report.transitions, report.diameter]).toEqual([
      own.distinctStates,
      own.transitions,
      own.diameter,
    ]);
    expect(ofMessages(report)).toEqual(ofMessages(own));
    expect(report.rules.filter(({ tabulated, idle }) => tabulated === 0 && !idle)).toEqual([]);
  });
});

describe('mutants of the acceptor', () => {
  const names = [
    'promise-reports-one-slot',
    'promise-per-slot',
    'log-promise-not-durable',
    'confirms-whoever-asks',
    'truncation-not-reported',
    'truncated-as-new',
    'truncation-not-durable',
    'promise-truncated',
  ];

  test.each(names)('%s breaks in as many steps as in process', async (name) => {
    const mutant = logMutants.find((each) => each.name === name) as LogMutant;
    const configuration = MultiPaxosConfiguration.parse(mutant.smallest);
    const report = await foreign(configuration, name, 'stateless');
    const own = await check(logMutated(configuration, mutant));
    expect(report.verdict).toBe('violated');
    expect(ofMessages(report)).toEqual(ofMessages(own));
    expect(report.counterexample?.property).toBe(own.counterexample?.property);
  });
});

test('on the command line, acceptors of multi-paxos and no other role of it', async () => {
  const configuration = MultiPaxosConfiguration.parse({ acceptors: 1, slots: 1 });
  const program = ours('none', 'stateless', configuration);
  const bounds = ['multi-paxos', '--acceptors', '1', '--slots', '1'];
  const { status, stdout } = await synod('check', ...bounds, '--acceptor', program);
  expect(status).toBe(0);
  expect(stdout).toMatch(/ \(a1\): \d+ questions, each asked once more\n/);
  expect(refusal(await synod('check', ...bounds, '--learner', program))).toMatch(
    /^--learner: .*: other programs play roles of the system paxos, or acceptors of multi-paxos: expected no "multi-paxos"/,
  );
});
