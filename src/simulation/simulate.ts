/**
 * A cluster in this process, on a virtual clock, network and disks: the code of the nodes, and around it nothing but what a seed says. First clients ask and
 * things go wrong, as planned; then nothing goes wrong any more, and what has become of it is looked at.
 */
import { createHash } from 'node:crypto';
import { changesIn } from '../../spec/log/reconfiguration.ts';
import { checkHistory } from '../history/check.ts';
import type { HistoryLine } from '../history/format.ts';
import { operationsOf } from '../history/operations.ts';
import { explain } from '../history/words.ts';
import type { NodeId } from '../node/interfaces.ts';
import type { Transition } from '../node/observe.ts';
import { Settings } from '../node/settings.ts';
import { Chance } from './chance.ts';
import { Clients } from './clients.ts';
import { type Count, type Effect, type Effects, effectsBy } from './effects.ts';
import { Faults } from './faults.ts';
import { Host, type Surroundings } from './host.ts';
import type { RuntimeMutant } from './mutants.ts';
import { Network } from './network.ts';
import type { Asked, Plan } from './plan.ts';
import { Scheduler } from './scheduler.ts';

/** Short times, small windows and a short log, so that much happens in little time. */
const SETTINGS = Settings.parse({
  heartbeat: 30,
  election: 100,
  resend: 80,
  timeout: 1500,
  retry: 150,
  window: 4,
  changesAfter: 4,
  sessions: 2,
  keptSlots: 6,
});

/** Milliseconds within which clients must be through although things go wrong; and within which all must be well when nothing does. */
const MOST_BUSY = 60_000;
const MOST_QUIET = 30_000;

/** For how long it is tried to change who votes, in milliseconds. */
const MOST_MOVING = 1500;

/** The history has too many outcomes that are unknown: whether an order explains it was not found out. */
export const UNDECIDED = 'undecided linearizability';

export type Wrong =
  | 'defect'
  | 'agreement'
  | 'linearizability'
  | typeof UNDECIDED
  | 'progress'
  | 'replicas agree';

/** What has become of a plan. */
export interface Outcome {
  /** What is wrong, in sentences; null if nothing is. */
  readonly wrong: { readonly what: Wrong; readonly told: readonly string[] } | null;
  readonly history: readonly HistoryLine[];
  /** Of all that has happened, in its order: SHA-256. */
  readonly digest: string;
  readonly milliseconds: number;
  readonly count: {
    readonly messages: number;
    readonly writes: number;
    readonly starts: number;
    readonly slots: number;
  };
  /** What has come of what went wrong. */
  readonly effects: Effects;
}

/** Runs a plan. The same plan has the same outcome, always. */
export async function simulatePlan(plan: Plan, mutant?: RuntimeMutant): Promise<Outcome> {
  return await new Simulation(plan, mutant).run();
}

class Simulation {
  private readonly plan: Plan;
  /** Those that vote, and those that do not. */
  private readonly all: readonly NodeId[];
  private readonly scheduler = new Scheduler();
  private readonly network: Network;
  private readonly hosts: ReadonlyMap<NodeId, Host>;
  private readonly clients: Clients;
  private readonly faults: Faults;
  private readonly effects = new Map<Effect, number>();
  private readonly trace = createHash('sha256');
  private readonly discards: boolean;
  private readonly discarded = new Set<string>();
  private readonly notes = { write: 0, start: 0 };
  /** By slot: what the first replica that found out took for chosen there. */
  private readonly chosen = new Map<number, string>();
  private wrong: Outcome['wrong'] = null;

  constructor(plan: Plan, mutant: RuntimeMutant | undefined) {
    this.plan = plan;
    this.discards = mutant?.discards ?? false;
    const { scheduler } = this;
    this.all = [...plan.nodes, ...plan.spare];
    const note = (what: string, ...of: readonly (string | number)[]) => this.note(what, ...of);
    const count: Count = (effect, times) => this.count(effect, times);
    const around: Surroundings = {
      scheduler,
      seed: plan.seed,
      sync: plan.sync,
      syncing: mutant?.syncing ?? 'right',
      options: () => ({
        nodes: plan.nodes,
        others: this.all,
        settings: SETTINGS,
        observe: (transition) => this.observe(transition),
        ...(mutant?.roles ? { roles: mutant.roles } : {}),
      }),
      send: (from, to, messages) => this.network.send(from, to, JSON.stringify(messages)),
      note,
      count,
      died: (node) => this.died(node),
      defect: (node, error) =>
        this.blame('defect', `${node}: ${error instanceof Error ? error.stack : error}`),
    };
    this.hosts = new Map(this.all.map((id) => [id, new Host(id, around)]));
    this.clients = new Clients(scheduler, this.hosts, (host) => this.move(host));
    const deliver = (from: NodeId, to: NodeId, text: string) => {
      note('receive', from, to, text);
      this.hosts.get(to)?.take(from, text);
    };
    this.network = new Network(scheduler, new Chance(plan.seed, 3), deliver, count);
    this.faults = new Faults({ plan, scheduler, network: this.network, hosts: this.hosts, note });
  }

  async run(): Promise<Outcome> {
    for (const host of this.hosts.values()) host.start();
    this.clients.ask(this.plan.asked);
    await this.until('progress', MOST_BUSY, () => this.clients.done, 'the clients are not through');
    this.faults.heal();
    await this.readAll();
    await this.until(
      'replicas agree',
      MOST_QUIET,
      () => this.agree(),
      'the replicas are not one like the other',
    );
    this.judge();
    return this.outcome();
  }

  /** Lets things happen until something holds. */
  private async until(what: Wrong, most: number, holds: () => boolean, otherwise: string): Promise<void> {
    const end = this.scheduler.now + most;
    const hosts = [...this.hosts.values()];
    await new Promise(setImmediate);
    while (this.wrong === null && !holds()) {
      if (this.scheduler.now >= end || !this.scheduler.step()) {
        this.blame(what, `after ${most} ms more ${otherwise}`);
        return;
      }
      // What a node does when it has read its disk it does as soon as nothing else is to be done at that moment.
      if (hosts.some((host) => host.starting)) await new Promise(setImmediate);
    }
  }

  /** Asks for other nodes to vote, if it is time to, and one that is about to be asked for something else: so that slots are under way when that changes. */
  private move(host: Host): void {
    const { now } = this.scheduler;
    const due = this.plan.moves.findLast(({ at }) => at <= now && now < at + MOST_MOVING);
    const { voters: present, since } = host.runtime?.status().members ?? {};
    if (!due || this.faults.healed || since === undefined || present?.join() === due.voters.join()) return;
    const nodes = Object.fromEntries(due.voters.map((id) => [id, { peer: `${id}:1`, client: `${id}:2` }]));
    host.enter(() => host.runtime?.reconfigure({ voters: [...due.voters], nodes, after: since }));
    if (this.discards) for (const id of present ?? []) if (!due.voters.includes(id)) this.discard(id, due.at);
  }

  /** Somebody takes the disk of a node away, and gives it an empty one. */
  private discard(id: NodeId, at: number): void {
    const what = `${id} ${at}`;
    if (this.discarded.has(what)) return;
    this.discarded.add(what);
    const host = this.hosts.get(id)!;
    host.crash(0);
    host.disk.replace();
    host.start();
  }

  /** The nodes that vote in the end. */
  private voting(): Host[] {
    const known = [...this.hosts.values()].flatMap(({ runtime }) => runtime?.status().members ?? []);
    const [last] = known.sort((a, b) => b.since - a.since);
    return (last?.voters ?? []).map((id) => this.hosts.get(id)!);
  }

  /** Who waits for it waits in vain, and the connections to it end. */
  private died(node: NodeId): void {
    this.clients.lose(node);
    for (const host of this.hosts.values()) if (host.id !== node) host.loseSoon(node);
  }

  /** Everything is read once more, through every node: what was acknowledged must be there. */
  private async readAll(): Promise<void> {
    const keys = [...new Set(this.plan.asked.flatMap(({ command }) => keysOf(command)))];
    if (keys.length === 0) return;
    const end = this.scheduler.now + MOST_QUIET;
    for (const host of this.voting()) {
      const first = this.all.indexOf(host.id);
      for (let answered = false; !answered && this.wrong === null; ) {
        if (host.refused) break;
        const before = this.clients.history.length;
        this.clients.ask([
          { client: `reader at ${host.id}`, pause: 10, first, command: { op: 'mget', keys } },
        ]);
        await this.until('progress', MOST_QUIET, () => this.clients.done, 'a read has no end');
        answered = this.clients.history.slice(before).some(({ type }) => type === 'return');
        if (!answered && this.scheduler.now > end)
          this.blame(
            'progress',
            `${MOST_QUIET} ms after the last fault nothing can be read through ${host.id}`,
          );
      }
    }
  }

  /** Whether all replicas have applied the same slots and hold the same. */
  private agree(): boolean {
    const states = this.voting()
      .filter(({ refused }) => !refused)
      .map(({ runtime }) => runtime?.states().replica);
    const told = states.map(
      (state) => state && JSON.stringify([state.applied, state.machine, state.sessions]),
    );
    return told.every((each) => each !== undefined && each === told[0]);
  }

  /** No two replicas, at no time, take different values for chosen in a slot. */
  private observe({ actor, rule, event }: Transition): void {
    if (rule !== 'learn' && rule !== 'learn-decision') return;
    const { message } = event as unknown as { message: { slot: number; value: string } };
    const { slot, value } = message;
    const known = this.chosen.get(slot);
    if (known === undefined) {
      this.chosen.set(slot, value);
      this.count('moved', changesIn([{ slot, value }]).length);
    } else if (known !== value)
      this.blame(
        'agreement',
        `in slot ${slot} ${actor} takes ${value} for chosen, where another took ${known}`,
      );
  }

  private judge(): void {
    if (this.wrong) return;
    const { violation, verdict } = checkHistory(operationsOf(this.clients.history));
    if (violation) this.blame('linearizability', ...explain(violation));
    else if (verdict === 'incomplete') this.blame(UNDECIDED, 'the search was given up');
  }

  private blame(what: Wrong, ...told: readonly string[]): void {
    this.wrong ??= { what, told };
  }

  private count(effect: Effect, times = 1): void {
    this.effects.set(effect, (this.effects.get(effect) ?? 0) + times);
  }

  private note(what: string, ...rest: readonly (string | number)[]): void {
    if (what in this.notes) this.notes[what as keyof typeof this.notes] += 1;
    this.trace.update(`${this.scheduler.now} ${what} ${rest.join(' ')}\n`);
  }

  private outcome(): Outcome {
    const { wrong, network, notes, chosen, effects } = this;
    const { history } = this.clients;
    for (const line of history) this.trace.update(`${JSON.stringify(line)}\n`);
    this.trace.update(JSON.stringify(wrong));
    return {
      wrong,
      history,
      digest: this.trace.digest('hex'),
      milliseconds: Math.round(this.scheduler.now),
      count: {
        messages: network.sent,
        writes: notes.write,
        starts: notes.start,
        slots: chosen.size,
      },
      effects: effectsBy((effect) => effects.get(effect) ?? 0),
    };
  }
}

function keysOf(command: Asked['command']): readonly string[] {
  if ('key' in command) return [command.key];
  return 'keys' in command ? command.keys : command.pairs.map(([key]) => key);
}
