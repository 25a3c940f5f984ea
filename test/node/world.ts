/** Nodes that are processes of their own, clients that ask them all the time, what is done to the nodes, and what has become of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { checkHistory } from '../../src/history/check.ts';
import { operationsOf } from '../../src/history/operations.ts';
import type { Settings } from '../../src/node/settings.ts';
import { Chance } from '../../src/simulation/chance.ts';
import { checkedFiles } from '../trace/checked.ts';
import { type Place, place } from './machine.ts';
import { type HowToRun, Processes, until } from './processes.ts';
import { Recording } from './recording.ts';
import { type Direction, Ways } from './ways.ts';

/** A short log, so that much is truncated, and little is in a line of a trace. */
const SETTINGS: Partial<Settings> = { keptSlots: 8, window: 8 };
const CLIENTS = 6;

export class World {
  readonly where: Place;
  readonly processes: Processes;
  readonly ways: Ways;
  readonly recording: Recording;
  readonly chance: Chance;
  readonly all: readonly number[];
  private undo = () => {};

  private constructor(where: Place, seed: number, how: HowToRun) {
    this.where = where;
    this.all = [...where.files.keys()];
    this.chance = new Chance(seed, 1000);
    this.ways = new Ways(where);
    this.processes = new Processes(where, { trace: true, ...how });
    this.recording = new Recording(
      Object.values(where.configs[0]?.nodes ?? {}).map(({ client }) => client),
      seed,
    );
  }

  /** Nodes that have a leader, and clients that have begun to ask. `prepare` is called before the nodes start, and what it returns in the end. */
  static async begin(
    size: number,
    seed: number,
    {
      prepare,
      clients = CLIENTS,
      ...how
    }: HowToRun & { readonly prepare?: (where: Place) => () => void; readonly clients?: number } = {},
  ): Promise<World> {
    const where = await place(size, { settings: SETTINGS }, size * (size - 1));
    const world = new World(where, seed, how);
    if (prepare) world.undo = prepare(where);
    try {
      for (const at of world.all) world.processes.start(at, true);
      await world.processes.agreed();
      world.recording.begin(clients);
      return world;
    } catch (error) {
      world.end();
      throw error;
    }
  }

  /** Ends everything, whatever has become of it. */
  end(): void {
    this.processes.killAll();
    this.ways.close();
    this.undo();
    this.where.remove();
  }

  async wait(least: number, most: number): Promise<void> {
    await sleep(this.chance.between(least, most));
  }

  /** Who leads, or any. */
  async someone(): Promise<number> {
    const leader = await this.processes.agreed();
    return this.chance.happens(0.5) ? leader : this.chance.oneOf(this.all);
  }

  /** Some nodes are cut off for a while, and not before something that was sent has got nowhere. */
  async cutOff(side: readonly number[], direction: Direction): Promise<void> {
    this.ways.cut(side, direction);
    await until(
      async () => this.ways.holdUp,
      () => 'that something does not get through',
    );
    await this.wait(300, 1500);
    this.ways.join(this.chance.happens(0.5));
  }

  /** A node is killed, or asked to stop, and is started again after a while: once more than before. */
  async restart(at: number, signal: 'SIGTERM' | 'SIGKILL', after: number): Promise<void> {
    const starts = await this.processes.starts(at);
    this.processes.signal(at, signal);
    expect(await this.processes.ended(at)).toBe(signal === 'SIGKILL' ? signal : 0);
    await this.wait(0, after);
    this.processes.start(at);
    expect(await this.processes.starts(at)).toBe(starts + 1);
  }

  /** Ends the clients when all nodes follow one leader, reads what there is through every node, and stops the nodes. */
  async settle(): Promise<void> {
    await this.processes.agreed();
    await this.recording.end();
    await this.recording.readAll();
    for (const at of this.all) this.processes.signal(at, 'SIGTERM');
    for (const at of this.all) expect(await this.processes.ended(at), `exit status of n${at + 1}`).toBe(0);
  }

  get traces(): string[] {
    return this.all.map((at) => this.processes.traceOf(at));
  }

  /** Judges what has become of it: of clients, every increment once, and an order that explains all answers; of nodes, the specification. */
  async judge() {
    const { verdict, violation } = checkHistory(operationsOf(this.recording.history));
    const { verdict: trace, refusal, contradictions } = await checkedFiles(this.traces);
    return { history: { verdict, violation }, trace: { verdict: trace, refusal, contradictions } };
  }
}
