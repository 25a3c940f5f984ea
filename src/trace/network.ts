import { canonical } from '../../model-check/canonical.ts';
import type { ActorId } from '../../spec/index.ts';
import type { TraceMessage } from './format.ts';
import type { AnyMessage } from './players.ts';

/** A message, whoever it is for, as one text: its canonical JSON. */
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

/** Characters for which what is remembered counts as one. */
const ONE = 300;

/** As how many a text counts among those that are remembered: a long one takes the room of several. */
export const weight = (text: string) => Math.max(1, Math.ceil(text.length / ONE));

/** Lists of recipients that are kept once each. There are few, in what a program sends. */
const MOST_LISTS = 1000;

/**
 * The messages ever sent, of which those sent last are remembered. One may be put on top of another, which then stays as
 * it is. There may be a hundred thousand: a message is kept as its text, beside a list of recipients that others share.
 */
export class Network {
  /** By text, whom it was sent to. */
  private readonly sent = new Map<string, readonly ActorId[]>();
  private readonly lists = new Map<string, readonly ActorId[]>();
  private readonly below: Network | undefined;
  private readonly most: number;
  private size = 0;
  private lost = false;

  /** @param most so many messages are remembered; fewer of long ones */
  constructor(most = Number.POSITIVE_INFINITY, below?: Network) {
    this.most = most;
    this.below = below;
  }

  /** Whom the message of that key was sent to, if it was sent. */
  recipients(key: string): readonly ActorId[] | undefined {
    return this.sent.get(key) ?? this.below?.recipients(key);
  }

  /** Whether it was sent to that actor. */
  has(key: string, actor: ActorId): boolean {
    return this.recipients(key)?.includes(actor) ?? false;
  }

  /** Whether some messages have been forgotten. */
  get forgotten(): boolean {
    return this.lost || (this.below?.forgotten ?? false);
  }

  /** Returns whether it is new to somebody. */
  add({ key, message }: Sent): boolean {
    const known = this.recipients(key);
    const to = known ? [...new Set([...known, ...message.to])].sort() : message.to;
    if (known && to.length === known.length) return false;
    if (!this.sent.has(key)) this.size += weight(key);
    this.sent.set(key, this.shared(to));
    while (this.size > this.most && this.sent.size > 1) this.forgetFirst();
    return true;
  }

  /** What can be received by an actor, the last first. */
  *receivable(actor: ActorId): Generator<AnyMessage> {
    for (const [key, to] of [...this.sent].reverse())
      if (to.includes(actor)) yield { ...JSON.parse(key), to } as AnyMessage;
    if (this.below) yield* this.below.receivable(actor);
  }

  private forgetFirst(): void {
    const first = this.sent.keys().next().value as string;
    this.sent.delete(first);
    this.size -= weight(first);
    this.lost = true;
  }

  private shared(to: readonly ActorId[]): readonly ActorId[] {
    const text = JSON.stringify(to);
    const known = this.lists.get(text);
    if (known) return known;
    if (this.lists.size < MOST_LISTS) this.lists.set(text, to);
    return to;
  }
}
