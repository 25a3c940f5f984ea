import { DEFAULT_BOUNDS, type TraceBounds } from './bounds.ts';
import { bridge, type Kept, runOf } from './bridge.ts';
import { eventOf, type Local, type Reader } from './local.ts';
import { keyOf, Network } from './network.ts';
import type { Player, Players } from './players.ts';
import type { TraceReport } from './report.ts';
import { firstMoment, type Line, type Plan, Run, readersOf, type Stuck, type Taken } from './run.ts';
import { type Contradiction, Shown } from './shown.ts';
import { allowedThere, tellHidden, tellLine, tellStuck } from './words.ts';

/** Lines that are kept for hidden steps to be found before them. */
const HISTORY = 400;
/** Hidden steps that a report tells of. */
const TOLD = 20;

type Refusal = NonNullable<TraceReport['refusal']>;

/**
 * Says whether there is a run of the specification that explains the lines of a trace, one after the other. It remembers what may
 * still be asked for: the state of each actor, the lines that wait for others, the messages sent.
 */
export class TraceChecker {
  private readonly players: Players;
  private readonly bounds: TraceBounds;
  private readonly shown: Shown;
  /** What hidden steps may change: the lines last explained, and where they begin. */
  private readonly base: Run;
  private kept: Line[] = [];
  private run: Run;
  private plan: Plan = new Map();
  private lines = 1;
  private readonly places = new Map<Contradiction, string>();
  private refusal: Refusal | undefined;
  /** The message that the refused line waits for, which may be told later on. */
  private wanted: { readonly from: string; readonly key: string } | undefined;
  private readonly hidden: { steps: number; first: TraceReport['bridged']['first'] } = {
    steps: 0,
    first: [],
  };

  constructor(players: Players, bounds: Partial<TraceBounds> = {}) {
    this.players = players;
    this.bounds = { ...DEFAULT_BOUNDS, ...bounds };
    const { remember } = this.bounds;
    this.shown = new Shown(players.quorums, remember);
    this.base = new Run(players, firstMoment(players, new Network(remember)));
    this.run =
      this.bounds.bridge === 0
        ? new Run(players, firstMoment(players, new Network(remember)))
        : runOf(players, this.keeping(), this.plan, this.bounds);
  }

  /** Takes the next line. Once one is refused, the rest is only looked through for contradictions. */
  feed(line: Line): void {
    this.lines = line.number;
    this.show(line);
    if (this.refusal) {
      this.lookFor(line);
      return;
    }
    if (this.bounds.bridge > 0) {
      this.kept.push(line);
      this.explain();
      if (this.kept.length > 2 * HISTORY) this.forget();
      return;
    }
    if (this.overdue(line)) this.settle();
    if (this.refusal) {
      this.lookFor(line);
      return;
    }
    this.run.feed(line);
    if (this.isRefused()) this.settle();
  }

  /** Whether no line has been given. */
  get isEmpty(): boolean {
    return this.lines === 1;
  }

  /** Whether a line has been refused, or contradicts others, by now. */
  get foundWrong(): boolean {
    return this.refusal !== undefined || this.shown.contradictions.length > 0;
  }

  /**
   * The report, when all lines have been given.
   *
   * @param stopped why they have not, if so
   */
  finish(stopped?: string): TraceReport {
    while (!this.refusal && this.run.front && stopped === undefined) {
      this.settle();
      if (this.bounds.bridge > 0) this.explain();
    }
    for (const taken of this.run.trail ?? []) this.lay(taken);
    const { contradictions } = this.shown;
    const { refusal, hidden, bounds, lines } = this;
    const explained = [...this.run.done.values()].reduce((sum, each) => sum + each, 0);
    return {
      format: 'synod-trace-report/1',
      system: this.players.header.system,
      verdict:
        contradictions.length > 0 || (refusal && refusal.bound === undefined)
          ? 'violated'
          : refusal || this.shown.forgotten || stopped !== undefined
            ? 'incomplete'
            : 'holds',
      lines,
      explained,
      bounds,
      bridged: hidden,
      ...(refusal ? { refusal } : {}),
      ...(stopped === undefined ? {} : { stopped }),
      contradictions: contradictions.map((each) => ({ ...each, place: this.places.get(each) ?? '' })),
    };
  }

  /** Feeds the lines that are kept and that the run has not been given. */
  private explain(): void {
    while (!this.refusal) {
      const next = this.kept.find(({ number }) => number > this.run.fed);
      if (this.isRefused() || (next && this.overdue(next))) this.settle();
      else if (next) this.run.feed(next);
      else return;
    }
  }

  private keeping(): Kept {
    return { base: this.base, lines: this.kept };
  }

  private overdue({ number }: Line): boolean {
    const { front } = this.run;
    return front !== undefined && front.number + this.bounds.skew < number;
  }

  private stuck(): Stuck | undefined {
    const { front } = this.run;
    return front && this.run.stuckAt(this.playerOf(front).node);
  }

  /** Whether the first line that is not explained is refused for good, whatever others do. */
  private isRefused(): boolean {
    const stuck = this.stuck();
    return stuck !== undefined && !('waitsFor' in stuck.why);
  }

  /** The first line that is not explained will not be: unless there were steps that no line tells of, that is its refusal. */
  private settle(): void {
    const stuck = this.stuck() as Stuck;
    const { players, bounds } = this;
    if (bounds.bridge > 0) {
      const found = bridge(players, this.keeping(), this.plan, stuck.line, bounds);
      if (found) {
        this.plan = found.plan;
        this.run = found.run;
        return;
      }
    }
    const player = this.playerOf(stuck.line);
    const { actor } = player;
    const { network, locals } = this.run;
    const root = this.rootOf(stuck);
    this.refusal = {
      place: stuck.line.place,
      line: stuck.line.number,
      actor,
      told: tellLine(players, stuck.line.told),
      because: tellStuck(players, stuck, root),
      allowed: allowedThere(
        players,
        player,
        readersOf(players).get(actor) as Reader,
        locals.get(actor) as Local,
        network,
        stuck,
      ),
      ...this.boundOf(root),
    };
    if ('waitsFor' in root.why && this.refusal.bound === undefined) {
      const { key, message } = root.why.waitsFor;
      this.wanted = { from: message.from, key };
    }
  }

  /** What a line waits for may wait for something else in its turn: where that ends. */
  private rootOf(stuck: Stuck): Stuck {
    const seen = new Set([stuck]);
    let root = stuck;
    while ('waitsFor' in root.why) {
      const sender = this.players.of.get(root.why.waitsFor.message.from) as Player;
      const next = this.run.stuckAt(sender.node);
      if (!next) break;
      // Those that wait for it are not to blame.
      if (seen.has(next)) return stuck;
      seen.add(next);
      root = next;
    }
    return root;
  }

  /** Which bound, if it were larger, might explain a line. */
  private boundOf({ why }: Stuck): { bound?: string } {
    const { bridge: most, remember } = this.bounds;
    if (most > 0)
      return {
        bound: `at most ${most} ${most === 1 ? 'step' : 'steps'} hidden between two lines (--bridge)`,
      };
    if (this.run.network.forgotten && ('waitsFor' in why || why.instead === undefined))
      return { bound: `the last ${remember} messages remembered (--remember)` };
    return {};
  }

  /** Whether the message that was missing is told of, too late, by the one that should have sent it. */
  private lookFor({ told }: Line): void {
    if (!this.wanted || !this.refusal || told.actor !== this.wanted.from) return;
    const { key } = this.wanted;
    const untold = !('sent' in told) && eventOf(told) !== undefined;
    if (!untold && !('sent' in told && told.sent?.some((message) => keyOf(message) === key))) return;
    this.refusal.bound = `lines at most ${this.bounds.skew} lines too late (--skew)`;
    this.wanted = undefined;
  }

  private show(line: Line): void {
    const { told, number, place } = line;
    const known = this.shown.contradictions.length;
    for (const message of 'sent' in told ? (told.sent ?? []) : []) this.shown.message(message, number);
    if (told.event === 'received') this.shown.message(told.message, number);
    if ((told.event === 'learned' || told.event === 'applied') && told.value !== undefined)
      this.shown.learned(told.actor, told.slot ?? 0, told.value, number);
    for (const each of this.shown.contradictions.slice(known)) this.places.set(each, place);
  }

  /** What happened long ago is not changed any more. */
  private forget(): void {
    const trail = this.run.trail ?? [];
    const gone = new Set<Line>();
    let count = 0;
    while (gone.size < HISTORY && count < trail.length) {
      const taken = trail[count] as (typeof trail)[number];
      this.lay(taken);
      if ('line' in taken) gone.add(taken.line);
      count += 1;
    }
    trail.splice(0, count);
    this.kept = this.kept.filter((line) => !gone.has(line));
  }

  /** What happened becomes part of what the lines that are kept begin from. */
  private lay(taken: Taken): void {
    const { actor } = taken;
    const { players, base, hidden } = this;
    if ('hidden' in taken) {
      hidden.steps += 1;
      const ordinal = base.done.get(actor) as number;
      const next = this.kept.find((line) => line.told.actor === actor && line.ordinal === ordinal);
      const step = tellHidden(
        players,
        players.of.get(actor) as Player,
        base.locals.get(actor) as Local,
        taken.hidden,
      );
      if (hidden.first.length < TOLD)
        hidden.first.push({ actor, beforeLine: next?.place ?? 'the end', step });
    }
    base.repeat(taken);
  }

  private playerOf({ told }: Line): Player {
    return this.players.of.get(told.actor) as Player;
  }
}
