/** Roles of Multi-Paxos that other programs play. */
import { describe, expect, test } from 'vitest';
import { check, type Report } from '../../model-check/index.ts';
import { MultiPaxosConfiguration, multiPaxos } from '../../spec/index.ts';
import { type LogMutant, logMutants, logMutated } from '../../spec/log/mutants/index.ts';
import type { ForeignRoleName } from '../../src/foreign/protocol.ts';
import { logStage } from '../../src/foreign/stage.ts';
import { refusal, synod } from '../cli/run.ts';
import { checked, type Kind, logCommands, ours } from './foreign.ts';

/** What is found of what is sent and shown. What is inside of a role cannot be asked of states that are opaque. */
const found = ({ properties }: Report, asked: Report) =>
  properties
    .filter(({ name }) => asked.properties.some((each) => each.name === name && !each.notApplicable))
    .map(({ name, length }) => [name, length]);
const reached = ({ reached: situations }: Report, asked: Report) =>
  situations.filter(({ name }) => asked.reached.some((each) => each.name === name && !each.notApplicable));

describe.each<Kind>(['stateless', 'stateful'])('as %s programs, our roles', (kind) => {
  test.each<[ForeignRoleName[], object]>([
    [['log-acceptor'], { acceptors: 2, leaders: 2, slots: 2, nacks: true }],
    [['leader'], { acceptors: 2, leaders: 2, slots: 2, nacks: true }],
    [['leader'], { acceptors: 1, leaders: 2, slots: 2, window: 1, requests: 'any', crashes: 1 }],
    [['leader'], { acceptors: 1, leaders: 2, slots: 1, ballots: [2, 1], election: 'asynchronous' }],
    [
      ['log-acceptor', 'leader', 'replica'],
      { acceptors: 1, leaders: 2, replicas: 1, slots: 1, crashes: 1, snapshots: true },
    ],
    [
      ['log-acceptor', 'leader', 'replica'],
      { acceptors: 1, leaders: 2, replicas: 1, slots: 1, commands: 1, clients: 'wr' },
    ],
    [['replica'], { acceptors: 1, leaders: 1, replicas: 2, slots: 2, catchUp: true, snapshots: true }],
    [
      ['leader', 'replica'],
      {
        ...{ acceptors: 1, leaders: 2, replicas: 1, slots: 2, window: 1 },
        ...{ commands: 1, learning: 'distinguished', reconfigure: 'a2' },
      },
    ],
  ])('%j are those of Multi-Paxos, %o', async (roles, bounds) => {
    const configuration = MultiPaxosConfiguration.parse(bounds);
    const program = ours('none', kind, configuration);
    const commands = Object.fromEntries(roles.map((role) => [role, program]));
    const report = await checked(logStage(configuration), commands, { mostWays: 500 });
    const own = await check(multiPaxos(configuration));
    expect([report.verdict, report.foreign?.flatMap(({ findings }) => findings)]).toEqual(['holds', []]);
    expect([report.distinctStates, report.transitions, report.diameter]).toEqual([
      own.distinctStates,
      own.transitions,
      own.diameter,
    ]);
    expect(found(report, report)).toEqual([['well-behaved', undefined], ...found(own, report)]);
    expect(reached(report, report)).toEqual(reached(own, report));
    expect(report.rules.filter(({ tabulated, idle }) => tabulated === 0 && !idle)).toEqual([]);
  });
});

describe('mutants', () => {
  const ofAcceptors = [
    'promise-reports-one-slot',
    'promise-per-slot',
    'log-promise-not-durable',
    'confirms-whoever-asks',
    'truncation-not-reported',
    'truncated-as-new',
    'truncation-not-durable',
    'promise-truncated',
  ];
  const ofLeaders = [
    'phase-1-skipped',
    'phase-1-for-one-slot',
    'hole-filled-with-nothing',
    'read-not-confirmed',
  ];
  const ofReplicas = [
    'gap-applied',
    'sessions-not-durable',
    'machine-not-durable',
    'answered-before-applied',
  ];

  test.each([...ofAcceptors, ...ofLeaders, ...ofReplicas])(
    '%s breaks in as many steps as in process',
    async (name) => {
      const mutant = logMutants.find((each) => each.name === name) as LogMutant;
      const configuration = MultiPaxosConfiguration.parse(mutant.smallest);
      const commands = logCommands(mutant, 'stateless', configuration);
      const report = await checked(logStage(configuration), commands, { mostWays: 500 });
      const own = await check(logMutated(configuration, mutant));
      expect(report.verdict).toBe('violated');
      expect(found(report, report)).toEqual([['well-behaved', undefined], ...found(own, report)]);
      expect(report.counterexample?.property).toBe(own.counterexample?.property);
    },
  );
});

test('on the command line, roles of multi-paxos and none that it does not have', async () => {
  const configuration = MultiPaxosConfiguration.parse({ acceptors: 1, leaders: 1, replicas: 1, slots: 1 });
  const program = ours('none', 'stateless', configuration);
  const bounds = ['multi-paxos', '--acceptors', '1', '--leaders', '1', '--replicas', '1', '--slots', '1'];
  const programs = ['--acceptor', program, '--leader', program, '--replica', program];
  const { status, stdout } = await synod('check', ...bounds, ...programs);
  expect(status).toBe(0);
  for (const actor of ['a1', 'p1', 'r1']) expect(stdout).toContain(` (${actor}): `);
  expect(stdout).toContain('p1 may be asked for any command at any time');
  const refused = async (...args: string[]) => refusal(await synod('check', ...bounds, ...args));
  expect(await refused('--learner', program)).toMatch(
    /^--learner: .*: other programs play learners of paxos: expected no "multi-paxos"/,
  );
  expect(await refused('--acceptor', program, '--proposer', program)).toMatch(
    /^--proposer: .*: other programs play proposers of paxos: expected no "multi-paxos"/,
  );
  expect(await refused('--leader', program, '--election', 'timely', '--leaders', '2')).toMatch(
    /^--leader: .*: a time-out of p1 depends on who leads, .*: expected no election "timely" with it/,
  );
  expect(await refused('--replica', program, '--replicas', '0')).toMatch(
    /^--replica: .*: there is no replica in this configuration: expected --replicas 1 or more/,
  );
  expect(refusal(await synod('check', 'paxos', '--leader', program))).toMatch(
    /^--leader: .*: other programs play leaders of multi-paxos: expected no "paxos"/,
  );
});
