import { canonical, canonicalSet } from '../../model-check/canonical.ts';
import type { Message } from '../../spec/index.ts';
import type { PaxosInput } from '../foreign/situation.ts';
import { askedIn, type Machine } from './machine.ts';

/** Inputs one after the other from the initial state, with what is to be sent at each. */
export interface Vector {
  /** So many of the first steps are taken in some interleaving; those after them tell the state that they lead to from others. */
  readonly reached: number;
  readonly steps: readonly { readonly input: PaxosInput; readonly send: readonly Message[] }[];
}

export interface Suite {
  readonly vectors: readonly Vector[];
  /** Distinct local states, and questions in them, that some interleaving reaches. */
  readonly states: number;
  readonly questions: number;
  /** Inputs in one suffix at most, and suffixes. */
  readonly longest: number;
  readonly suffixes: number;
}

/** Pairs of states looked at before two are taken for alike. */
const MOST_PAIRS = 500;

/**
 * The W-method (Chow, 1978): each step that is reached, by a shortest way, and after it each of some suffixes by which any two
 * states that can be told apart are told apart; the suffixes alone as well. What passes, and has no more states than our role reaches, does the same in
 * all that is reached; self-loops are steps like others.
 */
export function suiteOf({ initial, take, reached }: Machine): Suite {
  const paths = pathsOf({ initial, take, reached });
  const alphabet = [...new Map(reached.map(({ input }) => [canonical(input), input])).values()];
  const states = [...new Map(reached.map(({ state }) => [canonical(state), state])).values()];
  const said = (from: unknown, inputs: readonly PaxosInput[]) => {
    let state = from;
    return inputs.map((input) => {
      const answer = take(state, input);
      state = answer.state;
      return { input, send: answer.send };
    });
  };
  const suffixes = characterizing(states, alphabet, take, (state, inputs) =>
    said(state, inputs)
      .map(({ send }) => canonicalSet(send))
      .join('|'),
  );
  const fromInitial = suffixes.map((suffix) => ({ leading: 0, inputs: suffix }));
  const steps = reached.flatMap(({ state, input }) => {
    const path = paths.get(canonical(state)) as readonly PaxosInput[];
    return suffixes.map((suffix) => ({ leading: path.length + 1, inputs: [...path, input, ...suffix] }));
  });
  return {
    vectors: withoutPrefixes([...steps, ...fromInitial]).map(({ leading, inputs }) => ({
      reached: leading,
      steps: said(initial, inputs),
    })),
    states: states.length,
    questions: reached.length,
    longest: Math.max(...suffixes.map(({ length }) => length)),
    suffixes: suffixes.length,
  };
}

/** By state, a shortest way there of steps that are reached. */
function pathsOf({
  initial,
  take,
  reached,
}: Pick<Machine, 'initial' | 'take' | 'reached'>): Map<string, readonly PaxosInput[]> {
  const inputs = askedIn({ reached });
  const paths = new Map<string, readonly PaxosInput[]>([[canonical(initial), []]]);
  const queue: unknown[] = [initial];
  for (let state = queue.shift(); state !== undefined; state = queue.shift()) {
    const key = canonical(state);
    for (const input of inputs.get(key) ?? []) {
      const next = take(state, input).state;
      if (paths.has(canonical(next))) continue;
      paths.set(canonical(next), [...(paths.get(key) ?? []), input]);
      queue.push(next);
    }
  }
  return paths;
}

/** Suffixes by which any two states are told apart that can be. */
function characterizing(
  states: readonly unknown[],
  alphabet: readonly PaxosInput[],
  take: Machine['take'],
  response: (state: unknown, inputs: readonly PaxosInput[]) => string,
): PaxosInput[][] {
  const chosen: PaxosInput[][] = [];
  let open: (readonly unknown[])[] = [states];
  const alike = new Set<string>();
  for (let block = open.pop(); block; block = open.pop()) {
    const pair = unlikePair(block, alike);
    if (!pair) continue;
    const suffix = apart(pair, alphabet, take);
    if (!suffix) {
      alike.add(canonical(pair));
      open.push(block);
      continue;
    }
    chosen.push(suffix);
    open = [...open, block].flatMap((each) => parted(each, (state) => response(state, suffix)));
  }
  // Where no states can be told apart, the step alone is a vector.
  return chosen.length === 0 ? [[]] : chosen;
}

/** Two states of a block that are not known to be alike. */
function unlikePair(
  block: readonly unknown[],
  alike: ReadonlySet<string>,
): readonly [unknown, unknown] | undefined {
  for (const [at, one] of block.entries())
    for (const other of block.slice(at + 1)) if (!alike.has(canonical([one, other]))) return [one, other];
  return undefined;
}

/** A shortest sequence of inputs to which two states answer differently, if there is one among the pairs looked at. */
function apart(
  pair: readonly [unknown, unknown],
  alphabet: readonly PaxosInput[],
  take: Machine['take'],
): PaxosInput[] | undefined {
  const seen = new Set([canonical(pair)]);
  const queue: { pair: readonly [unknown, unknown]; inputs: readonly PaxosInput[] }[] = [
    { pair, inputs: [] },
  ];
  for (let at = 0; at < queue.length && at < MOST_PAIRS; at++) {
    const { pair: now, inputs } = queue[at] as (typeof queue)[number];
    for (const input of alphabet) {
      const [one, other] = now.map((state) => take(state, input)) as [
        ReturnType<typeof take>,
        ReturnType<typeof take>,
      ];
      if (canonicalSet(one.send) !== canonicalSet(other.send)) return [...inputs, input];
      const next = [one.state, other.state] as const;
      const key = canonical(next);
      if (canonical(next[0]) === canonical(next[1]) || seen.has(key)) continue;
      seen.add(key);
      queue.push({ pair: next, inputs: [...inputs, input] });
    }
  }
  return undefined;
}

function parted(block: readonly unknown[], by: (state: unknown) => string): (readonly unknown[])[] {
  if (block.length === 1) return [block];
  const parts = new Map<string, unknown[]>();
  for (const state of block) {
    const key = by(state);
    parts.set(key, [...(parts.get(key) ?? []), state]);
  }
  return [...parts.values()];
}

/** Runs that are not the beginning of others. */
function withoutPrefixes<R extends { readonly inputs: readonly PaxosInput[] }>(runs: readonly R[]): R[] {
  const prefixes = new Set<string>();
  const texts = runs.map(({ inputs }) => inputs.map(canonical));
  for (const text of texts)
    for (let end = 0; end < text.length; end++) prefixes.add(text.slice(0, end).join());
  const kept = new Set<string>();
  return runs.filter((_, at) => {
    const text = (texts[at] as string[]).join();
    if (prefixes.has(text) || kept.has(text)) return false;
    kept.add(text);
    return true;
  });
}
