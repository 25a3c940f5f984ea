import type { LogMessage, Message, ProposerEvent } from '../../spec/index.ts';
import type { Replicated } from '../../spec/log/state-machine.ts';
import type { LeaderEvent, ReplicaEvent } from '../../spec/log/states.ts';

/** What an actor of single-decree Paxos is asked to take: an event, or a crash and restart. */
export type PaxosInput = ProposerEvent | 'restart';

/** The same of an actor of any system. */
export type Input = PaxosInput | LeaderEvent | ReplicaEvent;

/** A message of one instance, or of the log. */
export type Sent = Message | LogMessage;

/**
 * The local state of a foreign actor: what the implementation says of it, or all that the actor has been told. Beside that stands
 * what a replica shows of the log, under the names that it has in our replica: properties look for it there.
 */
export type ForeignState = ({ readonly state: unknown } | { readonly history: readonly Input[] }) &
  Partial<Replicated>;

/** What an implementation answered, in our terms. */
export interface Answered {
  readonly state: ForeignState;
  readonly send: readonly Sent[];
}

/** Something that an implementation does and that none should do. */
export interface Finding {
  /**
   * `malformed`: a line of JSON that is no answer. `garbage`: a line that is not even that. `death`, `hang`: no answer.
   * `differs`: another answer than before. `grows`: ever new states.
   */
  readonly kind: 'malformed' | 'garbage' | 'death' | 'hang' | 'differs' | 'grows';
  readonly actor: string;
  /** One sentence that names the question. */
  readonly text: string;
}

/** What is known of a question. `unasked`: it lies beyond a bound, or there is nobody left to ask. */
export type Reply =
  | { readonly kind: 'answer'; readonly answer: Answered; readonly to: Situation }
  | { readonly kind: 'finding'; readonly finding: Finding }
  | { readonly kind: 'unasked' };

/** A question that was asked in a situation. */
export interface Asked {
  readonly input: Input;
  reply: Reply;
}

/** A distinct local state of one actor, with the first way that led to it and all that was asked in it. */
export interface Situation {
  readonly actor: string;
  readonly state: ForeignState;
  /** The situation before, and what the actor was told there; none of the initial one. */
  readonly from: { readonly situation: Situation; readonly input: Input } | undefined;
  /** By the canonical text of the input. */
  readonly asked: Map<string, Asked>;
}

/** What the actor was told on the first way to a situation. */
export function pathTo(situation: Situation): Input[] {
  const path: Input[] = [];
  for (let { from } = situation; from; from = from.situation.from) path.push(from.input);
  return path.reverse();
}
