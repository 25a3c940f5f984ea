/**
 * All that a node has of the outside world. A node uses no clock, socket, disk or chance but those that it is given here, so that the same code runs
 * on a machine and in a simulation, where all four are made from a seed.
 */
import { z } from 'zod';
import type { LogMessage } from '../../spec/log/message.ts';

/** The name of a node: n1, n2, ... It hosts the acceptor a1, the leader p1 and the replica r1. */
export const NodeId = z.string().regex(/^n[1-9]\d{0,5}$/, { error: 'expected n and a number, such as n1' });
export type NodeId = z.infer<typeof NodeId>;

const ADDRESS = /^(?:\[([0-9a-fA-F:.]+)\]|([^:\s[\]]+)):([1-9]\d{0,4})$/;

/** "host:port", with brackets around the host if it is an address of IPv6. */
export const HostAndPort = z
  .string()
  .max(300)
  .regex(ADDRESS, { error: 'expected a host and a port, such as 127.0.0.1:7001' })
  .refine((text) => Number(text.slice(text.lastIndexOf(':') + 1)) < 65_536, {
    error: 'expected a port below 65536',
  });

/** Where a node is reached: by other nodes, by clients, and, if it has that, for its health and its metrics. */
export const Addresses = z.strictObject({
  peer: HostAndPort,
  client: HostAndPort,
  http: HostAndPort.optional(),
});
export type Addresses = z.infer<typeof Addresses>;

/** An address in its parts. */
export function addressOf(text: string): { readonly host: string; readonly port: number } {
  const [, six, host, port] = ADDRESS.exec(text) ?? [];
  return { host: six ?? host ?? '', port: Number(port) };
}

/** A row of what is stored: its key, and its new value; null removes it. */
export type Change = readonly [key: string, value: string | null];

/** What survives a crash: rows, by key. */
export interface Storage {
  /**
   * All that has been written.
   *
   * @throws StorageError if it is not exactly what was written
   */
  load(): Promise<ReadonlyMap<string, string>>;
  /**
   * Writes all of the changes or, if there is a crash, perhaps none; calls back once they are on disk to stay. The node begins no
   * write before the last has called back. An error is final: what is on disk is not known then, and the node stops.
   */
  write(changes: readonly Change[], done: (error?: Error) => void): void;
  /** Ends it, after a write that is under way. */
  close(): Promise<void>;
}

/** What is stored cannot be trusted, or cannot be written. */
export class StorageError extends Error {
  override name = 'StorageError';
}

/**
 * The network between nodes. It may lose, delay, duplicate and reorder what is sent, and says nothing of that. What is received is validated,
 * and comes from the node that it is said to come from.
 */
export interface Transport {
  /** Begins to receive, and to be told, perhaps, of a peer that may be no more: there is no connection to it left of those that there were. */
  start(receive: (from: NodeId, messages: readonly LogMessage[]) => void, lost: (peer: NodeId) => void): void;
  /** Never waits: what a peer takes too slowly is lost. */
  send(to: NodeId, messages: readonly LogMessage[]): void;
  /** Is told which nodes there are from now on, and, of those of which the log says it, where. */
  know(nodes: ReadonlyMap<NodeId, Addresses | null>): void;
}

/** A clock that only ever goes on; it need not tell the time of day, and those of two nodes need not agree in anything. */
export interface Clock {
  /** Milliseconds since some moment. */
  now(): number;
  /** Calls once, after so many milliseconds (0: when all that has come by now is taken), unless it is cancelled by what is returned. */
  after(milliseconds: number, call: () => void): () => void;
}

/** A number from 0 up to, but not, 1. */
export type Random = () => number;

/** The world around one node. */
export interface World {
  readonly storage: Storage;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
}
