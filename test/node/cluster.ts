/** A cluster in this process, on a virtual clock, with disks and a network in memory. */
import { expect, onTestFinished } from 'vitest';
import type { LogMessage } from '../../spec/log/message.ts';
import type { Answer } from '../../src/node/gateway.ts';
import type { NodeId } from '../../src/node/interfaces.ts';
import type { Transition } from '../../src/node/observe.ts';
import { Recorder, traceHeader } from '../../src/node/recorder.ts';
import type { NodeRoles } from '../../src/node/roles.ts';
import type { Runtime } from '../../src/node/runtime.ts';
import { Settings } from '../../src/node/settings.ts';
import type { StoreCommand, StoreReply } from '../../src/node/store/machine.ts';
import { Chance } from '../../src/simulation/chance.ts';
import { Host } from '../../src/simulation/host.ts';
import { Network } from '../../src/simulation/network.ts';
import { Scheduler } from '../../src/simulation/scheduler.ts';
import type { TraceLine } from '../../src/trace/format.ts';
import { checked } from '../trace/checked.ts';

/** How long a write takes, in milliseconds. */
const SYNC = 1;

export class Cluster {
  readonly scheduler = new Scheduler();
  readonly nodes: readonly NodeId[];
  /** With these it begins; the others are spare. */
  readonly first: readonly NodeId[];
  readonly hosts: readonly Host[];
  readonly transitions: Transition[] = [];
  /** What nodes have sent one another. */
  readonly sent: LogMessage[] = [];
  /** What all nodes do, as lines of a trace, one node beside the other. */
  readonly lines: TraceLine[] = [];
  private readonly network: Network;
  private readonly settings: Settings;

  constructor(size: number, given: Partial<Settings> = {}, seed = 1, roles?: NodeRoles, spare = 0) {
    const { scheduler } = this;
    const settings = Settings.parse(given);
    this.settings = settings;
    this.nodes = Array.from({ length: size + spare }, (_, at) => `n${at + 1}`);
    this.first = this.nodes.slice(0, size);
    const options = (id: NodeId) => ({
      nodes: this.first,
      settings,
      ...(roles ? { roles } : {}),
      observe: (transition: Transition) => void this.transitions.push(transition),
      recorder: new Recorder(id, (line) => void this.lines.push(line)),
    });
    this.network = new Network(scheduler, new Chance(seed, 1), (from, to, text) =>
      this.host(to).take(from, text),
    );
    const around = {
      scheduler,
      seed,
      syncing: 'right' as const,
      sync: SYNC,
      options,
      send: (from: NodeId, to: NodeId, messages: readonly LogMessage[]) => {
        this.sent.push(...messages);
        this.network.send(from, to, JSON.stringify(messages));
      },
      note() {},
      count() {},
      died() {},
      defect(_: NodeId, error: unknown) {
        throw error;
      },
    };
    this.hosts = this.nodes.map((id) => new Host(id, around));
    if (!roles) onTestFinished(() => this.explained());
  }

  /** What the nodes have done is what the specification says; looked at when a test has ended. */
  explained(): void {
    const { refusal, verdict } = checked(traceHeader(this.nodes, this.settings, this.first), this.lines);
    expect({ refusal, verdict }).toEqual({ verdict: 'holds' });
  }

  /** Starts a node on its disk, where a write takes so many milliseconds. */
  async start(id: NodeId, latency = SYNC): Promise<void> {
    const host = this.host(id);
    host.heal();
    host.disk.latency = latency;
    host.start();
    // What a node does when it has read its disk it does as soon as nothing else is to be done at that moment.
    for (; host.starting; await new Promise(setImmediate)) this.scheduler.step();
  }

  async startAll(): Promise<void> {
    for (const id of this.first) await this.start(id);
  }

  /** Kills a node: what it has not written is lost, and so is what it would still send. */
  crash(id: NodeId): void {
    this.host(id).crash(0);
  }

  /** Nothing comes from a node, or to it, until it is joined again. */
  separate(id: NodeId, by: 1 | -1 = 1): void {
    for (const other of this.nodes) {
      this.network.cut(id, other, by);
      this.network.cut(other, id, by);
    }
  }

  join(id: NodeId): void {
    this.separate(id, -1);
  }

  /** The connections to a node end, whether or not it lives. */
  disconnect(id: NodeId): void {
    const others = this.hosts.filter((host) => host.id !== id);
    this.scheduler.at(this.scheduler.now + 1, () => {
      for (const host of others) host.lose(id);
    });
  }

  host(id: NodeId): Host {
    return this.hosts[this.nodes.indexOf(id)] as Host;
  }

  node(id: NodeId): Runtime {
    const { runtime } = this.host(id);
    if (!runtime) throw new Error(`${id} is not running`);
    return runtime;
  }

  leader(): Runtime | undefined {
    return this.hosts.find(({ runtime }) => runtime?.status().leads)?.runtime ?? undefined;
  }

  /** Lets time go on until something holds; at most `limit` milliseconds. */
  until(holds: () => boolean, limit = 10_000): void {
    const end = this.scheduler.now + limit;
    while (!holds()) {
      if (this.scheduler.now >= end) throw new Error(`still not so after ${limit} ms`);
      this.advance(1);
    }
  }

  /** Lets so many milliseconds pass. */
  advance(milliseconds: number): void {
    this.scheduler.runTo(this.scheduler.now + milliseconds);
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
