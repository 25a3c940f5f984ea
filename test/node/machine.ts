/** A cluster on this machine: real disks, sockets and clocks. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NodeConfig } from '../../src/node/config.ts';
import type { Settings } from '../../src/node/settings.ts';

/** Ports that are free now, and were free at the same time. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) =>
          server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
        ),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

export interface Place {
  readonly folder: string;
  readonly configs: readonly NodeConfig[];
  /** Where the configurations are written. */
  readonly files: readonly string[];
  /** More ports that are free. */
  readonly spare: readonly number[];
  remove(): void;
}

/** The configurations of a cluster in a folder of its own. */
export async function place(
  size: number,
  more: Partial<Pick<NodeConfig, 'password' | 'tls'>> & { settings?: Partial<Settings> } = {},
  spare = 0,
): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'synod-node-'));
  const ports = await freePorts(3 * size + spare);
  const ids = Array.from({ length: size }, (_, at) => `n${at + 1}`);
  const at = (port: number) => `127.0.0.1:${ports[port]}`;
  const nodes = Object.fromEntries(
    ids.map((id, place) => [id, { peer: at(3 * place), client: at(3 * place + 1), http: at(3 * place + 2) }]),
  );
  const files = ids.map((id) => join(folder, `${id}.json`));
  const configs = ids.map((id, place) => {
    const config = {
      cluster: 'test',
      node: id,
      data: join(folder, id),
      key: 'a key of the tests',
      nodes,
      ...more,
    };
    mkdirSync(folder, { recursive: true });
    writeFileSync(files[place] as string, JSON.stringify(config));
    return NodeConfig.parse(config);
  });
  const remove = () => rmSync(folder, { recursive: true, force: true });
  return { folder, configs, files, spare: ports.slice(3 * size), remove };
}
