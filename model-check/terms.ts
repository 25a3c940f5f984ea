/** The terms that a system must keep to, and the one sentence that tells where it does not. */
import { canonical, canonicalSet } from './canonical.ts';
import { type Actor, CRASHES, type Envelope, type Outcome, type Receive, type System } from './system.ts';

/** A system that breaks the checker's terms (a forged sender, an unknown recipient, a state that is not JSON, ...). */
export class SystemError extends Error {
  override name = 'SystemError';
}

/** Runs a part of the system; what it throws becomes a `SystemError` that begins with `place`. */
export function guarded<T>(place: () => string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof SystemError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new SystemError(`${place()}: ${message.replaceAll(/\s*\n\s*/g, ' ')}`, { cause: error });
  }
}

/**
 * What can be told of a system without asking its functions, and would make "holds" say nothing if it went unnoticed.
 *
 * @throws SystemError
 */
export function checkDeclared<S, M extends Envelope, E>({
  name,
  actors,
  observers = [],
  crashes,
  properties,
  symmetry,
}: System<S, M, E>): void {
  const refuse = (what: string): never => {
    throw new SystemError(`${name}: ${what}`);
  };
  const names = [...actors, ...observers].map((each) => each.name);
  const twice = names.find((each, at) => at >= actors.length && names.indexOf(each) !== at);
  if (twice !== undefined) refuse(`an observer is named "${twice}", and so is something else`);
  if (names.includes(CRASHES)) refuse(`an actor or observer is named "${CRASHES}"`);
  const { budget = 0, groups = [] } = crashes ?? {};
  if (!Number.isInteger(budget) || budget < 0)
    refuse(`the crash budget is ${String(budget)}: expected a whole number from 0`);
  if (groups.some((group) => group.length === 0))
    refuse('a crash group is empty: expected the names of the actors that crash together');
  for (const { name: property, notApplicable, clauses, step, alwaysReachable } of properties)
    if (notApplicable === undefined && !clauses && !step && !alwaysReachable)
      refuse(`the property ${property} claims nothing: expected clauses, a step or alwaysReachable`);
  for (const permutation of symmetry?.permutations ?? []) {
    const [from, to] = [Object.keys(permutation), Object.values(permutation)];
    if (canonicalSet(from) !== canonicalSet(to))
      refuse(
        `the renaming ${canonical(permutation)} is not one to one: expected each of its names to be the new name of one of them`,
      );
  }
}

/** The answer of an actor's transition function, if it is one. */
export function answerTo<S, M extends Envelope, E>(
  actor: Actor<S, M, E>,
  state: S,
  event: E | Receive<M>,
): Outcome<S, M> {
  const question = () => `${canonical(event)} in state ${canonical(state)}`;
  const answer = guarded(
    () => `${actor.name} throws on ${question()}`,
    () => actor.transition(state, event),
  );
  return guarded(
    () => `${actor.name} answers ${question()} with what is no answer`,
    () => {
      const { rule, send } = Object(answer) as Partial<Outcome<S, M>>;
      if (!Array.isArray(send) || (rule !== null && typeof rule !== 'string')) {
        throw new TypeError('expected { rule, state, send }, rule a string or null, send an array');
      }
      const changes = canonical(answer.state) !== canonical(state) || send.length > 0;
      if (rule === null && changes)
        throw new TypeError('expected a rule, since it changes the state or sends something');
      canonical(send);
      return answer;
    },
  );
}

/** The internal steps that an actor offers in a state. */
export function offeredBy<S, M extends Envelope, E>(actor: Actor<S, M, E>, state: S): readonly E[] {
  return guarded(
    () => `the internal steps of ${actor.name} in state ${canonical(state)}`,
    () => {
      const offered = actor.internal?.(state) ?? [];
      if (!Array.isArray(offered)) throw new TypeError('expected an array of events');
      for (const event of offered) canonical(event);
      return offered as readonly E[];
    },
  );
}

/** @throws SystemError if an actor's own event has the type of one that the engine makes: it would be taken for that */
export function checkOwnEvent(actor: string, event: unknown): void {
  const { type } = Object(event) as { type?: unknown };
  if (type !== 'receive' && type !== 'crash') return;
  throw new SystemError(
    `${actor} offers the event ${canonical(event)}: expected another type, since "${type}" is the engine's`,
  );
}

/** @throws SystemError if a message is not one that `sender` may send */
export function checkEnvelope(sender: string, message: Envelope): void {
  const { from, to } = Object(message) as Partial<Envelope>;
  const problem =
    from !== sender
      ? `a message whose sender is ${from === undefined ? 'not given' : canonical(from)}`
      : !Array.isArray(to) || canonical([...new Set(to)].sort()) !== canonical(to)
        ? 'a message whose recipients are not a sorted set'
        : undefined;
  if (problem) throw new SystemError(`${sender} sends ${problem}: ${canonical(message)}`);
}
