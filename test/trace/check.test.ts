import { describe, expect, test } from 'vitest';
import { learnersOf } from '../../src/trace/format.ts';
import { walkTraces } from '../../src/trace/walks.ts';
import { checked, systemOf } from './checked.ts';
import { chance, corrupted, KINDS, retold } from './corrupt.ts';
import { firstUnexplained } from './oracle.ts';

const SMALL = {
  paxos: [
    { acceptors: 3, proposers: 2, learners: 1, crashes: 1, nacks: true },
    { acceptors: 2, proposers: 2, learners: 1, ballots: 2, crashes: 2 },
    { acceptors: 1, proposers: 2, learners: 2, crashes: 1, learning: 'distinguished' },
  ],
  'multi-paxos': [
    { acceptors: 2, leaders: 2, replicas: 1, slots: 2, window: 2, ballots: 2, crashes: 1, nacks: true },
    {
      ...{ acceptors: 1, leaders: 2, replicas: 2, slots: 2, window: 1, crashes: 1 },
      ...{ learning: 'distinguished', snapshots: true },
    },
    {
      ...{ acceptors: 1, leaders: 2, replicas: 2, slots: 2, window: 2, ballots: 2 },
      ...{ election: 'asynchronous', catchUp: true, snapshots: true },
    },
    { acceptors: 1, leaders: 1, replicas: 2, slots: 2, window: 2, clients: 'wr' },
  ],
} as const;

describe('traces of random walks', () => {
  test.each([
    ['paxos', { acceptors: 3, proposers: 2, learners: 2, ballots: 2, crashes: 2, nacks: true }],
    ['paxos', { acceptors: 5, proposers: 3, learners: 3, learning: 'distinguished' }],
    ['multi-paxos', { replicas: 2, crashes: 2, ballots: 2, nacks: true, learning: 'distinguished' }],
    ['multi-paxos', { replicas: 2, crashes: 1, snapshots: true, clients: 'wr,rw' }],
  ] as const)('of %s, %j, have an explanation', (name, configuration) => {
    const { header, trace } = walkTraces(name, configuration, systemOf(name, configuration), 5);
    for (let walk = 0; walk < 10; walk++) {
      const lines = trace(walk, 200);
      const report = checked(header, retold(lines, chance(5, walk)));
      expect(report, `seed 5, walk ${walk}`).toMatchObject({ verdict: 'holds', contradictions: [] });
      expect(report.explained).toBe(report.lines - 1);
    }
  });
});

/** What the lines of traces that are explained tell of: messages received, and what is no receipt. */
const TOLD = {
  paxos: 'prepare promise accept accepted nack decision | timed-out restarted crashed sent learned',
  'multi-paxos':
    'prepare promise accept accepted nack decision request read confirm confirmed read-index truncated snapshot heartbeat ask | ' +
    'timed-out requested heartbeat truncated asked restarted crashed sent learned applied',
};

describe('corruptions', () => {
  test.each([
    ['paxos', 1000],
    ['multi-paxos', 500],
  ] as const)(
    'of %s, %d are refused at the line at which the naive way refuses them, or not at all',
    (name, count) => {
      const refused: Record<string, number> = {};
      const kept: Record<string, number> = {};
      const [received, others] = [new Set<string>(), new Set<string>()];
      const made = SMALL[name].map((configuration) => {
        const traces = walkTraces(name, configuration, systemOf(name, configuration), 11);
        // A trace knows no bound to the slots: what is there in two may be told again in a third.
        const system = systemOf(name, name === 'paxos' ? configuration : { ...configuration, slots: 9 });
        return { system, ...traces };
      });
      for (let number = 0; number < count; number++) {
        const pick = chance(11, number);
        const { system, header, trace } = made[number % made.length] as (typeof made)[number];
        const lines = trace(number, 6 + pick(name === 'paxos' ? 12 : 18));
        const kind = KINDS[pick(KINDS.length)] as (typeof KINDS)[number];
        const told = retold(
          corrupted(lines, trace(number + 1, 20), kind, pick, learnersOf(header)),
          pick,
        ).filter(({ event }) => event !== undefined);
        const skew = [0, 1, 3][pick(3)] as number;
        if (told.length === 0) continue;
        const expected = firstUnexplained(system, header, told, { bridge: 0, skew });
        const report = checked(header, told, { skew });
        const at = report.refusal ? report.refusal.line - 2 : told.length;
        expect(
          at,
          `seed 11, number ${number}, ${kind}, skew ${skew}: ${JSON.stringify(report, null, 1)}`,
        ).toBe(expected);
        if (at === told.length) {
          kept[kind] = (kept[kind] ?? 0) + 1;
          for (const line of told)
            if ('message' in line) received.add(line.message.type);
            else others.add(line.event);
          // Of what a replica has forgotten any value is taken, if it does not contradict others.
          expect(report.verdict).toBe(report.contradictions.length > 0 ? 'violated' : 'holds');
        } else {
          expect(report.verdict === 'violated' || report.refusal?.bound?.includes('--skew')).toBe(true);
          refused[kind] = (refused[kind] ?? 0) + 1;
        }
      }
      // Each kind does both.
      for (const kind of KINDS) expect(refused[kind], kind).toBeGreaterThan(20);
      for (const kind of KINDS) expect(kept[kind], kind).toBeGreaterThan(5);
      const words = (text = '') => text.trim().split(' ').sort();
      const [messages, events] = TOLD[name].split('|').map(words);
      expect([...received].sort()).toEqual(messages);
      expect([...others].sort()).toEqual(events);
    },
  );
});
