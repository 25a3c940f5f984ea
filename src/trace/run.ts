/** A run of the specification that explains lines of a trace, as far as it has come. */
import type { ActorId } from '../../spec/index.ts';
import type { TraceLine } from './format.ts';
import {
  beginning,
  type Explained,
  type Local,
  type Outlook,
  Reader,
  type Refused,
  type Waiting,
} from './local.ts';
import type { Network } from './network.ts';
import type { Event, Player, Players } from './players.ts';

/** A line with its place. */
export interface Line {
  /** In the order of the file, or files; the header is the first. */
  readonly number: number;
  /** Where it stands: `run.jsonl: line 17`. */
  readonly place: string;
  /** How many lines of its actor come before it. */
  readonly ordinal: number;
  readonly told: TraceLine;
}

/** Steps that no line tells of: by actor and the ordinal of the line before which they happen. */
export type Plan = ReadonlyMap<string, readonly Event[]>;
export const gap = (actor: ActorId, ordinal: number) => `${ordinal} ${actor}`;

/** A line that is not explained, and why. */
export interface Stuck {
  readonly line: Line;
  readonly why: Waiting | Refused;
  /** If it is not the line itself, but a hidden step before it. */
  readonly hidden?: Event;
}

/** Where a run stands. */
export interface Moment {
  readonly locals: ReadonlyMap<ActorId, Local>;
  readonly network: Network;
  /** By actor, how many of its lines are explained. */
  readonly done: ReadonlyMap<ActorId, number>;
  /** By actor, how many of the hidden steps before its next line are taken; none if absent. */
  readonly taken: ReadonlyMap<ActorId, number>;
}

/** What was explained, a line or a hidden step, in the order in which it happened. */
export type Taken = { readonly actor: ActorId } & ({ readonly line: Line } | { readonly hidden: Event });

export function firstMoment(players: Players, network: Network): Moment {
  const each = <T>(make: (player: Player) => T) =>
    new Map([...players.of.values()].map((it) => [it.actor, make(it)]));
  return { locals: each(beginning), network, done: each(() => 0), taken: new Map() };
}

export class Run implements Moment {
  readonly locals: Map<ActorId, Local>;
  readonly network: Network;
  readonly done: Map<ActorId, number>;
  readonly taken: Map<ActorId, number>;
  /** What has happened in this run; kept only if somebody wants it. */
  readonly trail: Taken[] | undefined;
  /** The number of the line that it was given last; 0 if none. */
  fed = 0;
  private readonly players: Players;
  private readonly readers: ReadonlyMap<ActorId, Reader>;
  private readonly plan: Plan;
  /** By node, the lines that are not explained yet. */
  private readonly queues = new Map<string, Line[]>();
  /** By message, the nodes that wait for it. */
  private readonly waiting = new Map<string, Set<string>>();
  private readonly causes = new Map<string, Stuck>();
  /** By node, what a hidden step waits for, whether or not there is a line after it. */
  private readonly unseen = new Map<string, Waiting>();
  /** In the order of the file; what is explained is removed from its beginning. */
  private readonly open: Line[] = [];
  private readonly explained = new Set<Line>();

  constructor(players: Players, from: Moment, plan: Plan = new Map(), keepsTrail = false) {
    this.players = players;
    this.locals = new Map(from.locals);
    this.network = from.network;
    this.done = new Map(from.done);
    this.taken = new Map(from.taken);
    this.plan = plan;
    this.trail = keepsTrail ? [] : undefined;
    this.readers = readersOf(players);
  }

  /** Takes the next line of the file, and explains what can now be explained. */
  feed(line: Line): void {
    const { node } = this.player(line.told.actor);
    this.fed = line.number;
    this.open.push(line);
    const queue = this.queues.get(node);
    if (queue) queue.push(line);
    else this.queues.set(node, [line]);
    if (queue === undefined || queue.length === 1) this.advance([node]);
    this.forget();
  }

  /** Takes the hidden steps that come before anything is read. */
  begin(): void {
    this.advance([...new Set([...this.players.of.values()].map(({ node }) => node))]);
  }

  /** Takes a step that another run from the same moment has taken. */
  repeat(taken: Taken): void {
    const { actor } = taken;
    const reader = this.readers.get(actor) as Reader;
    const local = this.locals.get(actor) as Local;
    const outlook =
      'line' in taken
        ? reader.read(local, taken.line.told, this.network)
        : reader.hidden(local, taken.hidden, this.network);
    if (!('local' in outlook)) throw new Error('a run cannot be repeated');
    this.happened(taken, outlook, new Set());
  }

  /** The first line in the file that is not explained. */
  get front(): Line | undefined {
    return this.open[0];
  }

  /** Why no line of that node is explained further, if there is one. */
  stuckAt(node: string): Stuck | undefined {
    return this.causes.get(node);
  }

  /** What a hidden step of that node waits for, if one does. */
  hiddenWaitsAt(node: string): Waiting | undefined {
    return this.unseen.get(node);
  }

  private player(actor: ActorId): Player {
    return this.players.of.get(actor) as Player;
  }

  private advance(nodes: readonly string[]): void {
    const due = [...nodes];
    for (let node = due.pop(); node !== undefined; node = due.pop()) {
      const woken = new Set<string>();
      while (this.next(node, woken)) {
        // One line after the other.
      }
      due.push(...woken);
    }
  }

  /** Explains the next line of a node, if that can be done. */
  private next(node: string, woken: Set<string>): boolean {
    this.causes.delete(node);
    this.unseen.delete(node);
    if (this.plan.size > 0)
      for (const player of this.players.of.values()) if (player.node === node) this.takeHidden(player, woken);
    const line = this.queues.get(node)?.[0];
    if (!line) return false;
    const { actor } = line.told;
    const hidden = this.nextHidden(actor);
    const reader = this.readers.get(actor) as Reader;
    const local = this.locals.get(actor) as Local;
    const outlook: Outlook = hidden
      ? reader.hidden(local, hidden, this.network)
      : reader.read(local, line.told, this.network);
    if (!('local' in outlook)) {
      this.causes.set(node, { line, why: outlook, ...(hidden ? { hidden } : {}) });
      if ('waitsFor' in outlook) this.waitFor(outlook.waitsFor.key, node);
      return false;
    }
    this.queues.get(node)?.shift();
    this.explained.add(line);
    this.happened({ actor, line }, outlook, woken);
    return true;
  }

  /** Hidden steps are taken as soon as they can be: nobody but their actor could tell the difference. */
  private takeHidden({ actor, node }: Player, woken: Set<string>): void {
    for (let event = this.nextHidden(actor); event; event = this.nextHidden(actor)) {
      const outlook = (this.readers.get(actor) as Reader).hidden(
        this.locals.get(actor) as Local,
        event,
        this.network,
      );
      if ('waitsFor' in outlook) {
        this.waitFor(outlook.waitsFor.key, node);
        this.unseen.set(node, outlook);
      }
      if (!('local' in outlook)) return;
      this.happened({ actor, hidden: event }, outlook, woken);
    }
  }

  private nextHidden(actor: ActorId): Event | undefined {
    if (this.plan.size === 0) return undefined;
    return this.plan.get(gap(actor, this.done.get(actor) as number))?.[this.taken.get(actor) ?? 0];
  }

  private happened(taken: Taken, { local, release }: Explained, woken: Set<string>): void {
    const { actor } = taken;
    if ('line' in taken) {
      this.taken.delete(actor);
      this.done.set(actor, taken.line.ordinal + 1);
    } else this.taken.set(actor, (this.taken.get(actor) ?? 0) + 1);
    this.locals.set(actor, local);
    this.trail?.push(taken);
    for (const sent of release) {
      if (!this.network.add(sent)) continue;
      for (const node of this.waiting.get(sent.key) ?? []) woken.add(node);
      this.waiting.delete(sent.key);
    }
  }

  private waitFor(key: string, node: string): void {
    const nodes = this.waiting.get(key);
    if (nodes) nodes.add(node);
    else this.waiting.set(key, new Set([node]));
  }

  private forget(): void {
    while (this.open[0] && this.explained.delete(this.open[0])) this.open.shift();
  }
}

const readers = new WeakMap<Players, ReadonlyMap<ActorId, Reader>>();

/** The readers of the actors of a trace. */
export function readersOf(players: Players): ReadonlyMap<ActorId, Reader> {
  const known = readers.get(players);
  if (known) return known;
  const made = new Map(
    [...players.of.values()].map((player) => [
      player.actor,
      new Reader(player, players.header, new Set(players.of.keys()), players.show),
    ]),
  );
  readers.set(players, made);
  return made;
}
