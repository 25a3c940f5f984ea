/** A node on a machine: the runtime on a real disk, clock and network, and what people and their programs see of it. */
import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { pino } from 'pino';
import { InputError } from '../input-error.ts';
import type { TraceHeader, TraceLine } from '../trace/format.ts';
import { version } from '../version.ts';
import { firstNodes, type NodeConfig } from './config.ts';
import { type HttpServer, serveHttp } from './http.ts';
import { addressOf } from './interfaces.ts';
import { openStorage } from './level-storage.ts';
import { openTransport } from './net/transport.ts';
import { Recorder, traceHeader } from './recorder.ts';
import { serveClients } from './resp/server.ts';
import type { NodeRoles } from './roles.ts';
import { type Runtime, startNode } from './runtime.ts';
import { CHANGES_AFTER } from './settings.ts';

export interface RunningNode {
  readonly runtime: Runtime;
  /** Resolves when it has stopped: by `stop`, or by itself with the error that has made it. */
  readonly stopped: Promise<Error | undefined>;
  /** Answers what it can, and ends. */
  stop(): Promise<void>;
}

const clock = {
  now: () => performance.now(),
  after(milliseconds: number, call: () => void) {
    if (milliseconds === 0) {
      const immediate = setImmediate(call);
      return () => clearImmediate(immediate);
    }
    const timer = setTimeout(call, milliseconds);
    return () => clearTimeout(timer);
  },
};

export interface NodeStart {
  /** Whether it may be that it has never been started, and so has no data. */
  readonly firstStart: boolean;
  readonly log?: pino.Logger;
  /** A file at whose end to record what it does (docs/traces.md). */
  readonly trace?: string | undefined;
  /** In place of those of the specification: a mutant's. */
  readonly roles?: NodeRoles;
}

/**
 * Starts a node.
 *
 * @throws StorageError if its data cannot be trusted
 * @throws InputError if an address is in use, or a file cannot be read
 */
export async function runNode(
  config: NodeConfig,
  { firstStart, log = pino({ level: 'silent' }), trace, roles }: NodeStart,
): Promise<RunningNode> {
  const { cluster, node: self, key, nodes, settings, password } = config;
  const own = { ...nodes[self], ...config.listen } as NodeConfig['nodes'][string];
  const peerTls = config.tls.peers && pem(config.tls.peers);
  const clientTls = config.tls.clients && pem(config.tls.clients);
  const closing: (() => Promise<void>)[] = [];
  const undo = async () => {
    for (const close of closing.splice(0).reverse()) await close();
  };
  try {
    const first = firstNodes(config);
    const all = Object.keys(nodes).sort();
    // Nodes that do not agree on who they were at first, or on when a change is in force, must not talk: the majorities of two sets need not meet.
    const { changesAfter } = settings;
    const whole = `${cluster} of ${first.join(', ')}${changesAfter === CHANGES_AFTER ? '' : `, changes after ${changesAfter}`}`;
    const storage = await openStorage({ folder: config.data, cluster: whole, node: self, firstStart });
    closing.push(() => storage.close());
    const transport = await openTransport({
      self,
      cluster: whole,
      key,
      listen: addressOf(own.peer),
      peers: Object.fromEntries(Object.entries(nodes).map(([id, { peer }]) => [id, addressOf(peer)])),
      ...(peerTls ? { tls: peerTls } : {}),
      tell: (what, details) => log.info(details, what),
    }).catch(unusable('nodes', own.peer));
    closing.push(() => transport.close());
    let end: (error: Error | undefined) => void = () => {};
    const stopped = new Promise<Error | undefined>((resolve) => {
      end = resolve;
    });
    const failed = (error: Error) => {
      log.fatal({ error: error.message }, 'the node cannot go on');
      void stop(error);
    };
    const world = { storage, transport, clock, random: Math.random };
    const recording = trace === undefined ? undefined : recordTo(trace, traceHeader(all, settings, first));
    if (recording) closing.push(async () => recording.close());
    const recorder = recording && new Recorder(self, recording.write);
    const options = {
      ...{ id: self, nodes: first, others: all, settings, failed },
      ...(recorder ? { recorder } : {}),
      ...(roles ? { roles } : {}),
    };
    const runtime = await startNode(options, world);
    closing.push(async () => runtime.stop());
    const clients = await serveClients({
      listen: addressOf(own.client),
      password,
      version: version(),
      info: () => infoOf(runtime, config),
      execute: (commands, done) => runtime.execute(commands, done),
      ...(clientTls ? { tls: clientTls } : {}),
    }).catch(unusable('clients', own.client));
    closing.push(() => clients.close());
    if (own.http) {
      const http: HttpServer = await serveHttp(addressOf(own.http), {
        runtime,
        transport,
        clients,
        config,
      }).catch(unusable('health and metrics', own.http));
      closing.push(() => http.close());
    }
    let stopping: Promise<void> | null = null;
    const stop = (error?: Error) => {
      // Requests under way are answered before their connections end.
      runtime.stop();
      stopping ??= undo().then(() => end(error));
      return stopping;
    };
    log.info({ node: self, cluster, ...own, starts: runtime.status().starts }, 'the node takes part');
    return { runtime, stopped, stop: () => stop() };
  } catch (error) {
    await undo();
    throw error;
  }
}

/** Adds lines to a trace, in the order of what happens: a line is in the file before anything that follows from it leaves. */
function recordTo(path: string, header: TraceHeader) {
  try {
    const file = openSync(path, 'a+');
    cutTornLine(file);
    const put = (line: object) => void writeSync(file, `${JSON.stringify(line)}\n`);
    if (fstatSync(file).size === 0) put(header);
    return {
      write: (line: TraceLine) => put({ ...line, time: Date.now() }),
      close: () => closeSync(file),
    };
  } catch (error) {
    throw new InputError(
      `${path}: cannot be written (${(error as NodeJS.ErrnoException).code}): expected a file for a trace`,
    );
  }
}

/** Cuts off a line that a process was killed in the middle of: nothing that follows from it has left. */
function cutTornLine(file: number): void {
  const chunk = Buffer.alloc(2 ** 16);
  let end = fstatSync(file).size;
  for (let from = end; end > 0; end = from) {
    from = Math.max(0, end - chunk.length);
    const length = readSync(file, chunk, 0, end - from, from);
    const last = chunk.subarray(0, length).lastIndexOf('\n');
    if (last < 0) continue;
    end = from + last + 1;
    break;
  }
  ftruncateSync(file, end);
}

function unusable(whom: string, address: string) {
  return (error: NodeJS.ErrnoException): never => {
    const reason = error.code === 'EADDRINUSE' ? 'it is in use' : error.message;
    throw new InputError(`${address}: cannot listen for ${whom} there: ${reason}`);
  };
}

function pem<T extends Record<string, string>>(files: T): T {
  const read = ([name, path]: [string, string]) => {
    try {
      return [name, readFileSync(path, 'utf8')];
    } catch (error) {
      throw new InputError(`${path}: ${(error as Error).message}`);
    }
  };
  return Object.fromEntries(Object.entries(files).map(read)) as T;
}

/** The lines of INFO. */
function infoOf(runtime: Runtime, { cluster }: NodeConfig): string {
  const { id, leader, leads, applied, truncated, keys, starts, part } = runtime.status();
  const lines = [
    '# Server',
    `synod_version:${version()}`,
    `process_id:${process.pid}`,
    `uptime_in_seconds:${Math.floor(process.uptime())}`,
    '',
    '# Cluster',
    `cluster:${cluster}`,
    `node:${id}`,
    `leader:${leader ?? ''}`,
    `leads:${leads ? 1 : 0}`,
    `part:${part}`,
    `applied_slots:${applied}`,
    `truncated_slots:${truncated}`,
    `starts:${starts}`,
    '',
    '# Keyspace',
    `db0:keys=${keys}`,
  ];
  return `${lines.join('\r\n')}\r\n`;
}
