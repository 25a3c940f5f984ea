/** To whom the messages of a node go. The network may lose any; so a node need not send what nobody has a use for. */
import type { LogMessage } from '../../spec/log/message.ts';
import { type NodeCast, nodeOf, nodesFor } from './cast.ts';
import type { NodeId, Random, Transport } from './interfaces.ts';

export class Mail {
  /** What has come, or stays here, and is not yet taken. */
  readonly inbox: LogMessage[] = [];
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
      // Who lacks what is forgotten asks for it, and one answer is enough.
      case 'snapshot':
        return message.to.length === 1 ? nodesFor(message) : [];
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
    post.urgent ||= this.leader === null || node === this.leader || !isPatient(message, node);
    this.outbox.set(node, post);
  }
}

/** Whether nobody at a node waits for a message: a vote, if it is for a command of a client elsewhere. It may go with the next one that is waited for. */
function isPatient(message: LogMessage, node: NodeId): boolean {
  return message.type === 'accepted' && nodeOf(message.value.slice(0, message.value.indexOf(':'))) !== node;
}
