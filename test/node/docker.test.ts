/**
 * The image and the compose file, as far as they can be looked at without Docker: what they name is there, and is what the node takes. That an image is
 * built and runs is not shown.
 */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { NodeConfig } from '../../src/node/config.ts';
import { addressOf } from '../../src/node/interfaces.ts';
import { synod } from '../cli/run.ts';

const root = new URL('../../', import.meta.url);
const textOf = (path: string) => readFileSync(new URL(path, root), 'utf8');

/** The instructions of the image, those of its last stage apart. */
const instructions = textOf('Dockerfile')
  .replaceAll('\\\n', ' ')
  .split('\n')
  .filter((line) => /^[A-Z]/.test(line))
  .map((line) => {
    const [, name = '', rest = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    return { name, rest };
  });
const last = instructions.slice(instructions.findLastIndex(({ name }) => name === 'FROM'));
const only = (name: string) => {
  const found = last.filter((each) => each.name === name);
  expect(found, name).toHaveLength(1);
  return found[0]?.rest ?? '';
};

/** As compose puts in what the environment has: ${NAME:-otherwise} and ${NAME:?what is expected}. */
function interpolated(text: string, environment: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\{(\w+):([-?])([^}]*)\}/g, (_whole, name, kind, rest) => {
    const value = environment[name] ?? '';
    if (value !== '') return value;
    if (kind === '?') throw new Error(`${name}: ${rest}`);
    return rest;
  });
}

interface Compose {
  services: Record<
    string,
    {
      image: string;
      command: string;
      configs: { source: string; target: string }[];
      volumes: string[];
      ports: string[];
    }
  >;
  volumes: Record<string, null>;
  configs: Record<string, { content: string }>;
}
const composed = (environment: Readonly<Record<string, string>>): Compose =>
  parse(interpolated(textOf('compose.yaml'), environment), { merge: true });
const environment = { SYNOD_KEY: 'k'.repeat(64) };

/** Whether `synod` has this command with these options. */
async function known([name = '', ...rest]: readonly string[]): Promise<boolean> {
  const { stdout } = await synod(name, '--help');
  const options = rest.filter((word) => word.startsWith('--'));
  return options.every((word) => stdout.split(/\s/).includes(word));
}

describe('the image', () => {
  test('is built from what is there, and .dockerignore leaves it in', () => {
    const kept = textOf('.dockerignore').split('\n');
    const copied = instructions
      .filter(({ name, rest }) => name === 'COPY' && !rest.startsWith('--from'))
      .flatMap(({ rest }) => rest.split(' ').slice(0, -1));
    expect(copied).toContain('src');
    for (const path of copied) {
      expect(existsSync(new URL(path, root)), path).toBe(true);
      expect(kept).toContain(`!${path}`);
    }
    expect(kept).toContain('*');
  });

  test('runs the program of the package, as nobody special, and is stopped by the signal that a node takes', async () => {
    const { bin, scripts } = JSON.parse(textOf('package.json'));
    expect(JSON.parse(only('ENTRYPOINT'))).toEqual(['node', `/synod/${bin.synod}`]);
    expect(await known(JSON.parse(only('CMD')))).toBe(true);
    expect(only('USER')).toBe('node');
    const userAt = last.findIndex(({ name }) => name === 'USER');
    expect(last.slice(userAt).some(({ name }) => name === 'RUN' || name === 'COPY')).toBe(false);
    expect(only('STOPSIGNAL')).toBe('SIGTERM');
    expect(Object.keys(scripts)).toContain('build');
  });
});

describe('the compose file', () => {
  test('has three nodes of one cluster, each with a configuration that a node takes', () => {
    const { services, configs, volumes } = composed(environment);
    expect(Object.keys(services)).toEqual(['n1', 'n2', 'n3']);
    const parsed = Object.entries(services).map(([name, service]) => {
      const [{ source, target } = { source: '', target: '' }] = service.configs;
      const config = NodeConfig.parse(JSON.parse(configs[source]?.content ?? ''));
      expect(config.node).toBe(name);
      expect(config.key).toBe(environment.SYNOD_KEY);
      expect(service.command.trim().split(/\s+/)).toEqual(['node', '--config', target]);
      // The data is in the volume of its own that the image has made for the user that runs it.
      expect(service.volumes).toEqual([`${name}:${only('VOLUME')}`]);
      expect(Object.keys(volumes)).toContain(name);
      expect(config.data.startsWith(`${only('VOLUME')}/`)).toBe(true);
      return config;
    });
    for (const { cluster, nodes } of parsed) {
      expect(cluster).toBe(parsed[0]?.cluster);
      expect(nodes).toEqual(parsed[0]?.nodes);
      expect(Object.keys(nodes)).toEqual(Object.keys(services));
    }
  });

  test('publishes ports that nodes listen at, and the image asks after the health of one of them', () => {
    const { services, configs } = composed(environment);
    const exposed = only('EXPOSE').split(' ').map(Number);
    const published = new Set<string>();
    for (const [name, { ports }] of Object.entries(services)) {
      const { listen, nodes } = NodeConfig.parse(JSON.parse(configs[name]?.content ?? ''));
      for (const kind of ['client', 'peer', 'http'] as const) {
        expect(addressOf(listen[kind] ?? '').host).toBe('0.0.0.0');
        expect(addressOf(listen[kind] ?? '').port).toBe(addressOf(nodes[name]?.[kind] ?? '').port);
        expect(addressOf(nodes[name]?.[kind] ?? '').host).toBe(name);
        expect(exposed).toContain(addressOf(listen[kind] ?? '').port);
      }
      expect(only('HEALTHCHECK')).toContain(`http://127.0.0.1:${addressOf(listen.http ?? '').port}/health`);
      for (const port of ports) {
        const [, host = '', own] = /^127\.0\.0\.1:(\d+):(\d+)$/.exec(port) ?? [];
        expect(published.has(host)).toBe(false);
        published.add(host);
        expect([addressOf(listen.client ?? '').port, addressOf(listen.http ?? '').port]).toContain(
          Number(own),
        );
      }
    }
  });

  test('starts for the first time where it is told to, and asks for a key', async () => {
    const { services } = composed({ ...environment, FIRST_START: '--first-start' });
    for (const { command } of Object.values(services)) {
      expect(command).toMatch(/ --first-start$/);
      expect(await known(command.split(' '))).toBe(true);
    }
    expect(await known(['node', '--first-starts'])).toBe(false);
    expect(() => composed({})).toThrow('SYNOD_KEY: expected the key of the cluster');
  });
});
