import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { z } from 'zod';
import { InputError, inputError, parseJson } from '../input-error.ts';
import { Addresses, NodeId } from './interfaces.ts';
import { Settings } from './settings.ts';

/** The configuration of one node, as the file of `synod node --config` has it. Paths are relative to the file. */
export const NodeConfig = z
  .strictObject({
    cluster: z.string().min(1).max(200),
    node: NodeId,
    /** The folder of its data. */
    data: z.string().min(1),
    /** What the nodes of the cluster know, and nobody else. */
    key: z.string().min(16, { error: 'expected at least 16 characters' }).max(4096),
    /** Where the nodes of the cluster are: all that one knows of, this one among them. */
    nodes: z.record(NodeId, Addresses),
    /** The nodes with which the cluster was begun, where others have come since; all of them, if absent. */
    first: z.array(NodeId).min(1).optional(),
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
    if (issues.length > 0) return;
    const { node, nodes, first = [], settings } = value;
    const blame = (path: (string | number)[], input: unknown, message: string) =>
      issues.push({ code: 'custom', path, input, message });
    if (!Object.hasOwn(nodes, node))
      blame(['node'], node, `expected one of ${Object.keys(nodes).join(', ') || 'the nodes'}`);
    if (settings.window > settings.changesAfter)
      blame(
        ['settings', 'window'],
        settings.window,
        `expected changesAfter at most (${settings.changesAfter})`,
      );
    if (new Set(first).size < first.length) blame(['first'], first, 'expected each node once');
  });
export type NodeConfig = z.infer<typeof NodeConfig>;

/** The nodes with which the cluster was begun. */
export function firstNodes({ first, nodes }: Pick<NodeConfig, 'first' | 'nodes'>): NodeId[] {
  return [...(first ?? Object.keys(nodes))].sort();
}

/**
 * Reads a configuration; its paths are absolute then.
 *
 * @throws InputError if it cannot be read, or is not as expected
 */
export function readConfig(file: string): NodeConfig {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new InputError(`${file || '""'}: cannot be read (${code}): expected the configuration of a node`);
  }
  const input = parseJson(text, file);
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
