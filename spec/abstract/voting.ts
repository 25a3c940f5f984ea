import { z } from 'zod';
import type { Fact, Reading, System } from '../../model-check/system.ts';
import { plural } from '../configuration.ts';
import { permutationsOf, quorumSymmetries, symmetries } from '../symmetry.ts';
import { type AbstractConfiguration, boundsOf, chosenFact, disagreement, Vote } from './bounds.ts';

/** An acceptor's variables: the votes that it has cast, and `maxBal`: it votes in no lower ballot from now on. */
const State = z.strictObject({ maxBal: z.int().min(-1), votes: z.array(Vote).readonly() });
const IncreaseMaxBal = z.strictObject({ type: z.literal('IncreaseMaxBal'), ballot: z.int().min(0) });
const VoteFor = z.strictObject({ type: z.literal('VoteFor'), ballot: z.int().min(0), value: z.string() });
const Event = z.discriminatedUnion('type', [IncreaseMaxBal, VoteFor]);
type State = z.infer<typeof State>;
type Event = z.infer<typeof Event>;

const votesFor = ({ votes }: State, ballot: number, value: string) =>
  votes.some((vote) => vote.ballot === ballot && vote.value === value);
const votesIn = ({ votes }: State, ballot: number) => votes.some((vote) => vote.ballot === ballot);

/**
 * `ShowsSafeAt(Q, b, v)`: every member of the quorum will vote in no ballot below b, and there is a ballot c below b
 * (or -1) such that a member voted for v in c (unless c is -1) and none voted in a ballot between c and b.
 */
function showsSafeAt(quorum: readonly State[], ballot: number, value: string): boolean {
  if (quorum.some(({ maxBal }) => maxBal < ballot)) return false;
  for (let c = ballot - 1; c >= 0; c--) {
    if (quorum.some((state) => votesFor(state, c, value))) return true;
    if (quorum.some((state) => votesIn(state, c))) return false;
  }
  return true;
}

/**
 * The middle level: acceptors vote, and see one another's votes. After Lamport's TLA+ module `Voting`; it says why Paxos
 * is safe before any message is sent.
 */
export function voting(configuration: AbstractConfiguration): System<State, never, Event> {
  const { acceptors, values, ballots, quorums } = boundsOf(configuration);
  const all = (views: readonly unknown[]) => new Map(acceptors.map((id, at) => [id, views[at] as State]));

  /** `VoteFor(a, b, v)` reads all acceptors at once. */
  const voteFor = (actor: string): Reading<State, never, Event> => ({
    name: `VoteFor(${actor})`,
    actor,
    of: acceptors,
    view: ({ state }) => state,
    events: (self, views) => {
      const states = all(views);
      const others = acceptors.filter((id) => id !== actor).map((id) => states.get(id) as State);
      const allowed = (ballot: number, value: string) =>
        self.state.maxBal <= ballot &&
        !votesIn(self.state, ballot) &&
        others.every((state) => !votesIn(state, ballot) || votesFor(state, ballot, value)) &&
        quorums.phase1.some((quorum) =>
          showsSafeAt(
            quorum.map((id) => states.get(id) as State),
            ballot,
            value,
          ),
        );
      return ballots.flatMap((ballot) =>
        values
          .filter((value) => allowed(ballot, value))
          .map((value) => ({ type: 'VoteFor' as const, ballot, value })),
      );
    },
  });

  const chosen: Fact<State, never> = chosenFact(acceptors, quorums, ({ state }) => state.votes);
  const cast: Fact<State, never> = { ...chosen, name: 'votes', combine: (views) => views.flat() };
  return {
    name: 'voting',
    covers: [
      `${plural(acceptors.length, 'acceptor')}, ${plural(values.length, 'value')}, ballots 0..${ballots.length - 1}`,
    ],
    actors: acceptors.map((name) => ({
      name,
      role: 'acceptor',
      initial: { maxBal: -1, votes: [] },
      internal: ({ maxBal }) =>
        ballots
          .filter((ballot) => ballot > maxBal)
          .map((ballot) => ({ type: 'IncreaseMaxBal' as const, ballot })),
      transition: (state, event) => vote(State.parse(state), Event.parse(event)),
    })),
    symmetry: symmetries([...quorumSymmetries(acceptors, quorums), ...permutationsOf(values)]),
    readings: acceptors.map(voteFor),
    properties: [
      {
        name: 'agreement',
        kind: 'requirement',
        statement: 'At most one value is chosen.',
        clauses: [{ facts: [chosen], check: (votes) => disagreement(votes as Vote[]) }],
      },
      {
        name: 'one-value-per-ballot',
        kind: 'lemma',
        statement: 'OneValuePerBallot: all votes in one ballot are for one value.',
        clauses: [
          {
            facts: [cast],
            check: (value) => {
              const votes = value as Vote[];
              const twice = votes.find((a) =>
                votes.some((b) => a.ballot === b.ballot && a.value !== b.value),
              );
              return twice && `ballot ${twice.ballot} has votes for two values`;
            },
          },
        ],
      },
    ],
    situations: [
      {
        name: 'chosen',
        statement: 'a value is chosen',
        state: { facts: [chosen], holds: (votes) => (votes as Vote[]).length > 0 },
      },
    ],
    rules: ['IncreaseMaxBal', 'VoteFor'],
  };
}

/** The two steps of an acceptor. What `VoteFor` asks of the others was decided by the reading. */
function vote(state: State, event: Event) {
  const { type, ballot } = event;
  if (type === 'IncreaseMaxBal') {
    if (ballot <= state.maxBal) return { rule: null, state, send: [] };
    return { rule: type, state: { ...state, maxBal: ballot }, send: [] };
  }
  const cast = [...state.votes, { ballot, value: event.value }];
  const votes = cast.sort((a, b) => a.ballot - b.ballot || (a.value < b.value ? -1 : 1));
  return { rule: type, state: { maxBal: ballot, votes }, send: [] };
}
