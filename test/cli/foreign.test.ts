/** Other programs in the place of our roles, on the command line. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Report } from '../../model-check/index.ts';
import { refusal, reportIn, root, synod, temporaryFile, timeless } from './run.ts';

const program = join(root, 'test/foreign/misbehaving.mjs');
const acceptor = (kind: string, how = 'not') => `${process.execPath} ${program} ${kind} '${how}'`;
const small = ['check', 'paxos', '--acceptors', '1'];

test('a program that is right: what is asked is printed, and the status is 0', async () => {
  const { status, stdout, stderr } = await synod(...small, '--acceptor', acceptor('stateless'), '--quiet');
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/ stateless 'not' \(a1\): \d+ questions, each asked once more\n/);
  expect(stdout).toContain('✓ well-behaved');
  expect(stdout).toContain('✓ holds in every reachable state, for:');
  expect(stdout).toMatch(/ {2}- a1 is .* stateless 'not', which is handed its state with each question\n/);
  expect(stdout).toMatch(/ - only-grow +says nothing here: is about what is inside a1\n/);
});

test('several threads explore what one program answers', async () => {
  const args = ['check', 'paxos', '--acceptor', acceptor('stateless'), '--json'];
  const [one, two] = [await synod(...args), await synod(...args, '--workers', '2')].map(reportIn);
  expect(timeless(two as Report)).toEqual(timeless(one as Report));
});

test('one that keeps its state: what is trusted is said', async () => {
  const { status, stdout } = await synod(...small, '--acceptor', acceptor('stateful'));
  expect(status).toBe(0);
  expect(stdout).toMatch(/each asked once more; all \d+ after another way to the same state\n/);
  expect(stdout).toContain(
    '✓ holds (assuming that what a1 will do depends on nothing but the state told) in every reachable state',
  );
});

test('one that hides its state is incomplete, and the status is 3', async () => {
  const args = ['--acceptor', acceptor('history'), '--max-deliveries', '3', '--json'];
  const ended = await synod(...small, ...args);
  expect(ended.status).toBe(3);
  const { verdict, stopped, foreign } = reportIn(ended);
  expect({ verdict, stopped }).toEqual({
    verdict: 'incomplete',
    stopped: 'the bound of 3 deliveries to each of a1, whose program does not tell its state',
  });
  expect(foreign).toMatchObject([{ role: 'acceptor', kind: 'history', findings: [] }]);
});

test('one that is unsafe: the run is told in its own words, and drawn', async () => {
  const how = 'stale prepare lowers the promise';
  const diagram = temporaryFile('story.mmd', '');
  const { status, stdout } = await synod(
    ...small,
    '--acceptor',
    acceptor('stateful', how),
    '--diagram',
    diagram,
  );
  expect(status).toBe(1);
  expect(stdout).toMatch(
    /acceptor a1 receives prepare 1\.p2 from p2, and sends promise 1\.p2, nothing accepted\n/,
  );
  expect(stdout).toMatch(/acceptor a1 receives prepare 1\.p1 from p1, and sends nothing new\n/);
  expect(stdout).toContain('a1.state: {promised: 1.p2, ');
  expect(stdout).toMatch(/✗ violated: agreement/);
});

test('one that fails: the run that leads there ends with what it said', async () => {
  const { status, stdout } = await synod(...small, '--acceptor', acceptor('stateless', 'no JSON'));
  expect(status).toBe(1);
  expect(stdout).toMatch(/well-behaved is violated in 4 steps; no run is shorter\./);
  expect(stdout).toMatch(
    / {2}4 {2}acceptor a1 receives accept \(1\.p\d, v\d\) from p\d, and fails to answer\n/,
  );
  expect(stdout).toMatch(/=> a1, asked accept .* of its output what is not JSON .*: "DEBUG: here"\n/);
});

test('a report in which another program took part is not replayed', async () => {
  const { stdout } = await synod(...small, '--acceptor', acceptor('stateless', 'no JSON'), '--json');
  const line = refusal(await synod('replay', temporaryFile('found.json', stdout)));
  expect(line).toMatch(/found\.json: foreign: .*other programs took part in this run/);
});

describe('refused is', () => {
  test.each<[readonly string[], RegExp]>([
    [['--acceptor', 'no-such-program'], /^--acceptor: "no-such-program": ends \(exit status 127\)/],
    [['--acceptor', 'true'], /^--acceptor: "true": ends \(exit status 0\): expected a program that speaks/],
    [['--acceptor', 'echo hello'], /what is not JSON .*: "hello": expected a program that speaks/],
    [['--acceptor', ''], /^--acceptor: "": expected a command line/],
    [
      ['--learner', 'cat'],
      /^--learner: "cat": there is no learner in this configuration: expected --learners 1/,
    ],
    [
      ['--acceptor', 'cat', '--symmetry', 'on'],
      /^--symmetry: "on": the states of another program are opaque/,
    ],
    [['--acceptor', 'cat', '--simulate'], /^--simulate: true: every interleaving is explored/],
    [
      ['--acceptor', 'cat', '--checkpoint', 'x'],
      /^--checkpoint: "x": what another program answers is not saved/,
    ],
    [['--acceptor', 'cat', '--mutant', 'own-value'], /a mutant is one of our roles: expected no --mutant/],
    [['--acceptor', 'cat', '--patience', '0'], /^--patience: 0: expected a number of seconds, more than 0/],
    [
      ['--patience', '3'],
      /^--patience: 3: is for other programs: expected --acceptor, --proposer, --learner/,
    ],
    [['--max-deliveries', '3'], /^--max-deliveries: 3: is for other programs/],
    [['--acceptor', 'cat', '--max-deliveries', '0'], /^--max-deliveries: 0: expected at least 1 delivery/],
  ])('%j', async (args, said) => {
    expect(refusal(await synod('check', 'paxos', ...args))).toMatch(said);
  });

  test('a program for another system', async () => {
    const line = refusal(await synod('check', 'voting', '--acceptor', 'cat'));
    expect(line).toMatch(
      /^--acceptor: "cat": other programs play acceptors of paxos and multi-paxos: expected no "voting"/,
    );
  });

  test('a property that is one of registers', async () => {
    const args = ['--acceptor', acceptor('stateless'), '--property', 'only-grow'];
    expect(refusal(await synod(...small, ...args))).toMatch(
      /^--property: "only-grow": expected one of well-behaved/,
    );
  });
});
