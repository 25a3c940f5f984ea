import type { NodeId } from '../node/interfaces.ts';
import type { Host } from './host.ts';
import type { Network } from './network.ts';
import type { Fault, Plan, Target } from './plan.ts';
import type { Scheduler } from './scheduler.ts';

/** To what a fault may do something, and who is told of it. */
interface Around {
  readonly plan: Plan;
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly hosts: ReadonlyMap<NodeId, Host>;
  /** Something has happened that belongs to the trace. */
  note(what: string, ...of: readonly string[]): void;
}

/** What is planned to go wrong goes wrong, until it is healed. */
export class Faults {
  private readonly around: Around;
  healed = false;

  constructor(around: Around) {
    this.around = around;
    for (const fault of around.plan.faults)
      around.scheduler.at(fault.at, () => this.healed || this.begin(fault));
  }

  /** From now on nothing goes wrong, and all nodes run. */
  heal(): void {
    this.healed = true;
    this.around.note('heal');
    this.around.network.heal();
    for (const host of this.around.hosts.values()) {
      host.heal();
      host.start();
    }
  }

  private begin(fault: Fault): void {
    const { plan, network, scheduler } = this.around;
    this.around.note('fault', JSON.stringify(fault));
    const after = (call: () => void) => scheduler.at(fault.at + fault.lasts, () => this.healed || call());
    const host = 'node' in fault ? this.host(fault.node) : null;
    switch (fault.type) {
      case 'crash':
        this.crash(fault);
        break;
      case 'pause':
        host!.pause(fault.at + fault.lasts);
        break;
      case 'partition':
        after(this.cut(fault));
        break;
      case 'loss':
      case 'duplication':
        network[fault.type] = fault.rate;
        after(() => {
          network[fault.type] = 0;
        });
        break;
      case 'delay':
        network.delay = fault.most;
        after(() => {
          network.delay = 0;
        });
        break;
      case 'disk-full':
        host!.disk.full = fault.fits;
        after(() => {
          host!.disk.full = null;
        });
        break;
      case 'slow-disk':
        host!.disk.latency = fault.sync;
        after(() => {
          host!.disk.latency = plan.sync;
        });
        break;
      case 'drift':
        host!.rate = fault.rate;
        after(() => {
          host!.rate = 1;
        });
    }
  }

  private crash({ nodes, io, keeps, damages, lasts }: Extract<Fault, { type: 'crash' }>): void {
    const { scheduler } = this.around;
    const hosts = nodes.map((node) => this.host(node));
    const [first] = hosts;
    first?.crashAt(io, () => {
      for (const host of hosts) host.crash(keeps);
      if (damages) first.disk.damage();
      scheduler.at(scheduler.now + lasts, () => {
        for (const host of hosts) host.start();
      });
    });
  }

  /** Cuts the ways between the sides of a partition; connections end, though both nodes live. Returns how they are joined again. */
  private cut({ side, spared, ways }: Extract<Fault, { type: 'partition' }>): () => void {
    const { network, hosts } = this.around;
    const here = new Set(side.map((target) => this.host(target).id));
    const there = [...hosts.values()].filter(({ id }) => !here.has(id) && id !== spared);
    const cutting = (by: 1 | -1) => () => {
      for (const one of here)
        for (const other of there) {
          if (ways !== 'in') network.cut(one, other.id, by);
          if (ways !== 'out') network.cut(other.id, one, by);
          if (by === 1) other.loseSoon(one);
        }
    };
    cutting(1)();
    return cutting(-1);
  }

  private host(target: Target): Host {
    const { hosts } = this.around;
    if (target !== 'leader') return hosts.get(target)!;
    const all = [...hosts.values()];
    return all.find(({ runtime }) => runtime?.status().leads) ?? all[0]!;
  }
}
