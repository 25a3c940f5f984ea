/** What nodes do is recorded, and explained by the specification: elections, crashes, truncated logs and all. */
import { describe, expect, test } from 'vitest';
import { Recorder, traceHeader } from '../../src/node/recorder.ts';
import type { Durable } from '../../src/node/rows.ts';
import { Settings } from '../../src/node/settings.ts';
import type { TraceLine } from '../../src/trace/format.ts';
import { checked } from '../trace/checked.ts';
import { Cluster, get, set } from './cluster.ts';

const header = (cluster: Cluster) => traceHeader(cluster.nodes, Settings.parse({}));

/** A cluster that has lived through something: a leader that crashes, a node that is away and takes over a snapshot. */
async function lived(): Promise<Cluster> {
  const cluster = new Cluster(3, { keptSlots: 5 });
  await cluster.startAll();
  cluster.until(() => cluster.leader() !== undefined);
  for (let at = 0; at < 4; at++) cluster.ask('n2', set(`k${at}`, `${at}`));
  const first = cluster.leader()?.status().id as string;
  const other = cluster.nodes.find((id) => id !== first) as string;
  cluster.crash(first);
  cluster.until(() => cluster.leader() !== undefined);
  for (let at = 0; at < 12; at++) cluster.ask(other, set(`k${at % 3}`, `${at}`));
  await cluster.start(first);
  cluster.until(() => cluster.node(first).status().applied === cluster.node(other).status().applied);
  expect(cluster.ask(first, get('k2'))).toEqual(['11']);
  return cluster;
}

describe('a trace of three nodes', () => {
  test('is explained by the specification', async () => {
    const cluster = await lived();
    const report = checked(header(cluster), cluster.lines);
    expect(report.refusal).toBeUndefined();
    expect(report.verdict).toBe('holds');
    const events = new Set(cluster.lines.map(({ event }) => event));
    for (const event of [
      'received',
      'timed-out',
      'heartbeat',
      'persisted',
      'restarted',
      'truncated',
    ] as const)
      expect(events).toContain(event);
  });

  test('in which a vote leaves before it is on disk is refused', async () => {
    const cluster = await lived();
    const isVote = (line: TraceLine) =>
      line.event === 'received' &&
      line.actor === 'a1' &&
      (line.sent ?? []).some(({ type }) => type === 'accepted');
    const at = cluster.lines.findIndex(isVote);
    const written = cluster.lines.findIndex(
      (line, index) => index > at && line.event === 'persisted' && line.actor === 'a1',
    );
    const without = cluster.lines.filter((_, index) => index !== written);
    expect(checked(header(cluster), without.slice(0, written + 200)).verdict).not.toBe('holds');
  });

  test('in which another value is accepted than was asked for is refused at that line', async () => {
    const cluster = await lived();
    const at = cluster.lines.findIndex(
      (line) => line.event === 'received' && (line.sent ?? []).some(({ type }) => type === 'accepted'),
    );
    const line = cluster.lines[at] as Extract<TraceLine, { event: 'received' }>;
    const sent = (line.sent ?? []).map((message) => ({ ...message, value: 'forged' }));
    const told = cluster.lines.map((each, index) => (index === at ? { ...line, sent } : each));
    expect(checked(header(cluster), told)).toMatchObject({ verdict: 'violated', refusal: { line: at + 2 } });
  });
});

test('that a replica has written what is decided is told, be nothing more applied: a snapshot may wait for it', () => {
  const lines: TraceLine[] = [];
  const recorder = new Recorder('n3', (line) => lines.push(line));
  const replica = { applied: 590, truncated: 589, decided: [], machine: null, sessions: [] };
  const acceptor = { promised: null, accepted: [], truncated: 0 };
  const durable = { acceptor, leader: { ballot: null }, replica, starts: 1 } as unknown as Durable;
  recorder.wrote(durable);
  const before = lines.splice(0).map(({ actor }) => actor);
  recorder.wrote({ ...durable });
  expect([before, lines]).toEqual([['a3', 'p3', 'r3'], []]);
  recorder.wrote({ ...durable, replica: { ...replica, decided: [{ slot: 593, value: 'x' }] } as never });
  expect(lines).toEqual([{ event: 'persisted', actor: 'r3', persisted: { applied: 590, truncated: 589 } }]);
});
