import { canonical, check } from '../../model-check/index.ts';
import { type Message, type PaxosConfiguration, type PaxosSystem, paxos } from '../../spec/index.ts';
import type { Self } from '../foreign/protocol.ts';
import type { PaxosInput } from '../foreign/situation.ts';
import { selvesOf } from '../foreign/stage.ts';

/** One of our actors as a machine: what it says to an input, and the state that it is in then. */
export interface Machine {
  readonly self: Self;
  readonly initial: unknown;
  take(state: unknown, input: PaxosInput): { readonly state: unknown; readonly send: readonly Message[] };
  /** What some interleaving within the bounds asks of it, shortest ways first. */
  readonly reached: readonly { readonly state: unknown; readonly input: PaxosInput }[];
}

type PaxosActor = PaxosSystem['actors'][number];

/**
 * The actors of a configuration, each as a machine with all that any interleaving asks of it. Of actors that are told the
 * same but for their names (acceptors, learners) there is one; of proposers all, since their ballots have an order.
 */
export async function machinesOf(configuration: PaxosConfiguration): Promise<Machine[]> {
  const system = paxos(configuration);
  const asked = new Map(
    system.actors.map(({ name }) => [name, new Map<string, { state: unknown; input: PaxosInput }>()]),
  );
  const note = (name: string, state: unknown, input: PaxosInput) => {
    const key = canonical([state, input]);
    const known = asked.get(name);
    if (!known?.has(key)) known?.set(key, { state, input });
  };
  const recording = system.actors.map((actor) => ({
    ...actor,
    transition: (...[state, event]: Parameters<PaxosActor['transition']>) => {
      note(actor.name, state, event);
      return actor.transition(state, event);
    },
    ...(actor.restart
      ? {
          restart: (state: Parameters<NonNullable<PaxosActor['restart']>>[0]) => {
            note(actor.name, state, 'restart');
            return (actor.restart as NonNullable<PaxosActor['restart']>)(state);
          },
        }
      : {}),
  }));
  // What is claimed plays no part: no properties, no end before everything is explored.
  const report = await check({ ...system, actors: recording, properties: [], situations: [] } as PaxosSystem);
  if (report.verdict !== 'holds') throw new Error(`not explored to the end: ${report.stopped}`);
  const kinds = new Set<string>();
  return selvesOf(configuration).flatMap((self) => {
    const kind = canonical(self.role === 'proposer' ? self : { ...self, id: '' });
    if (kinds.has(kind)) return [];
    kinds.add(kind);
    const actor = system.actors.find(({ name }) => name === self.id) as PaxosActor;
    const reached = [...(asked.get(self.id)?.values() ?? [])];
    return [{ self, initial: actor.initial, take: takes(actor), reached }];
  });
}

/** What some interleaving asks of an actor, by the canonical text of the state that it is in. */
export function askedIn({ reached }: Pick<Machine, 'reached'>): ReadonlyMap<string, readonly PaxosInput[]> {
  const inputs = new Map<string, PaxosInput[]>();
  for (const { state, input } of reached) {
    const key = canonical(state);
    const known = inputs.get(key);
    if (known) known.push(input);
    else inputs.set(key, [input]);
  }
  return inputs;
}

/** What an actor does, with what it has learned told by a decision, as a foreign learner tells it. */
function takes(actor: PaxosActor): Machine['take'] {
  const known = new Map<string, ReturnType<Machine['take']>>();
  return (state, input) => {
    const key = canonical([state, input]);
    const answer = known.get(key) ?? answerOf(actor, state, input);
    known.set(key, answer);
    return answer;
  };
}

function answerOf(actor: PaxosActor, given: unknown, input: PaxosInput): ReturnType<Machine['take']> {
  const state = given as Parameters<PaxosActor['transition']>[0];
  if (input === 'restart') return { state: actor.restart?.(state) ?? state, send: [] };
  const outcome = actor.transition(state, input);
  const after = outcome.state;
  const isNew = 'learned' in after && 'learned' in state && state.learned === null && after.learned !== null;
  if (!isNew || outcome.send.some(({ type }) => type === 'decision'))
    return { state: after, send: outcome.send };
  const decision = { type: 'decision' as const, from: actor.name, to: [], value: after.learned as string };
  return { state: after, send: [...outcome.send, decision] };
}
