/**
 * Two-phase commit with a coordinator that never comes back from a crash. Run it:
 *   npm run -s synod -- check docs/examples/two-phase-commit-unrepaired.ts
 */
import repaired from './two-phase-commit.ts';

const unrepaired: typeof repaired = {
  ...repaired,
  name: 'two-phase commit, never repaired',
  covers: ['2 participants, 1 crash of the coordinator, for good', ...repaired.covers.slice(1)],
  actors: repaired.actors.map((actor) =>
    actor.role === 'coordinator'
      ? {
          ...actor,
          restart: (state) => ({ ...state, down: true as const }),
          transition: (state, event) =>
            state.down ? { rule: null, state, send: [] } : actor.transition(state, event),
        }
      : actor,
  ),
};

export default unrepaired;
