import { canonical } from '../../model-check/canonical.ts';
import type { Actor, LocalStep, Outcome, Property, Situation } from '../../model-check/index.ts';
import { show } from '../../spec/show.ts';
import type { ForeignRole } from './role.ts';
import type { Answered, ForeignState, Input, Reply, Sent } from './situation.ts';
import type { ForeignEvent, ForeignSystem, Stage } from './stage.ts';
import { showInput, showSent } from './told.ts';

type ForeignActor = Actor<unknown, Sent, ForeignEvent>;
type Step = LocalStep<unknown, Sent, ForeignEvent>;

/** The property by which findings are told, with the shortest run that leads to one. */
export const WELL_BEHAVED = 'well-behaved';

/** The rule that a message is sent by, whoever sends it. */
const RULES: Readonly<Partial<Record<Sent['type'], string>>> = {
  prepare: '1a',
  promise: '1b',
  accept: '2a',
  accepted: '2b',
  nack: 'nack',
  decision: 'learn',
  confirmed: 'confirm',
};
/** Of a change of state with which nothing is sent. */
const CHANGES = 'silent change';

/**
 * A system with foreign roles in the place of ours. What is claimed of it is claimed of messages, and of what a replica shows of
 * the log: a foreign state is opaque, so that there are no symmetries, and no property of registers.
 */
export function foreignSystem(stage: Stage, roles: readonly ForeignRole[]): ForeignSystem {
  const playing = new Map(roles.flatMap((role) => role.actors.map((id) => [id, role] as const)));
  const bounded = (id: string, input: Input, reply: Reply) => within(stage, id, input, reply);
  /** Whether a step is one that an implementation took, and not one that it was not asked for or failed in. */
  const isTaken = ({ actor, event, before }: Step): boolean => {
    const role = playing.get(actor);
    if (!role) return true;
    const input = inputOf(event);
    // After a crash that loses a write, the state before is not the one that it restarts from.
    if (input === 'restart') return true;
    return bounded(actor, input, role.ask(actor, before.state as ForeignState, input)) !== undefined;
  };
  const plain = stage.system;
  const names = roles.map(({ name }) => name);
  /** The excuse of what is not asked of these programs, if it is not. */
  const unasked = (name: string) => {
    const opaque = roles.filter((role) => stage.inside[role.name]?.includes(name));
    const who = opaque.flatMap(({ actors }) => actors).join(', ');
    return who === '' ? undefined : `is about what is inside ${who}`;
  };
  const { symmetry: _none, idleRules, ...rest } = plain;
  return {
    ...rest,
    covers: [...plain.covers, ...covers(stage, roles)],
    actors: plain.actors.map((actor) => {
      const role = playing.get(actor.name);
      return role ? foreignActor(stage, role, actor, bounded) : actor;
    }),
    properties: [
      wellBehaved(playing),
      ...plain.properties.map((property): Property<unknown, Sent, ForeignEvent> => {
        const { name, kind, statement, step, alwaysReachable } = property;
        const excuse = unasked(name) ?? (alwaysReachable && 'programs are not asked all that may follow');
        if (excuse !== undefined)
          return { name, kind, statement, notApplicable: property.notApplicable ?? excuse };
        return step ? { ...property, step: (each) => (isTaken(each) ? step(each) : undefined) } : property;
      }),
    ],
    situations: (plain.situations ?? []).map((situation): Situation<unknown, Sent, ForeignEvent> => {
      const { name, statement, step } = situation;
      const excuse = unasked(name);
      if (excuse !== undefined) return { name, statement, notApplicable: situation.notApplicable ?? excuse };
      return step ? { ...situation, step: (each) => isTaken(each) && step(each) } : situation;
    }),
    rules: (plain.rules ?? []).filter((rule) => !names.some((name) => stage.rules[name]?.includes(rule))),
    ...(idleRules ? { idleRules } : {}),
    tell: (step) => tellForeign(playing, step, plain),
    show,
  };
}

function foreignActor(
  stage: Stage,
  role: ForeignRole,
  ours: ForeignActor,
  bounded: (id: string, input: Input, reply: Reply) => Answered | undefined,
): ForeignActor {
  const { name } = ours;
  const ask = (state: unknown, input: Input) => role.ask(name, state as ForeignState, input);
  const { restart, writeBehind } = role.hello;
  const prompts = stage.prompts(name);
  const asked = (state: unknown) => prompts ?? ours.internal?.(state) ?? [];
  return {
    name,
    role: ours.role,
    initial: role.initial(name).state,
    transition(state, event): Outcome<unknown, Sent> {
      const answer = bounded(name, event as ForeignEvent, ask(state, event as ForeignEvent));
      if (!answer) return { rule: null, state, send: [] };
      const [first] = answer.send;
      const changes = canonical(answer.state) !== canonical(state);
      return { ...answer, rule: first ? (RULES[first.type] ?? first.type) : changes ? CHANGES : null };
    },
    ...(ours.internal
      ? {
          internal: (state: unknown) =>
            asked(state).filter((event) => {
              const reply = ask(state, event);
              return reply.kind === 'finding' || bounded(name, event, reply);
            }),
        }
      : {}),
    ...(restart
      ? {
          restart: (state: unknown) => {
            const reply = ask(state, 'restart');
            return reply.kind === 'answer' ? reply.answer.state : state;
          },
        }
      : {}),
    ...(writeBehind ? { writeBehind } : {}),
  };
}

/**
 * An answer as far as it lies within the bounds: none, if a proposer began a ballot of its own that is none of the
 * configuration's, say. Nacks are left out where there are to be none: they are lost, and a nack that is lost is a time-out.
 */
function within({ nacks, isWithin }: Stage, id: string, input: Input, reply: Reply): Answered | undefined {
  if (reply.kind !== 'answer' || !isWithin(id, input, reply.answer)) return undefined;
  const { state, send } = reply.answer;
  return { state, send: nacks ? send : send.filter(({ type }) => type !== 'nack') };
}

function wellBehaved(playing: ReadonlyMap<string, ForeignRole>): Property<unknown, Sent, ForeignEvent> {
  return {
    name: WELL_BEHAVED,
    kind: 'requirement',
    statement:
      'A foreign role answers every question, in time, in the form agreed upon, and the same whenever it is asked.',
    step: ({ actor, event, before }) => {
      const role = playing.get(actor);
      if (!role) return undefined;
      const input = inputOf(event);
      // The state that a crash leaves may be the one before the last write.
      if (input === 'restart' && !role.hello.restart) return undefined;
      const reply = role.ask(actor, before.state as ForeignState, input);
      return reply.kind === 'finding' && reply.finding.kind !== 'grows' ? reply.finding.text : undefined;
    },
  };
}

function inputOf(event: Step['event']): Input {
  return event.type === 'crash' ? 'restart' : (event as ForeignEvent);
}

function covers(stage: Stage, roles: readonly ForeignRole[]): string[] {
  return roles.flatMap((role) => {
    const { actors, hello, kind, options } = role;
    const who = actors.join(', ');
    const told = {
      stateless: 'which is handed its state with each question',
      stateful: 'which keeps its state, and tells it',
      history: `which keeps its state and does not tell it: all that it may be told in ${options.maxDeliveries} deliveries`,
    }[kind];
    const verb = actors.length === 1 ? 'is' : 'are';
    return [
      `${who} ${verb} ${options.command}, ${told}`,
      ...(stage.crashes > 0 && !hello.restart
        ? [`no crash of ${who}: the program does not offer to restart`]
        : []),
      ...(role.name === 'leader'
        ? [`${who} may be asked for any command at any time; a step beyond these bounds is not looked at`]
        : []),
      ...(role.name.endsWith('acceptor') && !stage.nacks
        ? [`a nack of ${who} is lost (with --nacks it is not)`]
        : []),
    ];
  });
}

/** What an actor is told, as a part of a sentence. */
function told(event: Step['event']): string {
  const input = showInput(inputOf(event));
  switch (event.type) {
    case 'receive':
      return `receives ${input} from ${event.message.from}`;
    case 'start':
      return `is told to ${input}`;
    case 'request':
      return `is asked for ${event.value}`;
    default:
      return `takes the event ${input}`;
  }
}

function tellForeign(playing: ReadonlyMap<string, ForeignRole>, step: Step, ours: ForeignSystem): string {
  const { actor, role, event, before, after } = step;
  const foreign = playing.get(actor);
  if (!foreign || event.type === 'crash') return ours.tell?.(step) ?? actor;
  const reply = foreign.ask(actor, before.state as ForeignState, inputOf(event));
  const had = new Set(before.sent.map((message) => JSON.stringify(message)));
  const sent = after.sent.filter((message) => !had.has(JSON.stringify(message)));
  const answer =
    reply.kind === 'finding'
      ? 'and fails to answer'
      : sent.length > 0
        ? `and sends ${sent.map(showSent).join(', ')}`
        : 'and sends nothing new';
  return `${role} ${actor} ${told(event)}, ${answer}`;
}
