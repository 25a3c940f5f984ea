import { spawnSync } from 'node:child_process';
import { connect } from 'node:net';
import { createClient } from '@redis/client';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type RunningNode, runNode } from '../../src/node/node.ts';
import { synod } from '../cli/run.ts';
import { type Place, place } from './machine.ts';

let where: Place;
let nodes: RunningNode[];

beforeAll(async () => {
  where = await place(3, { password: 'secret' });
  nodes = await Promise.all(where.configs.map((config) => runNode(config, { firstStart: true })));
  await vi.waitUntil(() => nodes.every(({ runtime }) => runtime.status().leader !== null), 20_000);
});

afterAll(async () => {
  for (const node of nodes ?? []) await node.stop();
  where?.remove();
});

const addressOf = (at: number) => where.configs[0]?.nodes[`n${at + 1}`] ?? { client: '', http: '' };
const url = (at: number) => `redis://:secret@${addressOf(at).client}`;

async function clientOf(at: number, RESP: 2 | 3) {
  const client = createClient({ url: url(at), RESP });
  await client.connect();
  return client;
}

describe('three nodes on this machine', () => {
  test.each([2, 3] as const)(
    'serve a usual client of Redis, in version %i of its protocol',
    async (version) => {
      const [one, two] = [await clientOf(0, version), await clientOf(1, version)];
      const key = (name: string) => `${version}:${name}`;
      expect(await one.set(key('a'), 'x')).toBe('OK');
      expect(await two.get(key('a'))).toBe('x');
      expect(await one.set(key('a'), 'y', { NX: true })).toBe(null);
      expect(await two.set(key('a'), 'z', { XX: true, GET: true })).toBe('x');
      expect(
        await one.mSet([
          [key('b'), '1'],
          [key('c'), 'caf\u00e9'],
        ]),
      ).toBe('OK');
      expect(await two.mGet([key('b'), key('c'), key('d')])).toEqual(['1', 'caf\u00e9', null]);
      expect(await two.incr(key('b'))).toBe(2);
      expect(await one.exists([key('a'), key('b'), key('d')])).toBe(2);
      expect(await one.del([key('a'), key('d')])).toBe(1);
      expect(await one.ping()).toBe('PONG');
      expect(await one.info()).toMatch(/# Cluster\r\ncluster:test\r\nnode:n1\r\nleader:n\d\r\n/);
      await expect(one.expire(key('b'), 3)).rejects.toThrow("unknown command 'EXPIRE'");
      await Promise.all([one.close(), two.close()]);
    },
  );

  test('take commands of many clients at once, each once', async () => {
    const clients = await Promise.all([0, 1, 2, 0, 1, 2].map((at) => clientOf(at, 2)));
    await Promise.all(clients.flatMap((client) => Array.from({ length: 30 }, () => client.incr('count'))));
    expect(await clients[0]?.get('count')).toBe('180');
    await Promise.all(clients.map((client) => client.close()));
  });

  test('tell of their health, their state and their metrics', async () => {
    expect((await fetch(`http://${addressOf(1).http}/health`)).status).toBe(200);
    const metrics = await (await fetch(`http://${addressOf(1).http}/metrics`)).text();
    expect(metrics).toMatch(/^synod_connected_peers 2$/m);
    const { status, stdout } = await synod('status', '--config', where.files[0] as string);
    expect(stdout).toMatch(/^n[123] {2}leads/m);
    expect(stdout).toMatch(/✓ all nodes answer and follow n[123]/);
    expect(status).toBe(0);
  });

  test('are not harmed by what is no request', async () => {
    const [host, port] = addressOf(0).client.split(':');
    const closed = (bytes: string) =>
      new Promise<string>((resolve) => {
        let answer = '';
        const socket = connect(Number(port), host, () => socket.write(bytes));
        socket
          .on('error', () => {})
          .on('data', (chunk) => {
            answer += chunk;
          })
          .on('close', () => resolve(answer));
      });
    expect(await closed('*1\r\n$x\r\n')).toBe('-ERR Protocol error: invalid bulk length\r\n');
    expect(await closed('PING\r\nQUIT\r\n')).toBe('-NOAUTH Authentication required.\r\n+OK\r\n');
    expect(await closed('*99999999\r\n')).toBe('-ERR Protocol error: invalid multibulk length\r\n');
  });

  const redisCli = spawnSync('redis-cli', ['--version']).status === 0;
  if (!redisCli) console.warn('SKIPPED: redis-cli is not installed (Debian: redis-tools)');
  test.skipIf(!redisCli)('serve redis-cli and redis-benchmark', async () => {
    const { spawn } = await import('node:child_process');
    const run = (file: string, ...args: string[]) =>
      new Promise<string>((resolve) => {
        const [host, port] = addressOf(2).client.split(':') as [string, string];
        const child = spawn(file, ['-h', host, '-p', port, '-a', 'secret', ...args], {
          stdio: ['ignore', 'pipe', 'ignore'],
        });
        let output = '';
        child.stdout.on('data', (chunk) => {
          output += chunk;
        });
        child.on('close', () => resolve(output));
      });
    expect(await run('redis-cli', 'set', 'greeting', 'hello')).toBe('OK\n');
    expect(await run('redis-cli', '-3', 'get', 'greeting')).toBe('hello\n');
    const measured = await run(
      'redis-benchmark',
      '-t',
      'ping,set,get,incr,mset',
      '-n',
      '64',
      '-c',
      '8',
      '--csv',
    );
    expect(measured.match(/^"(PING_INLINE|PING_MBULK|SET|GET|INCR|MSET \(10 keys\))"/gm)).toHaveLength(6);
  });
});

test('a node that stops keeps what it has, and does not start as another', async () => {
  const own = await place(1);
  const [config] = own.configs as [(typeof own.configs)[0]];
  try {
    const first = await runNode(config, { firstStart: true });
    const answered = new Promise((resolve) =>
      first.runtime.execute([{ op: 'set', key: 'k', value: 'v' }], resolve),
    );
    expect(await answered).toEqual({ replies: [{ ok: true }] });
    await first.stop();
    expect(await first.stopped).toBe(undefined);
    await expect(runNode({ ...config, cluster: 'other' }, { firstStart: false })).rejects.toThrow(
      'data of cluster test',
    );
    const second = await runNode(config, { firstStart: false });
    await expect(runNode({ ...config, data: `${config.data}-2` }, { firstStart: true })).rejects.toThrow(
      'it is in use',
    );
    const read = new Promise((resolve) => second.runtime.execute([{ op: 'get', key: 'k' }], resolve));
    expect(await read).toEqual({ replies: ['v'] });
    expect(second.runtime.status().starts).toBe(2);
    await second.stop();
  } finally {
    own.remove();
  }
});
