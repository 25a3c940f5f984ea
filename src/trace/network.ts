import { canonical } from '../../model-check/canonical.ts';
import type { ActorId } from '../../spec/index.ts';
import type { TraceMessage } from './format.ts';
import type { AnyMessage } from './players.ts';

/** A message, whoever it is for, as one text. */
export function keyOf(message: TraceMessage): string {
  const known = keys.get(message);
  if (known !== undefined) return known;
  const key = canonical({ ...message, to: undefined });
  keys.set(message, key);
  return key;
}

const keys = new WeakMap<TraceMessage, string>();

/** A message that may have left its sender. */
export interface Sent {
  readonly key: string;
  readonly message: AnyMessage;
}

/**
 * The messages ever sent, of which those sent last are remembered. One may be put on top of another, which then stays as
 * it is.
 */
export class Network {
  private readonly sent = new Map<string, AnyMessage>();
  private readonly below: Network | undefined;
  private readonly most: number;
  private lost = false;

  /** @param most so many messages are remembered */
  constructor(most = Number.POSITIVE_INFINITY, below?: Network) {
    this.most = most;
    this.below = below;
  }

  /** The message of that key, with all whom it was sent to. */
  get(key: string): AnyMessage | undefined {
    return this.sent.get(key) ?? this.below?.get(key);
  }

  /** Whether it was sent to that actor. */
  has(key: string, actor: ActorId): boolean {
    return this.get(key)?.to.includes(actor) ?? false;
  }

  /** Whether some messages have been forgotten. */
  get forgotten(): boolean {
    return this.lost || (this.below?.forgotten ?? false);
  }

  /** Returns whether it is new to somebody. */
  add({ key, message }: Sent): boolean {
    const known = this.get(key);
    const to = known ? [...new Set([...known.to, ...message.to])].sort() : message.to;
    if (known && to.length === known.to.length) return false;
    this.sent.set(key, { ...message, to } as AnyMessage);
    if (this.sent.size > this.most) {
      this.lost = true;
      this.sent.delete(this.sent.keys().next().value as string);
    }
    return true;
  }

  /** What can be received by an actor, the last first. */
  *receivable(actor: ActorId): Generator<AnyMessage> {
    for (const message of [...this.sent.values()].reverse()) if (message.to.includes(actor)) yield message;
    if (this.below) yield* this.below.receivable(actor);
  }
}
