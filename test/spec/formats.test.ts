import { Arbitrary, Schema as S } from 'effect';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { check } from '../../model-check/check.ts';
import { mergeSimulations } from '../../model-check/merge.ts';
import * as report from '../../model-check/report.ts';
import { simulate } from '../../model-check/simulate.ts';
import { SimulationReport } from '../../model-check/simulation-report.ts';
import { AcceptorState } from '../../spec/acceptor.ts';
import { Ballot } from '../../spec/ballot.ts';
import { PaxosConfiguration } from '../../spec/configuration.ts';
import { LearnerState } from '../../spec/learner.ts';
import { LogMessage } from '../../spec/log/message.ts';
import {
  ClientEvent,
  ClientState,
  LeaderEvent,
  LeaderState,
  LogAcceptorState,
  ReplicaEvent,
  ReplicaState,
} from '../../spec/log/states.ts';
import { Message, Receive } from '../../spec/message.ts';
import { findMutant, mutated } from '../../spec/mutants/index.ts';
import { Proposal } from '../../spec/proposal.ts';
import { ProposerEvent, ProposerState } from '../../spec/proposer.ts';
import { QuorumSystem } from '../../spec/quorum.ts';
import { paxos } from '../../spec/single-decree.ts';
import * as effect from './formats-in-effect.ts';

interface Format {
  readonly zod: z.ZodType;
  readonly effect: S.Schema<unknown>;
}
const format = <T, I>(zod: z.ZodType, schema: S.Schema<T, I>): Format => ({
  zod,
  effect: schema as unknown as S.Schema<unknown>,
});

const formats: Record<string, Format> = {
  Ballot: format(Ballot, effect.Ballot),
  Proposal: format(Proposal, effect.Proposal),
  Message: format(Message, effect.Message),
  Receive: format(Receive, effect.Receive),
  ProposerEvent: format(ProposerEvent, effect.ProposerEvent),
  AcceptorState: format(AcceptorState, effect.AcceptorState),
  ProposerState: format(ProposerState, effect.ProposerState),
  LearnerState: format(LearnerState, effect.LearnerState),
  LogMessage: format(LogMessage, effect.LogMessage),
  LeaderEvent: format(LeaderEvent, effect.LeaderEvent),
  LogAcceptorState: format(LogAcceptorState, effect.LogAcceptorState),
  LeaderState: format(LeaderState, effect.LeaderState),
  ClientState: format(ClientState, effect.ClientState),
  ClientEvent: format(ClientEvent, effect.ClientEvent),
  ReplicaEvent: format(ReplicaEvent, effect.ReplicaEvent),
  ReplicaState: format(ReplicaState, effect.ReplicaState),
  QuorumSystem: format(QuorumSystem, effect.QuorumSystem),
  CounterexampleStep: format(report.CounterexampleStep, effect.CounterexampleStep),
  Counterexample: format(report.Counterexample, effect.Counterexample),
  Report: format(report.Report, effect.Report),
  SimulationReport: format(SimulationReport, effect.SimulationReport),
};

const arbitrary = ({ effect: schema }: Format) =>
  // Effect derives arbitraries of its own fast-check; the project's takes them as they are.
  // Zod drops a key "__proto__" from records and objects; no actor has that name, and nothing else is lost by it.
  (Arbitrary.make(schema) as unknown as fc.Arbitrary<unknown>).filter(
    (value) => !JSON.stringify(value).includes('"__proto__":'),
  );

const accepts = {
  zod: ({ zod }: Format, value: unknown) => zod.safeParse(value).success,
  effect: ({ effect: schema }: Format, value: unknown) =>
    S.decodeUnknownEither(schema, { onExcessProperty: 'error' })(value)._tag === 'Right',
};

type Place = { readonly holder: Record<string, unknown>; readonly key: string };

/** Every place in a JSON value at which something could be changed. */
function placesIn(value: unknown): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Record<string, unknown>;
  return Object.keys(holder).flatMap((key) => [{ holder, key }, ...placesIn(holder[key])]);
}

const INSTEAD = [null, '', 'x', 0, 1, -1, 1.5, 2 ** 60, true, [], {}, ['x'], { x: 1 }, [null], 'promise'];

/** The value with one thing changed: a field dropped or added, or something else in its place. */
function changedIn(value: unknown, how: number, where: number, what: number): unknown {
  const copy = structuredClone(value);
  const places = placesIn(copy);
  const { holder, key } = places[where % places.length] ?? { holder: copy as Place['holder'], key: '' };
  const instead = INSTEAD[what % INSTEAD.length];
  if (how === 0 && Array.isArray(holder)) holder.splice(Number(key), 1);
  else if (how === 0) delete holder[key];
  else if (how === 1 && Array.isArray(holder)) holder.push(instead);
  else if (how === 1) holder['extra'] = instead;
  else holder[key] = instead;
  return copy;
}

describe.each(Object.entries(formats))('%s', (_name, each) => {
  test('in Zod takes whatever it takes in Effect, and gives it back unchanged', () => {
    fc.assert(
      fc.property(arbitrary(each), (value) => {
        expect(accepts.effect(each, value)).toBe(true);
        expect(each.zod.parse(value)).toEqual(value);
      }),
      { numRuns: 100 },
    );
  });

  test('in Zod and in Effect takes the same of what differs from that in one place', () => {
    let refused = 0;
    fc.assert(
      fc.property(arbitrary(each), fc.nat({ max: 2 }), fc.nat(), fc.nat(), (value, how, where, what) => {
        const changed = changedIn(value, how, where, what);
        const [zod, other] = [accepts.zod(each, changed), accepts.effect(each, changed)];
        if (zod !== other) throw new Error(`Zod: ${zod}, Effect: ${other}: ${JSON.stringify(changed)}`);
        if (!zod) refused += 1;
      }),
      { numRuns: 300 },
    );
    // Were nothing refused, the comparison would say nothing.
    expect(refused).toBeGreaterThan(60);
  });

  test('in Zod takes nothing that is not in Effect, of any JSON value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => accepts.zod(each, value) === accepts.effect(each, value)),
    );
  });
});

test('the reports of real runs are reports, in both', async () => {
  const bounds = { acceptors: 1, proposers: 2, crashes: 1 };
  const mutant = findMutant('promise-not-durable');
  if (!mutant) throw new Error('no such mutant');
  const configuration = PaxosConfiguration.parse(bounds);
  for (const system of [paxos(configuration), mutated(configuration, mutant)]) {
    const made = await check(system, { configuration: bounds, mutant: mutant.name });
    expect(accepts.zod(formats['Report']!, made)).toBe(true);
    expect(accepts.effect(formats['Report']!, JSON.parse(JSON.stringify(made)))).toBe(true);
    const walked = await simulate(system, { configuration: bounds, walks: 300 });
    for (const each of [walked, mergeSimulations([walked])]) {
      expect(accepts.zod(formats['SimulationReport']!, each)).toBe(true);
      expect(accepts.effect(formats['SimulationReport']!, JSON.parse(JSON.stringify(each)))).toBe(true);
    }
  }
});
