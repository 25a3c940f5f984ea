/**
 * What can be done to nodes that are processes of their own, on real disks and sockets, while clients ask them: they are killed, stopped for a while, cut off, restarted; a disk
 * is full, another damaged. Whatever was acknowledged is there, all that clients were answered is explained by one order, and all that nodes did by the specification.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { budget } from '../budget.ts';
import { Line } from './processes.ts';
import { World } from './world.ts';

let world: World | undefined;
afterEach(() => {
  world?.end();
  world = undefined;
});

const CLEAN = {
  history: { verdict: 'holds', violation: null },
  trace: { verdict: 'holds', refusal: undefined, contradictions: [] },
};

/** What is done to a node, or to all in turn; each is seen to have been. */
const FAULTS = {
  killed: (to: World, at: number) => to.restart(at, 'SIGKILL', 300),
  async stopped(to: World, at: number) {
    to.processes.signal(at, 'SIGSTOP');
    await to.wait(100, 1500);
    expect(await to.processes.status(at)).toBeUndefined();
    to.processes.signal(at, 'SIGCONT');
  },
  'cut off': (to: World, at: number) => to.cutOff([at], 'both'),
  deaf: (to: World, at: number) => to.cutOff([at], 'in'),
  mute: (to: World, at: number) => to.cutOff([at], 'out'),
  async 'restarted, all in turn'(to: World) {
    for (const at of to.all) {
      await to.restart(at, 'SIGTERM', 0);
      await to.processes.agreed();
    }
  },
};

const KILLS = budget({ ci: 1, night: 10 });
const WORLDS = Array.from({ length: budget({ ci: 1, night: 10 }) }, (_, at) => ({
  seed: 7 + at,
  size: at % 2 === 0 ? 3 : 5,
}));

test.each(WORLDS)(
  '$size processes that are killed, stopped, cut off and restarted lose nothing: seed $seed',
  async ({ seed, size }) => {
    world = await World.begin(size, seed);
    const names = Object.keys(FAULTS) as (keyof typeof FAULTS)[];
    const due = names.flatMap((name) => Array(name === 'killed' ? KILLS : 1).fill(name) as typeof names);
    while (due.length > 0) {
      const [name] = due.splice(world.chance.below(due.length), 1) as typeof names;
      await FAULTS[name as keyof typeof FAULTS](world, await world.someone());
      await world.processes.agreed();
      await world.wait(50, 200);
    }
    await world.settle();
    const count = (type: string) => world?.recording.history.filter((line) => line.type === type).length;
    expect(count('return')).toBeGreaterThan(300);
    expect(count('unknown')).toBeGreaterThan(5);
    expect(await world.judge()).toEqual(CLEAN);
  },
);

const mounts = process.getuid?.() === 0 && spawnSync('mount', ['--version']).status === 0;
if (!mounts) console.warn('SKIPPED: a disk that is full: only root can mount a small one');
test.skipIf(!mounts || budget({ ci: 1, night: 0 }) === 1)(
  'a node whose disk is full stops, and goes on from there when there is room',
  async () => {
    const full = 1;
    world = await World.begin(3, 1, {
      prepare: ({ configs }) => {
        const { data } = configs[full] as (typeof configs)[0];
        mkdirSync(data);
        const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'synod-test', data]);
        expect(String(mounted.stderr)).toBe('');
        return () => spawnSync('umount', ['-l', data]);
      },
    });
    const { processes, where, recording } = world;
    const { data } = where.configs[full] as (typeof where.configs)[0];
    const filler = join(data, 'filler');
    spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=4k']);
    // The journal has its room already: it is the database that has none, when the journal is full.
    let isFull = false;
    const writing = [0, 2].map(async (at) => {
      const line = new Line(recording.addresses[at] as string);
      while (!isFull) await line.ask('SET filler more');
      line.end();
    });
    expect(await processes.ended(full)).toBe(1);
    isFull = true;
    await Promise.all(writing);
    expect(processes.toldBy(full)).toMatch(/"error":"[^"]*n2[^"]*No space left on device/);
    await goesOn(world);
    processes.start(full);
    expect(await processes.ended(full)).toBe(2);
    expect(processes.toldBy(full)).toMatch(/^synod: [^\n]*n2[^\n]*No space left on device/m);
    rmSync(filler);
    processes.start(full);
    await world.settle();
    expect(await world.judge()).toEqual(CLEAN);
  },
);

test('a node whose disk is damaged does not start, and says where; the others go on', async () => {
  world = await World.begin(3, 2);
  const { processes, where } = world;
  const at = await world.someone();
  await world.wait(300, 600);
  processes.signal(at, 'SIGKILL');
  await processes.ended(at);
  const { data } = where.configs[at] as (typeof where.configs)[0];
  cpSync(data, `${data}.copy`, { recursive: true });
  for (const name of ['journal-0', 'journal-1']) {
    const bytes = readFileSync(join(data, name));
    for (let byte = 20; byte < bytes.length; byte += 4096)
      if (bytes[byte] !== 0) bytes[byte] = (bytes[byte] as number) ^ 1;
    writeFileSync(join(data, name), bytes);
  }
  // Once more: what the node makes of its files when it opens them does not hide it.
  for (const _ of ['at first', 'again']) {
    processes.start(at);
    expect(await processes.ended(at)).toBe(2);
  }
  const told = processes
    .toldBy(at)
    .split('\n')
    .filter((line) => line.startsWith(`synod: ${data}`));
  expect(told).toHaveLength(2);
  await goesOn(world);
  rmSync(data, { recursive: true });
  cpSync(`${data}.copy`, data, { recursive: true });
  processes.start(at);
  await world.settle();
  expect(await world.judge()).toEqual(CLEAN);
});

/** Those that are left answer. */
async function goesOn(those: World): Promise<void> {
  const answers = () => those.recording.history.filter(({ type }) => type === 'return').length;
  await those.processes.agreed();
  const before = answers();
  while (answers() < before + 50) await sleep(20);
}

test('nodes that answer reads without a quorum are seen to, by what clients are answered and by what nodes do', async () => {
  world = await World.begin(3, 3, {
    program: ['test/node/mutated.ts', 'reads-without-a-quorum'],
    clients: 0,
  });
  const { processes, ways, recording } = world;
  const leader = await processes.agreed();
  const [here, there] = [leader, (leader + 1) % 3].map(
    (at) => new Line(recording.addresses[at] as string),
  ) as [Line, Line];
  ways.cut([leader], 'both');
  const write = { op: 'set', key: 'x', value: '1' } as const;
  while ((await recording.ask('c1', there, write)) !== 'return') await sleep(50);
  expect(await recording.ask('c2', here, { op: 'get', key: 'x' })).toBe('return');
  for (const line of [here, there]) line.end();
  processes.killAll();
  const { history, trace } = await world.judge();
  expect(history).toMatchObject({ verdict: 'violated', violation: { client: 'c2', reply: { value: null } } });
  expect(trace).toMatchObject({ verdict: 'violated', refusal: { told: expect.stringMatching(/read/) } });
});
