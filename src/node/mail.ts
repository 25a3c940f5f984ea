/** To whom the messages of a node go. The network may lose any; so a node need not send what nobody has a use for. */
import type { LogMessage } from '../../spec/log/message.ts';
import { type NodeCast, nodeOf, nodesFor } from './cast.ts';
import type { NodeId, Random, Transport } from './interfaces.ts';

export class Mail {
  /** What has come, or stays here, and is not yet taken. */
  readonly inbox: LogMessage[] = [];
  cast: NodeCast;
  private readonly transport: Transport;
  private readonly random: Random;
  private readonly outbox = new Map<NodeId, LogMessage[]>();

  constructor(cast: NodeCast, transport: Transport, random: Random) {
    this.cast = cast;
    this.transport = transport;
    this.random = random;
  }

  /** Takes what the node's roles send. */
  put(messages: readonly LogMessage[], leader: NodeId | null): void {
    for (const message of messages) {
      for (const node of this.receivers(message, leader)) {
        if (node === this.cast.self) this.inbox.push(message);
        else this.post(node, message);
      }
    }
  }

  /** Lets everything leave that is for others. */
  flush(): void {
    for (const [node, messages] of this.outbox) this.transport.send(node, messages);
    this.outbox.clear();
  }

  private receivers(message: LogMessage, leader: NodeId | null): Iterable<NodeId> {
    switch (message.type) {
      // For all leaders, of whom one leads.
      case 'request':
      case 'read':
        return leader === null ? [] : [leader];
      // The replica beside a client answers it.
      case 'reply':
        return message.to.some((client) => nodeOf(client) === this.cast.self) ? [this.cast.self] : [];
      case 'read-index':
        return [nodeOf(message.client)].filter((node) => node !== null);
      // Who lacks what is forgotten asks for it, and one answer is enough.
      case 'snapshot':
        return message.to.length === 1 ? nodesFor(message) : [];
      case 'ask':
        return this.oneOf([...nodesFor(message)], leader);
      default:
        return nodesFor(message);
    }
  }

  /** The leader, who knows most, or, half of the time, any: the leader may be out of reach. */
  private oneOf(nodes: readonly NodeId[], leader: NodeId | null): NodeId[] {
    if (leader !== null && nodes.includes(leader) && this.random() < 0.5) return [leader];
    return nodes.slice(Math.floor(this.random() * nodes.length)).slice(0, 1);
  }

  private post(node: NodeId, message: LogMessage): void {
    if (!this.cast.nodes.includes(node)) return;
    const messages = this.outbox.get(node);
    if (messages) messages.push(message);
    else this.outbox.set(node, [message]);
  }
}
