import { z } from 'zod';
import type { Actor, Fact, Local, Reading, System } from '../../model-check/system.ts';
import { names, plural } from '../configuration.ts';
import { permutationsOf, quorumSymmetries, symmetries } from '../symmetry.ts';
import { type AbstractConfiguration, boundsOf, chosenFact, disagreement, type Vote } from './bounds.ts';

const ballot = z.int().min(0);
const envelope = { from: z.string(), to: z.array(z.string()).readonly() };
const Phase1a = z.strictObject({ type: z.literal('1a'), ...envelope, ballot });
const Phase1b = z.strictObject({
  type: z.literal('1b'),
  ...envelope,
  ballot,
  maxVBal: z.int().min(-1),
  maxVal: z.string().nullable(),
});
const Phase2a = z.strictObject({ type: z.literal('2a'), ...envelope, ballot, value: z.string() });
const Phase2b = z.strictObject({ type: z.literal('2b'), ...envelope, ballot, value: z.string() });
const Message = z.discriminatedUnion('type', [Phase1a, Phase1b, Phase2a, Phase2b]);
type Message = z.infer<typeof Message>;
type Phase1b = z.infer<typeof Phase1b>;

/** An acceptor's variables, by their names in the module. The leader of a ballot has none: it reads the messages. */
const AcceptorState = z.strictObject({
  maxBal: z.int().min(-1),
  maxVBal: z.int().min(-1),
  maxVal: z.string().nullable(),
});
const LeaderState = z.strictObject({});
type State = z.infer<typeof AcceptorState> | z.infer<typeof LeaderState>;
const LeaderEvent = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('Phase1a') }),
  z.strictObject({ type: z.literal('Phase2a'), value: z.string() }),
]);
type LeaderEvent = z.infer<typeof LeaderEvent>;
const Receive = z.strictObject({ type: z.literal('receive'), message: Message });

type LamportActor = Actor<State, Message, LeaderEvent>;

const of = <T extends Message['type']>({ sent }: Local<State, Message>, type: T) =>
  sent.filter((message): message is Extract<Message, { type: T }> => message.type === type);

/**
 * The lowest of Lamport's levels: Paxos over the set of all messages ever sent, in which phase 2a reads the promises of a
 * quorum at once. After his TLA+ module `Paxos`; states are the module's states, so its counts are TLC's.
 */
export function lamportPaxos(configuration: AbstractConfiguration): System<State, Message, LeaderEvent> {
  const { acceptors, values, ballots, quorums } = boundsOf(configuration);
  const leaders = names('b', ballots.length).map((_, at) => `b${at}`);

  /** `Phase2a(b, v)`: a quorum has promised b, and v is the value of its highest vote, or any if there is none. */
  const phase2a = (actor: string, at: number): Reading<State, Message, LeaderEvent> => ({
    name: `Phase2a(${at})`,
    actor,
    of: acceptors,
    when: (self) => of(self, '1a').length > 0 && of(self, '2a').length === 0,
    view: (local) => of(local, '1b').find((message) => message.ballot === at) ?? null,
    events: (_self, views) => {
      const promises = new Map(acceptors.map((id, k) => [id, views[k] as Phase1b | null]));
      const safe = (value: string) =>
        quorums.phase1.some((quorum) => {
          const promised = quorum.map((id) => promises.get(id));
          if (promised.some((promise) => !promise)) return false;
          const votes = promised.flatMap((promise) => (promise && promise.maxVBal >= 0 ? [promise] : []));
          const maximum = Math.max(-1, ...votes.map(({ maxVBal }) => maxVBal));
          return (
            votes.length === 0 || votes.some((vote) => vote.maxVBal === maximum && vote.maxVal === value)
          );
        });
      return values.filter(safe).map((value) => ({ type: 'Phase2a' as const, value }));
    },
  });

  const chosen: Fact<State, Message> = chosenFact(acceptors, quorums, (local) =>
    of(local, '2b').map(({ ballot, value }): Vote => ({ ballot, value })),
  );
  return {
    name: 'lamport-paxos',
    covers: [
      `${plural(acceptors.length, 'acceptor')}, ${plural(values.length, 'value')}, ballots 0..${ballots.length - 1}`,
      'every order, delay, duplication and loss of messages',
    ],
    actors: [
      ...acceptors.map((id): LamportActor => acceptorActor(id)),
      ...leaders.map((id, at): LamportActor => leaderActor(id, at, acceptors)),
    ],
    symmetry: symmetries([...quorumSymmetries(acceptors, quorums), ...permutationsOf(values)]),
    readings: leaders.map(phase2a),
    properties: [
      {
        name: 'agreement',
        kind: 'requirement',
        statement: 'At most one value is chosen.',
        clauses: [{ facts: [chosen], check: (votes) => disagreement(votes as Vote[]) }],
      },
    ],
    situations: [
      {
        name: 'chosen',
        statement: 'a value is chosen',
        state: { facts: [chosen], holds: (votes) => (votes as Vote[]).length > 0 },
      },
    ],
    rules: ['Phase1a', 'Phase1b', 'Phase2a', 'Phase2b'],
  };
}

function acceptorActor(id: string): LamportActor {
  return {
    name: id,
    role: 'acceptor',
    initial: { maxBal: -1, maxVBal: -1, maxVal: null },
    transition: (before, event) => {
      const state = AcceptorState.parse(before);
      const { message } = Receive.parse(event);
      if (message.type === '1a' && message.ballot > state.maxBal) {
        const { maxVBal, maxVal } = state;
        const promise = { type: '1b' as const, from: id, to: [], ballot: message.ballot, maxVBal, maxVal };
        return { rule: 'Phase1b', state: { ...state, maxBal: message.ballot }, send: [promise] };
      }
      if (message.type === '2a' && message.ballot >= state.maxBal) {
        const { ballot, value } = message;
        const after = { maxBal: ballot, maxVBal: ballot, maxVal: value };
        return { rule: 'Phase2b', state: after, send: [{ type: '2b', from: id, to: [], ballot, value }] };
      }
      return { rule: null, state, send: [] };
    },
  };
}

function leaderActor(id: string, ballot: number, acceptors: readonly string[]): LamportActor {
  return {
    name: id,
    role: 'leader',
    initial: {},
    internal: () => [{ type: 'Phase1a' }],
    transition: (state, event) => {
      // Nothing is addressed to a leader: it reads the promises in Phase2a.
      if (event.type === 'receive') return { rule: null, state, send: [] };
      const input = LeaderEvent.parse(event);
      const message = { from: id, to: acceptors, ballot };
      if (input.type === 'Phase1a') return { rule: 'Phase1a', state, send: [{ type: '1a', ...message }] };
      return { rule: 'Phase2a', state, send: [{ type: '2a', ...message, value: input.value }] };
    },
  };
}
