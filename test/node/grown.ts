/** A cluster that is begun with three nodes, and a fourth that may come to it: of that one only its own configuration tells. */
import { writeFileSync } from 'node:fs';
import type { NodeConfig } from '../../src/node/config.ts';
import type { Settings } from '../../src/node/settings.ts';
import { type Place, place } from './machine.ts';

export const FIRST = ['n1', 'n2', 'n3'] as const;

export interface Growing extends Place {
  /** How `synod reconfigure add` is told of the fourth. */
  readonly newcomer: string;
}

export async function growing(settings: Partial<Settings> = {}): Promise<Growing> {
  const where = await place(4, { settings });
  const nodes = where.configs[0]?.nodes ?? {};
  const three = Object.fromEntries(FIRST.map((id) => [id, nodes[id]])) as NodeConfig['nodes'];
  const configs = where.configs.map((config) =>
    config.node === 'n4' ? { ...config, first: [...FIRST] } : { ...config, nodes: three },
  );
  for (const [at, config] of configs.entries())
    writeFileSync(where.files[at] as string, JSON.stringify(config));
  const { peer, client, http } = nodes['n4'] as NodeConfig['nodes'][string];
  return { ...where, configs, newcomer: `n4=${peer},${client},${http}` };
}
