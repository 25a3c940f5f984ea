/** A checkpoint of one specification is not gone on with by another. */
import { describe, expect, test } from 'vitest';
import { ChangedSystem, checkpoint, recorded, resumed } from '../../model-check/checkpoint.ts';
import type { Envelope } from '../../model-check/system.ts';
import { PaxosConfiguration, paxos } from '../../spec/index.ts';
import { mutants, mutated } from '../../spec/mutants/index.ts';
import type { RandomSystem } from './random-system.ts';
import { copyOf, explored, fixed, halfWay, savedRun } from './saved.ts';

describe('another specification than that of the checkpoint', () => {
  /** What is changed in each of the systems that were half explored; whether each is refused where it makes a difference. */
  const changes: Record<string, (system: RandomSystem, answered: () => void) => RandomSystem> = {
    'an answer of a transition function': (system, answered) => ({
      ...system,
      actors: system.actors.map((actor) => ({
        ...actor,
        transition: (state, event) => {
          const outcome = actor.transition(state, event);
          if (outcome.rule === null) return outcome;
          answered();
          return { ...outcome, rule: `${outcome.rule}, changed` };
        },
      })),
    }),
    'the internal steps': (system, answered) => ({
      ...system,
      actors: system.actors.map((actor) => ({
        ...actor,
        internal: (state) => {
          const steps = actor.internal?.(state) ?? [];
          if (steps.length > 0) answered();
          return steps.slice(1);
        },
      })),
    }),
    'what a reading sees': (system, answered) => ({
      ...system,
      readings: (system.readings ?? []).map((reading) => ({
        ...reading,
        view: (local, name) => {
          answered();
          return { changed: reading.view(local, name) };
        },
      })),
    }),
    'a label of an observer': (system, answered) => ({
      ...system,
      observers: (system.observers ?? []).map((observer) => ({
        ...observer,
        label: (step) => {
          const label = observer.label(step);
          if (label !== undefined) answered();
          return undefined;
        },
      })),
    }),
    'what a fact says': (system, answered) => ({
      ...system,
      properties: system.properties.map((property) => ({
        ...property,
        clauses: (property.clauses ?? []).map((clause) => ({
          ...clause,
          facts: clause.facts.map((fact) => ({
            ...fact,
            combine: (views) => {
              answered();
              return { changed: fact.combine(views) };
            },
          })),
        })),
      })),
    }),
    'what a property says of a step': (system, answered) => ({
      ...system,
      properties: system.properties.map((property) => {
        const { step } = property;
        if (!step) return property;
        return {
          ...property,
          step: (taken) => {
            answered();
            return step.call(property, taken) === undefined ? 'changed' : undefined;
          },
        };
      }),
    }),
    'the budget of crashes': (system, answered) => {
      answered();
      return { ...system, crashes: { ...system.crashes, budget: (system.crashes?.budget ?? 0) + 1 } };
    },
    'a statement': (system, answered) => {
      if (system.properties.length > 0) answered();
      return {
        ...system,
        properties: system.properties.map((property) => ({ ...property, statement: 'changed' })),
      };
    },
  };

  test.each(Object.entries(changes))('%s: it is refused', (_name, change) => {
    let refused = 0;
    for (const { build, symmetric } of fixed) {
      const explorer = symmetric ? undefined : halfWay({ build, symmetric });
      if (!explorer) continue;
      const copy = copyOf(checkpoint(explorer, 0, undefined));
      let answers = 0;
      const go = () =>
        resumed(
          change(build() as unknown as RandomSystem, () => {
            answers += 1;
          }),
          savedRun(copy),
        );
      let error: unknown;
      try {
        go();
      } catch (thrown) {
        error = thrown;
      }
      if (answers === 0) continue;
      expect(error).toBeInstanceOf(ChangedSystem);
      refused += 1;
    }
    expect(refused).toBeGreaterThan(2);
  });

  test('mutants that say of themselves what Paxos says', () => {
    const configuration = PaxosConfiguration.parse({ crashes: 1 });
    const { actors: _, ...described } = paxos(configuration);
    const explorer = recorded<unknown, Envelope, unknown>(paxos(configuration) as never, false);
    explored(explorer, 1000);
    const copy = copyOf(checkpoint(explorer, 0, undefined));
    const resume = (system: object) =>
      resumed<unknown, Envelope, unknown>(system as never, savedRun(copy)).states.size;
    expect(resume(paxos(configuration))).toBe(explorer.states.size);
    const refused = mutants.filter((mutant) => {
      try {
        resume({ ...described, actors: mutated(configuration, mutant).actors });
        return false;
      } catch (error) {
        expect(error).toBeInstanceOf(ChangedSystem);
        return true;
      }
    });
    expect(refused.length).toBeGreaterThan(8);
  });
});
