import { z } from 'zod';
import type { System } from '../../model-check/system.ts';
import { names, plural } from '../configuration.ts';

/** The bounds of `consensus`. */
export const ConsensusConfiguration = z.strictObject({ values: z.int().min(1).max(9).default(2) });
export type ConsensusConfiguration = z.infer<typeof ConsensusConfiguration>;

/** The one variable: the set of values that have been chosen. */
const Chosen = z.strictObject({ chosen: z.array(z.string()).readonly() });
const Choose = z.strictObject({ type: z.literal('choose'), value: z.string() });
type Chosen = z.infer<typeof Chosen>;
type Choose = z.infer<typeof Choose>;

/**
 * The highest level: what consensus is, with nothing said of how. After Lamport's TLA+ module `Consensus`: a variable
 * `chosen`, empty at first; the one step is that it becomes a set of one value.
 */
export function consensus({ values }: ConsensusConfiguration): System<Chosen, never, Choose> {
  return {
    name: 'consensus',
    covers: [plural(values, 'value')],
    actors: [
      {
        name: 'consensus',
        role: 'consensus',
        initial: { chosen: [] },
        internal: (state) =>
          names('v', values).flatMap((value) =>
            state.chosen.length === 0 ? [{ type: 'choose', value }] : [],
          ),
        transition: (state, event) => {
          const { chosen } = Chosen.parse(state);
          const { value } = Choose.parse(event);
          if (chosen.length > 0) return { rule: null, state, send: [] };
          return { rule: 'choose', state: { chosen: [value] }, send: [] };
        },
      },
    ],
    properties: [
      {
        name: 'agreement',
        kind: 'requirement',
        statement: 'At most one value is chosen.',
        clauses: [
          {
            facts: [
              {
                name: 'chosen',
                of: ['consensus'],
                view: ({ state }) => state.chosen,
                combine: ([chosen]) => chosen,
              },
            ],
            check: (chosen) =>
              (chosen as string[]).length > 1
                ? `${(chosen as string[]).join(' and ')} are chosen`
                : undefined,
          },
        ],
      },
    ],
    situations: [
      {
        name: 'chosen',
        statement: 'a value is chosen',
        step: ({ after }) => after.state.chosen.length === 1,
      },
    ],
    rules: ['choose'],
  };
}
