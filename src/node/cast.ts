/** Who hosts whom: node n2 hosts acceptor a2, leader p2, replica r2 and the clients c2-w0, c2-r0, ... */
import type { ActorId } from '../../spec/ballot.ts';
import type { LogMessage } from '../../spec/log/message.ts';
import { majorities, type QuorumSystem } from '../../spec/quorum.ts';
import type { NodeId } from './interfaces.ts';

/** The actors of a cluster. */
export interface NodeCast {
  readonly self: NodeId;
  readonly nodes: readonly NodeId[];
  readonly acceptors: readonly ActorId[];
  readonly leaders: readonly ActorId[];
  readonly replicas: readonly ActorId[];
  readonly quorums: QuorumSystem;
}

type Kind = 'a' | 'p' | 'r';

/** The actor of a kind that a node hosts. */
export function actorOf(kind: Kind, node: NodeId): ActorId {
  return `${kind}${node.slice(1)}`;
}

/** A client that a node hosts. */
export function clientOf(node: NodeId, name: string): ActorId {
  return `c${node.slice(1)}-${name}`;
}

/** The node that hosts an actor; null if the name is none of ours. */
export function nodeOf(actor: ActorId): NodeId | null {
  const [, number] =
    /^(?:[apr]([1-9]\d{0,5})|c([1-9]\d{0,5})-\w+)$/.exec(actor)?.filter((part) => part !== undefined) ?? [];
  return number === undefined ? null : `n${number}`;
}

export function nodeCast(self: NodeId, nodes: readonly NodeId[]): NodeCast {
  const acceptors = nodes.map((node) => actorOf('a', node)).sort();
  const leaders = nodes.map((node) => actorOf('p', node)).sort();
  const replicas = nodes.map((node) => actorOf('r', node)).sort();
  return { self, nodes, acceptors, leaders, replicas, quorums: majorities(acceptors) };
}

/** The nodes that a message is for, each once. */
export function nodesFor({ to }: LogMessage): Set<NodeId> {
  return new Set(to.map(nodeOf).filter((node) => node !== null));
}
