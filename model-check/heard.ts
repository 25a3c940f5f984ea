import type { Journal } from './journal.ts';
import type { Actor, Envelope, Fact, Observer, Property, Reading, Situation, System } from './system.ts';

/**
 * The same system, of which a journal hears every answer, and first all that is said of it once and for all. It is asked what
 * it would be asked without.
 */
export function heard<S, M extends Envelope, E>(system: System<S, M, E>, journal: Journal): System<S, M, E> {
  journal.hear(described(system));
  const facts = heardFacts<S, M>(journal);
  const { readings, observers, symmetry, situations } = system;
  return {
    ...system,
    actors: system.actors.map((actor) => heardActor(actor, journal)),
    properties: system.properties.map((property) => heardProperty(property, journal, facts)),
    ...(readings ? { readings: readings.map((reading) => heardReading(reading, journal)) } : {}),
    ...(observers ? { observers: observers.map((observer) => heardObserver(observer, journal)) } : {}),
    ...(situations
      ? { situations: situations.map((situation) => heardSituation(situation, journal, facts)) }
      : {}),
    ...(symmetry
      ? {
          symmetry: {
            permutations: symmetry.permutations,
            rename: (value, permutation) => journal.hear(symmetry.rename(value, permutation)),
          },
        }
      : {}),
  };
}

/** What a system says of itself without being asked. */
function described<S, M extends Envelope, E>(system: System<S, M, E>): unknown {
  const { name, covers, restricted, crashes, symmetry, rules, idleRules } = system;
  const factsOf = (facts: readonly Fact<S, M>[]) => facts.map((fact) => [fact.name, fact.of]);
  return {
    fixed: { name, covers, restricted, crashes, rules, idleRules },
    permutations: symmetry?.permutations,
    actors: system.actors.map((actor) => ({
      fixed: [actor.name, actor.role, actor.initial, actor.writeBehind ?? false],
      has: [actor.internal !== undefined, actor.restart !== undefined],
    })),
    readings: system.readings?.map((reading) => [reading.name, reading.actor, reading.of]),
    observers: system.observers?.map((observer) => [observer.name, observer.initial]),
    properties: system.properties.map(({ name: each, kind, statement, notApplicable, clauses, step }) => ({
      fixed: [each, kind, statement, notApplicable ?? null, step !== undefined],
      clauses: clauses?.map(({ facts }) => factsOf(facts)),
    })),
    situations: system.situations?.map(({ name: each, statement, notApplicable, state, step }) => ({
      fixed: [each, statement, notApplicable ?? null, step !== undefined],
      facts: state && factsOf(state.facts),
    })),
  };
}

function heardActor<S, M extends Envelope, E>(actor: Actor<S, M, E>, journal: Journal): Actor<S, M, E> {
  const { name, role, initial, writeBehind } = actor;
  return {
    name,
    role,
    initial,
    transition: (state, event) => journal.hear(actor.transition(state, event)),
    ...(actor.internal ? { internal: (state) => journal.hear(actor.internal?.(state) ?? []) } : {}),
    ...(actor.restart ? { restart: (state) => journal.hear(actor.restart?.(state) as S) } : {}),
    ...(writeBehind === undefined ? {} : { writeBehind }),
  };
}

function heardReading<S, M extends Envelope, E>(
  reading: Reading<S, M, E>,
  journal: Journal,
): Reading<S, M, E> {
  const { name, actor, of } = reading;
  return {
    name,
    actor,
    of,
    ...(reading.when ? { when: (self) => journal.hear(Boolean(reading.when?.(self))) } : {}),
    view: (local, other) => journal.hear(reading.view(local, other)),
    events: (self, views) => journal.hear(reading.events(self, views)),
  };
}

function heardObserver<S, M extends Envelope, E>(
  observer: Observer<S, M, E>,
  journal: Journal,
): Observer<S, M, E> {
  const { name, initial } = observer;
  return {
    name,
    initial,
    label: (step) => journal.hear(observer.label(step)),
    observe: (record, label) => journal.hear(observer.observe(record, label)),
  };
}

/** Facts as they are heard. What is one fact, or one view, stays one: those who tabulate them count on that. */
function heardFacts<S, M>(journal: Journal): (facts: readonly Fact<S, M>[]) => readonly Fact<S, M>[] {
  const known = new Map<Fact<S, M>, Fact<S, M>>();
  const views = new Map<Fact<S, M>['view'], Fact<S, M>['view']>();
  const viewOf = (fact: Fact<S, M>) => {
    const view = views.get(fact.view) ?? ((local, actor) => journal.hear(fact.view(local, actor)));
    views.set(fact.view, view);
    return view;
  };
  return (facts) =>
    facts.map((fact) => {
      const { name, of } = fact;
      const combine = (seen: readonly unknown[]) => journal.hear(fact.combine(seen));
      const one = known.get(fact) ?? { name, of, view: viewOf(fact), combine };
      known.set(fact, one);
      return one;
    });
}

function heardProperty<S, M extends Envelope, E>(
  property: Property<S, M, E>,
  journal: Journal,
  heardOf: (facts: readonly Fact<S, M>[]) => readonly Fact<S, M>[],
): Property<S, M, E> {
  const { clauses, step: _step, ...rest } = property;
  return {
    ...rest,
    ...(clauses
      ? {
          clauses: clauses.map((clause) => ({
            facts: heardOf(clause.facts),
            check: (...values) => journal.hear(clause.check(...values)),
          })),
        }
      : {}),
    ...(property.step ? { step: (step) => journal.hear(property.step?.(step)) } : {}),
  };
}

function heardSituation<S, M extends Envelope, E>(
  situation: Situation<S, M, E>,
  journal: Journal,
  heardOf: (facts: readonly Fact<S, M>[]) => readonly Fact<S, M>[],
): Situation<S, M, E> {
  const { state, step: _step, ...rest } = situation;
  return {
    ...rest,
    ...(state
      ? {
          state: {
            facts: heardOf(state.facts),
            holds: (...values) => journal.hear(Boolean(state.holds(...values))),
          },
        }
      : {}),
    ...(situation.step ? { step: (step) => journal.hear(Boolean(situation.step?.(step))) } : {}),
  };
}
