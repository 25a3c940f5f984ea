import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { canonical, canonicalSet } from '../../model-check/canonical.ts';
import { RandomStream } from '../../model-check/random.ts';
import {
  type Ballot,
  castOf,
  compareBallots,
  type Message,
  PaxosConfiguration,
  type Proposal,
  paxosRoles,
  type Role,
  restart,
  step,
} from '../../spec/index.ts';
import { type Mutant, mutants } from '../../spec/mutants/index.ts';
import type { Input } from '../../src/foreign/situation.ts';
import { VectorLine, VectorManifest } from '../../src/vectors/format.ts';
import { type Machine, machinesOf } from '../../src/vectors/machine.ts';
import { type Suite, suiteOf, type Vector } from '../../src/vectors/suite.ts';
import { folderForAll, refusal, root, synod, temporaryFolder } from '../cli/run.ts';
import { has } from '../programs.ts';

const bounds = PaxosConfiguration.parse({ learners: 1, crashes: 1 });
let machines: Machine[];
let suites: Suite[];
beforeAll(async () => {
  machines = await machinesOf(bounds);
  suites = machines.map(suiteOf);
});
const of = (role: string) => machines.findIndex(({ self }) => self.role === role);

/** Whether something that takes inputs does what the vectors say. */
function passes(vectors: readonly Vector[], make: () => (input: Input) => readonly Message[]): boolean {
  return vectors.every(({ steps }) => {
    const take = make();
    return steps.every(({ input, send }) => canonicalSet(take(input)) === canonicalSet(send));
  });
}

describe('the vectors of each actor', () => {
  test('are of proposers, of one acceptor and of one learner', () => {
    expect(machines.map(({ self }) => self.id)).toEqual(['p1', 'p2', 'a1', 'l1']);
  });

  test('have every question that is reached, with its answer, by a way that is reached, and no more', () => {
    machines.forEach(({ initial, take, reached }, index) => {
      const questions = new Set(reached.map(({ state, input }) => canonical([state, input])));
      const tested = new Set<string>();
      for (const { reached: leading, steps } of (suites[index] as Suite).vectors) {
        let state = initial;
        steps.forEach(({ input, send }, at) => {
          const question = canonical([state, input]);
          if (at < leading) expect(questions.has(question)).toBe(true);
          if (at === leading - 1) tested.add(question);
          const answer = take(state, input);
          expect(canonicalSet(answer.send)).toBe(canonicalSet(send));
          state = answer.state;
        });
      }
      // A vector that is the beginning of another is left out: its question is then on the way of that one.
      const missing = [...questions].filter((question) => !tested.has(question));
      const onTheWay = new Set(
        (suites[index] as Suite).vectors.flatMap(({ steps }) => {
          let state = initial;
          return steps.map(({ input }) => {
            const question = canonical([state, input]);
            state = take(state, input).state;
            return question;
          });
        }),
      );
      expect(missing.filter((question) => !onTheWay.has(question))).toEqual([]);
    });
  });

  test('tell any two states apart that random inputs tell apart', () => {
    machines.forEach(({ take, reached }, index) => {
      const states = [...new Map(reached.map(({ state }) => [canonical(state), state])).values()];
      const alphabet = [...new Map(reached.map(({ input }) => [canonical(input), input])).values()];
      const said = (from: unknown, inputs: readonly Input[]) => {
        let state = from;
        return inputs.map((input) => {
          const { send, state: after } = take(state, input);
          state = after;
          return canonicalSet(send);
        });
      };
      // What follows the step that is tested, wherever that is in the vectors.
      const after = new Map<string, Input[]>();
      for (const { reached: leading, steps } of (suites[index] as Suite).vectors) {
        const suffix = steps.slice(leading).map(({ input }) => input);
        after.set(canonical(suffix), suffix);
      }
      const all = [...after.values()];
      const byVectors = (state: unknown) => canonical(all.map((suffix) => said(state, suffix)));
      const chance = new RandomStream(7, index);
      let apart = 0;
      for (let k = 0; k < 1500; k++) {
        const [one, other] = [0, 1].map(() => states[chance.below(states.length)]) as [unknown, unknown];
        const inputs = Array.from(
          { length: 1 + chance.below(5) },
          () => alphabet[chance.below(alphabet.length)] as Input,
        );
        if (canonical(said(one, inputs)) === canonical(said(other, inputs))) continue;
        apart += 1;
        expect(byVectors(one) === byVectors(other), `seed 7, ${k}`).toBe(false);
      }
      expect(apart).toBeGreaterThan(100);
    });
  });
});

type State = { promised: Ballot | null; accepted: Proposal | null };

/** An acceptor of its own, in one of the ways that vectors of shortest ways and one step more do not notice. */
function acceptorWhich(wrong: string) {
  return () => {
    let { promised, accepted }: State = { promised: null, accepted: null };
    return (input: Input): Message[] => {
      if (input === 'restart' || input.type !== 'receive') return [];
      const { message } = input;
      const order = 'ballot' in message ? compareBallots(message.ballot, promised) : 0;
      if (message.type === 'prepare' && order > 0) {
        promised = message.ballot;
        return [{ type: 'promise', from: 'a1', to: [message.from], ballot: message.ballot, accepted }];
      }
      if (message.type === 'prepare' && order < 0 && wrong === 'lowers its promise on a stale prepare')
        promised = message.ballot;
      if (message.type !== 'accept' || order < 0) return [];
      const { ballot, value } = message;
      const isDuplicate = accepted !== null && compareBallots(accepted.ballot, ballot) === 0;
      const isStored = !(
        order === 0 &&
        accepted === null &&
        wrong === 'stores nothing if it had promised that ballot'
      );
      promised = ballot;
      if (isDuplicate && wrong === 'forgets what it is asked to accept twice') accepted = null;
      else if (isStored) accepted = { ballot, value };
      return [{ type: 'accepted', from: 'a1', to: ['l1'], ballot, value }];
    };
  };
}

describe('an acceptor that', () => {
  test('is right passes', () => {
    expect(passes((suites[of('acceptor')] as Suite).vectors, acceptorWhich('is right'))).toBe(true);
  });

  test.each([
    'stores nothing if it had promised that ballot',
    'forgets what it is asked to accept twice',
    'lowers its promise on a stale prepare',
  ])('%s fails, and would pass without the suffixes', (wrong) => {
    const { vectors } = suites[of('acceptor')] as Suite;
    expect(passes(vectors, acceptorWhich(wrong))).toBe(false);
    const short = vectors.map(({ reached, steps }) => ({ reached, steps: steps.slice(0, reached) }));
    expect(passes(short, acceptorWhich(wrong))).toBe(true);
  });
});

/** Bounds, and of the mutants those whose faults lie beyond them: no actor comes into a position to do what they do. */
const beyond = [
  {
    within: bounds,
    missed: [
      'most-often-reported',
      'most-often-reported-lower',
      'lowest-reported',
      'reports-first-accepted',
      'old-promises-counted',
      'old-promises-kept',
    ],
  },
  // A proposer with a second ballot, and no crashes.
  {
    within: PaxosConfiguration.parse({ ballots: [2, 1] }),
    missed: ['promise-not-durable', 'accepted-not-durable', 'ballot-reused'],
  },
  // Three ballots, of which two are reported to the proposer of the third.
  {
    within: PaxosConfiguration.parse({ proposers: 3, ballots: 1 }),
    missed: [
      'promise-not-durable',
      'accepted-not-durable',
      'ballot-reused',
      'old-promises-counted',
      'old-promises-kept',
    ],
  },
];

describe('mutants of the gallery', () => {
  const changed = (mutant: Mutant) => {
    const roles = mutant.roles?.(paxosRoles, castOf(bounds));
    return (['proposer', 'acceptor', 'learner'] as const).flatMap((name) =>
      roles && roles[name] !== paxosRoles[name] ? [{ name, role: roles[name] as AnyRole }] : [],
    );
  };

  test('fail within some of these bounds, each of them', () => {
    const [first = [], ...others] = beyond.map(({ missed }) => missed);
    expect(first.filter((name) => others.every((missed) => missed.includes(name)))).toEqual([]);
  });

  test.each(beyond)('fail, but for $missed', async ({ within, missed }) => {
    const tested = (await machinesOf(within)).map(({ self, ...machine }) => ({
      self,
      vectors: suiteOf({ self, ...machine }).vectors,
    }));
    const isTested = ({ name }: { name: string }) => tested.some(({ self }) => self.role === name);
    const unlike = mutants.filter((mutant) => changed(mutant).some(isTested));
    const passing = unlike.filter((mutant) =>
      changed(mutant).every(({ name, role }) =>
        tested
          .filter(({ self }) => self.role === name)
          .every(({ self, vectors }) => passes(vectors, () => takes(role, { ...self, nacks: within.nacks }))),
      ),
    );
    expect(passing.map(({ name }) => name)).toEqual(missed);
    expect(unlike.length - passing.length).toBeGreaterThan(15);
  });
});

// biome-ignore lint/suspicious/noExplicitAny: whichever role is asked for
type AnyRole = Role<any, object, any>;

/** A role as something that takes inputs; a learner tells what it has learned. */
function takes(role: AnyRole, context: object): (input: Input) => readonly Message[] {
  let state: object = role.initial;
  const learned = () => ('learned' in state ? state.learned : null) as string | null;
  return (input) => {
    if (input === 'restart') {
      state = restart(role, state);
      return [];
    }
    const before = learned();
    const outcome = step(role, context, state, input);
    state = outcome.state;
    const value = learned();
    const send = outcome.send as readonly Message[];
    if (value === before || value === null || send.some(({ type }) => type === 'decision')) return send;
    return [...send, { type: 'decision', from: (context as { id: string }).id, to: [], value }];
  };
}

describe('synod vectors', () => {
  test('writes lines, a manifest and schemas, the same each time', async () => {
    const [folder, again] = [join(temporaryFolder(), 'new'), temporaryFolder()];
    expect((await synod('vectors', '--out', folder)).status).toBe(0);
    expect((await synod('vectors', '--out', again)).status).toBe(0);
    const manifest = VectorManifest.parse(JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')));
    expect(readdirSync(folder).sort()).toEqual(
      [
        'manifest.json',
        'manifest.schema.json',
        'vector.schema.json',
        ...manifest.files.map(({ file }) => file),
      ].sort(),
    );
    for (const name of readdirSync(folder))
      expect(readFileSync(join(folder, name), 'utf8') === readFileSync(join(again, name), 'utf8')).toBe(true);
    for (const { file, vectors, steps } of manifest.files) {
      const lines = readFileSync(join(folder, file), 'utf8').trimEnd().split('\n');
      const parsed = lines.map((line) => VectorLine.parse(JSON.parse(line)));
      expect([parsed.length, parsed.flatMap((each) => each.steps).length]).toEqual([vectors, steps]);
    }
  });

  test.each([
    [['--out', 'x', '--acceptors', '0'], /^--acceptors: 0: expected at least 1 acceptor/],
    [['--acceptors', '1'], /--out/],
  ])('refuses %j', async (args, said) => {
    expect(refusal(await synod('vectors', ...args))).toMatch(said);
  });

  test('refuses a folder that is a file', async () => {
    expect(refusal(await synod('vectors', '--acceptors', '1', '--out', join(root, 'package.json')))).toMatch(
      /EEXIST/,
    );
  });
});

describe.skipIf(!has('python3'))('in Python', () => {
  const run = (folder: string, ...args: string[]) =>
    spawnSync('python3', args, {
      cwd: join(root, 'examples/python'),
      input: '',
      encoding: 'utf8',
      env: { ...process.env, FOLDER: folder },
    });

  test('the examples pass, and one with a mistake does not', async () => {
    const folder = temporaryFolder();
    await synod('vectors', '--out', folder);
    const right = run(folder, 'run_vectors.py', folder);
    expect([right.status, right.stderr]).toEqual([0, '']);
    expect(right.stdout).toBe(
      machines
        .map(
          ({ self }, at) => `${self.role}-${self.id}.jsonl: ${suites[at]?.vectors.length} vectors passed\n`,
        )
        .join(''),
    );
    const script = `import os, pathlib, run_vectors
from proposer_insists import Insistent
roles = {"acceptor": run_vectors.Acceptor, "proposer": Insistent, "learner": run_vectors.Learner}
run_vectors.main(pathlib.Path(os.environ["FOLDER"]), roles)`;
    const wrong = run(folder, '-c', script);
    expect(wrong.status).toBe(1);
    expect(wrong.stderr).toMatch(/^proposer-p\d\.jsonl: line \d+: step \d+: sends /);
  });
});

describe('in other languages', () => {
  const folder = folderForAll();
  const skipped = (language: string, isMissing: boolean) => {
    if (isMissing) console.warn(`SKIPPED: what it takes to run the vectors in ${language} is not here`);
    return isMissing;
  };
  const jansson = spawnSync('gcc', ['-E', '-'], { input: '#include <jansson.h>' });
  beforeAll(async () => {
    await synod('vectors', '--out', folder);
  });

  test.skipIf(skipped('Go', !has('go', 'version')))('the roles in Go pass, in each vector', () => {
    const { status, stdout, stderr } = spawnSync('go', ['run', '.', 'vectors', folder], {
      cwd: join(root, 'examples/go'),
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, '']);
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => Number(line.match(/: (\d+) vectors passed$/)?.[1])),
    ).toEqual(suites.map(({ vectors }) => vectors.length));
  });

  test.skipIf(skipped('C', jansson.status !== 0))(
    'the acceptor in C passes, and with its mistake does not',
    () => {
      const run = (...flags: string[]) => {
        const program = join(folder, 'run_vectors');
        const source = join(root, 'examples/c/run_vectors.c');
        execFileSync('gcc', ['-Wall', '-Wextra', '-Werror', ...flags, '-o', program, source, '-ljansson']);
        return spawnSync(program, [join(folder, 'acceptor-a1.jsonl')], { encoding: 'utf8' });
      };
      expect(run()).toMatchObject({
        status: 0,
        stdout: `${suites[of('acceptor')]?.vectors.length} vectors passed\n`,
      });
      const wrong = run('-DACCEPTS_LOWER');
      expect(wrong.status).toBe(1);
      expect(wrong.stderr).toMatch(/^line \d+: step \d+: sends /);
    },
  );
});
