import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { InputError } from '../input-error.ts';
import { errorColors } from './colors.ts';
import { whole } from './whole.ts';

interface ClusterOptions {
  readonly nodes: string;
  readonly folder: string;
  readonly port: string;
  readonly trace?: boolean;
}

/** A node of a local cluster, and where it is. */
interface Local {
  readonly id: string;
  readonly config: string;
  readonly client: string;
  readonly http: string;
}

/**
 * `synod cluster`: starts the nodes of a local cluster, each a process of its own, says how to talk to them, and stops them when it is stopped.
 *
 * @returns the exit status: 0 stopped as asked, 1 a node could not go on, 2 bad input
 */
export async function runCluster({ nodes, folder, port, trace = false }: ClusterOptions): Promise<number> {
  const size = whole('--nodes', nodes, 1, 9);
  const first = whole('--port', port, 1024, 65_000);
  const locals = existsSync(folder) ? known(folder, size) : await create(folder, size, first);
  const children = locals.map(({ id, config, firstStart }) => {
    const recorded = trace ? ['--trace', join(folder, `${id}.trace.jsonl`)] : [];
    const args = [...process.execArgv, process.argv[1] as string, 'node', '--config', config, ...recorded];
    const log = openSync(join(folder, `${id}.log`), 'a');
    return spawn(process.execPath, firstStart ? [...args, '--first-start'] : args, {
      stdio: ['ignore', log, log],
    });
  });
  let stopping = false;
  const stop = () => {
    stopping = true;
    for (const child of children) child.kill('SIGTERM');
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const ends = children.map((child, at) => ended(child, locals[at] as Local, folder, () => stopping));
  if (await ready(locals, children)) process.stdout.write(`${howTo(locals, folder)}\n`);
  const statuses = await Promise.all(ends);
  return statuses.find((status) => status !== 0) ?? 0;
}

type Begun = Local & { readonly firstStart: boolean };

/** Writes the configurations of a new cluster: three ports for each node. */
async function create(folder: string, size: number, first: number): Promise<Begun[]> {
  const ids = Array.from({ length: size }, (_, at) => `n${at + 1}`);
  const at = (id: string, by: number) => `127.0.0.1:${first + by + Number(id.slice(1)) - 1}`;
  const nodes = Object.fromEntries(
    ids.map((id) => [id, { client: at(id, 0), peer: at(id, 100), http: at(id, 200) }]),
  );
  const common = { cluster: `local-${randomBytes(4).toString('hex')}`, key: randomBytes(32).toString('hex') };
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new InputError(`--folder: "${folder}": cannot be made (${code}): expected the name of a folder`);
  }
  return ids.map((id) => {
    const config = join(folder, `${id}.json`);
    const text = `${JSON.stringify({ ...common, node: id, data: id, nodes }, null, 2)}\n`;
    writeFileSync(config, text, { mode: 0o600 });
    return { id, config, firstStart: true, ...(nodes[id] as { client: string; http: string }) };
  });
}

/** The nodes of a cluster that was started before. */
function known(folder: string, size: number): Begun[] {
  const ids = Array.from({ length: size }, (_, at) => `n${at + 1}`);
  if (!existsSync(join(folder, 'n1.json')))
    throw new InputError(
      `${folder}: it is there, and has no cluster; expected a folder that is not there, or one of synod cluster`,
    );
  return ids.map((id) => {
    const config = join(folder, `${id}.json`);
    if (!existsSync(config) || existsSync(join(folder, `n${size + 1}.json`)))
      throw new InputError(`${folder}: it has a cluster of another size than ${size}`);
    // The log is begun with the first start: a node whose data alone is gone has lost its votes.
    const firstStart = !existsSync(join(folder, id)) && !existsSync(join(folder, `${id}.log`));
    return { id, config, firstStart, ...addresses(config, id) };
  });
}

function addresses(config: string, id: string): { client: string; http: string } {
  const { nodes } = JSON.parse(readFileSync(config, 'utf8'));
  return nodes[id];
}

/** Waits for all nodes to know a leader; false if one has ended before. */
async function ready(locals: readonly Local[], children: readonly ChildProcess[]): Promise<boolean> {
  for (const { http } of locals) {
    for (;;) {
      if (children.some(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null)) return false;
      const answer = await fetch(`http://${http}/health`).catch(() => undefined);
      if (answer?.ok) break;
      await sleep(50);
    }
  }
  return true;
}

function howTo(locals: readonly Local[], folder: string): string {
  const [one] = locals as [Local];
  const [host, port] = one.client.split(':');
  return [
    `${locals.length} nodes are running, as processes of their own; their data and logs are in ${folder}/`,
    ...locals.map(({ id, client, http }) => `  ${id}  clients ${client}  http://${http}/metrics`),
    '',
    `redis-cli -h ${host} -p ${port} set greeting hello     any node takes any command`,
    `synod status --config ${one.config}`,
    'Ctrl-C stops them; the same command starts them again with what they have stored.',
  ].join('\n');
}

/** The exit status of a node that has ended; others than its end on request are told of. */
function ended(
  child: ChildProcess,
  { id, config }: Local,
  folder: string,
  expected: () => boolean,
): Promise<number> {
  return new Promise((resolve) => {
    child.on('error', (error) => {
      process.stderr.write(`${errorColors.red('synod:')} ${id}: ${error.message}\n`);
      resolve(1);
    });
    child.on('exit', (status, signal) => {
      if (!expected())
        process.stderr.write(
          `${errorColors.red('synod:')} ${id} has ended (${signal ?? `exit status ${status}`}; see ${join(folder, `${id}.log`)}); to start it again: synod node --config ${config}\n`,
        );
      resolve(signal ? 0 : (status ?? 1));
    });
  });
}
