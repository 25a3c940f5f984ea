import type { StateMachine } from './state-machine.ts';

/** The operation, and the query, that reads the journal. */
export const READ = '?';

/**
 * The machine that the checker replicates: it keeps a journal of the operations (one letter each), and replies with all of it, so
 * that no two orders of operations look the same to a client.
 */
export const journal: StateMachine<string> = {
  initial: '',
  apply(state, operation) {
    const after = operation === READ ? state : `${state}${operation}`;
    return { state: after, reply: after };
  },
  query: (state) => `${state}`,
};
