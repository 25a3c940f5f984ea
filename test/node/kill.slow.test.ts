import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { Chance } from '../../src/simulation/chance.ts';
import { budget } from '../budget.ts';
import { type Place, place } from './machine.ts';
import { Line, Processes, Writer } from './processes.ts';

const ROUNDS = budget({ ci: 3, night: 100 });
const SEED = 7;

let where: Place | undefined;
let processes: Processes | undefined;
afterEach(() => {
  processes?.killAll();
  where?.remove();
});

test(`${ROUNDS} times kill -9 under load loses no acknowledged write`, async () => {
  where = await place(3, { settings: { keptSlots: 200 } });
  processes = new Processes(where);
  for (const at of [0, 1, 2]) processes.start(at, true);
  const addresses = Object.values(where.configs[0]?.nodes ?? {}).map(({ client }) => client);
  let leader = await processes.agreed();
  const writers = [0, 1, 2, 3, 4, 5].map((at) => new Writer(`w${at}`, addresses, at));
  const chance = new Chance(SEED, 1);
  let leadersKilled = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const victim = chance.happens(0.5) ? leader : chance.below(3);
    if (victim === leader) leadersKilled++;
    await sleep(chance.between(50, 200));
    processes.kill(victim, 'SIGKILL');
    await sleep(chance.between(0, 300));
    processes.start(victim);
    leader = await processes.agreed();
  }
  for (const writer of writers) writer.stop();
  await Promise.all(writers.map(({ done }) => done));
  expect(leadersKilled).toBeGreaterThan(0);
  const starts = await Promise.all([0, 1, 2].map((at) => processes?.starts(at)));
  expect(starts.reduce((sum, each) => (sum ?? 0) + (each ?? 0))).toBe(3 + ROUNDS);
  for (const [at, address] of addresses.entries()) {
    const line = new Line(address);
    for (const { acknowledged } of writers) {
      expect(acknowledged.length).toBeGreaterThan(ROUNDS);
      for (let from = 0; from < acknowledged.length; from += 100) {
        const keys = acknowledged.slice(from, from + 100).map(({ key }) => key);
        const expected = keys.map((key) => key.split(':')[1] as string);
        const reply = `*${keys.length}\r\n${expected.map((value) => `$${value.length}\r\n${value}\r\n`).join('')}`;
        expect(await line.ask(`MGET ${keys.join(' ')}`), `node ${at + 1}, seed ${SEED}`).toBe(reply);
      }
    }
    line.end();
  }
});
