/** The format stated a second time, from Apalache's ADR-015 and not from our code, in Effect's Schema. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Schema as S } from 'effect';
import { describe, expect, test } from 'vitest';
import { itfValue } from '../src/itf.ts';
import { folderForAll, synod } from './cli/run.ts';

const folder = folderForAll();

type Itf = string | boolean | readonly Itf[] | { readonly [key: string]: Itf };
const Value: S.Schema<Itf> = S.suspend(() =>
  S.Union(S.String, S.Boolean, S.Array(Value), BigInteger, ASet, ATuple, AMap, ARecord),
) as never;
const BigInteger = S.Struct({ '#bigint': S.String.pipe(S.pattern(/^-?\d+$/)) });
const ASet = S.Struct({ '#set': S.Array(Value) });
const ATuple = S.Struct({ '#tup': S.Array(Value) });
const AMap = S.Struct({ '#map': S.Array(S.Tuple(Value, Value)) });
const ARecord = S.Record({ key: S.String.pipe(S.pattern(/^[^#]/)), value: Value });

const isItf = S.is(Value, { onExcessProperty: 'error' });

/** What is wrong with a file, or undefined. */
function wrongWith(text: string): string | undefined {
  const { '#meta': meta, vars, states, ...rest } = JSON.parse(text);
  if (Object.keys(rest).length > 0) return `more than ITF has: ${Object.keys(rest)}`;
  if (meta.format !== 'ITF') return 'no format';
  for (const [index, { '#meta': of, ...values }] of states.entries()) {
    if (of.index !== index) return `state ${index} is numbered ${of.index}`;
    if (JSON.stringify(Object.keys(values).sort()) !== JSON.stringify([...vars].sort()))
      return `state ${index} has other variables`;
    const bad = Object.entries(values).find(([, value]) => !isItf(value));
    if (bad) return `state ${index}: ${bad[0]}: ${JSON.stringify(bad[1])}`;
  }
  return undefined;
}

describe('ITF', () => {
  test.each([
    ['a counterexample', ['check', 'paxos', '--mutant', 'promise-not-durable', '--property', 'agreement']],
    [
      'a counterexample found by random walks',
      ['check', 'paxos', '--mutant', 'own-value', '--simulate', '--walks', '20'],
    ],
    ['a random walk', ['trace', 'record', 'paxos', '--learners', '1', '--crashes', '1', '--steps', '30']],
    [
      'a random walk of the log',
      ['trace', 'record', 'multi-paxos', '--replicas', '2', '--clients', 'wr,r', '--steps', '60'],
    ],
  ])('%s has the states of the run, in the form of the format', async (_what, args) => {
    const path = join(folder, 'run.itf.json');
    await synod(...args, '--itf', path);
    const text = readFileSync(path, 'utf8');
    expect(wrongWith(text)).toBeUndefined();
    const { states } = JSON.parse(text);
    expect(states.length).toBeGreaterThan(7);
    // The network only grows, and every step changes something.
    for (const [at, state] of states.entries()) {
      if (at === 0) continue;
      const sent = (each: { messages: { '#set': unknown[] } }) =>
        each.messages['#set'].map((message) => JSON.stringify(message));
      const now = new Set(sent(state));
      expect(sent(states[at - 1]).every((message) => now.has(message))).toBe(true);
    }
  });

  test('the shortest counterexample of a forgotten promise ends with two values chosen', async () => {
    const path = join(folder, 'forgets.itf.json');
    await synod(
      'check',
      'paxos',
      '--mutant',
      'promise-not-durable',
      '--property',
      'agreement',
      '--itf',
      path,
    );
    const { states, vars } = JSON.parse(readFileSync(path, 'utf8'));
    expect(vars).toEqual(['action', 'p1', 'p2', 'a1', 'messages', 'crashes']);
    expect(states).toHaveLength(10);
    const last = states.at(-1);
    expect(last.action).toBe('acceptor a1 accepts (1.p2, v2) (Phase 2b)');
    expect(last.crashes).toEqual({ '#bigint': '1' });
    const votes = last.messages['#set'].filter(({ type }: { type: string }) => type === 'accepted');
    expect(votes.map(({ value }: { value: string }) => value).sort()).toEqual(['v1', 'v2']);
    expect(states[0].a1.promised).toEqual({ tag: 'None', value: { '#tup': [] } });
  });

  test('the second statement refuses what is not ITF, and a run without a counterexample writes nothing', async () => {
    expect(isItf(1)).toBe(false);
    expect(isItf({ '#bigint': 1 })).toBe(false);
    expect(isItf({ '#odd': 'x' })).toBe(false);
    expect(itfValue({ '#a': 1, b: [true, null] })).toEqual({
      '#map': [
        ['#a', { '#bigint': '1' }],
        ['b', [true, { tag: 'None', value: { '#tup': [] } }]],
      ],
    });
    const path = join(folder, 'none.itf.json');
    const { status, stderr } = await synod(
      'check',
      'paxos',
      '--acceptors',
      '1',
      '--proposers',
      '1',
      '--itf',
      path,
    );
    expect(status).toBe(0);
    expect(stderr).toContain('not written, since there is no counterexample');
  });
});
