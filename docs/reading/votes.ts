/**
 * What one tries before Paxos: acceptors that vote on values, with no numbers and no promises. The reading breaks each
 * attempt in turn; `one-acceptor.ts` and the files beside it are the attempts.
 */
import type { Actor, Fact, System } from '../../model-check/index.ts';

type Message = {
  readonly from: string;
  readonly to: readonly string[];
  readonly type: 'proposal' | 'vote';
  readonly value: string;
};
type Proposer = { readonly proposed: boolean };
type Acceptor = { readonly votes: readonly string[]; readonly stopped: boolean };
type State = Proposer | Acceptor;
type Event = { readonly type: 'propose' } | { readonly type: 'stop' };

export interface Attempt {
  readonly name: string;
  readonly acceptors: number;
  /** Each proposes a value of its own. */
  readonly proposers: number;
  /** Whether an acceptor votes for the first proposal that it receives only, or for every one. */
  readonly votesFor: 'first' | 'every';
  /** Acceptors that may stop for ever: the first so many of them. */
  readonly mayStop: number;
}

const names = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, at) => `${prefix}${at + 1}`);

/** The attempt as a system for the checker. A value is chosen when more than half of the acceptors have voted for it. */
export function attempt({
  name,
  acceptors,
  proposers,
  votesFor,
  mayStop,
}: Attempt): System<State, Message, Event> {
  const voters = names('a', acceptors);
  const values = names('v', proposers);
  const mayVote = ({ votes, stopped }: Acceptor) => !stopped && (votesFor === 'every' || votes.length === 0);
  const proposer = (id: string, value: string): Actor<State, Message, Event> => ({
    name: id,
    role: 'proposer',
    initial: { proposed: false },
    internal: (state) => ((state as Proposer).proposed ? [] : [{ type: 'propose' }]),
    transition: (state, event) => {
      if (event.type !== 'propose') return { rule: null, state, send: [] };
      const proposal = { from: id, to: voters, type: 'proposal' as const, value };
      return { rule: 'propose', state: { proposed: true }, send: [proposal] };
    },
  });
  const acceptor = (id: string, at: number): Actor<State, Message, Event> => ({
    name: id,
    role: 'acceptor',
    initial: { votes: [], stopped: false },
    internal: (state) => (at < mayStop && !(state as Acceptor).stopped ? [{ type: 'stop' }] : []),
    transition: (state, event) => {
      const before = state as Acceptor;
      if (before.stopped) return { rule: null, state, send: [] };
      if (event.type === 'stop') return { rule: 'stop', state: { ...before, stopped: true }, send: [] };
      if (event.type !== 'receive' || !mayVote(before)) return { rule: null, state, send: [] };
      const { value } = event.message;
      const votes = [...new Set([...before.votes, value])].sort();
      return { rule: 'vote', state: { ...before, votes }, send: [{ from: id, to: [], type: 'vote', value }] };
    },
  });
  const ballotBox: Fact<State, Message> = {
    name: 'votes',
    of: voters,
    view: ({ state }) => state,
    combine: (views) => views,
  };
  const isMajority = (count: number) => 2 * count > acceptors;
  const votedFor = (box: readonly Acceptor[], value: string) =>
    box.filter(({ votes }) => votes.includes(value)).length;
  const chosen = (box: readonly Acceptor[]) => values.filter((value) => isMajority(votedFor(box, value)));
  return {
    name,
    covers: [
      `${acceptors} acceptors, ${proposers} proposers with a value each`,
      mayStop === 0 ? 'no acceptor stops' : `${names('a', mayStop).join(', ')} may stop for ever`,
      'every order, delay, duplication and loss of messages',
    ],
    actors: [...values.map((value, at) => proposer(`p${at + 1}`, value)), ...voters.map(acceptor)],
    properties: [
      {
        name: 'agreement',
        kind: 'requirement',
        statement: 'Only a single value is chosen.',
        clauses: [
          {
            facts: [ballotBox],
            check: (box) => {
              const both = chosen(box as Acceptor[]);
              return both.length > 1 ? `${both.join(' and ')} are both chosen` : undefined;
            },
          },
        ],
      },
      {
        name: 'open',
        // Not a requirement, so that the search goes on when it breaks and decides agreement too.
        kind: 'lemma',
        statement: 'A value is chosen, or there are still enough acceptors that may vote to choose one.',
        clauses: [
          {
            facts: [ballotBox],
            check: (box) => {
              const states = box as Acceptor[];
              const reachable = values.some((value) => {
                const others = states.filter((state) => !state.votes.includes(value) && mayVote(state));
                return isMajority(votedFor(states, value) + others.length);
              });
              return reachable ? undefined : 'nothing is chosen, and whatever happens nothing will be';
            },
          },
        ],
      },
    ],
    situations: [
      {
        name: 'chosen',
        statement: 'a value is chosen',
        state: { facts: [ballotBox], holds: (box) => chosen(box as Acceptor[]).length > 0 },
      },
    ],
    rules: ['propose', 'vote', 'stop'],
    idleRules: mayStop === 0 ? { stop: 'no acceptor stops' } : {},
    tell: ({ actor, role, event, rule, before, after }) => {
      if (rule === 'propose')
        return `proposer ${actor} asks all acceptors to vote for ${after.sent[0]?.value}`;
      if (rule === 'stop') return `acceptor ${actor} stops, and never does anything again`;
      const value = event.type === 'receive' ? event.message.value : '?';
      const again = (before.state as Acceptor).votes.includes(value) ? ' once more' : '';
      return rule === 'vote'
        ? `acceptor ${actor} votes for ${value}${again}`
        : `${role} ${actor} does not vote for ${value}`;
    },
    show: (value) => {
      if (Array.isArray(value)) return value.join(', ') || 'none';
      const message = value as Message;
      return typeof value === 'object' && value !== null && 'type' in value
        ? `${message.type} ${message.value}`
        : JSON.stringify(value);
    },
  };
}
