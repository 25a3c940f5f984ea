/** Nodes that are sent what is no message and no request: nothing of it does them any harm, hangs, or is kept. At night it is far more. */
import { connect, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import type { LogMessage } from '../../spec/log/message.ts';
import type { NodeStatus } from '../../src/node/http.ts';
import { addressOf } from '../../src/node/interfaces.ts';
import { FrameReader, frameOf } from '../../src/node/net/frames.ts';
import { type Hello, nonce, PROTOCOL, proofOf, Seal, Welcome } from '../../src/node/net/handshake.ts';
import { NodeMessage } from '../../src/node/net/messages.ts';
import { type RunningNode, runNode } from '../../src/node/node.ts';
import { Chance } from '../../src/simulation/chance.ts';
import { budget } from '../budget.ts';
import { type Place, place } from './machine.ts';
import { Line } from './processes.ts';

const TIMES = budget({ ci: 1000, night: 100_000 });
/** So many at once. */
const AT_ONCE = 16;
/** Milliseconds after which a connection hangs. */
const PATIENCE = 60_000;
/** Bytes by which what is kept may be more at the end than after the first tenth: a night's leak of 200 bytes each time is more. */
const GROWTH = 16 * 2 ** 20;

let where: Place;
let nodes: RunningNode[];

beforeAll(async () => {
  where = await place(3);
  // Two of three: the third is played here.
  nodes = await Promise.all(where.configs.slice(0, 2).map((config) => runNode(config, { firstStart: true })));
  await vi.waitUntil(() => nodes.every(({ runtime }) => runtime.status().leader !== null), 20_000);
});

afterAll(async () => {
  for (const node of nodes ?? []) await node.stop();
  where?.remove();
});

const config = () => where.configs[0] as Place['configs'][0];
const addresses = () => config().nodes['n1'] as Place['configs'][0]['nodes'][string];
const status = async () => (await (await fetch(`http://${addresses().http}/status`)).json()) as NodeStatus;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Does something many times, and returns by how many bytes what is kept has grown since the first tenth of that. */
async function growthOf(times: number, act: (round: number) => Promise<void>): Promise<number> {
  let round = 0;
  const kept = async (until: number) => {
    const worker = async () => {
      while (round < until) await act(round++);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    collect();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const before = await kept(times / 10);
  return (await kept(times)) - before;
}

/** Opens a connection, has something done with it, and waits for it to be closed; what has come on it. */
function whenClosed(address: string, act: (socket: Socket, came: Buffer) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(addressOf(address));
    const hangs = setTimeout(() => reject(new Error('a connection hangs')), PATIENCE);
    socket
      .on('connect', () => act(socket, Buffer.alloc(0)))
      .on('error', () => {})
      .on('data', (chunk) => {
        text += chunk.toString('latin1');
        act(socket, chunk);
      })
      .on('close', () => {
        clearTimeout(hangs);
        resolve(text);
      });
  });
}

/** Changes a few bytes, or leaves out or repeats a part. */
function damaged(bytes: Buffer, chance: Chance): Buffer {
  const [from, to] = [chance.below(bytes.length + 1), chance.below(bytes.length + 1)].sort((a, b) => a - b);
  if (chance.happens(0.2)) return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
  if (chance.happens(0.2)) return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)]);
  const changed = Buffer.from(bytes);
  for (let change = 0; change <= chance.below(4); change++)
    if (bytes.length > 0) changed[chance.below(bytes.length)] = chance.below(256);
  return changed;
}

const anyBytes = (chance: Chance) =>
  Buffer.from(Array.from({ length: chance.below(200) }, () => chance.below(256)));
const json = (value: unknown) => Buffer.from(JSON.stringify(value));

async function stillServes(): Promise<void> {
  const line = new Line(addresses().client);
  expect(await line.ask('SET after all')).toBe('+OK\r\n');
  expect(await line.ask('GET after')).toBe('$3\r\nall\r\n');
  line.end();
  await vi.waitUntil(async () => (await status()).clients.open === 0);
}

test('what is kept is noticed', async () => {
  const kept: unknown[] = [];
  const leak = (round: number) => (round % 2 === 0 ? Buffer.alloc(100_000) : Array(12_500).fill(round));
  const growth = await growthOf(2000, async (round) => void kept.push(leak(round)));
  expect(growth).toBeGreaterThan(GROWTH);
});

describe('what is no message', () => {
  const hello = (): Hello => {
    return {
      protocol: PROTOCOL,
      cluster: `${config().cluster} of n1, n2, n3`,
      from: 'n3',
      to: 'n1',
      nonce: nonce(),
    };
  };

  test(`from strangers is answered by the end, ${TIMES} times`, async () => {
    const growth = await growthOf(TIMES, async (round) => {
      const chance = new Chance(1, round);
      const first = chance.happens(0.7) ? damaged(json(hello()), chance) : anyBytes(chance);
      const second = chance.happens(0.5) ? json({ proof: '0'.repeat(64) }) : anyBytes(chance);
      const bytes = Buffer.concat([frameOf(first), frameOf(second)]);
      await whenClosed(addresses().peer, (socket, came) => {
        if (came.length === 0) socket.end(chance.happens(0.3) ? damaged(bytes, chance) : bytes);
      });
    });
    expect(growth).toBeLessThan(GROWTH);
    expect((await status()).connected).toEqual(['n2']);
    await stillServes();
  });

  /** Calls as the third node does, knows the key, and sends a frame after the handshake. */
  async function asPeer(make: (seal: Seal) => Buffer): Promise<void> {
    const asked = hello();
    const { key } = config();
    const reader = new FrameReader(4096);
    await whenClosed(addresses().peer, (socket, came) => {
      if (came.length === 0) socket.write(frameOf(json(asked)));
      reader.push(came);
      const frame = reader.next();
      if (!frame || frame.length === 0) return;
      const welcome = Welcome.parse(JSON.parse(frame.toString()));
      if ('refused' in welcome) throw new Error(welcome.refused);
      const agreed = { hello: asked, nonce: welcome.nonce };
      socket.write(frameOf(json({ proof: proofOf(key, 'caller', agreed) })));
      socket.write(make(new Seal(key, agreed)));
    });
  }

  const Frame = z.array(NodeMessage);
  const ballot = { round: 3, proposer: 'p3' };
  const valid: LogMessage[] = [
    { type: 'prepare', from: 'p3', to: ['a1', 'a2'], ballot, first: 1 },
    { type: 'accepted', from: 'a3', to: ['p1', 'r1'], ballot, slot: 7, value: 'x' },
    { type: 'truncated', from: 'r3', to: ['a3'], last: 5 },
    { type: 'snapshot', from: 'r3', to: ['r1'], last: 9, machine: { entries: [['k', 'v']] }, sessions: {} },
  ];

  /** A frame that is sealed as it should be, of something that is none of our messages; or one that is not. */
  function noFrame(seal: Seal, chance: Chance): Buffer {
    if (chance.happens(0.2)) return frameOf(damaged(seal.close(json(valid)), chance));
    for (;;) {
      const body = chance.happens(0.1) ? anyBytes(chance) : damaged(json([chance.oneOf(valid)]), chance);
      try {
        if (Frame.safeParse(JSON.parse(body.toString())).success) continue;
      } catch {
        // Not even JSON.
      }
      return frameOf(seal.close(body));
    }
  }

  test(`from one who knows the key is answered by the end, ${TIMES} times`, async () => {
    const growth = await growthOf(TIMES, (round) => asPeer((seal) => noFrame(seal, new Chance(2, round))));
    expect(growth).toBeLessThan(GROWTH);
    await stillServes();
  });
});

test(`what is no request, or hardly one, is answered, or is the end: ${TIMES} times`, async () => {
  const words = (...all: readonly string[]) =>
    Buffer.from(`*${all.length}\r\n${all.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`);
  const requests = [
    ...[words('GET', 'k'), words('SET', 'k', 'v', 'NX'), words('INCR', 'n'), words('MGET', 'k', 'n', 'k')],
    ...[
      words('MSET', 'k', 'v', 'l', 'w'),
      words('DEL', 'k'),
      words('PING'),
      words('HELLO', '2'),
      words('CLIENT', 'SETNAME', 'x'),
    ],
    ...[
      Buffer.from('GET k\r\n'),
      Buffer.from('*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$99999999\r\n'),
      Buffer.from('*-1\r\n'),
    ],
  ];
  const answered = { error: 0, reply: 0, end: 0 };
  const growth = await growthOf(TIMES, async (round) => {
    const chance = new Chance(3, round);
    const some = Buffer.concat(Array.from({ length: 1 + chance.below(4) }, () => chance.oneOf(requests)));
    const bytes = chance.oneOf([some, anyBytes(chance), ...Array(4).fill(damaged(some, chance))]);
    let waits: NodeJS.Timeout | undefined;
    const text = await whenClosed(addresses().client, (socket, came) => {
      clearTimeout(waits);
      // To what is incomplete there is no answer, and what follows belongs to it.
      waits = setTimeout(() => socket.end(), 200);
      if (came.length === 0) socket.write(Buffer.concat([bytes, words('QUIT')]));
    });
    clearTimeout(waits);
    expect(text, `round ${round}`).toMatch(/^([+\-:$*%_][\s\S]*\r\n)?$/);
    answered[text === '' ? 'end' : text.includes('-ERR') ? 'error' : 'reply'] += 1;
  });
  expect(growth).toBeLessThan(GROWTH);
  expect(answered.error).toBeGreaterThan(TIMES / 10);
  expect(answered.reply).toBeGreaterThan(TIMES / 10);
  await stillServes();
});
