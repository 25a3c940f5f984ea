import type { ActorId } from '../../spec/ballot.ts';
import type { LogMessage } from '../../spec/log/message.ts';

/** A transition of one of a node's roles, as it is taken: before it is durable, and before anything is sent. */
export interface Transition {
  readonly actor: ActorId;
  readonly role: string;
  readonly rule: string;
  readonly event: { readonly type: string };
  readonly before: object;
  readonly after: object;
  readonly send: readonly LogMessage[];
}

/** Is told of every transition in which a rule has fired. */
export type Observe = (transition: Transition) => void;
