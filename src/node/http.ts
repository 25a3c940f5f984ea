/** A node's health, state and metrics, over HTTP. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { NodeConfig } from './config.ts';
import { problemOf, Wanted } from './members.ts';
import { mac, sameProof } from './net/handshake.ts';
import type { Address, TcpTransport } from './net/transport.ts';
import type { ClientServer } from './resp/server.ts';
import type { Runtime } from './runtime.ts';

interface Seen {
  readonly runtime: Runtime;
  readonly transport: TcpTransport;
  readonly clients: ClientServer;
  readonly config: NodeConfig;
}

export interface HttpServer {
  close(): Promise<void>;
}

/** What `/status` tells, for people and for `synod status`. */
export function statusOf({ runtime, transport, clients, config }: Seen) {
  return {
    cluster: config.cluster,
    ...runtime.status(),
    connected: transport.connected(),
    messages: transport.counts,
    clients: { open: clients.open, ...clients.counts },
  };
}
export type NodeStatus = ReturnType<typeof statusOf>;

/** Where a change of the nodes is asked for, and what shows that one may: who knows the key of the cluster can make it. */
export const MEMBERS = '/members';
export function permitFor(key: string, cluster: string, body: string): string {
  return `Synod ${mac(key, 'members', cluster, body)}`;
}

/** The longest request for a change, in bytes. */
const LONGEST = 64 * 1024;

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > LONGEST) throw new Error(`longer than ${LONGEST} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** Somebody asks for a change of the nodes: 202 if it is asked for (see /status for whether it comes to be), 409 if it cannot be, 401 without a permit. */
async function change({ runtime, config }: Seen, request: IncomingMessage): Promise<[number, string]> {
  const body = await bodyOf(request);
  const permit = permitFor(config.key, config.cluster, body);
  if (!sameProof(request.headers.authorization ?? '', permit)) return [401, 'not with this permit'];
  const wanted = Wanted.parse(JSON.parse(body));
  const problem = problemOf(runtime.members, wanted);
  if (problem !== null) return [409, problem];
  runtime.reconfigure(wanted);
  return [202, 'asked for'];
}

/** Serves `/health` (200 if a leader is known, else 503), `/status`, `/metrics` and `/members`; rejects if it cannot listen. */
export async function serveHttp({ host, port }: Address, seen: Seen): Promise<HttpServer> {
  const registry = metricsOf(seen);
  const server: Server = createServer((request, response) => {
    const send = (status: number, type: string, body: string) =>
      response.writeHead(status, { 'content-type': type }).end(body);
    if (request.method === 'POST' && request.url === MEMBERS) {
      change(seen, request).then(
        ([status, text]) => send(status, 'text/plain', `${text}\n`),
        (error: Error) => send(400, 'text/plain', `${error.message}\n`),
      );
      return response;
    }
    if (request.method !== 'GET') return send(405, 'text/plain', 'only GET\n');
    switch (request.url) {
      case '/health': {
        const { leader } = seen.runtime.status();
        return leader === null ? send(503, 'text/plain', 'no leader\n') : send(200, 'text/plain', 'ok\n');
      }
      case '/status':
        return send(200, 'application/json', `${JSON.stringify(statusOf(seen))}\n`);
      case '/metrics':
        registry.metrics().then(
          (text) => send(200, registry.contentType, text),
          (error: Error) => send(500, 'text/plain', `${error.message}\n`),
        );
        return response;
      default:
        return send(404, 'text/plain', '/health, /status or /metrics\n');
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function metricsOf(seen: Seen): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const status = () => statusOf(seen);
  const gauges: [string, string, (of: NodeStatus) => number][] = [
    ['leads', '1 if this node leads', ({ leads }) => Number(leads)],
    ['knows_leader', '1 if a leader is known', ({ leader }) => Number(leader !== null)],
    ['applied_slots', 'The slots that the replica has applied', ({ applied }) => applied],
    ['truncated_slots', 'The slots that are forgotten', ({ truncated }) => truncated],
    ['stored_slots', 'The slots that the replica has applied, and on its disk', ({ stored }) => stored],
    ['votes', '1 if this node votes', ({ part }) => Number(part === 'votes')],
    ['voting_nodes', 'The nodes that vote, or are to vote', ({ members }) => members.voters.length],
    ['keys', 'The keys that are stored', ({ keys }) => keys],
    ['waiting_commands', "Clients' commands that are not answered", ({ waiting }) => waiting.commands],
    ['waiting_bytes', "The bytes of clients' commands that are not answered", ({ waiting }) => waiting.bytes],
    ['connected_peers', 'The peers to which there is a connection', ({ connected }) => connected.length],
    ['client_connections', 'The connections of clients', ({ clients }) => clients.open],
  ];
  for (const [name, help, value] of gauges)
    new Gauge({
      name: `synod_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(value(status()));
      },
    });
  const counters: [string, string, (of: NodeStatus) => number][] = [
    ['writes_total', 'Synced writes to disk', ({ writes }) => writes],
    ['messages_sent_total', 'Messages sent to peers', ({ messages }) => messages.sent],
    ['messages_received_total', 'Messages received from peers', ({ messages }) => messages.received],
    ['messages_lost_total', 'Messages to peers that could not be sent', ({ messages }) => messages.lost],
    ['requests_total', 'Requests of clients', ({ clients }) => clients.requests],
    ['requests_refused_total', 'Requests of clients that were refused', ({ clients }) => clients.refused],
  ];
  for (const [name, help, value] of counters)
    new Counter({
      name: `synod_${name}`,
      help,
      registers: [registry],
      collect() {
        this.reset();
        this.inc(value(status()));
      },
    });
  return registry;
}
