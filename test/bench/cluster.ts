/**
 * `npm run bench:cluster`: commits a second and their latency, of three of our nodes and of three of etcd's (where it is installed), in one run on one machine; and for how long no write
 * succeeds when the leader is killed. `-- --docs` writes docs/node-benchmark.md, `-- --seconds N` and `-- --kills N` say how long.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { freePorts, place } from '../node/machine.ts';
import { Line, Processes, Writer } from '../node/processes.ts';

const { values: options } = parseArgs({
  options: {
    docs: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '5' },
    kills: { type: 'string', default: '50' },
  },
});
const SECONDS = Number(options.seconds);
const CLIENTS = [1, 16, 128];
const VALUE = 'x'.repeat(100);

interface Measured {
  readonly system: string;
  readonly clients: number;
  /** Acknowledged writes a second. */
  readonly rate: number;
  /** Milliseconds. */
  readonly median: number;
  readonly p99: number;
}

/** Has so many clients write, each one key after the other. */
async function measure(
  system: string,
  clients: number,
  open: (client: number) => { put: (key: string) => Promise<boolean>; end: () => void },
): Promise<Measured> {
  const latencies: number[] = [];
  const deadline = performance.now() + SECONDS * 1000;
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      const { put, end } = open(client);
      for (let number = 0; performance.now() < deadline; number++) {
        const began = performance.now();
        if (!(await put(`k${client}:${number % 1000}`))) throw new Error(`${system} refuses a write`);
        latencies.push(performance.now() - began);
      }
      end();
    }),
  );
  latencies.sort((a, b) => a - b);
  const at = (share: number) =>
    latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
  return { system, clients, rate: latencies.length / SECONDS, median: at(0.5), p99: at(0.99) };
}

async function synod(): Promise<{ rows: Measured[]; gaps: number[] }> {
  const where = await place(3);
  const processes = new Processes(where);
  try {
    for (const at of [0, 1, 2]) processes.start(at, true);
    const leader = await processes.agreed();
    const addresses = Object.values(where.configs[0]?.nodes ?? {}).map(({ client }) => client);
    const rows: Measured[] = [];
    for (const clients of CLIENTS)
      rows.push(
        await measure('synod', clients, () => {
          const line = new Line(addresses[leader] as string);
          return {
            put: async (key) => (await line.ask(`SET ${key} ${VALUE}`)) === '+OK\r\n',
            end: () => line.end(),
          };
        }),
      );
    return { rows, gaps: await failovers(processes, addresses) };
  } finally {
    processes.killAll();
    where.remove();
  }
}

/** How long, in milliseconds, no write succeeded, for each time that the leader was killed. */
async function failovers(processes: Processes, addresses: readonly string[]): Promise<number[]> {
  const writers = Array.from({ length: 6 }, (_, at) => new Writer(`f${at}`, addresses, at));
  const gaps: number[] = [];
  for (let kill = 0; kill < Number(options.kills); kill++) {
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
  return gaps.sort((a, b) => a - b);
}

async function etcd(): Promise<Measured[] | null> {
  if (spawnSync('etcd', ['--version']).status !== 0) return null;
  const folder = mkdtempSync(join(tmpdir(), 'synod-etcd-'));
  const ports = await freePorts(6);
  const url = (at: number) => `http://127.0.0.1:${ports[at]}`;
  const initial = [0, 1, 2].map((at) => `e${at}=${url(at)}`).join(',');
  const children: ChildProcess[] = [0, 1, 2].map((at) =>
    spawn(
      'etcd',
      [
        ...['--name', `e${at}`, '--data-dir', join(folder, `e${at}`), '--log-level', 'error'],
        ...[
          '--listen-peer-urls',
          url(at),
          '--initial-advertise-peer-urls',
          url(at),
          '--initial-cluster',
          initial,
        ],
        ...['--listen-client-urls', url(at + 3), '--advertise-client-urls', url(at + 3)],
      ],
      { stdio: 'ignore' },
    ),
  );
  try {
    const agent = new Agent({ keepAlive: true, maxSockets: Infinity });
    const post = (at: number, path: string, body: object) =>
      new Promise<{ status: number; text: string }>((resolve, reject) => {
        const sent = request(`${url(at + 3)}${path}`, { method: 'POST', agent }, (answer) => {
          let text = '';
          answer.on('data', (chunk) => {
            text += chunk;
          });
          answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
        });
        sent.on('error', reject).end(JSON.stringify(body));
      });
    const leads = async (at: number) => {
      const { text } = await post(at, '/v3/maintenance/status', {}).catch(() => ({ text: '{}' }));
      const { leader, header } = JSON.parse(text);
      return leader !== undefined && leader === header?.member_id;
    };
    let leader = -1;
    for (let look = 0; look < 200 && leader < 0; look++) {
      for (const at of [0, 1, 2]) if (await leads(at)) leader = at;
      await sleep(100);
    }
    if (leader < 0) throw new Error('etcd elects no leader');
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    const rows: Measured[] = [];
    for (const clients of CLIENTS)
      rows.push(
        await measure('etcd', clients, () => ({
          put: async (key) =>
            (await post(leader, '/v3/kv/put', { key: base64(key), value: base64(VALUE) })).status === 200,
          end: () => {},
        })),
      );
    agent.destroy();
    return rows;
  } finally {
    for (const child of children) child.kill('SIGKILL');
    await sleep(200);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** How long a small synced write takes, in milliseconds. */
function syncTime(): number {
  const folder = mkdtempSync(join(tmpdir(), 'synod-sync-'));
  const file = openSync(join(folder, 'file'), 'w');
  const times = Array.from({ length: 200 }, () => {
    const began = performance.now();
    writeSync(file, 'x'.repeat(200));
    fdatasyncSync(file);
    return performance.now() - began;
  });
  closeSync(file);
  rmSync(folder, { recursive: true });
  return times.sort((a, b) => a - b)[100] as number;
}

const whole = (number: number) => Math.round(number).toLocaleString('en');

/** The page, as Markdown. */
function page(sync: number, rows: readonly Measured[], gaps: readonly number[]): string {
  const table = rows.map(
    ({ system, clients, rate, median, p99 }) =>
      `| ${clients} | ${system} | ${whole(rate)} | ${median.toFixed(1)} | ${p99.toFixed(1)} |`,
  );
  const verdicts = CLIENTS.map((clients) => {
    const [ours, theirs] = ['synod', 'etcd'].map((name) =>
      rows.find((row) => row.system === name && row.clients === clients),
    );
    if (!ours || !theirs)
      return `With ${clients}: etcd is not installed, so that there is nothing to compare with.`;
    const ahead = (more: boolean) => (more ? 'synod is ahead' : 'etcd is ahead');
    return `With ${clients}: ${(ours.rate / theirs.rate).toFixed(1)} times etcd's rate (${ahead(ours.rate > theirs.rate)}), ${(ours.p99 / theirs.p99).toFixed(1)} times its 99th percentile (${ahead(ours.p99 < theirs.p99)}).`;
  });
  const gap = (share: number) => whole(gaps[Math.min(gaps.length - 1, Math.floor(gaps.length * share))] ?? 0);
  return [
    '# The node beside etcd',
    '',
    '<!-- Written by `npm run bench:cluster -- --docs`. -->',
    '',
    `Three nodes each, on one machine (${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} threads, Node ${process.version}; load ${loadavg()[0]?.toFixed(1)} at the end), where a synced write of 200 bytes takes ${sync.toFixed(2)} ms in the median.`,
    `Each client puts one value of 100 bytes after the other, at the leader, for ${SECONDS} s; all writes are synced. Clients are in JavaScript: ours by the Redis protocol, etcd's by its JSON gateway,`,
    'which costs it more than its own protocol would.',
    '',
    '| clients | system | puts a second | median, ms | 99th percentile, ms |',
    '| ---: | --- | ---: | ---: | ---: |',
    ...table,
    '',
    ...verdicts.map((verdict) => `- ${verdict}`),
    '',
    `The leader was killed (\`kill -9\`) ${gaps.length} times under load. No write succeeded for ${gap(0.5)} ms in the median, ${gap(0.9)} ms at the 90th percentile, ${gap(1)} ms at most.`,
    '',
  ].join('\n');
}

const sync = syncTime();
const theirs = (await etcd()) ?? [];
const ours = await synod();
const rows = CLIENTS.flatMap((clients) => [...ours.rows, ...theirs].filter((row) => row.clients === clients));
const text = page(sync, rows, ours.gaps);
if (options.docs) writeFileSync(new URL('../../docs/node-benchmark.md', import.meta.url), text);
process.stdout.write(text);
