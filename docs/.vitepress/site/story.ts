import { canonical } from '../../../model-check/canonical.ts';
import type { Counterexample, CounterexampleStep } from '../../../model-check/index.ts';
import type { AnySystem } from '../../../src/systems.ts';

/** A step of a run, ready to be shown: nothing is left in it that has to be computed. */
export interface StoryStep {
  readonly number: number;
  readonly actor: string;
  /** The event, as canonical JSON. */
  readonly event: string;
  /** What stands beside the step in a diagram: the rule that fired. */
  readonly rule: string;
  readonly text: string;
  /** A line for each field that changed. */
  readonly changed: readonly string[];
  /** The message received: its sender, the step that sent it (0 if none of these), its type, and all of it in few words. */
  readonly received?: {
    readonly from: string;
    readonly sentAt: number;
    readonly type: string;
    readonly text: string;
  };
  /** What the step added to the network. */
  readonly sent: readonly { readonly type: string; readonly text: string }[];
}

export interface Story {
  /** The actors that have a part in it, in the order of the system. */
  readonly lanes: readonly string[];
  readonly steps: readonly StoryStep[];
}

/** The steps of a run as a story. */
export function storyOf(steps: readonly CounterexampleStep[], system: AnySystem): Story {
  const show = (value: unknown) =>
    value === undefined ? 'nothing' : (system.show?.(value) ?? JSON.stringify(value));
  const sender = new Map<string, number>();
  const involved = new Set<string>();
  const told = steps.map(({ number, actor, event, rule, text, changed, message, sent }): StoryStep => {
    involved.add(actor);
    for (const each of sent) if (!sender.has(canonical(each))) sender.set(canonical(each), number);
    const from = fieldOf(message, 'from');
    if (from !== undefined) involved.add(from);
    return {
      number,
      actor,
      event: canonical(event),
      rule: rule ?? 'nothing',
      text,
      changed: changed.map(
        (field) =>
          `${field.field === '' ? field.actor : `${field.actor}.${field.field}`}: ${show(field.from)} → ${show(field.to)}`,
      ),
      ...(from === undefined
        ? {}
        : {
            received: {
              from,
              sentAt: sender.get(canonical(message)) ?? 0,
              type: fieldOf(message, 'type') ?? 'message',
              text: show(message),
            },
          }),
      sent: sent.map((each) => ({ type: fieldOf(each, 'type') ?? 'message', text: show(each) })),
    };
  });
  return {
    lanes: system.actors.map(({ name }) => name).filter((name) => involved.has(name)),
    steps: told,
  };
}

/** A counterexample as a story, with what is wrong at its end. */
export interface Broken extends Story {
  readonly property: string;
  readonly statement: string;
  readonly facts: string;
}

export function brokenStory(
  { property, statement, facts, steps }: Counterexample,
  system: AnySystem,
): Broken {
  return { ...storyOf(steps, system), property, statement, facts };
}

function fieldOf(value: unknown, name: string): string | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  const field = (value as Record<string, unknown>)[name];
  return typeof field === 'string' ? field : undefined;
}
