import type { HistoryLine } from '../history/format.ts';
import { asKeyValue, asReply } from '../history/store.ts';
import type { Answer } from '../node/gateway.ts';
import type { NodeId } from '../node/interfaces.ts';
import type { Host } from './host.ts';
import type { Asked } from './plan.ts';
import type { Scheduler } from './scheduler.ts';

/** After so many milliseconds a client waits no longer, and after so many it looks again whether a node is up. */
const PATIENCE = 2500;
const LOOK_AGAIN = 20;

/** Clients, each of which asks one thing after another; and the history of what they ask and are answered. */
export class Clients {
  readonly history: HistoryLine[] = [];
  private readonly scheduler: Scheduler;
  private readonly hosts: ReadonlyMap<NodeId, Host>;
  private readonly before: (host: Host) => void;
  /** By client: what it waits for, and from whom. */
  private readonly waiting = new Map<
    string,
    { readonly node: NodeId; readonly end: (answer: Answer) => void }
  >();
  /** How many have something left to ask. */
  private busy = 0;

  /** @param before is told which node is about to be asked */
  constructor(
    scheduler: Scheduler,
    hosts: ReadonlyMap<NodeId, Host>,
    before: (host: Host) => void = () => {},
  ) {
    this.before = before;
    this.scheduler = scheduler;
    this.hosts = hosts;
  }

  get done(): boolean {
    return this.busy === 0;
  }

  /** Has each client ask what it is to ask, one thing after another. */
  ask(asked: readonly Asked[]): void {
    for (const client of new Set(asked.map((each) => each.client))) {
      this.busy += 1;
      this.goOn(asked.filter((each) => each.client === client));
    }
  }

  /** A node has died: who waits for it does not know what has become of what was asked. */
  lose(node: NodeId): void {
    for (const [client, waits] of [...this.waiting])
      if (waits.node === node) waits.end({ unknown: `${client} has lost the connection` });
  }

  private goOn([first, ...rest]: readonly Asked[]): void {
    if (first) this.scheduler.at(this.scheduler.now + first.pause, () => this.invoke(first, rest));
    else this.busy -= 1;
  }

  private invoke(asked: Asked, rest: readonly Asked[]): void {
    const { client, command } = asked;
    const hosts = [...this.hosts.values()];
    const inTurn = [...hosts.slice(asked.first), ...hosts.slice(0, asked.first)];
    const host = inTurn.find(({ runtime }) => runtime !== null);
    if (!host) {
      this.scheduler.at(this.scheduler.now + LOOK_AGAIN, () => this.invoke(asked, rest));
      return;
    }
    let open = true;
    const end = (answer: Answer) => {
      if (!open) return;
      open = false;
      this.waiting.delete(client);
      this.write(client, asked, answer);
      this.goOn(rest);
    };
    this.waiting.set(client, { node: host.id, end });
    this.history.push({ type: 'invoke', client, time: this.scheduler.now, command: asKeyValue(command) });
    this.before(host);
    host.enter(() => host.runtime?.execute([command], end));
    this.scheduler.at(this.scheduler.now + PATIENCE, () => end({ unknown: 'it takes too long' }));
  }

  private write(client: string, { command }: Asked, answer: Answer): void {
    const time = this.scheduler.now;
    if ('refused' in answer) this.history.push({ type: 'fail', client, time });
    else if ('unknown' in answer) this.history.push({ type: 'unknown', client, time });
    else this.history.push({ type: 'return', client, time, reply: asReply(command, answer.replies[0]!) });
  }
}
