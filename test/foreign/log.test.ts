/** Roles of Multi-Paxos that other programs play: the slow tests have each of the other kind as well, and more mutants. */
import { describe, expect, test } from 'vitest';
import { MultiPaxosConfiguration } from '../../spec/index.ts';
import { logStage } from '../../src/foreign/stage.ts';
import { refusal, synod } from '../cli/run.ts';
import { checked, ours } from './foreign.ts';
import { byTurns, expectAsInProcess, expectBrokenAlike, logMutant, plays } from './log.ts';

describe('our roles as other programs are those of Multi-Paxos', () => {
  test.each(byTurns(plays, 'stateless'))('$kind: $each', ({ kind, each: [roles, bounds] }) =>
    expectAsInProcess(kind, roles, bounds),
  );
});

describe('mutants break in as many steps as in process', () => {
  const ofAcceptors = ['promise-per-slot', 'confirms-whoever-asks', 'truncation-not-durable'];
  const ofLeaders = ['phase-1-skipped', 'hole-filled-with-nothing', 'read-not-confirmed'];
  const ofReplicas = ['gap-applied', 'sessions-not-durable', 'answered-before-applied'];

  test.each(byTurns([...ofAcceptors, ...ofLeaders, ...ofReplicas], 'stateless'))(
    '$kind: $each',
    ({ kind, each }) => expectBrokenAlike(kind, logMutant(each)),
  );
});

/** A leader that does nothing but keep what it is asked for. */
const HOARDER = `
  require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
    const { id, type, state = [], event } = JSON.parse(line);
    const answer = type === 'hello' ? { protocol: 1, kind: 'stateless' }
      : { state: type === 'step' && event.type === 'request' ? [...state, event.value] : state };
    console.log(JSON.stringify({ id, ...answer }));
  });`;

test('a leader that keeps all that it is asked for is in ever new states', async () => {
  const configuration = MultiPaxosConfiguration.parse({ acceptors: 1, leaders: 1, slots: 1 });
  const program = `'${process.execPath}' -e "${HOARDER.replace(/\s+/g, ' ')}"`;
  const report = await checked(logStage(configuration), { leader: program });
  expect([report.verdict, report.stopped]).toEqual([
    'incomplete',
    expect.stringMatching(/^growth without end: p1, asked request c\d:1:\w in state .* 100 times on end/),
  ]);
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
