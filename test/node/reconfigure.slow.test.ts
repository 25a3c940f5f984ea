/** Three processes, then four, then three others, while clients ask: what they are answered has an order, and nothing acknowledged is lost. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { checkHistory } from '../../src/history/check.ts';
import { operationsOf } from '../../src/history/operations.ts';
import { synod } from '../cli/run.ts';
import { type Growing, growing } from './grown.ts';
import { Line, Processes, Writer } from './processes.ts';
import { Recording } from './recording.ts';

let where: Growing | undefined;
let processes: Processes | undefined;
afterEach(() => {
  processes?.killAll();
  where?.remove();
});

test('the nodes change from three to four, and to three others, under load', async () => {
  where = await growing({ keptSlots: 200 });
  processes = new Processes(where);
  for (const at of [0, 1, 2]) processes.start(at, true);
  const addresses = Object.values(where.configs[3]?.nodes ?? {}).map((node) => node.client);
  await processes.agreed();
  const writers = [0, 1].map((at) => new Writer(`w${at}`, addresses.slice(0, 3), at));
  const recording = new Recording(addresses.slice(0, 3), 19);
  recording.begin(6);
  const config = ['--config', where.files[0] as string, '--timeout', '120'];
  await sleep(1000);
  processes.start(3, true);
  await expect.poll(() => processes?.status(3), { timeout: 60_000 }).toBeDefined();
  const added = await synod('reconfigure', 'add', where.newcomer, ...config);
  expect(added).toMatchObject({ status: 0, stdout: '✓ n4 votes; n1, n2, n3, n4 vote\n' });
  await sleep(500);
  const leader = await processes.agreed();
  const gone = leader === 3 ? 2 : leader;
  const removed = await synod('reconfigure', 'remove', `n${gone + 1}`, ...config);
  expect(removed).toMatchObject({ status: 0 });
  processes.kill(gone, 'SIGKILL');
  const left = [0, 1, 2, 3].filter((at) => at !== gone);
  await processes.agreed();
  // Of the three that are left one more may fall: the one that was removed is not needed for a majority.
  const falls = left[0] as number;
  processes.kill(falls, 'SIGKILL');
  await processes.agreed();
  await sleep(1000);
  processes.start(falls);
  await processes.agreed();
  for (const each of writers) each.stop();
  await Promise.all([recording.end(), ...writers.map(({ done }) => done)]);
  const { history } = recording;
  const { verdict, violation } = checkHistory(operationsOf(history));
  expect({ verdict, violation }).toEqual({ verdict: 'holds', violation: null });
  expect(history.filter(({ type }) => type === 'return').length).toBeGreaterThan(300);
  for (const at of left) {
    const line = new Line(addresses[at] as string);
    for (const { acknowledged } of writers) {
      expect(acknowledged.length).toBeGreaterThan(100);
      for (let from = 0; from < acknowledged.length; from += 100) {
        const values = acknowledged.slice(from, from + 100).map(({ key }) => key.split(':')[1] as string);
        const keys = acknowledged.slice(from, from + 100).map(({ key }) => key);
        const reply = `*${keys.length}\r\n${values.map((value) => `$${value.length}\r\n${value}\r\n`).join('')}`;
        expect(await line.ask(`MGET ${keys.join(' ')}`), `node ${at + 1}`).toBe(reply);
      }
    }
    line.end();
  }
  expect(await processes.status(left[0] as number)).toMatchObject({
    members: { voters: left.map((at) => `n${at + 1}`), inForce: true },
  });
});
