/** Nodes that come and go while the cluster runs: what the log says of them, and what they make of it. */
import { describe, expect, test } from 'vitest';
import { encodeChange } from '../../spec/log/reconfiguration.ts';
import type { Addresses, NodeId } from '../../src/node/interfaces.ts';
import { membersOf, problemOf, type Wanted } from '../../src/node/members.ts';
import { Cluster, get, set } from './cluster.ts';

const at = (node: NodeId): Addresses => ({ peer: `${node}:7101`, client: `${node}:7001` });
const placed = (nodes: readonly NodeId[]) => Object.fromEntries(nodes.map((node) => [node, at(node)]));
const wanted = (after: number, voters: readonly NodeId[], nodes = voters): Wanted => ({
  voters: [...voters],
  nodes: placed(nodes),
  after,
});

describe('the nodes', () => {
  const beginning = { first: ['n1', 'n2', 'n3'], changesAfter: 4 };
  const change = (slot: number, { voters, nodes, after }: Wanted) => ({
    slot,
    acceptors: voters.map((node) => `a${node.slice(1)}`),
    ...(after ? { after } : {}),
    about: JSON.stringify(nodes),
  });
  const joins = change(5, wanted(0, beginning.first, ['n1', 'n2', 'n3', 'n4']));
  const votes = change(9, wanted(5, ['n1', 'n2', 'n3', 'n4']));
  const leaves = change(20, wanted(9, ['n2', 'n3', 'n4']));
  const known = (applied: number) => membersOf(beginning, [joins, votes, leaves], applied);

  test('are those of the beginning; then what the applied changes say, which are in force a few slots later', () => {
    expect(known(4)).toMatchObject({ since: 0, inForce: true, voters: beginning.first });
    expect(known(5)).toMatchObject({ since: 5, from: 9, inForce: false, voters: beginning.first });
    expect(known(8)).toMatchObject({ since: 5, inForce: true });
    expect([...known(8).nodes]).toEqual(Object.entries(placed(['n1', 'n2', 'n3', 'n4'])));
    expect(known(12)).toMatchObject({ since: 9, from: 13, inForce: true, voters: ['n1', 'n2', 'n3', 'n4'] });
  });

  test('that are removed are talked to until something else is changed, and their names are never used again', () => {
    expect([...known(99).nodes.keys()]).toEqual(['n2', 'n3', 'n4']);
    expect([...known(99).known.keys()].sort()).toEqual(['n1', 'n2', 'n3', 'n4']);
    expect([...known(99).named].sort()).toEqual(['n1', 'n2', 'n3', 'n4']);
    const next = change(30, wanted(20, ['n2', 'n3', 'n4'], ['n2', 'n3', 'n4', 'n5']));
    const later = membersOf(beginning, [joins, votes, leaves, next], 99);
    expect([...later.known.keys()].sort()).toEqual(['n2', 'n3', 'n4', 'n5']);
  });

  test('are changed one at a time, by who knows what they are, and who votes has heard what was chosen', () => {
    const ask = (applied: number, request: Wanted) => problemOf(known(applied), request);
    const four = ['n2', 'n3', 'n4', 'n5'];
    expect(ask(99, wanted(20, ['n2', 'n3', 'n4'], four))).toBeNull();
    expect(ask(99, wanted(20, ['n2', 'n3']))).toBeNull();
    expect(ask(99, wanted(9, ['n2', 'n3']))).toContain('changed meanwhile');
    expect(ask(21, wanted(20, ['n2', 'n3']))).toContain('under way, in force from slot 24 on');
    expect(ask(99, wanted(20, ['n2']))).toBe('one node at a time');
    expect(ask(99, wanted(20, ['n3', 'n4', 'n5']))).toBe('one node at a time');
    expect(ask(99, wanted(20, ['n2', 'n3', 'n4'], ['n1', ...four]))).toContain('n1 was removed');
    expect(ask(99, wanted(20, four))).toContain('n5 is to vote before it has heard anything');
    expect(ask(99, { ...wanted(20, ['n2', 'n3']), nodes: placed(['n2']) })).toContain('none of the nodes');
  });

  test('are not harmed by a change that says nothing of where they are, or something else', () => {
    for (const about of [undefined, 'no JSON', '{"n4":7}']) {
      const odd = { slot: 5, acceptors: ['a1', 'x'], ...(about ? { about } : {}) };
      expect(membersOf(beginning, [odd], 9)).toMatchObject({
        voters: ['n1'],
        nodes: new Map([['n1', null]]),
      });
    }
    expect(encodeChange(['a1'], { about: '' })).toBe('acceptors=a1');
  });
});

describe('a cluster', () => {
  const settings = { changesAfter: 8, window: 8, keptSlots: 20 };
  const change = (cluster: Cluster, by: NodeId, voters: readonly NodeId[], nodes = voters) => {
    const { members } = cluster.node(by).status();
    const request = wanted(members.since, voters, nodes);
    expect(
      problemOf(
        { ...members, nodes: new Map(Object.entries(members.nodes)), named: new Set(), known: new Map() },
        request,
      ),
    ).toBeNull();
    cluster.node(by).reconfigure(request);
    const there = () => {
      const { since, inForce } = cluster.node(by).status().members;
      return since > members.since && inForce;
    };
    cluster.until(there);
  };

  test('grows to four nodes and shrinks to three, with the leader removed, and nothing is lost', async () => {
    const cluster = new Cluster(3, settings, 5, undefined, 1);
    await cluster.startAll();
    cluster.until(() => cluster.leader() !== undefined);
    for (let number = 0; number < 30; number++) cluster.ask('n2', set(`k${number}`, `${number}`));
    await cluster.start('n4');
    expect(cluster.node('n4').status()).toMatchObject({ part: 'listens', leader: null, applied: 0 });
    change(cluster, 'n1', ['n1', 'n2', 'n3'], ['n1', 'n2', 'n3', 'n4']);
    cluster.until(() => cluster.node('n4').status().applied === cluster.node('n1').status().applied);
    expect(cluster.node('n4').status()).toMatchObject({ part: 'listens', keys: 30, leads: false });
    change(cluster, 'n2', ['n1', 'n2', 'n3', 'n4']);
    cluster.until(() => cluster.node('n4').status().part === 'votes');
    // Two of four are no majority, three are.
    cluster.crash('n1');
    cluster.crash('n2');
    const refused: unknown[] = [];
    cluster.node('n4').execute([set('lost', 'x')], (answer) => refused.push(answer));
    cluster.until(() => refused.length === 1);
    expect(refused[0]).not.toHaveProperty('replies');
    await cluster.start('n1');
    cluster.until(() => cluster.leader() !== undefined);
    expect(cluster.ask('n4', set('four', 'yes'), get('k7'))).toEqual([{ ok: true }, '7']);
    await cluster.start('n2');
    const gone = cluster.leader()?.status().id as NodeId;
    const rest = cluster.nodes.filter((node) => node !== gone);
    change(cluster, gone, rest);
    expect(cluster.node(gone).status().part).toBe('removed');
    cluster.until(() => rest.some((node) => cluster.node(node).status().leads));
    cluster.crash(gone);
    expect(cluster.ask(rest[0] as NodeId, set('three', 'yes'), get('four'))).toEqual([{ ok: true }, 'yes']);
    // Of these three two are enough.
    cluster.crash(rest[1] as NodeId);
    expect(cluster.ask(rest[2] as NodeId, get('three'), get('k29'), set('two', 'yes'))).toEqual([
      'yes',
      '29',
      { ok: true },
    ]);
    // The one that was removed comes back, and disturbs nobody.
    const { promised } = cluster.node(rest[2] as NodeId).status();
    await cluster.start(gone);
    cluster.advance(5000);
    expect(cluster.node(gone).status()).toMatchObject({ part: 'removed', leads: false });
    expect(cluster.node(rest[2] as NodeId).status().promised).toEqual(promised);
  });
});
