/** Why a replica may answer before its state is on disk: docs/decisions/0016-node.md. */
import { describe, expect, test } from 'vitest';
import { check } from '../../model-check/index.ts';
import { MultiPaxosConfiguration, ReplicaState } from '../../spec/index.ts';
import { logRoles, multiPaxos } from '../../spec/log/multi-paxos.ts';

type Durable = (typeof logRoles.replica)['durable'];

/** The verdict on all requirements, if this is what replicas keep in a crash. */
async function verdict(durable: Durable, configuration: object) {
  const roles = { ...logRoles, replica: { ...logRoles.replica, durable } };
  const system = multiPaxos(MultiPaxosConfiguration.parse(configuration), roles);
  const requirements = system.properties.filter(({ kind }) => kind === 'requirement').map(({ name }) => name);
  return (await check(system, { properties: requirements })).verdict;
}

const small = { acceptors: 1, leaders: 1, ballots: 2, crashes: 1 };
const nothing = ReplicaState.pick({});
const withoutSessions = ReplicaState.pick({ decided: true, applied: true, truncated: true, machine: true });

describe('replicas that forget', () => {
  test.each([
    { ...small, replicas: 2, slots: 2, commands: 2 },
    { ...small, replicas: 1, slots: 2, clients: 'w,wr' },
    { ...small, replicas: 2, slots: 1, clients: 'w,r' },
  ])('everything in a crash keep every requirement: %j', async (configuration) => {
    expect(await verdict(nothing, configuration)).toBe('holds');
  });

  test('some of it and not the rest do not', async () => {
    const configuration = { ...small, replicas: 1, slots: 2, clients: 'w' };
    expect(await verdict(nothing, configuration)).toBe('holds');
    expect(await verdict(withoutSessions, configuration)).toBe('violated');
  });
});
