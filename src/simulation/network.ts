import type { NodeId } from '../node/interfaces.ts';
import type { Chance } from './chance.ts';
import type { Scheduler } from './scheduler.ts';

/** A network: what is sent arrives after a while, in whatever order; or twice, or not at all, as long as that is what goes wrong. */
export class Network {
  private readonly scheduler: Scheduler;
  private readonly chance: Chance;
  private readonly deliver: (from: NodeId, to: NodeId, text: string) => void;
  /** How often each way is cut now. */
  private readonly cuts = new Map<string, number>();
  loss = 0;
  duplication = 0;
  delay = 0;
  readonly count = { sent: 0, lost: 0, duplicated: 0 };

  constructor(
    scheduler: Scheduler,
    chance: Chance,
    deliver: (from: NodeId, to: NodeId, text: string) => void,
  ) {
    this.scheduler = scheduler;
    this.chance = chance;
    this.deliver = deliver;
  }

  send(from: NodeId, to: NodeId, text: string): void {
    this.count.sent += 1;
    const copies = this.chance.happens(this.duplication) ? 2 : 1;
    this.count.duplicated += copies - 1;
    for (let copy = 0; copy < copies; copy++) {
      const late = this.chance.between(0.2, 1.2) + this.chance.unit() * this.delay;
      if (this.chance.happens(this.loss)) this.count.lost += 1;
      else this.scheduler.at(this.scheduler.now + late, () => this.arrive(from, to, text));
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

  private arrive(from: NodeId, to: NodeId, text: string): void {
    if ((this.cuts.get(`${from} ${to}`) ?? 0) > 0) this.count.lost += 1;
    else this.deliver(from, to, text);
  }
}
