/**
 * `npm run bench:cluster`: commits a second and their latency, of three of our nodes and of three of etcd's (where it is installed), in one run on one machine; and for how long no write
 * succeeds when the leader is killed. `-- --docs` writes docs/node-benchmark.md; `-- --failover` measures the latter only; `-- --seconds N`, `-- --rounds N` and `-- --kills N` say how long,
 * and `-- --keys N` how much is stored before anybody is killed.
 */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { place } from '../node/machine.ts';
import { Line, Processes, Writer } from '../node/processes.ts';
import { Etcd } from './etcd.ts';
import { type Client, latencies, quantile, VALUE } from './load.ts';

const { values: options } = parseArgs({
  options: {
    docs: { type: 'boolean', default: false },
    failover: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    kills: { type: 'string', default: '50' },
    keys: { type: 'string', default: '0' },
  },
});
const [SECONDS, ROUNDS, KILLS, KEYS] = [options.seconds, options.rounds, options.kills, options.keys].map(
  Number,
) as [number, number, number, number];
const CLIENTS = [1, 16, 128];

interface Measured {
  readonly system: string;
  readonly clients: number;
  /** Of each acknowledged write, in milliseconds. */
  readonly taken: number[];
}

/** Three nodes of ours. */
async function withSynod<T>(
  use: (processes: Processes, addresses: readonly string[]) => Promise<T>,
): Promise<T> {
  const where = await place(3);
  const processes = new Processes(where);
  try {
    for (const at of [0, 1, 2]) processes.start(at, true);
    await processes.agreed();
    return await use(
      processes,
      Object.values(where.configs[0]?.nodes ?? {}).map(({ client }) => client),
    );
  } finally {
    processes.killAll();
    where.remove();
  }
}

/** A client of ours, which talks to the leader. */
function lineTo(address: string): Client {
  const line = new Line(address);
  return {
    put: async (key) => (await line.ask(`SET ${key} ${VALUE}`)) === '+OK\r\n',
    end: () => line.end(),
  };
}

/** All systems run at once, and are measured in turn, so that what else the machine does meets all alike. */
async function throughput(): Promise<Measured[]> {
  const etcd = await Etcd.start();
  try {
    return await withSynod(async (processes, addresses) => {
      const systems: Record<string, () => Client> = etcd ? { etcd: () => etcd.open() } : {};
      const leader = addresses[await processes.agreed()] as string;
      systems['synod'] = () => lineTo(leader);
      // What is compiled when it is used often, is.
      for (const open of Object.values(systems)) await latencies(16, 1000 * SECONDS, open);
      const measured: Measured[] = [];
      for (const clients of CLIENTS) {
        const rows = Object.keys(systems).map((system) => ({ system, clients, taken: [] as number[] }));
        for (let round = 0; round < ROUNDS; round++)
          for (const { system, taken } of rows)
            taken.push(...(await latencies(clients, 1000 * SECONDS, systems[system] as () => Client)));
        measured.push(...rows);
      }
      return measured;
    });
  } finally {
    await etcd?.stop();
  }
}

/** Stores so many keys as are asked for. */
async function store(addresses: readonly string[]): Promise<void> {
  const lines = Array.from({ length: 64 }, (_, at) => lineTo(addresses[at % addresses.length] as string));
  let next = 0;
  const fill = async (line: Client) => {
    while (next < KEYS) if (!(await line.put(`stored${next++}`))) throw new Error('a key was not stored');
    line.end();
  };
  await Promise.all(lines.map(fill));
}

/** How long, in milliseconds, no write succeeded, for each time that the leader was killed. */
async function failovers(processes: Processes, addresses: readonly string[]): Promise<number[]> {
  await store(addresses);
  const writers = Array.from({ length: 6 }, (_, at) => new Writer(`f${at}`, addresses, at));
  const gaps: number[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    const leader = await processes.agreed();
    await sleep(300);
    const killed = performance.now();
    processes.kill(leader, 'SIGKILL');
    // Writes that were answered, and not yet read, when it was killed.
    const settled = killed + 20;
    for (;;) {
      const first = Math.min(
        ...writers.map(({ acknowledged }) => acknowledged.find(({ at }) => at > settled)?.at ?? Infinity),
      );
      if (first < Infinity) {
        gaps.push(first - killed);
        break;
      }
      await sleep(5);
    }
    processes.start(leader);
  }
  for (const writer of writers) writer.stop();
  await Promise.all(writers.map(({ done }) => done));
  return gaps;
}

/** How long a small synced write takes, in milliseconds: in the median, into blocks that are there. */
function syncTime(): number {
  const folder = mkdtempSync(join(tmpdir(), 'synod-sync-'));
  const file = openSync(join(folder, 'file'), 'w');
  writeSync(file, Buffer.alloc(4096 * 200));
  fdatasyncSync(file);
  const times = Array.from({ length: 200 }, (_, at) => {
    const began = performance.now();
    writeSync(file, 'x'.repeat(200), 4096 * at);
    fdatasyncSync(file);
    return performance.now() - began;
  });
  closeSync(file);
  rmSync(folder, { recursive: true });
  return quantile(times, 0.5);
}

const whole = (number: number) => Math.round(number).toLocaleString('en');
const load = () => loadavg()[0]?.toFixed(1);

function rowsOf(measured: readonly Measured[]): string[] {
  const rate = ({ taken }: Measured) => taken.length / SECONDS / ROUNDS;
  const table = measured.map(
    (row) =>
      `| ${row.clients} | ${row.system} | ${whole(rate(row))} | ${[0.5, 0.99].map((share) => quantile(row.taken, share).toFixed(1)).join(' | ')} |`,
  );
  const verdicts = CLIENTS.map((clients) => {
    const [ours, theirs] = ['synod', 'etcd'].map((name) =>
      measured.find((row) => row.system === name && row.clients === clients),
    );
    if (!ours || !theirs)
      return `With ${clients}: etcd is not installed, so that there is nothing to compare with.`;
    const ahead = (more: boolean) => (more ? 'synod is ahead' : 'etcd is ahead');
    const [rates, late] = [
      rate(ours) / rate(theirs),
      quantile(ours.taken, 0.99) / quantile(theirs.taken, 0.99),
    ];
    return `With ${clients}: ${rates.toFixed(1)} times etcd's rate (${ahead(rates > 1)}), ${late.toFixed(1)} times its 99th percentile (${ahead(late < 1)}).`;
  });
  return [
    '| clients | system | puts a second | median, ms | 99th percentile, ms |',
    '| ---: | --- | ---: | ---: | ---: |',
    ...table,
    '',
    ...verdicts.map((verdict) => `- ${verdict}`),
  ];
}

function told(gaps: readonly number[]): string {
  const [median, late, most] = [0.5, 0.99, 1].map((share) => whole(quantile(gaps, share)));
  const stored = KEYS > 0 ? `${whole(KEYS)} keys were stored. ` : '';
  return `${stored}The leader was killed (\`kill -9\`) ${gaps.length} times while six clients wrote. No write succeeded for ${median} ms in the median, ${late} ms at the 99th percentile, ${most} ms at most.`;
}

const before = load();
const sync = syncTime();
const measured = options.failover ? [] : await throughput();
const between = load();
const gaps = KILLS === 0 ? [] : await withSynod(failovers);
const machine = `${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} threads, Node ${process.version}`;
const text = [
  '# The node beside etcd',
  '',
  '<!-- Written by `npm run bench:cluster -- --docs`. -->',
  '',
  `Three nodes each, all on one machine (${machine}), where a synced write into blocks that are there took ${sync.toFixed(2)} ms in the median. Its load was ${before} before, ${between} after the table, ${load()} at the end: what else it does counts for both, which were measured in turn.`,
  `Each client puts one value of 100 bytes after the other, at the leader, ${ROUNDS} times for ${SECONDS} s; all writes are synced. Clients are in JavaScript: ours by the Redis protocol, etcd's by its JSON gateway,`,
  'which costs it more than its own protocol would.',
  '',
  ...(measured.length > 0 ? [...rowsOf(measured), ''] : []),
  ...(gaps.length > 0 ? [told(gaps), ''] : []),
].join('\n');
if (options.docs) writeFileSync(new URL('../../docs/node-benchmark.md', import.meta.url), text);
process.stdout.write(text);
