/** Traces of random walks of the checker: runs of our roles, or of mutants, within bounds. */
import type { LocalStep } from '../../model-check/index.ts';
import { recordedWalks, type WalkedStep } from '../../model-check/recorded-walk.ts';
import {
  castOf,
  type LogMessage,
  logCastOf,
  type Message,
  MultiPaxosConfiguration,
  PaxosConfiguration,
} from '../../spec/index.ts';
import type { AnySystem } from '../systems.ts';
import { TRACE_FORMAT, TraceHeader, type TraceLine } from './format.ts';
import { lineOf, type RoleEvent } from './record.ts';

type AnyMessage = Message | LogMessage;
type Step = WalkedStep<object, AnyMessage, { readonly type: string }>;

/** The header of the traces of a configuration. */
export function headerOf(system: 'paxos' | 'multi-paxos', configuration: unknown): TraceHeader {
  const format = TRACE_FORMAT;
  if (system === 'paxos') {
    const bounds = PaxosConfiguration.parse(configuration);
    const { acceptors, proposers, learners, quorums, toldOfVotes: tells } = castOf(bounds);
    const others = learners.filter((id) => !tells.includes(id));
    const announcesTo = others.length === 0 ? {} : Object.fromEntries(tells.map((id) => [id, others]));
    const { nacks } = bounds;
    return TraceHeader.parse({
      format,
      system,
      acceptors,
      proposers,
      learners,
      quorums,
      tells,
      announcesTo,
      nacks,
    });
  }
  const bounds = MultiPaxosConfiguration.parse(configuration);
  const {
    acceptors,
    leaders,
    replicas,
    quorums,
    toldOfVotes: tells,
    toldOfDecisions,
    election,
    window,
    clients,
  } = logCastOf(bounds);
  const others = (id: string) => toldOfDecisions.filter((other) => other !== id);
  const announcesTo =
    toldOfDecisions.length === 0 ? {} : Object.fromEntries(tells.map((id) => [id, others(id)]));
  const elects = election === undefined ? {} : { election: { backOff: 0 } };
  const cast = { ...elects, acceptors, leaders, replicas, quorums, tells, announcesTo, window };
  const { nacks } = bounds;
  return TraceHeader.parse({
    format,
    system,
    ...cast,
    nacks,
    machine: 'journal',
    replies: clients.length > 0,
  });
}

/** The trace of a walk through a system: a line for each step of an actor of the header. Clients are none. */
export function traceOf(header: TraceHeader, walk: readonly (readonly Step[])[]): TraceLine[] {
  const actors = new Set<string>([
    ...header.acceptors,
    ...(header.system === 'paxos'
      ? [...header.proposers, ...header.learners]
      : [...header.leaders, ...header.replicas]),
  ]);
  return walk.flat().flatMap(({ step, added }) => {
    const { actor, event, after }: LocalStep<object, AnyMessage, { readonly type: string }> = step;
    if (!actors.has(actor)) return [];
    return [
      event.type === 'crash'
        ? lineOf(actor, { type: 'restart' }, [], after.state)
        : lineOf(actor, event as RoleEvent, added),
    ];
  });
}

/** The trace of the walk of a number through a system, which may be a mutant of that configuration. */
export function walkTraces(
  name: 'paxos' | 'multi-paxos',
  configuration: unknown,
  system: AnySystem,
  seed = 1,
) {
  const header = headerOf(name, configuration);
  const walked = recordedWalks<object, AnyMessage, { readonly type: string }>(system, seed);
  return {
    header,
    trace: (walk: number, steps: number): TraceLine[] => traceOf(header, walked(walk, steps)),
  };
}
