import { describe, test } from 'vitest';
import { logMutants } from '../../spec/log/mutants/index.ts';
import { budget } from '../budget.ts';
import { byTurns, expectAsInProcess, expectBrokenAlike, plays } from './log.ts';

/** One is about time-outs that another program cannot be asked for; the others have too many states for what this shows. */
const OTHERS = [
  'deposed-leader-stays',
  'read-confirmed-by-one',
  'read-nonce-reused',
  'read-confirmed-by-phase-1-quorum',
];

/** So many of them, of both kinds, in CI; all at night. */
const some = <T>(all: readonly T[]) => all.filter((_, at) => at % budget({ ci: 3, night: 1 }) === 0);

// The kinds that the fast tests leave out.
describe('our roles as other programs are those of Multi-Paxos', () => {
  test.each(some(byTurns(plays, 'stateful')))('$kind: $each', ({ kind, each: [roles, bounds] }) =>
    expectAsInProcess(kind, roles, bounds),
  );
});

describe('mutants break in as many steps as in process', () => {
  const asked = logMutants.filter(({ name }) => !OTHERS.includes(name));
  test.each(some(byTurns(asked, 'stateful')))('$kind: $each.name', ({ kind, each }) =>
    expectBrokenAlike(kind, each),
  );
});
