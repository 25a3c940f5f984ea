/** To whom the messages of a node go. The network may lose any; so a node need not send what nobody has a use for. */
import type { LogMessage } from '../../spec/log/message.ts';
import { type NodeCast, nodeOf, nodesFor } from './cast.ts';
import type { NodeId, Random, Transport } from './interfaces.ts';

export class Mail {
  /** What has come, or stays here, and is not yet taken. */
  readonly inbox: LogMessage[] = [];
  /** What has come, and nobody here waits for. */
  private later: LogMessage[] = [];
  cast: NodeCast;
  /** The node that leads, as far as this one knows. */
  leader: NodeId | null = null;
  private readonly transport: Transport;
  private readonly random: Random;
  private readonly outbox = new Map<NodeId, { readonly messages: LogMessage[]; urgent: boolean }>();

  constructor(cast: NodeCast, transport: Transport, random: Random) {
    this.cast = cast;
    this.transport = transport;
    this.random = random;
  }

  /** Takes what the node's roles send. */
  put(messages: readonly LogMessage[]): void {
    for (const message of messages) {
      for (const node of this.receivers(message)) {
        if (node === this.cast.self) this.inbox.push(message);
        else this.post(node, message);
      }
    }
  }

  /** Takes what others have sent. */
  receive(messages: readonly LogMessage[]): void {
    for (const message of messages)
      (this.isUrgent(message, this.cast.self) ? this.inbox : this.later).push(message);
  }

  /** Has what nobody waits for taken as well; returns whether there is any. */
  admit(): boolean {
    const { later } = this;
    this.later = [];
    this.inbox.push(...later);
    return later.length > 0;
  }

  /** Lets leave what is for others: for each node for which anything is urgent, or for all. */
  flush(all = false): void {
    for (const [node, { messages, urgent }] of this.outbox) {
      if (!urgent && !all) continue;
      this.outbox.delete(node);
      this.transport.send(node, messages);
    }
  }

  private receivers(message: LogMessage): Iterable<NodeId> {
    switch (message.type) {
      // For all leaders, of whom one leads.
      case 'request':
      case 'read':
        return this.leader === null ? [] : [this.leader];
      // The replica beside a client answers it.
      case 'reply':
        return message.to.some((client) => nodeOf(client) === this.cast.self) ? [this.cast.self] : [];
      case 'read-index':
        return [nodeOf(message.client)].filter((node) => node !== null);
      // One answer is enough.
      case 'ask':
        return this.oneOf([...nodesFor(message)]);
      default:
        return nodesFor(message);
    }
  }

  /** The leader, who knows most, or, half of the time, any: the leader may be out of reach. */
  private oneOf(nodes: readonly NodeId[]): NodeId[] {
    const { leader } = this;
    if (leader !== null && nodes.includes(leader) && this.random() < 0.5) return [leader];
    return nodes.slice(Math.floor(this.random() * nodes.length)).slice(0, 1);
  }

  private post(node: NodeId, message: LogMessage): void {
    if (!this.cast.nodes.includes(node)) return;
    const post = this.outbox.get(node) ?? { messages: [], urgent: false };
    post.messages.push(message);
    post.urgent ||= this.isUrgent(message, node);
    this.outbox.set(node, post);
  }

  /** Whether anybody at a node waits for a message. For a vote that is the leader, and whoever has asked for the command; others may be told of it with what they wait for. */
  private isUrgent(message: LogMessage, node: NodeId): boolean {
    return (
      message.type !== 'accepted' ||
      this.leader === null ||
      this.leader === node ||
      nodeOf(message.value.slice(0, message.value.indexOf(':'))) === node
    );
  }
}
