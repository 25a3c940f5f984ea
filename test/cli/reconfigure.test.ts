/** `synod reconfigure`: nodes on real disks and sockets, in this process. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { readConfig } from '../../src/node/config.ts';
import { MEMBERS, permitFor } from '../../src/node/http.ts';
import { type RunningNode, runNode } from '../../src/node/node.ts';
import { FIRST, type Growing, growing } from '../node/grown.ts';
import { refusal, synod } from './run.ts';

let where: Growing;
const nodes = new Map<string, RunningNode>();
const file = (at: number) => where.files[at] as string;
const start = async (at: number) =>
  void nodes.set(`n${at + 1}`, await runNode(readConfig(file(at)), { firstStart: true }));
const runtime = (id: string) => (nodes.get(id) as RunningNode).runtime;
const ask = (id: string, ...commands: Parameters<RunningNode['runtime']['execute']>[0]) =>
  new Promise((resolve) => runtime(id).execute(commands, resolve));
const post = (body: string, authorization: string) =>
  fetch(`http://${where.configs[0]?.nodes['n1']?.http}${MEMBERS}`, {
    method: 'POST',
    headers: { authorization },
    body,
  });

beforeAll(async () => {
  where = await growing({ keptSlots: 10 });
  for (const at of [0, 1, 2]) await start(at);
  await vi.waitUntil(() => FIRST.every((id) => runtime(id).status().leader !== null), 20_000);
});

afterAll(async () => {
  for (const node of nodes.values()) await node.stop();
  where?.remove();
});

describe('a cluster of three that runs', () => {
  test('takes no fourth that does not run, and removes none that is not there', async () => {
    const added = refusal(await synod('reconfigure', 'add', where.newcomer, '--config', file(0)));
    expect(added).toMatch(/^n4: .*: expected it to run, started with --first-start/);
    const unknown = refusal(await synod('reconfigure', 'remove', 'n7', '--config', file(0)));
    expect(unknown).toBe('n7: expected one of n1, n2, n3');
    for (const [text, expected] of [
      ['4', 'expected the name of a node, such as n4'],
      ['n4', 'expected addresses for peers, clients and http, such as n4=10.0.0.4:7101'],
      ['n4=a,b', 'expected addresses'],
    ] as const)
      expect(refusal(await synod('reconfigure', 'add', text, '--config', file(0)))).toContain(expected);
    const timeout = ['--timeout', '0', '--config', file(0)];
    expect(refusal(await synod('reconfigure', 'remove', 'n3', ...timeout))).toContain('--timeout: "0"');
  });

  test('is told of changes only by who knows its key, and of none that is no step from here', async () => {
    const { nodes: addresses } = readConfig(file(0));
    const body = JSON.stringify({ voters: ['n1'], nodes: addresses, after: 0 });
    expect((await post(body, 'Synod 00')).status).toBe(401);
    expect((await post(body, permitFor('another key of the tests', 'test', body))).status).toBe(401);
    const answer = await post(body, permitFor('a key of the tests', 'test', body));
    expect([answer.status, await answer.text()]).toEqual([409, 'one node at a time\n']);
    expect((await post('{', permitFor('a key of the tests', 'test', '{'))).status).toBe(400);
    const other = join(where.folder, 'other.json');
    writeFileSync(
      other,
      readFileSync(file(0), 'utf8').replace('a key of the tests', 'another key of the tests'),
    );
    const refused = await synod('reconfigure', 'remove', 'n3', '--config', other);
    expect(refusal(refused)).toContain('expected the key of the cluster that runs');
    expect(runtime('n1').status().members).toMatchObject({ since: 0, voters: [...FIRST] });
  });

  test('takes a fourth when it has caught up, and gives one of the first away', async () => {
    for (let number = 0; number < 25; number++)
      expect(await ask('n1', { op: 'set', key: `k${number}`, value: `${number}` })).toEqual({
        replies: [{ ok: true }],
      });
    await start(3);
    expect(runtime('n4').status()).toMatchObject({ part: 'listens', leader: null });
    const added = await synod('reconfigure', 'add', where.newcomer, '--config', file(0));
    expect(added).toEqual({ status: 0, stdout: '✓ n4 votes; n1, n2, n3, n4 vote\n', stderr: '' });
    expect(runtime('n4').status()).toMatchObject({ part: 'votes', keys: 25 });
    const again = await synod('reconfigure', 'add', where.newcomer, '--config', file(0));
    expect(again.stdout).toBe('✓ n4 votes already; n1, n2, n3, n4 vote\n');
    const leader = runtime('n4').status().leader as string;
    const gone = leader === 'n4' ? 'n1' : leader;
    const stays = ['n1', 'n2', 'n3', 'n4'].filter((id) => id !== gone);
    // Any configuration will do: the nodes tell of the others.
    const asked = ['--config', file(stays[0] === 'n1' ? 1 : 0), '--json'];
    const removed = await synod('reconfigure', 'remove', gone, ...asked);
    expect(JSON.parse(removed.stdout)).toEqual({
      verdict: 'in force',
      text: `${gone} is removed: it can be stopped, and its data is not needed`,
      voters: stays,
      nodes: stays,
    });
    expect(runtime(gone).status().part).toBe('removed');
    await vi.waitUntil(() => stays.some((id) => runtime(id).status().leads), 20_000);
    const { stdout } = await synod('status', '--config', file(0));
    expect(stdout).toMatch(new RegExp(`^${gone}  removed`, 'm'));
    await nodes.get(gone)?.stop();
    nodes.delete(gone);
    await vi.waitUntil(async () => (await synod('status', '--config', file(3))).status === 0, 20_000);
    expect(await ask('n4', { op: 'get', key: 'k7' }, { op: 'get', key: 'k24' })).toEqual({
      replies: ['7', '24'],
    });
    const named = await synod(
      'reconfigure',
      'add',
      `${gone}=${where.newcomer.slice(3)}`,
      '--config',
      file(3),
    );
    expect(named.status).not.toBe(0);
  });
});
