/** Certificates, between nodes and towards clients; and a node that is told to stop. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createClient } from '@redis/client';
import { afterEach, expect, test, vi } from 'vitest';
import { readConfig } from '../../src/node/config.ts';
import { type RunningNode, runNode } from '../../src/node/node.ts';
import { type Place, place } from './machine.ts';
import { Line } from './processes.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const fixture = (name: string) => `${root}test/node/fixtures/${name}`;
const ca = readFileSync(fixture('ca.pem'), 'utf8');

let where: Place | undefined;
const nodes: RunningNode[] = [];
afterEach(async () => {
  for (const node of nodes.splice(0)) await node.stop();
  where?.remove();
});

test('with certificates nodes find one another, and clients are served who speak TLS', async () => {
  const pair = { cert: fixture('node.pem'), key: fixture('node.key') };
  where = await place(3, { tls: { peers: { ...pair, ca: fixture('ca.pem') }, clients: pair } });
  for (const file of where.files) nodes.push(await runNode(readConfig(file), { firstStart: true }));
  await vi.waitUntil(() => nodes.every(({ runtime }) => runtime.status().leader !== null), 20_000);
  const address = where.configs[1]?.nodes['n2']?.client;
  // The fixtures' certificates name no host.
  const checkServerIdentity = () => undefined;
  const client = createClient({ url: `rediss://${address}`, socket: { tls: true, ca, checkServerIdentity } });
  await client.connect();
  expect(await client.set('a', 'x')).toBe('OK');
  expect(await client.get('a')).toBe('x');
  await client.close();
  const plain = createClient({ url: `redis://${address}`, socket: { reconnectStrategy: false } });
  plain.on('error', () => {});
  await expect(plain.connect()).rejects.toThrow();
  const stranger = readFileSync(fixture('stranger.pem'), 'utf8');
  const wary = createClient({
    url: `rediss://${address}`,
    socket: { tls: true, ca: stranger, checkServerIdentity, reconnectStrategy: false },
  });
  wary.on('error', () => {});
  await expect(wary.connect()).rejects.toThrow(/certificate/);
});

test('SIGTERM stops a node when it has answered, with exit status 0; and nothing is lost', async () => {
  where = await place(1);
  const [file] = where.files as [string];
  const address = where.configs[0]?.nodes['n1']?.client as string;
  const args = ['--import', `${root}register.mjs`, `${root}src/cli/main.ts`, 'node', '--config', file];
  const child = spawn(process.execPath, [...args, '--first-start'], { stdio: 'ignore' });
  const end = once(child, 'exit');
  let line = new Line(address);
  await vi.waitUntil(
    async () => {
      if ((await line.ask('SET first 1')) === '+OK\r\n') return true;
      line.end();
      line = new Line(address);
      return false;
    },
    { timeout: 30_000, interval: 100 },
  );
  let acknowledged = 0;
  const writing = (async () => {
    while ((await line.ask(`SET k ${acknowledged + 1}`)) === '+OK\r\n') acknowledged++;
  })();
  await vi.waitUntil(() => acknowledged > 20, 20_000);
  child.kill('SIGTERM');
  expect(await end).toEqual([0, null]);
  await writing;
  const again = await runNode(readConfig(file), { firstStart: false });
  nodes.push(again);
  const read = new Promise((resolve) => again.runtime.execute([{ op: 'get', key: 'k' }], resolve));
  // The last may have been stored, and its answer lost.
  expect([{ replies: [`${acknowledged}`] }, { replies: [`${acknowledged + 1}`] }]).toContainEqual(await read);
});
