import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { z } from 'zod';
import { InputError, inputError } from '../input-error.ts';
import { NodeId } from './interfaces.ts';
import type { Address } from './net/transport.ts';
import { Settings } from './settings.ts';

const ADDRESS = /^(?:\[([0-9a-fA-F:.]+)\]|([^:\s[\]]+)):([1-9]\d{0,4})$/;

/** "host:port", with brackets around the host if it is an address of IPv6. */
const HostAndPort = z
  .string()
  .regex(ADDRESS, { error: 'expected a host and a port, such as 127.0.0.1:7001' })
  .refine((text) => Number(text.slice(text.lastIndexOf(':') + 1)) < 65_536, {
    error: 'expected a port below 65536',
  });

/** Where a node is reached: by other nodes, by clients, and, if it has that, for its health and its metrics. */
const Addresses = z.strictObject({ peer: HostAndPort, client: HostAndPort, http: HostAndPort.optional() });

/** The configuration of one node, as the file of `synod node --config` has it. Paths are relative to the file. */
export const NodeConfig = z
  .strictObject({
    cluster: z.string().min(1).max(200),
    node: NodeId,
    /** The folder of its data. */
    data: z.string().min(1),
    /** What the nodes of the cluster know, and nobody else. */
    key: z.string().min(16, { error: 'expected at least 16 characters' }).max(4096),
    /** All nodes of the cluster, this one among them. */
    nodes: z.record(NodeId, Addresses),
    /** Where it listens itself, if not where others reach it. */
    listen: Addresses.partial().default({}),
    /** What clients have to say in AUTH. */
    password: z.string().min(1).optional(),
    tls: z
      .strictObject({
        /** Files in PEM: between nodes, where each shows a certificate that `ca` has signed. */
        peers: z.strictObject({ cert: z.string(), key: z.string(), ca: z.string() }).optional(),
        clients: z.strictObject({ cert: z.string(), key: z.string() }).optional(),
      })
      .default({}),
    settings: Settings.prefault({}),
  })
  .check(({ value, issues }) => {
    if (issues.length > 0 || Object.hasOwn(value.nodes, value.node)) return;
    const message = `expected one of ${Object.keys(value.nodes).join(', ') || 'the nodes'}`;
    issues.push({ code: 'custom', path: ['node'], input: value.node, message });
  });
export type NodeConfig = z.infer<typeof NodeConfig>;

/** An address of a configuration. */
export function addressOf(text: string): Address {
  const [, six, host, port] = ADDRESS.exec(text) ?? [];
  return { host: six ?? host ?? '', port: Number(port) };
}

/**
 * Reads a configuration; its paths are absolute then.
 *
 * @throws InputError if it cannot be read, or is not as expected
 */
export function readConfig(file: string): NodeConfig {
  let input: unknown;
  try {
    input = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new InputError(`${file}: ${(error as Error).message}`);
  }
  const parsed = NodeConfig.safeParse(input);
  if (!parsed.success)
    throw inputError(parsed.error, input, (path) => [file, ...path.map(String)].join(': '));
  const absolute = (path: string) => (isAbsolute(path) ? path : resolve(dirname(file), path));
  return { ...parsed.data, data: absolute(parsed.data.data), tls: mapFiles(parsed.data.tls, absolute) };
}

function mapFiles(tls: NodeConfig['tls'], absolute: (path: string) => string): NodeConfig['tls'] {
  const each = <T extends Record<string, string>>(files: T) =>
    Object.fromEntries(Object.entries(files).map(([name, path]) => [name, absolute(path)])) as T;
  return {
    ...(tls.peers ? { peers: each(tls.peers) } : {}),
    ...(tls.clients ? { clients: each(tls.clients) } : {}),
  };
}
