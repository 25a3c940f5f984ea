/**
 * What the log asks of whatever decides. The paper's replicated machine (section 3) needs a sequence of decided commands, and
 * does not care how they come to be decided: by Multi-Paxos, by instances of single-decree Paxos, or by one server.
 */
import { z } from 'zod';
import type { Actor, Fact, Local, LocalStep, Permutation, Predicate } from '../../../model-check/system.ts';
import type { ActorId } from '../../ballot.ts';
import type { Value } from '../../proposal.ts';
import type { QuorumSystem } from '../../quorum.ts';
import type { Slot } from '../entry.ts';

/** The least that is known of every message here. */
export interface DeciderMessage {
  readonly type: string;
  readonly from: ActorId;
  readonly to: readonly ActorId[];
}
export type DeciderLocal = Local<object, DeciderMessage>;
export type DeciderEvent = { readonly type: string };
export type DeciderActor = Actor<object, DeciderMessage, DeciderEvent>;
export type DeciderStep = LocalStep<object, DeciderMessage, DeciderEvent>;

/** The values that are decided in a slot, as a fact; one at most, if all is well. */
export interface DecidedFact extends Fact<object, DeciderMessage> {
  combine(views: readonly unknown[]): readonly Value[];
}

/** Something that decides what is in the slots of a log, within bounds, and tells replicas: of decisions, or of votes. */
export interface Decider {
  /** What it is, in words, for "holds". */
  readonly covers: readonly string[];
  /** The processes of which it consists. */
  readonly actors: readonly DeciderActor[];
  /** Whose votes are a decision. */
  readonly quorums: QuorumSystem;
  /** What is decided in a slot, read off the messages ever sent. */
  decided(slot: Slot): DecidedFact;
  /** Where its bounds are used up, so that it may be that nothing more is decided; nowhere, if absent. */
  readonly exhausted?: Predicate<object, DeciderMessage>;
  /** The renamings of its processes that leave it as it is. */
  readonly interchangeable: readonly Permutation[];
  /** The names of its rules, and of those that cannot fire why not. */
  readonly rules: readonly string[];
  readonly idleRules: Readonly<Record<string, string>>;
  /** Tells a step of one of its processes, if not a crash. */
  tell(step: DeciderStep): string | undefined;
}

/** What is left of a process that has stopped for good; what it sent stays sent. */
export const Down = z.strictObject({ down: z.literal(true) });

/** Whether a process has stopped for good. */
export function isDown(state: object): boolean {
  return Down.safeParse(state).success;
}

/** The same process, but a crash of it is never repaired. */
export function mortal(actor: DeciderActor): DeciderActor {
  return {
    ...actor,
    transition: (state, event) =>
      isDown(state) ? { rule: null, state, send: [] } : actor.transition(state, event),
    internal: (state) => (isDown(state) ? [] : (actor.internal?.(state) ?? [])),
    restart: () => ({ down: true }),
  };
}

/** The crash of a process, in words. */
export function tellCrash({ role, actor, before, after }: DeciderStep): string {
  if (isDown(after.state)) return `${role} ${actor} crashes, and is never repaired`;
  const kept = JSON.stringify(before.state) === JSON.stringify(after.state);
  return `${role} ${actor} crashes and restarts${kept ? '; nothing is lost' : ', with its durable state only'}`;
}
