/**
 * A system of one's own for the checker: two-phase commit, with a coordinator that may crash. Run it:
 *   npm run -s synod -- check docs/examples/two-phase-commit.ts
 */
import type { Actor, Fact, Observer, System } from '../../model-check/index.ts';

type Message =
  | { readonly from: string; readonly to: readonly string[]; readonly type: 'vote'; readonly yes: boolean }
  | {
      readonly from: string;
      readonly to: readonly string[];
      readonly type: 'outcome';
      readonly commit: boolean;
    };
type State = {
  readonly vote: boolean | null;
  readonly outcome: boolean | null;
  readonly votes: readonly string[];
  /** Of a coordinator that is not repaired (two-phase-commit-unrepaired.ts). */
  readonly down?: true;
};
type Event = { readonly type: 'vote'; readonly yes: boolean };

const participants = ['r1', 'r2'];
const start: State = { vote: null, outcome: null, votes: [] };

/** A participant votes once, on its own, and learns the outcome; one that votes no knows it at once. */
const participant = (name: string): Actor<State, Message, Event> => ({
  name,
  role: 'participant',
  initial: start,
  internal: ({ vote }) =>
    vote === null
      ? [
          { type: 'vote', yes: true },
          { type: 'vote', yes: false },
        ]
      : [],
  transition: (state, event) => {
    if (event.type === 'vote' && state.vote === null) {
      const vote: Message = { from: name, to: ['coordinator'], type: 'vote', yes: event.yes };
      return {
        rule: 'vote',
        state: { ...state, vote: event.yes, outcome: event.yes ? null : false },
        send: [vote],
      };
    }
    if (event.type === 'receive' && event.message.type === 'outcome' && state.outcome === null) {
      return { rule: 'finish', state: { ...state, outcome: event.message.commit }, send: [] };
    }
    return { rule: null, state, send: [] };
  },
});

/** The coordinator commits when all have voted yes, and aborts when one votes no. What it decided is durable. */
const coordinator: Actor<State, Message, Event> = {
  name: 'coordinator',
  role: 'coordinator',
  initial: start,
  restart: ({ outcome }) => ({ ...start, outcome }),
  transition: (state, event) => {
    if (event.type !== 'receive' || event.message.type !== 'vote' || state.outcome !== null) {
      return { rule: null, state, send: [] };
    }
    const { from, yes } = event.message;
    const votes = [...new Set([...state.votes, from])].sort();
    if (yes && votes.length < participants.length)
      return { rule: 'count', state: { ...state, votes }, send: [] };
    const outcome: Message = { from: 'coordinator', to: participants, type: 'outcome', commit: yes };
    return { rule: 'decide', state: { ...state, votes: [], outcome: yes }, send: [outcome] };
  },
};

const outcomes: Fact<State, Message> = {
  name: 'outcomes',
  of: participants,
  view: ({ state }) => [state.vote, state.outcome],
  combine: (views) => views,
};
type Outcomes = readonly (readonly [vote: boolean | null, outcome: boolean | null])[];

const decision: Fact<State, Message> = {
  name: 'decision',
  of: ['coordinator'],
  view: ({ state }) => state.outcome,
  combine: ([outcome]) => outcome,
};

/** Whether the coordinator has crashed: no actor's state tells, so an observer keeps it on record. */
const crashed: Observer<State, Message, Event> = {
  name: 'crashed',
  initial: false,
  label: ({ event }) => (event.type === 'crash' ? event.type : undefined),
  observe: () => true,
};
const hasCrashed: Fact<State, Message> = {
  name: 'hasCrashed',
  of: ['crashed'],
  view: ({ state }) => state,
  combine: ([record]) => record,
};

const system: System<State, Message, Event> = {
  name: 'two-phase commit',
  covers: [
    '2 participants, 1 crash of the coordinator',
    'every order, delay, duplication and loss of messages',
  ],
  actors: [...participants.map(participant), coordinator],
  observers: [crashed],
  crashes: { budget: 1 },
  properties: [
    {
      name: 'atomic',
      kind: 'requirement',
      statement: 'No participant commits while another aborts.',
      clauses: [
        {
          facts: [outcomes],
          check: (seen) => {
            const known = (seen as Outcomes).map(([, outcome]) => outcome);
            return known.includes(true) && known.includes(false)
              ? 'one has committed and one has aborted'
              : undefined;
          },
        },
      ],
    },
    {
      name: 'outcome-in-reach',
      kind: 'requirement',
      statement: 'From every reachable state one can be reached in which all participants know the outcome.',
      alwaysReachable: {
        facts: [outcomes],
        holds: (seen) => (seen as Outcomes).every(([, outcome]) => outcome !== null),
      },
    },
  ],
  situations: [
    {
      name: 'in-doubt-after-a-crash',
      statement: 'the coordinator has crashed, all have voted yes, and nobody knows the outcome',
      state: {
        facts: [outcomes, decision, hasCrashed],
        holds: (seen, decided, afterCrash) =>
          afterCrash === true &&
          decided === null &&
          (seen as Outcomes).every(([vote, outcome]) => vote === true && outcome === null),
      },
    },
  ],
  rules: ['vote', 'count', 'decide', 'finish', 'crash'],
  tell: ({ actor, event, rule }) => {
    if (event.type === 'crash') return `${actor} crashes`;
    if (event.type === 'vote') return `${actor} votes ${event.yes ? 'yes' : 'no'}`;
    const { message } = event;
    const heard =
      message.type === 'vote' ? (message.yes ? 'yes' : 'no') : message.commit ? 'commit' : 'abort';
    return `${actor} hears ${heard} from ${message.from}${rule === 'decide' ? ', and decides' : ''}`;
  },
};

export default system;
