/**
 * Steps that no line tells of, found by search. A plan says which hidden steps there are, and where. Where a run by a plan is stuck,
 * it is stuck with certain actors: every plan that gets further and includes this one has one more step of one of them. So trying
 * their steps only, one more at a time, passes over no plan.
 */
import { canonical } from '../../model-check/canonical.ts';
import type { ActorId } from '../../spec/index.ts';
import type { TraceMessage } from './format.ts';
import type { Local, Reader, Sendings } from './local.ts';
import { keyOf, Network, type Sent } from './network.ts';
import type { AnyMessage, Event, Players } from './players.ts';
import { gap, type Line, type Moment, type Plan, Run, readersOf, type Stuck } from './run.ts';

export interface BridgeBounds {
  /** Hidden steps between two lines of one actor. */
  readonly bridge: number;
  readonly skew: number;
  readonly remember: number;
  readonly attempts: number;
}

/** What is still known of a trace: where the lines begin that are kept, and these lines in the order of the file. */
export interface Kept {
  readonly base: Moment;
  readonly lines: readonly Line[];
}

/** An actor without one more step of which the run is stuck, and a message that it would have to send. */
interface Cause {
  readonly actor: ActorId;
  readonly needs?: string;
  readonly line?: Line;
}

/** A plan with one more step, and how far its actor alone would get by it. */
interface Candidate {
  readonly plan: Plan;
  readonly mends: boolean;
  readonly reach: number;
}

/** The run of a plan, as far as it gets. */
export function runOf(
  players: Players,
  { base, lines }: Kept,
  plan: Plan,
  { skew, remember }: BridgeBounds,
): Run {
  const run = new Run(
    players,
    { ...momentOf(base), network: new Network(remember, base.network) },
    plan,
    true,
  );
  run.begin();
  for (const line of lines) {
    if (run.front && run.front.number + skew < line.number) break;
    run.feed(line);
  }
  return run;
}

const momentOf = ({ locals, network, done, taken }: Moment): Moment => ({ locals, network, done, taken });

/** Finds a plan by which a line, and all before it, are explained. Undefined if none is found within the bounds. */
export function bridge(
  players: Players,
  kept: Kept,
  current: Plan,
  target: Line,
  bounds: BridgeBounds,
): { readonly plan: Plan; readonly run: Run } | undefined {
  return new Search(players, kept, target, bounds).find(current);
}

class Search {
  private readonly players: Players;
  private readonly kept: Kept;
  private readonly target: Line;
  private readonly bounds: BridgeBounds;
  private readonly readers: ReadonlyMap<ActorId, Reader>;
  private readonly lines = new Map<ActorId, Line[]>();
  private attempts = 0;
  /** The messages that lines tell of, and those that might be sent in one step of somebody. */
  private readonly told = new Map<string, TraceMessage>();
  private readonly values: string[];

  constructor(players: Players, kept: Kept, target: Line, bounds: BridgeBounds) {
    this.players = players;
    this.kept = kept;
    this.target = target;
    this.bounds = bounds;
    this.readers = readersOf(players);
    const values = new Set<string>();
    for (const line of kept.lines) {
      const { told } = line;
      this.lines.set(told.actor, [...(this.lines.get(told.actor) ?? []), line]);
      const messages = [
        ...('sent' in told ? (told.sent ?? []) : []),
        ...('message' in told ? [told.message] : []),
      ];
      for (const message of messages) {
        this.told.set(keyOf(message), message);
        if ('value' in message) values.add(message.value);
      }
      if ('value' in told && told.value !== undefined) values.add(told.value);
    }
    // What is proposed in a hidden step may not be known yet.
    this.values = [...[...values].slice(-MOST_VALUES), UNTOLD];
  }

  find(current: Plan) {
    const { base } = this.kept;
    // What has been taken before the lines that are kept cannot be changed any more.
    const scratch = new Map(
      [...base.taken].map(([actor, taken]) => {
        const key = gap(actor, base.done.get(actor) as number);
        return [key, (current.get(key) ?? []).slice(0, taken)] as const;
      }),
    );
    const starts = current.size > scratch.size ? [current, scratch] : [current];
    for (let depth = 1; depth <= MOST_STEPS; depth++) {
      for (const start of starts) {
        const found = this.extend(start, depth);
        if (found) return found;
        if (this.attempts > this.bounds.attempts) return undefined;
      }
    }
    return undefined;
  }

  private extend(plan: Plan, more: number): { plan: Plan; run: Run } | undefined {
    const run = runOf(this.players, this.kept, plan, this.bounds);
    const { front } = run;
    if (!front || front.number > this.target.number) return { plan, run };
    if (more === 0) return undefined;
    const node = this.nodeOf(front.told.actor);
    const candidates = this.every(
      run,
      plan,
      causesOf(run, node, (actor) => this.nodeOf(actor)),
      more > 1,
    );
    // With one step left, it has to be one that mends what is wrong.
    const worthwhile = more === 1 ? mending(candidates) : bestFirst(candidates);
    for (const candidate of worthwhile) {
      const found = this.extend(candidate.plan, more - 1);
      if (found || this.attempts > this.bounds.attempts) return found;
    }
    return undefined;
  }

  private *every(run: Run, plan: Plan, causes: readonly Cause[], guessing: boolean): Generator<Candidate> {
    for (const cause of causes) yield* this.candidates(run, plan, cause, guessing);
  }

  private nodeOf(actor: ActorId): string {
    return this.players.of.get(actor)?.node ?? actor;
  }

  /** All plans with one more step of an actor. */
  private *candidates(
    run: Run,
    plan: Plan,
    { actor, needs, line }: Cause,
    guessing: boolean,
  ): Generator<Candidate> {
    const reader = this.readers.get(actor) as Reader;
    const before = this.alone(actor, plan);
    const least = needs === undefined ? 0 : before.reach;
    const events = this.eventsOf(actor, run, guessing);
    const fixed = this.kept.base.taken.get(actor) ?? 0;
    for (const { ordinal, at, local } of [...before.places].reverse()) {
      const key = gap(actor, ordinal);
      const steps = plan.get(key) ?? [];
      if (steps.length >= this.bounds.bridge || (ordinal === before.first && at < fixed)) continue;
      for (const event of events) {
        const outlook = reader.hidden(local, event, anything(run.network, []));
        if (!('local' in outlook)) continue;
        const changes = differ(outlook.local, local);
        if (!changes && outlook.release.every(({ key: sent }) => run.network.recipients(sent) !== undefined))
          continue;
        this.attempts += 1;
        if (this.attempts > this.bounds.attempts) return;
        const more: Plan = new Map([...plan, [key, [...steps.slice(0, at), event, ...steps.slice(at)]]]);
        const after = this.alone(actor, more);
        const mends =
          needs === undefined
            ? after.reach > (line as Line).ordinal
            : after.sends.has(needs) && after.reach >= least;
        yield { plan: more, mends, reach: after.reach };
      }
    }
  }

  /** How far an actor gets by a plan if it can receive whatever it is said to receive. */
  private alone(actor: ActorId, plan: Plan) {
    const reader = this.readers.get(actor) as Reader;
    const { base } = this.kept;
    const first = base.done.get(actor) as number;
    let local = base.locals.get(actor) as Local;
    const sent: Sent[] = [];
    const sendings = anything(base.network, sent);
    const places: { ordinal: number; at: number; local: Local }[] = [];
    const lines = (this.lines.get(actor) ?? []).filter(({ ordinal }) => ordinal >= first);
    let skipped = base.taken.get(actor) ?? 0;
    let reach = first;
    for (const line of [...lines, undefined]) {
      const steps = plan.get(gap(actor, reach)) ?? [];
      let failed = false;
      for (let at = skipped; at <= steps.length; at++) {
        places.push({ ordinal: reach, at, local });
        const event = steps[at];
        const outlook = event && reader.hidden(local, event, sendings);
        if (!outlook) continue;
        failed ||= !('local' in outlook);
        if (!('local' in outlook)) break;
        local = outlook.local;
        sent.push(...outlook.release);
      }
      skipped = 0;
      if (failed || !line) break;
      const outlook = reader.read(local, line.told, sendings);
      if (!('local' in outlook)) break;
      local = outlook.local;
      sent.push(...outlook.release);
      reach += 1;
    }
    return { first, places, reach, sends: new Set(sent.map(({ key }) => key)) };
  }

  /** What an actor might do unseen. */
  private eventsOf(actor: ActorId, run: Run, guessing: boolean): Event[] {
    const known = new Map<string, TraceMessage>();
    for (const message of run.network.receivable(actor)) {
      if (known.size >= MOST_MESSAGES) break;
      known.set(keyOf(message), message);
    }
    for (const [key, message] of this.told) if (this.isFor(actor, message)) known.set(key, message);
    if (guessing)
      for (const message of this.guesses(run))
        if (this.isFor(actor, message)) known.set(keyOf(message), message);
    const receipts = [...known.values()].map((message) => ({
      type: 'receive',
      message: { ...message, to: message.to ?? [actor] } as AnyMessage,
    }));
    return [...receipts, ...this.ownSteps(actor)];
  }

  private isFor(actor: ActorId, { from, to }: TraceMessage): boolean {
    return from !== actor && this.players.of.has(from) && (to === undefined || to.includes(actor));
  }

  private ownSteps(actor: ActorId): Event[] {
    const { header } = this.players;
    const values = (type: string) => this.values.map((value) => ({ type, value }));
    const own: Readonly<Record<string, readonly Event[]>> = {
      proposer: values('start'),
      leader: [{ type: 'time-out' }, { type: 'resend' }, { type: 'beat' }, ...values('request')],
      replica: [{ type: 'truncate' }, { type: 'catch-up' }],
    };
    const steps = own[this.players.of.get(actor)?.role ?? ''] ?? [];
    return [...steps, { type: 'restart' }, ...(header.writes === 'told' ? [{ type: 'write' }] : [])];
  }

  /** Messages that nobody tells of, and that somebody could have sent in one step from where he has been. */
  private guesses(run: Run): AnyMessage[] {
    const found = new Map<string, AnyMessage>();
    for (const [actor, reader] of this.readers) {
      const events = this.eventsOf(actor, run, false);
      const { places } = this.alone(actor, new Map());
      for (const { local } of places) {
        for (const event of events) {
          const outlook = reader.hidden(local, event, anything(run.network, []));
          for (const { key, message } of 'local' in outlook ? outlook.release : []) found.set(key, message);
        }
      }
    }
    return [...found.values()];
  }
}

function* mending(candidates: Iterable<Candidate>): Generator<Candidate> {
  for (const candidate of candidates) if (candidate.mends) yield candidate;
}

function bestFirst(candidates: Iterable<Candidate>): Candidate[] {
  return [...candidates].sort((a, b) => Number(b.mends) - Number(a.mends) || b.reach - a.reach);
}

/** Whether anything is different after a step. */
function differ(after: Local, before: Local): boolean {
  if (after.down !== before.down || after.unwritten.length !== before.unwritten.length) return true;
  return (
    (after.state !== before.state && canonical(after.state) !== canonical(before.state)) ||
    (after.disk !== before.disk && canonical(after.disk) !== canonical(before.disk))
  );
}

/** Values, and messages, that hidden steps are tried with: those met last. */
const MOST_VALUES = 8;
const MOST_MESSAGES = 200;
/** A value that no line has told of, so far. */
const UNTOLD = '(untold)';
/** Hidden steps for one line. */
const MOST_STEPS = 8;

/** A network in which whatever one would like to receive can be received. */
function anything(network: Network, sent: readonly Sent[]): Sendings {
  return {
    has: () => true,
    recipients: (key) => network.recipients(key) ?? sent.find((each) => each.key === key)?.message.to,
  };
}

/** The actors of whom one more step is needed: of one whose line is refused, or of those who have not sent what others wait for. */
function causesOf(
  run: Run,
  node: string,
  nodeOf: (actor: ActorId) => string,
  seen = new Set<string>(),
): Cause[] {
  const stuck: Stuck | undefined = run.stuckAt(node);
  if (!stuck || seen.has(node)) return [];
  seen.add(node);
  const { line, why } = stuck;
  if (!('waitsFor' in why)) return [{ actor: line.told.actor, line }];
  const { key, message } = why.waitsFor;
  return [{ actor: message.from, needs: key }, ...causesOf(run, nodeOf(message.from), nodeOf, seen)];
}
