import { changes, messageOf, plainly } from '../../model-check/counterexample.ts';
import {
  type CounterexampleStep,
  canonical,
  type Envelope,
  type NaiveState,
  type NaiveStep,
  type Property,
  type System,
  violation,
} from '../../model-check/index.ts';

/** A step that the functions have taken, the `number`-th of its run, as a counterexample tells it. */
export function toldStep<S, M extends Envelope, E>(
  system: System<S, M, E>,
  { steps }: NaiveStep<S, M, E>,
  number: number,
): CounterexampleStep {
  const [{ actor, role, rule, event }] = steps as [NaiveStep<S, M, E>['steps'][number]];
  const added = steps.flatMap(({ before, after }) => {
    const sent = new Set(before.sent.map(canonical));
    return after.sent.filter((message) => !sent.has(canonical(message)));
  });
  return {
    number,
    actor,
    role,
    rule,
    event: event as CounterexampleStep['event'],
    message: messageOf(event),
    sent: added as unknown as CounterexampleStep['sent'],
    changed: steps.flatMap((step) => changes(step)),
    text: steps.map((step) => (system.tell ?? plainly)(step)).join('; '),
  };
}

/** What is wrong after a step (none: in the initial state), by a property of states or of steps; undefined if nothing is. */
export function wrongAfter<S, M extends Envelope, E>(
  { clauses, step }: Property<S, M, E>,
  state: NaiveState<S, M>,
  last: NaiveStep<S, M, E> | undefined,
): string | undefined {
  return (
    last?.steps.map((each) => step?.(each)).find((sentence) => sentence !== undefined) ??
    clauses?.map((clause) => violation(clause, state)).find((sentence) => sentence !== undefined)
  );
}
