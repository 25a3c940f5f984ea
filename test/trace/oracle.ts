/**
 * The naive way to say which lines of a trace have an explanation: every order of the lines, and every hidden step, is tried. For
 * small traces, of which each actor is a node of its own.
 */
import { canonical } from '../../model-check/canonical.ts';
import type { Actor, Envelope } from '../../model-check/system.ts';
import type { AnySystem } from '../../src/systems.ts';
import type { TraceHeader, TraceLine } from '../../src/trace/format.ts';

type Message = Envelope & Readonly<Record<string, unknown>>;
type Event = { readonly type: string } & Readonly<Record<string, unknown>>;
type Plain = Readonly<Record<string, unknown>>;

/** Where everybody is: by actor how many of its lines are explained, its hidden steps since, its state; and what was sent. */
interface Config {
  readonly at: Readonly<Record<string, number>>;
  readonly hidden: Readonly<Record<string, number>>;
  readonly down: Readonly<Record<string, boolean>>;
  readonly states: Readonly<Record<string, Plain>>;
  readonly network: readonly Message[];
}

const bare = (message: object) => canonical({ ...message, to: null });

/** The place, from 0, of the first line after which no explanation exists; the number of lines if all have one. */
export function firstUnexplained(
  system: AnySystem,
  header: TraceHeader,
  lines: readonly TraceLine[],
  { bridge, skew }: { readonly bridge: number; readonly skew: number },
): number {
  const actors = system.actors as readonly Actor<Plain, Message, Event>[];
  const names = actors.map(({ name }) => name);
  const own = Object.fromEntries(names.map((name) => [name, places(lines, name)]));
  const values = [
    ...new Set([...JSON.stringify(lines).matchAll(/"value":"([^"]+)"/g)].map(([, value]) => value as string)),
  ];
  const front = ({ at }: Config) =>
    Math.min(lines.length, ...names.map((name) => own[name]?.[at[name] ?? 0] ?? lines.length));
  const open: Config[] = [
    {
      at: {},
      hidden: {},
      down: {},
      states: Object.fromEntries(actors.map(({ name, initial }) => [name, initial])),
      network: [],
    },
  ];
  const seen = new Set<string>();
  let best = 0;
  for (let config = open.pop(); config && best < lines.length; config = open.pop()) {
    const key = canonical(config);
    if (seen.has(key)) continue;
    seen.add(key);
    const first = front(config);
    best = Math.max(best, first);
    const next: Config[] = [];
    for (const actor of actors) {
      const place = own[actor.name]?.[config.at[actor.name] ?? 0];
      if ((config.hidden[actor.name] ?? 0) < bridge) next.push(...hiddenSteps(config, actor, values));
      if (place !== undefined && place - first <= skew)
        next.push(...told(config, actor, lines[place] as TraceLine, header));
    }
    open.push(...next);
  }
  return best;
}

const places = (lines: readonly TraceLine[], name: string) =>
  lines.flatMap((line, place) => (line.actor === name ? [place] : []));

/** What may follow by a line: nothing, if it is not what its actor does. */
function told(
  config: Config,
  actor: Actor<Plain, Message, Event>,
  line: TraceLine,
  header: TraceHeader,
): Config[] {
  const { name } = actor;
  const done: Config = {
    ...config,
    at: { ...config.at, [name]: (config.at[name] ?? 0) + 1 },
    hidden: { ...config.hidden, [name]: 0 },
  };
  const state = config.states[name] as Plain;
  if (config.down[name] && line.event !== 'restarted') return [];
  switch (line.event) {
    case 'crashed':
      return [{ ...done, down: { ...config.down, [name]: true } }];
    case 'restarted': {
      const after = actor.restart?.(state) as Plain;
      const told = Object.entries(line.state ?? {});
      if (
        told.some(
          ([field, value]) => canonical(field in after ? after[field] : 'nothing') !== canonical(value),
        )
      )
        return [];
      return [
        { ...done, down: { ...config.down, [name]: false }, states: { ...config.states, [name]: after } },
      ];
    }
    case 'sent': {
      const everybody = allOf(header);
      let { network } = config;
      for (const message of line.sent as readonly (Message | { readonly from: string })[]) {
        if (message.from !== name) return [];
        if (config.network.some((each) => covers(each, message as Message))) continue;
        if (actor.role !== 'replica' || !knows(state, message as Message)) return [];
        network = sending(network, [{ to: everybody, ...message } as Message]);
      }
      return [{ ...done, network }];
    }
    case 'learned':
      return hasLearned(state, line.value, line.slot) ? [done] : [];
    case 'applied':
      return (state['applied'] as number) >= line.slot &&
        (line.value === undefined || hasLearned(state, line.value, line.slot))
        ? [done]
        : [];
    case 'received': {
      const { from, type } = line.message;
      const isClients = !allOf(header).includes(from) && (type === 'request' || type === 'read');
      if (!isClients && !config.network.some((each) => covers(each, { ...line.message, to: [name] })))
        return [];
      return stepped(
        done,
        actor,
        { type: 'receive', message: { ...line.message, to: line.message.to ?? [name] } },
        line.sent,
        false,
      );
    }
    case 'timed-out':
      return stepped(
        done,
        actor,
        line.value === undefined ? { type: 'time-out' } : { type: 'start', value: line.value },
        line.sent,
        false,
      );
    case 'requested':
      return stepped(done, actor, { type: 'request', value: line.value }, line.sent, false);
    case 'heartbeat':
    case 'resent':
    case 'truncated':
    case 'asked': {
      const type = { heartbeat: 'beat', resent: 'resend', truncated: 'truncate', asked: 'catch-up' };
      return stepped(done, actor, { type: type[line.event] }, line.sent, false);
    }
    default:
      return [];
  }
}

const allOf = (header: TraceHeader) => [
  ...header.acceptors,
  ...(header.system === 'paxos'
    ? [...header.proposers, ...header.learners]
    : [...header.leaders, ...header.replicas]),
];

type Entries = readonly { readonly slot: number; readonly value: string }[];

/** Whether a learner, or a replica in a slot, has learned a value: of what a replica has forgotten nobody knows. */
function hasLearned(state: Plain, value: string, slot: number | undefined): boolean {
  if (slot === undefined) return state['learned'] === value;
  const entries = state['decided'] as Entries;
  return (
    slot <= (state['truncated'] as number) ||
    entries.some((each) => each.slot === slot && each.value === value)
  );
}

/** Whether a message says what a replica knows: a decision, or all that it has applied. */
function knows(state: Plain, message: Message): boolean {
  const { type, slot, value, last, machine, sessions, changes } = message;
  if (type === 'decision')
    return (state['decided'] as Entries).some((each) => each.slot === slot && each.value === value);
  return (
    type === 'snapshot' &&
    changes === undefined &&
    canonical([last, machine, sessions]) ===
      canonical([state['applied'], state['machine'], state['sessions']])
  );
}

/** Whether a message was sent, and to at least these. */
const covers = (sent: Message, message: { readonly to?: readonly string[] | undefined }) =>
  bare(sent) === bare(message) && (message.to ?? []).every((each) => sent.to.includes(each));

function stepped(
  config: Config,
  actor: Actor<Plain, Message, Event>,
  event: Event,
  sent: readonly { readonly to?: readonly string[] | undefined }[] | undefined,
  mustChange: boolean,
): Config[] {
  const state = config.states[actor.name] as Plain;
  const { state: after, send } = actor.transition(state, event as never);
  if (sent && !sent.every((message) => send.some((each) => covers(each, message)))) return [];
  const leaving = sent
    ? send.flatMap((each) => {
        const told = sent.filter((message) => bare(message) === bare(each));
        return told.map(({ to }) => ({ ...each, to: to ?? each.to }));
      })
    : send;
  const network = sending(config.network, leaving);
  const changed = canonical(after) !== canonical(state) || canonical(network) !== canonical(config.network);
  if (mustChange && !changed) return [];
  return [{ ...config, network, states: { ...config.states, [actor.name]: after } }];
}

/** What was sent, with more messages. */
function sending(sent: readonly Message[], more: readonly Message[]): Message[] {
  const network = [...sent];
  for (const message of more) {
    const known = network.findIndex((each) => bare(each) === bare(message));
    if (known === -1) network.push(message);
    else
      network[known] = {
        ...message,
        to: [...new Set([...(network[known] as Message).to, ...message.to])].sort(),
      };
  }
  return network.sort((a, b) => (canonical(a) < canonical(b) ? -1 : 1));
}

/** Whatever an actor might do that no line tells of. */
function hiddenSteps(
  config: Config,
  actor: Actor<Plain, Message, Event>,
  values: readonly string[],
): Config[] {
  const { name, role } = actor;
  const used = { ...config, hidden: { ...config.hidden, [name]: (config.hidden[name] ?? 0) + 1 } };
  const state = config.states[name] as Plain;
  const restarted = actor.restart?.(state) as Plain;
  const crash = {
    ...used,
    down: { ...config.down, [name]: false },
    states: { ...config.states, [name]: restarted },
  };
  if (config.down[name]) return [crash];
  const starts = role === 'proposer' ? values.map((value) => ({ type: 'start', value })) : [];
  const receipts = config.network
    .filter(({ to }) => to.includes(name))
    .map((message) => ({ type: 'receive', message }));
  return [
    ...(canonical(restarted) === canonical(state) ? [] : [crash]),
    ...[...starts, ...receipts].flatMap((event) => stepped(used, actor, event, undefined, true)),
  ];
}
