import { describe, expect, test } from 'vitest';
import { NO_OP } from '../../spec/log/entry.ts';
import type { Answer } from '../../src/node/gateway.ts';
import { nodeRoles } from '../../src/node/roles.ts';
import { Cluster, get, set } from './cluster.ts';

describe('three nodes in memory', () => {
  test('elect a leader; any node takes a command, and all have it', async () => {
    const cluster = new Cluster(3);
    await cluster.startAll();
    cluster.until(() => cluster.leader() !== undefined);
    expect(cluster.ask('n1', set('x', '1'))).toEqual([{ ok: true }]);
    expect(cluster.ask('n2', get('x'))).toEqual(['1']);
    expect(cluster.ask('n3', get('x'), set('x', '2'), get('x'))).toEqual(['1', { ok: true }, '2']);
    cluster.advance(500);
    expect(cluster.nodes.map((id) => cluster.node(id).status().applied)).toEqual([2, 2, 2]);
  });

  test('a leader that crashes is replaced, and what was answered is still there; it comes back and catches up', async () => {
    const cluster = new Cluster(3);
    await cluster.startAll();
    cluster.until(() => cluster.leader() !== undefined);
    for (let at = 0; at < 20; at++) cluster.ask('n2', set(`k${at}`, `${at}`));
    const first = cluster.leader()?.status().id as string;
    const other = cluster.nodes.find((id) => id !== first) as string;
    cluster.crash(first);
    cluster.until(() => cluster.leader() !== undefined);
    for (let at = 0; at < 20; at++) expect(cluster.ask(other, get(`k${at}`))).toEqual([`${at}`]);
    cluster.ask(other, set('late', 'yes'));
    await cluster.start(first);
    expect(cluster.ask(first, get('late'), get('k7'))).toEqual(['yes', '7']);
  });

  test('a node that has truncated its log, and is started again, gives a snapshot at once to who asks for what was before', async () => {
    const cluster = new Cluster(3, { keptSlots: 6 });
    await cluster.startAll();
    cluster.until(() => cluster.leader() !== undefined);
    cluster.crash('n3');
    for (let at = 0; at < 20; at++) cluster.ask('n2', set(`k${at}`, `${at}`));
    cluster.until(() => cluster.node('n1').status().stored === 20);
    expect(cluster.node('n1').status().truncated).toBeGreaterThan(6);
    for (const id of ['n1', 'n2']) cluster.crash(id);
    await cluster.start('n1');
    const began = cluster.scheduler.now;
    await cluster.start('n3');
    cluster.until(() => cluster.node('n3').status().applied === 20);
    expect(cluster.scheduler.now - began).toBeLessThan(20);
    // And it reports what it has truncated: whoever leads now fills no slot of these with anything else.
    expect(cluster.ask('n3', get('k0'), get('k19'), set('late', 'yes'))).toEqual(['0', '19', { ok: true }]);
    expect(cluster.node('n3').status().applied).toBe(21);
  });

  test('a node that is started again on a slow disk truncates its log once, not until that is on disk', async () => {
    const cluster = new Cluster(3);
    await cluster.startAll();
    cluster.until(() => cluster.leader() !== undefined);
    for (let at = 0; at < 20; at++) cluster.ask('n2', set(`k${at}`, `${at}`));
    cluster.until(() => cluster.node('n1').status().stored === 20);
    cluster.crash('n1');
    const { length } = cluster.transitions;
    await cluster.start('n1', 300);
    cluster.until(() => cluster.node('n1').states().leader.chosenUpTo === 20);
    const truncations = cluster.transitions.slice(length).filter(({ rule }) => rule === 'truncate');
    expect(truncations.map(({ actor }) => actor)).toEqual(['r1']);
  });

  test('a leader whose connections end is replaced long before others would miss it', async () => {
    const cluster = new Cluster(3);
    await cluster.startAll();
    cluster.until(() => cluster.leader() !== undefined);
    cluster.advance(100);
    const first = cluster.leader()?.status().id as string;
    const began = cluster.scheduler.now;
    cluster.crash(first);
    cluster.disconnect(first);
    cluster.until(() => cluster.leader() !== undefined);
    expect(cluster.scheduler.now - began).toBeLessThan(25);
    const next = cluster.nodes[(cluster.nodes.indexOf(first) + 1) % 3];
    expect(cluster.leader()?.status().id).toBe(next);
  });

  test('where the next one is gone as well, the one after it takes its turn', async () => {
    const cluster = new Cluster(5);
    await cluster.startAll();
    cluster.until(() => cluster.leader() !== undefined);
    cluster.advance(100);
    const first = cluster.nodes.indexOf(cluster.leader()?.status().id as string);
    const began = cluster.scheduler.now;
    for (const id of [cluster.nodes[first], cluster.nodes[(first + 1) % 5]] as string[]) {
      cluster.crash(id);
      cluster.disconnect(id);
    }
    cluster.until(() => cluster.leader() !== undefined);
    expect(cluster.scheduler.now - began).toBeLessThan(130);
    expect(cluster.leader()?.status().id).toBe(cluster.nodes[(first + 2) % 5]);
  });

  test('one that lacks what others have truncated begins another ballot as soon as it has it', async () => {
    // What the others say is made up here, so that it is not explained by what they do.
    const cluster = new Cluster(3, {}, 1, nodeRoles);
    await cluster.start('n1');
    const now = () => cluster.node('n1').states().leader;
    cluster.until(() => now().phase === 'prepare');
    const { ballot } = now();
    const promise = { type: 'promise', from: 'a2', to: ['p1'], ballot, first: 1, accepted: [], truncated: 3 };
    cluster.host('n1').take('n2', JSON.stringify([promise]));
    cluster.advance(10);
    expect(Object.keys(now().promises).sort()).toEqual(['a1', 'a2']);
    expect(now().phase).toBe('prepare');
    const decisions = [1, 2, 3].map((slot) => ({
      type: 'decision',
      from: 'r2',
      to: ['r1'],
      slot,
      value: NO_OP,
    }));
    cluster.host('n1').take('n2', JSON.stringify(decisions));
    cluster.advance(60);
    expect(now()).toMatchObject({
      chosenUpTo: 3,
      phase: 'prepare',
      ballot: { round: (ballot?.round ?? 0) + 1 },
    });
  });

  test('connections that end although everybody lives cost a ballot, and nothing else', async () => {
    const cluster = new Cluster(3);
    await cluster.startAll();
    cluster.until(() => cluster.leader() !== undefined);
    cluster.advance(100);
    const first = cluster.leader()?.status().id as string;
    cluster.disconnect(first);
    let answered = 0;
    for (let at = 0; at < 10; at++) {
      for (const id of cluster.nodes)
        cluster.node(id).execute([{ op: 'incr', key: 'n' }], (answer) => 'replies' in answer && answered++);
      cluster.advance(5);
    }
    cluster.until(() => answered === 30);
    expect(cluster.ask(first, get('n'))).toEqual(['30']);
    expect(cluster.transitions.filter(({ rule }) => rule === '1a').length).toBeLessThanOrEqual(3);
  });

  test('a lone node of three answers nothing, and says so', async () => {
    const cluster = new Cluster(3, { timeout: 300 });
    await cluster.startAll();
    cluster.until(() => cluster.leader() !== undefined);
    cluster.crash('n2');
    cluster.crash('n3');
    const answers: Answer[] = [];
    cluster.node('n1').execute([set('x', '1')], (answer) => answers.push(answer));
    cluster.node('n1').execute([get('x')], (answer) => answers.push(answer));
    cluster.until(() => answers.length === 2);
    expect(answers.map((answer) => Object.keys(answer)[0]).sort()).toEqual(['refused', 'unknown']);
  });

  test('a log that is truncated is taken over as a snapshot by a node that was away', async () => {
    const cluster = new Cluster(3, { keptSlots: 10 });
    await cluster.startAll();
    cluster.until(() => cluster.leader() !== undefined);
    cluster.crash('n3');
    for (let at = 0; at < 35; at++) cluster.ask('n1', set(`k${at % 7}`, `${at}`));
    expect(cluster.node('n1').status().truncated).toBeGreaterThanOrEqual(20);
    expect(cluster.node('n1').states().acceptor.accepted.length).toBeLessThan(20);
    await cluster.start('n3');
    cluster.until(() => cluster.node('n3').status().applied === cluster.node('n1').status().applied);
    expect(cluster.transitions.some(({ actor, rule }) => actor === 'r3' && rule === 'install')).toBe(true);
    expect(cluster.ask('n3', get('k6'), get('k0'))).toEqual(['34', '28']);
  });

  test('a node that was away for long has asked for all of it soon', async () => {
    const cluster = new Cluster(3);
    await cluster.startAll();
    cluster.until(() => cluster.leader() !== undefined);
    cluster.crash('n3');
    for (let at = 0; at < 130; at++) cluster.ask('n1', set('k', `${at}`));
    await cluster.start('n3');
    const began = cluster.scheduler.now;
    cluster.until(() => cluster.node('n3').status().applied === 130);
    expect(cluster.scheduler.now - began).toBeLessThan(100);
    expect(cluster.transitions.some(({ rule }) => rule === 'install')).toBe(false);
  });

  test.each([2, 3])('of %i nodes, none is sent a snapshot that it has not asked for', async (size) => {
    const cluster = new Cluster(size, { keptSlots: 6 });
    await cluster.startAll();
    cluster.until(() => cluster.leader() !== undefined);
    for (let at = 0; at < 20; at++) cluster.ask('n1', set(`k${at}`, `${at}`));
    cluster.until(() => cluster.node('n2').status().stored === 20);
    cluster.crash('n2');
    await cluster.start('n2');
    cluster.ask('n1', set('late', 'yes'));
    cluster.until(() => cluster.node('n2').status().applied === 21);
    expect(cluster.transitions.filter(({ rule }) => rule === 'truncate').length).toBeGreaterThan(3);
    expect(cluster.sent.filter(({ type }) => type === 'snapshot')).toEqual([]);
  });

  test('one write to disk serves many commands', async () => {
    const cluster = new Cluster(3);
    await cluster.startAll();
    cluster.until(() => cluster.leader() !== undefined);
    const before = cluster.node('n1').status().writes;
    let answered = 0;
    for (let at = 0; at < 500; at++) cluster.node('n1').execute([{ op: 'incr', key: 'n' }], () => answered++);
    cluster.until(() => answered === 500);
    expect(cluster.ask('n2', get('n'))).toEqual(['500']);
    expect(cluster.node('n1').status().writes - before).toBeLessThan(20);
  });

  test('what finds no room in the queue is refused at once, and has no effect', async () => {
    const cluster = new Cluster(3, { queueCommands: 5 });
    await cluster.startAll();
    const answers: Answer[] = [];
    for (let at = 0; at < 7; at++)
      cluster.node('n1').execute([{ op: 'incr', key: 'n' }], (answer) => answers.push(answer));
    expect(answers).toEqual(Array(2).fill({ refused: 'too many requests are waiting' }));
    cluster.until(() => answers.length === 7);
    expect(cluster.ask('n1', get('n'))).toEqual(['5']);
  });

  test('messages lost for good hold up nothing for ever', async () => {
    const cluster = new Cluster(3, { resend: 100 });
    await cluster.startAll();
    cluster.until(() => cluster.leader() !== undefined);
    const leading = cluster.leader()?.status().id as string;
    const others = cluster.nodes.filter((id) => id !== leading);
    for (const id of others) cluster.separate(id);
    let answer: Answer | undefined;
    cluster.node(leading).execute([set('x', '1')], (given) => {
      answer = given;
    });
    cluster.advance(50);
    for (const id of others) cluster.join(id);
    cluster.until(() => answer !== undefined);
    expect(answer).toEqual({ replies: [{ ok: true }] });
  });

  test('a vote leaves, for its own node too, only when it is on disk', async () => {
    const cluster = new Cluster(1);
    await cluster.startAll();
    cluster.until(() => cluster.leader() !== undefined);
    let answered = false;
    cluster.host('n1').disk.latency = 1e6;
    cluster.node('n1').execute([set('x', '1')], () => {
      answered = true;
    });
    cluster.advance(1000);
    expect(answered).toBe(false);
    cluster.crash('n1');
    await cluster.start('n1');
    cluster.until(() => cluster.leader() !== undefined);
    expect(cluster.ask('n1', get('x'))).toEqual([null]);
  });
});
