/** Ctrl-C: what was covered is told, in time. The signal goes to Node itself. */
import { describe, expect, test } from 'vitest';
import { command, type Ended, reportIn, start, surelyBegun } from './run.ts';

/** Hundreds of millions of states. */
const endless = ['check', '--acceptors', '5', '--proposers', '3', '--ballots', '2', '--crashes', '2'];

/**
 * Starts a run, interrupts it when it has begun, or when it has printed that much, and tells how it ended and how long after
 * the signal.
 */
async function interrupted(
  args: readonly string[],
  printed?: RegExp,
): Promise<Ended & { readonly late: number }> {
  const { child, ended } = start([...command, ...args]);
  if (printed === undefined) await surelyBegun();
  else
    await new Promise<void>((resolve) => {
      let text = '';
      child.stdout?.on('data', (more) => {
        text += more;
        if (printed.test(text)) resolve();
      });
    });
  expect(child.exitCode).toBeNull();
  const signalled = performance.now();
  child.kill('SIGINT');
  const end = await ended;
  return { ...end, late: (performance.now() - signalled) / 1000 };
}

describe('SIGINT', () => {
  test('a check ends with status 3 and a report of what was covered', async () => {
    const { status, stdout, stderr, late } = await interrupted(endless);
    expect({ status, stderr }).toEqual({ status: 3, stderr: '' });
    expect(late).toBeLessThan(5);
    expect(stdout).toMatch(/^paxos {2}acceptors 5, proposers 3/);
    expect(stdout).toMatch(
      /\n[\d,]+ distinct states, [\d,]+ transitions, explored to depth \d+ and no further\n/,
    );
    expect(stdout).toMatch(
      /\n\? incomplete: ended by an interrupt\. No violation within \d+ steps of the initial state; [\d,]+ states found were not expanded\. Of:\n {2}- 5 acceptors; /,
    );
    expect(stdout).not.toMatch(/✓ (holds|agreement)/);
  });

  test('with --json, one object', async () => {
    const ended = await interrupted([...endless, '--json']);
    expect({ status: ended.status, stderr: ended.stderr }).toEqual({ status: 3, stderr: '' });
    expect(ended.late).toBeLessThan(5);
    const { verdict, stopped, distinctStates, frontier, properties, counterexample } = reportIn(ended);
    expect({ verdict, stopped, counterexample }).toEqual({
      verdict: 'incomplete',
      stopped: 'an interrupt',
      counterexample: undefined,
    });
    expect(distinctStates).toBeGreaterThan(1000);
    expect(frontier).toBeGreaterThan(0);
    expect(properties.filter((property) => property.verdict === 'holds')).toEqual([]);
  });

  test('the suite ends with status 3 and says how much was finished', async () => {
    const { status, stdout, stderr, late } = await interrupted(['suite'], /lamport-paxos/);
    expect({ status, stderr }).toEqual({ status: 3, stderr: '' });
    expect(late).toBeLessThan(5);
    expect(stdout).toMatch(
      /^unbroken: every property holds in every reachable state\nsystem .*\nconsensus .* ✓ holds/,
    );
    const [, finished, all, missing] =
      stdout.match(/; (\d+) of (\d+) as expected, .*, (\d+) not finished\n$/) ?? [];
    expect(Number(finished)).toBeGreaterThan(0);
    expect(Number(missing)).toBeGreaterThan(0);
    expect(Number(finished) + Number(missing)).toBe(Number(all));
  });

  test('the suite with --json: one object', async () => {
    const { status, stdout, stderr, late } = await interrupted(['suite', '--json']);
    expect({ status, stderr }).toEqual({ status: 3, stderr: '' });
    expect(late).toBeLessThan(5);
    expect(stdout).toMatch(/^\{[^\n]*\}\n$/);
    const { failed, entries, finished, of } = JSON.parse(stdout);
    expect(failed).toBe(0);
    expect(finished).toBe(entries.length);
    expect(of).toBeGreaterThan(finished);
  });
});
