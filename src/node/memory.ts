/** Twins of a node's surroundings that are in memory and in one process: they do what they are told to, and nothing by chance. */
import type { LogMessage } from '../../spec/log/message.ts';
import type { Change, Clock, NodeId, Storage, Transport } from './interfaces.ts';

/** A clock that goes on when it is told to. */
export class VirtualClock implements Clock {
  private time = 0;
  private order = 0;
  private timers: { readonly at: number; readonly order: number; readonly call: () => void }[] = [];

  now(): number {
    return this.time;
  }

  after(milliseconds: number, call: () => void): () => void {
    const timer = { at: this.time + milliseconds, order: this.order++, call };
    const place = this.timers.findIndex(({ at }) => at > timer.at);
    this.timers.splice(place < 0 ? this.timers.length : place, 0, timer);
    return () => {
      this.timers = this.timers.filter((each) => each !== timer);
    };
  }

  /** Makes everything happen that is due in the next so many milliseconds, one after the other. */
  advance(milliseconds: number): void {
    const end = this.time + milliseconds;
    for (let next = this.timers[0]; next && next.at <= end; next = this.timers[0]) {
      this.timers.shift();
      this.time = next.at;
      next.call();
    }
    this.time = end;
  }
}

/** A disk: it outlives the node, which may be started on it again. */
export class MemoryStorage implements Storage {
  private readonly clock: Clock;
  private readonly latency: number;
  private readonly rows = new Map<string, string>();
  private unplugged = false;

  /** @param latency how long a write takes, in milliseconds */
  constructor(clock: Clock, latency = 1) {
    this.clock = clock;
    this.latency = latency;
  }

  load(): Promise<ReadonlyMap<string, string>> {
    this.unplugged = false;
    return Promise.resolve(new Map(this.rows));
  }

  write(changes: readonly Change[], done: (error?: Error) => void): void {
    this.clock.after(this.latency, () => {
      if (this.unplugged) return;
      for (const [key, value] of changes) value === null ? this.rows.delete(key) : this.rows.set(key, value);
      done();
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** The node crashes: a write that is under way is lost. */
  crash(): void {
    this.unplugged = true;
  }
}

/** A network: everything takes the same time, in its order, except what is cut off. */
export class MemoryNetwork {
  private readonly clock: Clock;
  private readonly latency: number;
  private readonly receivers = new Map<NodeId, (from: NodeId, messages: readonly LogMessage[]) => void>();
  private readonly cut = new Set<NodeId>();

  /** @param latency how long a message is on its way, in milliseconds */
  constructor(clock: Clock, latency = 1) {
    this.clock = clock;
    this.latency = latency;
  }

  /** The network as a node sees it. */
  of(self: NodeId): Transport {
    return {
      start: (receive) => void this.receivers.set(self, receive),
      know: () => {},
      send: (to, messages) => {
        // As JSON, so that no two nodes share anything.
        const sent = JSON.stringify(messages);
        this.clock.after(this.latency, () => {
          if (!this.cut.has(self) && !this.cut.has(to)) this.receivers.get(to)?.(self, JSON.parse(sent));
        });
      },
    };
  }

  /** Nothing comes from a node, or to it, until it is joined again. */
  separate(node: NodeId): void {
    this.cut.add(node);
  }

  join(node: NodeId): void {
    this.cut.delete(node);
  }
}
