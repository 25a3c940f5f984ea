import type { ActorId } from '../../spec/ballot.ts';
import type { LogMessage } from '../../spec/log/message.ts';
import { durablePart, fire, type Role } from '../../spec/role.ts';
import type { Observe } from './observe.ts';

/**
 * A role of a node, with its state. What it sends is held back while anything durable in its state is not yet on disk: its votes for others, and those
 * for the node's own roles as well.
 */
export class Hosted<
  C extends { readonly id: ActorId },
  S extends object,
  E extends { readonly type: string },
> {
  private readonly role: Role<C, S, E, LogMessage>;
  /** The fields of its state that must survive a crash. */
  private readonly fields: readonly (keyof S)[];
  /** What the role is told: of the nodes that there are, too. */
  context: C;
  private readonly waits: (message: LogMessage) => boolean;
  private readonly observe: Observe | undefined;
  state: S;
  /** How often its durable part has changed; and up to which change it is on disk. */
  private changes = 0;
  private synced = 0;
  private held: LogMessage[] = [];

  /**
   * @param waits of which messages the receiver may have to rely on after a crash of this node: the others leave at once
   */
  constructor(
    role: Role<C, S, E, LogMessage>,
    context: C,
    state: S,
    observe?: Observe,
    waits: (message: LogMessage) => boolean = () => true,
  ) {
    this.role = role;
    this.fields = Object.keys(role.durable.shape) as (keyof S)[];
    this.context = context;
    this.state = state;
    this.observe = observe;
    this.waits = waits;
  }

  get id(): ActorId {
    return this.context.id;
  }

  /** Takes an event; returns what is to be sent at once. What nobody has a use for, if that is said, is as if it were lost. */
  take(event: E, isOfUse?: (message: LogMessage) => boolean): readonly LogMessage[] {
    const before = this.state;
    const { rule, state, send: all } = fire(this.role, this.context, before, event);
    if (rule === null) return [];
    const send = isOfUse ? all.filter(isOfUse) : all;
    this.state = state;
    if (this.durablyDiffers(before)) this.changes++;
    this.observe?.({ actor: this.id, role: this.role.name, rule, event, before, after: state, send: all });
    if (this.changes === this.synced) return send;
    this.held.push(...send.filter(this.waits));
    return send.filter((message) => !this.waits(message));
  }

  /** The durable part of its state. */
  get durable(): Partial<S> {
    return durablePart(this.role, this.state);
  }

  /** Whether anything durable is not on disk. */
  get dirty(): boolean {
    return this.changes > this.synced;
  }

  /** Whether a message waits for that. */
  get urgent(): boolean {
    return this.held.length > 0;
  }

  /** Its state is about to be written: what has been held back may leave when the returned function is called, which then returns it. */
  writing(): () => readonly LogMessage[] {
    const upTo = this.changes;
    const { held } = this;
    this.held = [];
    return () => {
      this.synced = upTo;
      return held;
    };
  }

  private durablyDiffers(before: S): boolean {
    return this.fields.some((field) => before[field] !== this.state[field]);
  }
}
