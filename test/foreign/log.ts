/** What is asked of roles of Multi-Paxos that other programs play: that it is as in process. */
import { expect } from 'vitest';
import { check, type Report } from '../../model-check/index.ts';
import { MultiPaxosConfiguration, multiPaxos } from '../../spec/index.ts';
import { type LogMutant, logMutants, logMutated } from '../../spec/log/mutants/index.ts';
import type { ForeignRoleName } from '../../src/foreign/protocol.ts';
import { logStage } from '../../src/foreign/stage.ts';
import { checked, type Kind, logCommands, ours } from './foreign.ts';

/** Roles that other programs play, in configurations that each bring in something else that they do. */
export const plays: readonly (readonly [readonly ForeignRoleName[], object])[] = [
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
];

/** What is found of what is sent and shown. What is inside of a role cannot be asked of states that are opaque. */
const found = ({ properties }: Report, asked: Report) =>
  properties
    .filter(({ name }) => asked.properties.some((each) => each.name === name && !each.notApplicable))
    .map(({ name, length }) => [name, length]);
const reached = ({ reached: situations }: Report, asked: Report) =>
  situations.filter(({ name }) => asked.reached.some((each) => each.name === name && !each.notApplicable));

/** Our roles, as programs of one kind, make the states that they make in process. */
export async function expectAsInProcess(
  kind: Kind,
  roles: readonly ForeignRoleName[],
  bounds: object,
): Promise<void> {
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
}

/** The log mutant of that name. */
export const logMutant = (name: string) => logMutants.find((each) => each.name === name) as LogMutant;

/** A mutant, as programs of one kind, breaks what it breaks in process, in as many steps. */
export async function expectBrokenAlike(kind: Kind, mutant: LogMutant): Promise<void> {
  const configuration = MultiPaxosConfiguration.parse(mutant.smallest);
  const commands = logCommands(mutant, kind, configuration);
  const report = await checked(logStage(configuration), commands, { mostWays: 500 });
  const own = await check(logMutated(configuration, mutant));
  // Lemmas do not decide what programs come to.
  const isBroken = own.properties.some(
    ({ name, kind, verdict }) =>
      kind === 'requirement' &&
      verdict === 'violated' &&
      found(report, report).some(([each]) => each === name),
  );
  expect(report.verdict).toBe(isBroken ? 'violated' : 'holds');
  expect(found(report, report)).toEqual([['well-behaved', undefined], ...found(own, report)]);
  if (isBroken) expect(report.counterexample?.property).toBe(own.counterexample?.property);
}

/** Each with a kind of program, by turns. */
export function byTurns<T>(all: readonly T[], first: Kind): { readonly kind: Kind; readonly each: T }[] {
  const second = first === 'stateless' ? 'stateful' : 'stateless';
  return all.map((each, at) => ({ kind: at % 2 === 0 ? first : second, each }));
}
