/**
 * Passive actors, looked at apart (docs/decisions/0006): actors that send nothing and that nobody reads. What such an actor
 * does has no effect on the others, so the others are explored without it, and what is claimed of it is asked of every
 * local state in which it can be by then.
 */
import { canonical } from './canonical.ts';
import { type Closure, PassiveActor, type Test } from './passive-actor.ts';
import { PassiveFacts } from './passive-facts.ts';
import { crashGroups } from './steps.ts';
import type {
  Actor,
  Clause,
  Crash,
  Envelope,
  Fact,
  Permutation,
  Property,
  Situation,
  System,
} from './system.ts';

/** What one state of the others stands for. */
export interface Weight {
  /** As many states as there are combinations of local states of the passive actors. */
  readonly states: number;
  /** Steps from it to the farthest of them. */
  readonly farthest: number;
}

/** A system without some passive actors. In the place of each there is a stub, which does nothing but crash. */
export interface Apart<S, M extends Envelope, E> {
  /** Its `tally` is of `Weight`s. */
  readonly system: System<S, M, E>;
  readonly passive: readonly PassiveActor<S, M, E>[];
}

/** By actor: why it is not passive, as far as can be told without asking it anything. */
export function notPassive<S, M extends Envelope, E>(system: System<S, M, E>): Map<string, string> {
  const { actors, readings = [], observers = [] } = system;
  const goals = system.properties.flatMap(({ alwaysReachable: goal }) => (goal ? [goal, goal.unless] : []));
  const asked = new Set(goals.flatMap((kind) => kind?.facts.flatMap(({ of }) => of) ?? []));
  const behind = actors.filter(({ writeBehind }) => writeBehind).map(({ name }) => name);
  const reason = ({ name, restart }: Actor<S, M, E>) => {
    if (observers.length > 0) return 'observers see every step';
    if (readings.some(({ actor, of }) => actor === name || of.includes(name))) return 'it reads or is read';
    if (asked.has(name)) return 'what is to be always reachable is read of it';
    const groups = crashesOf(system, name).map(({ actors: group }) => group);
    if (groups.length > 0 && !restart) return 'it crashes but has no restart';
    if (behind.includes(name) || groups.some((group) => group.some((other) => behind.includes(other))))
      return 'a crash of it may undo a write';
    return undefined;
  };
  return new Map(
    actors.flatMap((actor) => {
      const because = reason(actor);
      return because === undefined ? [] : [[actor.name, because] as const];
    }),
  );
}

/** The crashes in which an actor may have a part. */
function crashesOf<S, M extends Envelope, E>(system: System<S, M, E>, name: string): Crash[] {
  if ((system.crashes?.budget ?? 0) === 0) return [];
  const mine = crashGroups(system).filter((group) => group.includes(name));
  return [...new Map(mine.map((actors) => [canonical(actors), { type: 'crash' as const, actors }])).values()];
}

/**
 * A system without the actors named, which are taken to be passive. A run of it throws `NotPassive` when one turns out not
 * to be. A property is violated in it if and only if it is with them, but perhaps sooner. Situations keep their lengths.
 */
export function apart<S, M extends Envelope, E>(
  system: System<S, M, E>,
  names: readonly string[],
): Apart<S, M, E> {
  const { passive, facts, claims } = new Claims(system, names);
  const { symmetry } = system;
  const tally = facts.fact('the states of passive actors', (closures): Weight => {
    const states = closures.reduce((product, each) => product * each.states.length, 1);
    return { states, farthest: closures.reduce((sum, each) => sum + each.farthest, 0) };
  });
  return {
    passive,
    system: {
      ...system,
      ...claims,
      actors: system.actors.map((actor) => (names.includes(actor.name) ? stub(actor) : actor)),
      tally,
      ...(symmetry
        ? { symmetry: { ...symmetry, permutations: symmetry.permutations.filter(movesOthers(names)) } }
        : {}),
    },
  };
}

/** What is claimed of a system, put as claims about the actors that are not passive. */
class Claims<S, M extends Envelope, E> {
  readonly passive: readonly PassiveActor<S, M, E>[];
  readonly facts: PassiveFacts<S, M, E>;
  readonly claims: Pick<System<S, M, E>, 'properties' | 'situations'>;
  private readonly names: readonly string[];
  /** What is looked for among the steps of passive actors; filled before they are asked anything. */
  private readonly tests: Test<S, M, E>[] = [];

  constructor(system: System<S, M, E>, names: readonly string[]) {
    this.names = names;
    this.passive = system.actors
      .filter(({ name }) => names.includes(name))
      .map((actor) => new PassiveActor(actor, crashesOf(system, actor.name), this.tests));
    this.facts = new PassiveFacts(system, this.passive);
    this.claims = {
      properties: system.properties.map((property) => this.property(property)),
      situations: (system.situations ?? []).map((situation) => this.situation(situation)),
    };
  }

  private property(property: Property<S, M, E>): Property<S, M, E> {
    const { step } = property;
    // Nothing is read for it of the actors looked at apart, whose steps change nothing for the others.
    if (property.alwaysReachable) return property;
    const clauses = (property.clauses ?? []).map((clause) => this.clause(clause));
    if (!step) return { ...property, clauses };
    const theirs: Clause<S, M> = {
      facts: [this.nearestStep((each) => step(each) !== undefined)],
      check: (steps) => (steps === -1 ? undefined : 'a step of a passive actor violates it'),
    };
    return {
      ...property,
      clauses: [...clauses, theirs],
      step: (each) => (this.names.includes(each.actor) ? undefined : step(each)),
    };
  }

  private clause(clause: Clause<S, M>): Clause<S, M> {
    const joint = this.facts.jointly(clause.facts);
    if (!joint) return clause;
    const check = (...values: readonly unknown[]) => {
      let wrong: string | undefined;
      joint.each(values, (original) => {
        wrong ??= clause.check(...original);
      });
      return wrong;
    };
    return { facts: joint.facts, check };
  }

  private situation(situation: Situation<S, M, E>): Situation<S, M, E> {
    const { state, step } = situation;
    const joint = state ? this.facts.jointly(state.facts) : null;
    if (!joint && !step) return situation;
    const ofState = joint?.facts ?? state?.facts ?? [];
    const nearest = (values: readonly unknown[]): number => {
      const found = values.slice(ofState.length).filter((steps) => steps !== -1) as number[];
      const visit = (original: readonly unknown[], steps: number) => {
        if (state?.holds(...original)) found.push(steps);
      };
      const rest = values.slice(0, ofState.length);
      if (joint) joint.each(rest, visit);
      else visit(rest, 0);
      return found.length === 0 ? -1 : Math.min(...found);
    };
    return {
      ...situation,
      state: {
        facts: [...ofState, ...(step ? [this.nearestStep((each) => step(each))] : [])],
        holds: (...values) => nearest(values) !== -1,
        extra: (...values) => nearest(values),
      },
      ...(step ? { step: (each) => !this.names.includes(each.actor) && step(each) } : {}),
    };
  }

  /** The least number of steps that end with a step of a passive actor which the test finds, -1 if there is none. */
  private nearestStep(test: Test<S, M, E>): Fact<S, M> {
    const at = this.tests.push(test) - 1;
    return this.facts.fact('the steps of passive actors', (closures, mayCrash) => {
      const all = this.passive.map((actor, k) => actor.nearest(at, closures[k] as Closure, mayCrash));
      return all.filter((steps) => steps !== -1).reduce((a, b) => (a === -1 ? b : Math.min(a, b)), -1);
    });
  }
}

/** What is left of a passive actor: a crash of it counts, and changes nothing. */
function stub<S, M extends Envelope, E>({ name, role, initial, restart }: Actor<S, M, E>): Actor<S, M, E> {
  return {
    name,
    role,
    initial,
    stub: true,
    transition: (state) => ({ rule: null, state, send: [] }),
    ...(restart ? { restart: (state: S) => state } : {}),
  };
}

/** Whether a renaming renames anything else than these. */
function movesOthers(names: readonly string[]) {
  return (permutation: Permutation) =>
    Object.entries(permutation).some(([name, to]) => name !== to && !names.includes(name));
}
