/** A cluster in this process, on a virtual clock, with disks and a network in memory. */
import { expect, onTestFinished } from 'vitest';
import { philox } from '../../model-check/random.ts';
import type { Answer } from '../../src/node/gateway.ts';
import type { NodeId } from '../../src/node/interfaces.ts';
import { MemoryNetwork, MemoryStorage, VirtualClock } from '../../src/node/memory.ts';
import type { Transition } from '../../src/node/observe.ts';
import { Recorder, traceHeader } from '../../src/node/recorder.ts';
import { type NodeRoles, type Runtime, startNode } from '../../src/node/runtime.ts';
import { Settings } from '../../src/node/settings.ts';
import type { StoreCommand, StoreReply } from '../../src/node/store/machine.ts';
import type { TraceLine } from '../../src/trace/format.ts';
import { checked } from '../trace/checked.ts';

/** Numbers by chance, the same for the same seed. */
export function chanceOf(seed: number): () => number {
  let drawn = 0;
  return () => {
    const block = new Uint32Array([drawn++, 0, 0, 0]);
    philox(block, [seed, 1]);
    return (block[0] as number) / 2 ** 32;
  };
}

export class Cluster {
  readonly clock = new VirtualClock();
  readonly network = new MemoryNetwork(this.clock);
  readonly nodes: readonly NodeId[];
  /** With these it begins; the others are spare. */
  readonly first: readonly NodeId[];
  readonly disks: Readonly<Record<NodeId, MemoryStorage>>;
  readonly running = new Map<NodeId, Runtime>();
  readonly transitions: Transition[] = [];
  /** What all nodes do, as lines of a trace, one node beside the other. */
  readonly lines: TraceLine[] = [];
  private readonly settings: Settings;
  private readonly seed: number;
  private readonly roles: NodeRoles | undefined;

  constructor(size: number, settings: Partial<Settings> = {}, seed = 1, roles?: NodeRoles, spare = 0) {
    this.nodes = Array.from({ length: size + spare }, (_, at) => `n${at + 1}`);
    this.first = this.nodes.slice(0, size);
    this.disks = Object.fromEntries(this.nodes.map((id) => [id, new MemoryStorage(this.clock)]));
    this.settings = Settings.parse(settings);
    this.seed = seed;
    this.roles = roles;
    if (!roles) onTestFinished(() => this.explained());
  }

  /** What the nodes have done is what the specification says; looked at when a test has ended. */
  explained(): void {
    const { refusal, verdict } = checked(traceHeader(this.nodes, this.settings, this.first), this.lines);
    expect({ refusal, verdict }).toEqual({ verdict: 'holds' });
  }

  /** Starts a node on its disk. */
  async start(id: NodeId): Promise<void> {
    const options = {
      id,
      nodes: this.first,
      settings: this.settings,
      ...(this.roles ? { roles: this.roles } : {}),
      observe: (transition: Transition) => void this.transitions.push(transition),
      recorder: new Recorder(id, (line) => void this.lines.push(line)),
    };
    const starting = startNode(options, {
      storage: this.disk(id),
      transport: this.network.of(id),
      clock: this.clock,
      random: chanceOf(this.seed * 1000 + Number(id.slice(1)) + this.clock.now()),
    });
    // Rows are loaded in a microtask, and written when time goes on.
    await new Promise(setImmediate);
    this.clock.advance(2);
    this.running.set(id, await starting);
    this.network.join(id);
  }

  async startAll(): Promise<void> {
    for (const id of this.first) await this.start(id);
  }

  /** Kills a node: what it has not written is lost, and so is what it would still send. */
  crash(id: NodeId): void {
    this.disk(id).crash();
    this.network.separate(id);
    this.node(id).stop();
    this.running.delete(id);
  }

  node(id: NodeId): Runtime {
    const node = this.running.get(id);
    if (!node) throw new Error(`${id} is not running`);
    return node;
  }

  disk(id: NodeId): MemoryStorage {
    return this.disks[id] as MemoryStorage;
  }

  leader(): Runtime | undefined {
    return [...this.running.values()].find((node) => node.status().leads);
  }

  /** Lets time go on until something holds; at most `limit` milliseconds. */
  until(holds: () => boolean, limit = 10_000): void {
    const end = this.clock.now() + limit;
    while (!holds()) {
      if (this.clock.now() >= end) throw new Error(`still not so after ${limit} ms`);
      this.clock.advance(1);
    }
  }

  /** Has a node carry out commands, and waits for the answer. */
  ask(id: NodeId, ...commands: StoreCommand[]): readonly StoreReply[] {
    let answer: Answer | undefined;
    this.node(id).execute(commands, (given) => {
      answer = given;
    });
    this.until(() => answer !== undefined);
    if (answer && 'replies' in answer) return answer.replies;
    throw new Error(JSON.stringify(answer));
  }
}

export const set = (key: string, value: string): StoreCommand => ({ op: 'set', key, value });
export const get = (key: string): StoreCommand => ({ op: 'get', key });
