/** Facts about passive actors, as facts about what was sent to them (see passive.ts). */
import { Interner } from './interner.ts';
import type { Closure, PassiveActor } from './passive-actor.ts';
import { CRASHES, type Envelope, type Fact, type System } from './system.ts';

/** A combination of what facts see of passive actors, and the least number of steps to local states that show it. */
export interface Seen {
  readonly views: readonly unknown[];
  readonly steps: number;
}

/** Some facts about passive actors and others, put as facts about the others. */
export interface Joint<S, M> {
  readonly facts: readonly Fact<S, M>[];
  /**
   * Visits the values of the original facts in each state of the whole system that a state of the others stands for, with
   * the steps to the nearest such state.
   *
   * @param values of `facts`
   */
  each(values: readonly unknown[], visit: (original: readonly unknown[], steps: number) => void): void;
}

/** What has been sent to the passive actors, as one joint view that all facts about them share. */
export class PassiveFacts<S, M extends Envelope, E> {
  private readonly passive: readonly PassiveActor<S, M, E>[];
  private readonly names: readonly string[];
  private readonly budget: number;
  /** The number of crashes, the stubs, the others: what differs least comes first, so that look-ups are near each other. */
  private readonly of: readonly string[];
  private readonly view: Fact<S, M>['view'];
  private readonly lists = new Map<string, Fact<S, M>>();
  private readonly numbers = new Map<Fact<S, M>, number>();

  constructor(system: System<S, M, E>, passive: readonly PassiveActor<S, M, E>[]) {
    this.passive = passive;
    this.names = passive.map(({ name }) => name);
    this.budget = system.crashes?.budget ?? 0;
    const others = system.actors.map(({ name }) => name).filter((name) => !this.names.includes(name));
    this.of = [...(this.budget > 0 ? [CRASHES] : []), ...this.names, ...others];
    this.view = ({ state, sent }, actor) => {
      if (actor === CRASHES) return state;
      return this.names.map((name) => sent.filter(({ to }) => to.includes(name)));
    };
  }

  /** A fact about the local states in which each of the passive actors can be. */
  fact(name: string, combine: (closures: readonly Closure[], mayCrash: boolean) => unknown): Fact<S, M> {
    const { of, view, passive, names, budget } = this;
    const others = names.length + (budget > 0 ? 1 : 0);
    return {
      name,
      of,
      view,
      combine: (views) => {
        const sent = views.slice(others) as (readonly M[])[][];
        const mayCrash = budget > 0 && (views[0] as number) < budget;
        // A message has one sender, so that none is in two lists.
        const closures = passive.map((actor, at) =>
          actor.closure(
            sent.flatMap((lists) => lists[at] as readonly M[]),
            mayCrash,
          ),
        );
        return combine(closures, mayCrash);
      },
    };
  }

  /** Facts put as facts about the others, or null if they read no passive actor. */
  jointly(facts: readonly Fact<S, M>[]): Joint<S, M> | null {
    const read = this.names.filter((name) => facts.some(({ of }) => of.includes(name)));
    if (read.length === 0) return null;
    const readers = read.map((name) => facts.filter(({ of }) => of.includes(name)));
    const lists = read.map((name, at) => this.listOf(name, readers[at] as Fact<S, M>[]));
    const parts = facts.map((fact) => this.partOf(fact, read));
    return {
      facts: [...lists, ...parts],
      each: (values, visit) => {
        const others = values.slice(lists.length);
        for (const { views, steps } of combinations(values.slice(0, lists.length) as Seen[][])) {
          const original = facts.map((fact, at) => {
            if (parts[at] === fact) return others[at];
            const rest = [...(others[at] as readonly unknown[])];
            return fact.combine(
              fact.of.map((name) => {
                const which = read.indexOf(name);
                if (which === -1) return rest.shift();
                const own = views[which] as readonly unknown[];
                return own[(readers[which] as Fact<S, M>[]).indexOf(fact)];
              }),
            );
          });
          visit(original, steps);
        }
      },
    };
  }

  /** What some facts can see of one passive actor: its value is a list of `Seen`. */
  private listOf(name: string, readers: readonly Fact<S, M>[]): Fact<S, M> {
    const key = `${name} ${readers.map((fact) => this.numberOf(fact)).join()}`;
    const known = this.lists.get(key);
    if (known) return known;
    const at = this.names.indexOf(name);
    const actor = this.passive[at] as PassiveActor<S, M, E>;
    const seen = new Interner<readonly unknown[]>();
    const ids: number[] = [];
    const look = (state: number) => {
      ids[state] ??= seen.id(readers.map((fact) => fact.view(actor.local(state), name)));
      return ids[state];
    };
    const fact = this.fact(`what can be seen of ${name}`, (closures) => {
      const { states, steps } = closures[at] as Closure;
      const nearest = new Map<number, number>();
      states.forEach((state, index) => {
        const views = look(state);
        if (!nearest.has(views)) nearest.set(views, steps[index] as number);
      });
      const sorted = [...nearest].sort(([a], [b]) => a - b);
      return sorted.map(([id, after]): Seen => ({ views: seen.values[id] ?? [], steps: after }));
    });
    this.lists.set(key, fact);
    return fact;
  }

  /** What a fact reads of the others: the fact itself, if that is all it reads. */
  private partOf(fact: Fact<S, M>, read: readonly string[]): Fact<S, M> {
    if (!fact.of.some((name) => read.includes(name))) return fact;
    return {
      name: fact.name,
      of: fact.of.filter((name) => !read.includes(name)),
      view: fact.view,
      combine: (views) => views,
    };
  }

  private numberOf(fact: Fact<S, M>): number {
    const known = this.numbers.get(fact) ?? this.numbers.size;
    this.numbers.set(fact, known);
    return known;
  }
}

/** Every choice of one from each list: the views chosen, and the sum of the steps. */
function* combinations(lists: readonly (readonly Seen[])[]): Generator<Seen> {
  const [first, ...rest] = lists;
  if (!first) {
    yield { views: [], steps: 0 };
    return;
  }
  for (const { views, steps } of first) {
    for (const others of combinations(rest)) {
      yield { views: [views, ...others.views], steps: steps + others.steps };
    }
  }
}
