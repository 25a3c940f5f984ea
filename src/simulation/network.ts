import type { NodeId } from '../node/interfaces.ts';
import type { Chance } from './chance.ts';
import type { Count } from './effects.ts';
import type { Scheduler } from './scheduler.ts';

/** A network: what is sent arrives after a while, in whatever order; or twice, or not at all, as long as that is what goes wrong. */
export class Network {
  private readonly scheduler: Scheduler;
  private readonly chance: Chance;
  private readonly deliver: (from: NodeId, to: NodeId, text: string) => void;
  private readonly count: Count;
  /** How often each way is cut now. */
  private readonly cuts = new Map<string, number>();
  /** By way: the last sent of the messages that have arrived, by its number. */
  private readonly arrived = new Map<string, number>();
  loss = 0;
  duplication = 0;
  delay = 0;
  sent = 0;

  constructor(
    scheduler: Scheduler,
    chance: Chance,
    deliver: (from: NodeId, to: NodeId, text: string) => void,
    count: Count = () => {},
  ) {
    this.scheduler = scheduler;
    this.chance = chance;
    this.deliver = deliver;
    this.count = count;
  }

  send(from: NodeId, to: NodeId, text: string): void {
    const number = this.sent++;
    const copies = this.chance.happens(this.duplication) ? 2 : 1;
    if (copies > 1) this.count('duplicated');
    for (let copy = 0; copy < copies; copy++) {
      const late = this.chance.between(0.2, 1.2) + this.chance.unit() * this.delay;
      if (this.delay > 0) this.count('delayed');
      if (this.chance.happens(this.loss)) this.count('lost');
      else this.scheduler.at(this.scheduler.now + late, () => this.arrive(from, to, text, number));
    }
  }

  cut(from: NodeId, to: NodeId, by: 1 | -1): void {
    const way = `${from} ${to}`;
    this.cuts.set(way, (this.cuts.get(way) ?? 0) + by);
  }

  /** Nothing goes wrong with it any more. */
  heal(): void {
    this.cuts.clear();
    this.loss = this.duplication = this.delay = 0;
  }

  private isCut(from: NodeId, to: NodeId): boolean {
    return (this.cuts.get(`${from} ${to}`) ?? 0) > 0;
  }

  private arrive(from: NodeId, to: NodeId, text: string, number: number): void {
    if (this.isCut(from, to)) {
      this.count(this.isCut(to, from) ? 'cutOff' : 'cutOffOneWay');
      return;
    }
    const way = `${from} ${to}`;
    const last = this.arrived.get(way) ?? 0;
    if (number < last) this.count('overtaken');
    this.arrived.set(way, Math.max(last, number));
    this.deliver(from, to, text);
  }
}
