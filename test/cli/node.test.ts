import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { place } from '../node/machine.ts';
import { folderForAll, synod } from './run.ts';

const folder = folderForAll();

const nodes = { n1: { peer: '127.0.0.1:1', client: '127.0.0.1:2' } };
const valid = { cluster: 'c', node: 'n1', data: 'd', key: 'a key of sixteen', nodes };

describe('synod node and status refuse what is no configuration', () => {
  test.each([
    ['not json', /config\.json: not JSON: Unexpected token/],
    [{ ...valid, node: 'n2' }, /: node: "n2": expected one of n1$/m],
    [{ ...valid, key: 'short' }, /: key: "short": expected at least 16 characters$/m],
    [
      { ...valid, nodes: { n1: { peer: 'x', client: '127.0.0.1:2' } } },
      /: nodes: n1: peer: "x": expected a host and a port/,
    ],
    [{ ...valid, nodes: { n1: { peer: 'h:70000', client: 'h:2' } } }, /expected a port below 65536$/m],
    [{ ...valid, colour: 1 }, /"colour": is not a known name here$/m],
    [{ ...valid, settings: { heartbeat: 0 } }, /: settings: heartbeat: 0: /],
  ])('%j', async (config, reason) => {
    const file = join(folder, 'config.json');
    writeFileSync(file, typeof config === 'string' ? config : JSON.stringify(config));
    for (const command of ['node', 'status']) {
      const { status, stdout, stderr } = await synod(command, '--config', file);
      expect(stderr).toMatch(reason);
      expect(stderr).toMatch(/^synod: .*config\.json: .*\n$/);
      expect([status, stdout]).toEqual([2, '']);
    }
  });

  test.each([
    ['one that is not there', 'none.json', 'ENOENT'],
    ['a folder', '.', 'EISDIR'],
  ])('%s', async (_, name, code) => {
    for (const command of ['node', 'status']) {
      const { status, stderr } = await synod(command, '--config', join(folder, name));
      expect(stderr).toContain(`: cannot be read (${code}): expected the configuration of a node`);
      expect(status).toBe(2);
    }
  });
});

test('synod node does not start without data, unless it is the first start', async () => {
  const where = await place(1);
  const { status, stderr } = await synod('node', '--config', where.files[0] as string);
  where.remove();
  expect(stderr).toMatch(/has no data of a node; a node that has lost its data has lost its votes/);
  expect(status).toBe(2);
});

test('synod status tells of nodes that do not answer', async () => {
  const where = await place(2);
  const { status, stdout } = await synod('status', '--config', where.files[0] as string);
  where.remove();
  expect(stdout).toMatch(
    /^n1 {2}no answer: .*\nn2 {2}no answer: .*\n✗ not all nodes answer and follow one leader\n$/,
  );
  expect(status).toBe(1);
});

describe('synod cluster refuses', () => {
  test.each([
    [['--nodes', '0'], /--nodes: "0": expected a whole number from 1 to 9/],
    [['--nodes', 'x'], /--nodes: "x": expected a whole number/],
    [['--port', '80'], /--port: "80": expected a whole number from 1024 to 65000/],
  ])('%j', async (args, reason) => {
    const { status, stderr } = await synod('cluster', '--folder', join(folder, 'new'), ...args);
    expect(stderr).toMatch(reason);
    expect(status).toBe(2);
  });

  test.each(['', '/dev/null/cluster'])('the folder "%s", which cannot be made', async (name) => {
    const { status, stderr } = await synod('cluster', '--folder', name);
    expect(stderr).toMatch(
      /^synod: --folder: ".*": cannot be made \(ENO\w+\): expected the name of a folder\n$/,
    );
    expect(status).toBe(2);
  });

  test('a folder that has something else', async () => {
    mkdirSync(join(folder, 'other'));
    const { status, stderr } = await synod('cluster', '--folder', join(folder, 'other'));
    expect(stderr).toMatch(/it is there, and has no cluster/);
    expect(status).toBe(2);
  });
});
