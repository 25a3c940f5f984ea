import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { LogMessage } from '../../spec/log/message.ts';
import { FrameReader, frameOf } from '../../src/node/net/frames.ts';
import { openTransport, type TcpTransport, type TransportOptions } from '../../src/node/net/transport.ts';
import { Chance } from '../../src/simulation/chance.ts';

const open: TcpTransport[] = [];
afterEach(async () => {
  for (const transport of open.splice(0)) await transport.close();
});

/** A port that is free now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const progress = (last: number): LogMessage => ({ type: 'truncated', from: 'r1', to: ['a1'], last });

/** Two nodes, n1 and n2, each with some options of its own; what each receives, and what it tells. */
async function pair(first: Partial<TransportOptions> = {}, second: Partial<TransportOptions> = {}) {
  const ports = { n1: await freePort(), n2: await freePort() };
  const host = '127.0.0.1';
  const peers = { n1: { host, port: ports.n1 }, n2: { host, port: ports.n2 } };
  const start = async (self: 'n1' | 'n2', own: Partial<TransportOptions>) => {
    const received: [string, readonly LogMessage[]][] = [];
    const told: string[] = [];
    const tell = (what: string, details: object) => void told.push(`${what} ${JSON.stringify(details)}`);
    const listen = { host, port: ports[self] };
    const transport = await openTransport({ self, cluster: 'c', key: 'secret', listen, peers, tell, ...own });
    open.push(transport);
    transport.start((from, messages) => received.push([from, messages]));
    return { transport, received, told, listen };
  };
  return { one: await start('n1', first), two: await start('n2', second) };
}

describe('two nodes on one machine', () => {
  test('send each other messages, and know by whom they are sent', async () => {
    const { one, two } = await pair();
    await vi.waitUntil(() => one.transport.connected().length + two.transport.connected().length === 2);
    one.transport.send('n2', [progress(1), progress(2)]);
    two.transport.send('n1', [progress(3)]);
    await vi.waitUntil(() => one.received.length + two.received.length === 2);
    expect(two.received).toEqual([['n1', [progress(1), progress(2)]]]);
    expect(one.received).toEqual([['n2', [progress(3)]]]);
  });

  test('tell of a peer that is no more when there is no connection left, neither to it nor from it', async () => {
    const ports = { n1: await freePort(), n2: await freePort() };
    const host = '127.0.0.1';
    const peers = { n1: { host, port: ports.n1 }, n2: { host, port: ports.n2 } };
    const lost: string[] = [];
    const start = async (self: 'n1' | 'n2') => {
      const transport = await openTransport({
        self,
        cluster: 'c',
        key: 'secret',
        listen: peers[self],
        peers,
      });
      open.push(transport);
      return transport;
    };
    const one = await start('n1');
    one.start(
      () => {},
      (peer) => lost.push(peer),
    );
    // It is called by nobody yet.
    const silent = await start('n2');
    await vi.waitUntil(() => one.connected().length === 1);
    await silent.close();
    await vi.waitUntil(() => lost.length === 1);
    const two = await start('n2');
    two.start(() => {});
    await vi.waitUntil(() => one.connected().length + two.connected().length === 2, 5000);
    await two.close();
    await vi.waitUntil(() => lost.length > 1);
    expect(lost).toEqual(['n2', 'n2']);
  });

  test('find each other again when one of them was away; what was sent meanwhile is lost', async () => {
    const { one, two } = await pair();
    await vi.waitUntil(() => one.transport.connected().length === 1);
    await two.transport.close();
    await vi.waitUntil(() => one.transport.connected().length === 0);
    one.transport.send('n2', [progress(1)]);
    expect(one.transport.counts).toMatchObject({ sent: 0, lost: 1 });
    const peers = { n1: one.listen, n2: two.listen };
    const again = await openTransport({ self: 'n2', cluster: 'c', key: 'secret', listen: two.listen, peers });
    open.push(again);
    const received: unknown[] = [];
    again.start((from, messages) => received.push([from, messages]));
    await vi.waitUntil(() => one.transport.connected().length === 1, 5000);
    one.transport.send('n2', [progress(2)]);
    await vi.waitUntil(() => received.length === 1);
    expect(received).toEqual([['n1', [progress(2)]]]);
  });

  test('call back whoever calls, at once, however long it was away', async () => {
    // No time passes, so that nobody calls again for having waited.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const connected = async (transport: TcpTransport, peers: readonly string[]) => {
      const end = performance.now() + 30_000;
      while (transport.connected().join() !== peers.join() && performance.now() < end)
        await new Promise(setImmediate);
      expect(transport.connected()).toEqual(peers);
    };
    const { one, two } = await pair();
    await connected(one.transport, ['n2']);
    await two.transport.close();
    await connected(one.transport, []);
    const peers = { n1: one.listen, n2: two.listen };
    const again = await openTransport({ self: 'n2', cluster: 'c', key: 'secret', listen: two.listen, peers });
    open.push(again);
    again.start(() => {});
    await connected(again, ['n1']);
    await connected(one.transport, ['n2']);
  });

  test('take no snapshot whose machine is none', async () => {
    const { one, two } = await pair();
    const snapshot = (machine: Extract<LogMessage, { type: 'snapshot' }>['machine']): LogMessage => ({
      ...{ type: 'snapshot', from: 'r1', to: ['r2'], last: 5, sessions: {} },
      machine,
    });
    await vi.waitUntil(() => one.transport.connected().length === 1);
    one.transport.send('n2', [snapshot({ entries: [['k', 'v']] })]);
    await vi.waitUntil(() => two.received.length === 1);
    one.transport.send('n2', [snapshot({ entries: [['k', 7]] })]);
    await vi.waitUntil(() => two.told.some((told) => /expected a map/.test(told)));
    expect(two.received).toEqual([['n1', [snapshot({ entries: [['k', 'v']] })]]]);
  });

  const pem = (name: string) => readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8');
  const tls = (name: string) => ({ cert: pem(`${name}.pem`), key: pem(`${name}.key`), ca: pem('ca.pem') });

  test('with certificates of the same authority talk by TLS', async () => {
    const { one, two } = await pair({ tls: tls('node') }, { tls: tls('node') });
    await vi.waitUntil(() => one.transport.connected().length === 1);
    one.transport.send('n2', [progress(1)]);
    await vi.waitUntil(() => two.received.length === 1);
  });

  test.each([
    ['another key', { key: 'guessed' }, /does not know the key/],
    ['another cluster', { cluster: 'd' }, /cluster d; expected c/],
    ['a name that is taken', { self: 'n1' }, /node n1 is none of the cluster|node n2 is called; this is n1/],
    ['a name that is none of the cluster', { self: 'n3' }, /node n3 is none of the cluster/],
    ['a certificate of another authority', { tls: tls('stranger') }, /./],
  ])('with %s get no message through', async (name, own, reason) => {
    const secure = name.includes('certificate') ? { tls: tls('node') } : {};
    const { one, two } = await pair(secure, own);
    if (name.includes('certificate')) await new Promise((resolve) => setTimeout(resolve, 300));
    else await vi.waitUntil(() => [...one.told, ...two.told].some((told) => reason.test(told)));
    for (const { transport } of [one, two]) {
      expect(transport.connected()).toEqual([]);
      transport.send('n1', [progress(1)]);
      transport.send('n2', [progress(1)]);
    }
    expect([one.received, two.received]).toEqual([[], []]);
  });
});

describe('frames', () => {
  test('come out as they went in, however they are cut', () => {
    const chance = new Chance(3, 1);
    for (let round = 0; round < 200; round++) {
      const bodies = Array.from({ length: 5 }, () => Buffer.alloc(chance.below(50), chance.below(256)));
      const bytes = Buffer.concat(bodies.map(frameOf));
      const reader = new FrameReader(50);
      const found: Buffer[] = [];
      for (let at = 0; at < bytes.length; ) {
        const end = at + 1 + chance.below(20);
        reader.push(bytes.subarray(at, end));
        for (let frame = reader.next(); frame; frame = reader.next()) found.push(frame);
        at = end;
      }
      expect(found.map(String)).toEqual(bodies.map(String));
    }
  });

  test('that would be too long are refused before they are read', () => {
    const reader = new FrameReader(10);
    reader.push(Buffer.from([0, 0, 0, 11]));
    expect(() => reader.next()).toThrow('a frame of 11 bytes; expected at most 10');
  });
});
