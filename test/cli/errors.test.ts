/** Bad input: exit status 2, and one line on standard error that names the place, the value and what was expected. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Counterexample, canonical, type Report } from '../../model-check/index.ts';
import { InputError } from '../../src/input-error.ts';
import { refusal, reportIn, spawnSynod, synod, temporaryFile, temporaryFolder } from './run.ts';

/** Words that must stand in the line, in this order. */
type Words = readonly (string | RegExp)[];

function expectWords(line: string, words: Words): void {
  let at = 0;
  for (const word of words) {
    const rest = line.slice(at);
    const found = typeof word === 'string' ? rest.indexOf(word) : rest.search(word);
    expect({ line, word: String(word), found: found >= 0 }).toMatchObject({ found: true });
    at += found + (typeof word === 'string' ? word.length : (rest.match(word)?.[0].length ?? 0));
  }
}

async function refused(args: readonly string[], words: Words): Promise<void> {
  expectWords(refusal(await synod(...args)), words);
}

const modules = ['paxos, multi-paxos, replicated-log, lamport-paxos, voting, consensus', 'module'];

describe('on the command line', () => {
  test.each<[string, Words]>([
    ['nonsense', ['nonsense']],
    ['check --nonsense', ['--nonsense']],
    ['check --acceptorss 3', ['--acceptorss', 'Did you mean --acceptors?']],
    ['check --acceptor 3', ['--acceptor', '"3"', 'expected a command line', '--acceptors']],
    ['check paxos voting', ['check', 'Expected 1 argument', '2']],
    ['check --acceptors', ['--acceptors', 'argument missing']],
    ['replay', ['file']],
    ['list paxos', ['list', 'Expected 0 arguments']],
    ['suite paxos', ['suite', 'Expected 0 arguments']],
    ['check paxus', ['system', '"paxus"', 'expected', ...modules]],
    ['check ./no-such-module.ts', ['./no-such-module.ts', 'no such file', 'expected a module']],
    ['check --mutant nobody', ['--mutant', '"nobody"', 'expected', 'own-value']],
    [
      'check lamport-paxos --mutant own-value',
      ['--mutant', '"own-value"', 'lamport-paxos', 'expected the system paxos'],
    ],
    ['check voting --mutant nobody', ['--mutant', '"nobody"', 'voting has no mutants', 'multi-paxos']],
    [
      'check multi-paxos --mutant own-value',
      ['--mutant', '"own-value"', 'expected, for the system multi-paxos, one of', 'gap-applied'],
    ],
    [
      'check multi-paxos --learning distinguished',
      ['--replicas', 'expected at least 1 replica, the distinguished one'],
    ],
    [
      'check multi-paxos --ballots 1,2,3',
      ['--ballots', '[1,2,3]', 'expected one number for each of the 2 leaders'],
    ],
    [
      'check replicated-log --decider a-committee',
      ['--decider', '"a-committee"', 'expected single-server, single-decree or multi-paxos'],
    ],
    [
      'check replicated-log --decider single-server --workers 2',
      ['what is always reachable (decision-in-reach) is decided by one thread: expected no workers with it'],
    ],
    [
      'check replicated-log --simulate --property decision-in-reach',
      ['decision-in-reach is about what remains reachable', 'expected no simulation of it'],
    ],
    ['check multi-paxos --slots 0', ['--slots', '0', 'expected at least 1 slot']],
    ['check multi-paxos --clients wx', ['--clients', '"wx"', 'w for each command and r for each read']],
    ['check multi-paxos --clients w,r', ['--replicas', 'nothing', 'at least 1 replica']],
    ['check multi-paxos --replicas 1 --clients w --symmetry on', ['observers', '--symmetry off']],
    ['check multi-paxos --requests all', ['--requests', '"all"', 'expected']],
    ['check multi-paxos --proposers 2', ['--proposers', '2', 'multi-paxos has no such option', '--leaders']],
    ['check --property truth', ['--property', '"truth"', 'expected', 'agreement', 'P2c']],
    ['check --property agreement --property truth', ['--property', '"truth"', 'expected', 'agreement']],
    ['check voting --property P2c', ['--property', '"P2c"', 'expected']],
    [
      'check lamport-paxos --learners 2',
      ['--learners', '2', 'lamport-paxos has no such option', 'expected', '--acceptors'],
    ],
    [
      'check consensus --acceptors 3',
      ['--acceptors', '3', 'consensus has no such option', 'expected', '--values'],
    ],
    ['check --acceptors 0', ['--acceptors', '0', 'expected at least 1']],
    ['check --acceptors -1', ['--acceptors', '-1', 'expected at least 1']],
    ['check --acceptors 10', ['--acceptors', '10', 'expected at most 9']],
    ['check --acceptors 99999999999999999999', ['--acceptors', '100000000000000000000', 'expected']],
    ['check --acceptors abc', ['--acceptors', '"abc"', 'expected a whole number']],
    ['check --acceptors 2.5', ['--acceptors', '2.5', 'expected a whole number']],
    ['check --acceptors 3,3', ['--acceptors', '[3,3]', 'expected a whole number']],
    ['check --acceptors=', ['--acceptors', '""', 'expected a whole number']],
    ['check --proposers 0', ['--proposers', '0', 'expected at least 1']],
    ['check --learners -1', ['--learners', '-1', 'expected at least 0']],
    ['check --crashes -1', ['--crashes', '-1', 'expected at least 0']],
    ['check --crashes 1e1', ['--crashes', '"1e1"', 'expected a whole number']],
    ['check --values 0', ['--values', '0', 'expected at least 1']],
    ['check --ballots 0', ['--ballots', '0', 'expected at least 1']],
    ['check --ballots abc', ['--ballots', '"abc"', 'expected', 'number of ballots']],
    ['check --ballots 1,abc', ['--ballots', '"1,abc"', 'expected', 'number of ballots']],
    ['check --ballots 1,2,3', ['--ballots', '[1,2,3]', 'expected one number for each of the 2 proposers']],
    [
      'check --ballots 2,1 --proposers 3',
      ['--ballots', '[2,1]', 'expected one number for each of the 3 proposers'],
    ],
    ['check --ballots 1,0', ['--ballots', '0', 'expected at least 1']],
    ['check lamport-paxos --acceptors 0', ['--acceptors', '0', 'expected', /1/]],
    ['check lamport-paxos --ballots abc', ['--ballots', '"abc"', 'expected', 'number']],
    ['check lamport-paxos --ballots 1,2', ['--ballots', '[1,2]', 'expected', 'number']],
    ['check voting --values 2.5', ['--values', '2.5', 'expected']],
    ['check --learning foo', ['--learning', '"foo"', 'expected', 'all', 'distinguished']],
    ['check --learning 5', ['--learning', '"5"', 'expected', 'all', 'distinguished']],
    ['check --learning distinguished', ['--learners', 'expected at least 1 learner,']],
    ['check --learners 2 --distinguished 2', ['--distinguished', '2', 'expected none', 'learning is "all"']],
    [
      'check --learning distinguished --learners 1 --distinguished 2',
      ['--learners', '1', 'expected at least 2 learners'],
    ],
    ['check --max-states 0', ['--max-states', '0', 'expected', 'more than 0']],
    ['check --max-states 1.5', ['--max-states', '1.5', 'expected a whole number']],
    ['check --max-states many', ['--max-states', '"many"', 'expected a number of states']],
    ['check --time-limit 0', ['--time-limit', '0', 'expected', 'more than 0']],
    ['check --time-limit -3', ['--time-limit', '-3', 'expected', 'more than 0']],
    ['check --time-limit soon', ['--time-limit', '"soon"', 'expected a number of seconds']],
    ['check --memory lots', ['--memory', '"lots"', 'expected a size']],
    ['check --memory 500', ['--memory', '"500"', 'expected a size']],
    ['check --memory 0MiB', ['--memory', '"0MiB"', 'expected a size']],
    ['check --symmetry yes', ['--symmetry', '"yes"', 'expected', 'on', 'off']],
    ['check --workers 0', ['--workers', '0', 'expected at least 1 thread']],
    ['check --workers all', ['--workers', '"all"', 'expected a whole number of threads']],
    ['check --workers 2 --passive on', ['--workers', '2', 'expected --passive off']],
    ['check --workers 2 --checkpoint no-such-file', ['--workers', '2', 'expected no --checkpoint']],
    ['check --workers 2 --simulate', ['--workers', '2', '--shard', 'expected none with --simulate']],
    ['check --passive yes', ['--passive', '"yes"', 'expected', 'on', 'off']],
    ['check --quorums no-such-file.json', ['no-such-file.json', 'ENOENT', 'expected a JSON file']],
    ['check --quorums /', ['/', 'EISDIR', 'expected a JSON file']],
    ['check --quorums=', ['""', 'ENOENT', 'expected a JSON file']],
    ['check --config no-such-file.json', ['no-such-file.json', 'ENOENT', 'expected a JSON file']],
    ['replay no-such-file.json', ['no-such-file.json', 'ENOENT', 'expected a JSON file']],
    [
      'check --mutant ballot-reused --ballots 1,1,1',
      ['--ballots', '[1,1,1]', 'expected one number for each of the 2'],
    ],
    [
      'check --mutant accepting-is-no-promise --proposers 3',
      ['--ballots, as accepting-is-no-promise has it', '[1,2]', '3 proposers'],
    ],
  ])('%s', async (line, words) => {
    await refused(line.split(' '), words);
  });

  test('nothing at all: help on standard error', async () => {
    const ended = await synod();
    expect(ended).toMatchObject({ status: 2, stdout: '' });
    expect(ended.stderr).toMatch(/^Usage: synod /);
  });

  test.each([
    [['check', '--acceptors', 'abc'], 'synod: --acceptors: "abc": expected a whole number of acceptors\n'],
    [['chekc'], "synod: unknown command 'chekc' (Did you mean check?)\n"],
    [
      ['replay', 'no-such-file.json'],
      'synod: no-such-file.json: cannot be read (ENOENT): expected a JSON file\n',
    ],
  ])('%j, as a process of its own', async (args, stderr) => {
    expect(await spawnSynod(args)).toEqual({ status: 2, stdout: '', stderr });
  });
});

describe('in a quorum file', () => {
  const good = [['a1', 'a2']];
  test.each<[string, unknown, Words]>([
    ['not JSON', '{"phase1": [[', ['not JSON']],
    ['empty', '', ['not JSON']],
    ['a list', [], ['[]', 'expected object']],
    ['null', 'null', ['null', 'expected object']],
    ['a number', '7', ['7', 'expected object']],
    ['one family only', { phase1: good }, ['phase2', 'nothing', 'expected array']],
    ['a third family', { phase1: good, phase2: good, phase3: good }, ['phase3']],
    ['an empty family', { phase1: [], phase2: good }, ['phase1', '[]', 'expected']],
    ['an empty quorum', { phase1: [[]], phase2: good }, ['phase1[0]', '[]', 'expected']],
    ['a family that is a text', { phase1: 'a1', phase2: good }, ['phase1', '"a1"', 'expected array']],
    ['a quorum that is a text', { phase1: good, phase2: ['a1'] }, ['phase2[0]', '"a1"', 'expected array']],
    [
      'a member that is a number',
      { phase1: good, phase2: [['a1', 2]] },
      ['phase2[0][1]', '2', 'expected string'],
    ],
    [
      'a stranger',
      { phase1: good, phase2: [['a1'], ['a1', 'a9']] },
      ['phase2[1]', 'a9', 'expected members among a1, a2, a3'],
    ],
    [
      'a member twice',
      { phase1: [['a1', 'a2']], phase2: [['a1', 'a1']] },
      ['phase2[0]', 'a1', 'expected each member once'],
    ],
    [
      'a proposer',
      { phase1: [['p1']], phase2: [['a1']] },
      ['phase1[0]', 'p1', 'expected members among a1, a2, a3'],
    ],
    [
      'quorums that do not meet',
      { phase1: [['a1', 'a2']], phase2: [['a2'], ['a3']] },
      [
        '{"phase1":',
        '{a1, a2}',
        '{a3}',
        'expected every phase 1 quorum to meet every phase 2 quorum',
        '--allow-disjoint-quorums',
      ],
    ],
  ])('%s', async (_, content, words) => {
    const file = temporaryFile('quorums.json', content);
    for (const system of ['paxos', 'lamport-paxos', 'voting']) {
      await refused(['check', system, '--quorums', file], [`${file}: `, ...words]);
    }
  });

  test.each<[string, unknown, string[]]>([
    ['a grid with a stranger', { grid: [['a1', 'a9']] }, ['phase1[0]', 'a9', 'expected members among a1']],
    ['a grid with a gap', { grid: [['a1', 'a2'], ['a3']] }, ['grid', 'expected rows of equal length']],
    ['a grid of one name twice', { grid: [['a1', 'a1']] }, ['phase1[0]', 'a1', 'expected each member once']],
    ['weights of nothing', { weights: { a1: 0 } }, ['weights', 'expected weights that come to']],
    ['half a weight', { weights: { a1: 0.5 } }, ['weights.a1', '0.5', 'expected int']],
  ])('%s', async (_name, content, words) => {
    const file = temporaryFile('quorums.json', content);
    await refused(['check', '--quorums', file], [`${file}: `, ...words]);
  });

  test('a stranger is one even where quorums may be disjoint', async () => {
    const file = temporaryFile('quorums.json', { phase1: [['a9']], phase2: [['a1']] });
    await refused(
      ['check', '--quorums', file, '--allow-disjoint-quorums'],
      ['phase1[0]', 'a9', 'expected members'],
    );
  });

  test.each(['half-is-a-quorum', 'quorums-apart', 'one-is-asked'])(
    'good ones, beside the mutant %s, which has its own',
    async (mutant) => {
      const quorums = { phase1: [['a1', 'a2']], phase2: [['a1', 'a2']] };
      const expected = [`the mutant ${mutant} has quorums of its own`, 'expected none'];
      const file = temporaryFile('quorums.json', quorums);
      await refused(['check', '--mutant', mutant, '--quorums', file], [file, ...expected]);
      const options = temporaryFile('options.json', { mutant, quorums });
      await refused(['check', '--config', options], [`${options}: quorums`, ...expected]);
    },
  );
});

describe('in a file of options', () => {
  test.each<[string, unknown, Words]>([
    ['not JSON', '{"acceptors": 3,}', ['not JSON']],
    ['a list', ['acceptors'], ['["acceptors"]', 'expected a JSON object']],
    ['null', 'null', ['null', 'expected a JSON object']],
    ['a text', '"paxos"', ['"paxos"', 'expected a JSON object']],
    ['an unknown key', { acceptorz: 3 }, ['acceptorz', '3', 'expected', 'acceptors, proposers', 'maxStates']],
    ['a key as the flag has it', { 'max-states': 3 }, ['max-states', '3', 'expected', 'maxStates']],
    ['a key that every object has', { constructor: 3 }, ['constructor', '3', 'expected']],
    ['the key __proto__', '{"__proto__": {"acceptors": 1}}', ['__proto__', 'expected']],
    ['a file within the file', { config: 'other.json' }, ['config', '"other.json"', 'expected']],
    ['an unknown system', { system: 'paxus' }, ['system', '"paxus"', 'expected', ...modules]],
    ['a system that is a number', { system: 5 }, ['system', '5', 'expected a name']],
    ['a system that is null', { system: null }, ['system', 'null', 'expected a name']],
    ['an unknown mutant', { mutant: 'nobody' }, ['mutant', '"nobody"', 'expected', 'own-value']],
    ['a mutant that is a list', { mutant: ['own-value'] }, ['mutant', '["own-value"]', 'expected a name']],
    [
      'a mutant of another system',
      { system: 'voting', mutant: 'own-value' },
      ['mutant', '"own-value"', 'voting'],
    ],
    [
      'an unknown property',
      { property: ['agreement', 'truth'] },
      ['property[1]', '"truth"', 'expected', 'agreement'],
    ],
    ['a property that is a number', { property: 5 }, ['property', '5', 'expected']],
    ['a list of numbers for properties', { property: [5] }, ['property[0]', '5', 'expected string']],
    ['no property at all', { property: [] }, ['property', '[]', 'expected the name of a property']],
    ['acceptors as a text', { acceptors: '3' }, ['acceptors', '"3"', 'expected a whole number']],
    ['acceptors null', { acceptors: null }, ['acceptors', 'null', 'expected a whole number']],
    ['no acceptors', { acceptors: 0 }, ['acceptors', '0', 'expected at least 1']],
    [
      'too few ballots',
      { proposers: 3, ballots: [1, 2] },
      ['ballots', '[1,2]', 'expected one number for each of the 3 proposers'],
    ],
    [
      'a ballot that is a text',
      { ballots: [1, 'x'] },
      ['ballots[1]', '"x"', 'expected a whole number of ballots'],
    ],
    ['nacks as a number', { nacks: 1 }, ['nacks', '1', 'expected boolean']],
    [
      'learning as it is not',
      { learning: 'hearsay' },
      ['learning', '"hearsay"', 'expected', 'all', 'distinguished'],
    ],
    ['quorums as a file name', { quorums: 'quorums.json' }, ['quorums', '"quorums.json"', 'expected object']],
    [
      'quorums with a stranger',
      { quorums: { phase1: [['a9']], phase2: [['a1']] } },
      ['quorums.phase1[0]', 'a9', 'expected members'],
    ],
    [
      'quorums that do not meet',
      { quorums: { phase1: [['a1']], phase2: [['a2']] } },
      ['quorums', '{a1}', '{a2}', 'expected'],
    ],
    [
      'disjoint quorums perhaps',
      { allowDisjointQuorums: 'perhaps' },
      ['allowDisjointQuorums', '"perhaps"', 'expected boolean'],
    ],
    ['a bound that is a text', { maxStates: 'many' }, ['maxStates', '"many"', 'expected a number of states']],
    ['a time that is negative', { timeLimit: -1 }, ['timeLimit', '-1', 'expected a number of seconds']],
    ['json as a text', { json: 'yes' }, ['json', '"yes"', 'expected boolean']],
    ['quiet as a number', { quiet: 1 }, ['quiet', '1', 'expected boolean']],
    ['a diagram that is a number', { diagram: 5 }, ['diagram', '5', 'expected string']],
    ['a diagram in a missing folder', { diagram: '/no/such/folder/story.mmd' }, []],
    [
      'an option of another system',
      { system: 'voting', learners: 1 },
      ['learners', '1', 'voting has no such option', 'acceptors'],
    ],
  ])('%s', async (what, content, words) => {
    const file = temporaryFile('options.json', content);
    const place = what === 'a diagram in a missing folder' ? '/no/such/folder/story.mmd' : `${file}: `;
    await refused(['check', '--config', file], [place, ...words]);
  });

  test('the fault of a flag is not blamed on the file', async () => {
    const file = temporaryFile('options.json', { acceptors: 2, system: 'voting', mutant: 'own-value' });
    await refused(['check', 'paxos', '--config', file, '--acceptors', '0'], [/^--acceptors: 0/, 'expected']);
    await refused(['check', '--config', file, '--mutant', 'nobody'], [/^--mutant: "nobody"/, 'expected']);
    await refused(['check', 'paxus', '--config', file], [/^system: "paxus"/, 'expected']);
  });
});

describe("in a module of a user's own", () => {
  const actor =
    "{ name: 'a', role: 'r', initial: 0, transition: (state) => ({ rule: null, state, send: [] }) }";
  /** A system with one actor that has one internal step, with some of its parts replaced. */
  const module = (parts: { actor?: string; property?: string; system?: string }) =>
    `const actor = { ...${actor}, internal: (state) => state < 1 ? ['go'] : [],
       transition: (state) => ({ rule: 'go', state: 1, send: [] }), ${parts.actor ?? ''} };
     const property = { name: 'p', kind: 'requirement', statement: 'A statement.',
       step: ({ after }) => after.state === 1 ? 'it is 1' : undefined, ${parts.property ?? ''} };
     export default { name: 'own', covers: ['one step'], actors: [actor], properties: [property], ${parts.system ?? ''} };`;
  const fact = "{ name: 'f', of: ['a'], view: ({ state }) => state, combine: ([state]) => state }";

  test('the module of which these are variants is a good one', async () => {
    const ended = await synod('check', temporaryFile('own.mjs', module({})), '--json');
    expect(ended).toMatchObject({ status: 1, stderr: '' });
    expect(reportIn(ended).counterexample).toMatchObject({ property: 'p', length: 1, facts: 'it is 1' });
  });

  test.each<[string, string, Words]>([
    [
      'it throws',
      "throw new Error('boom\\n  at once');",
      ['cannot be loaded', 'boom at once', 'expected a module'],
    ],
    ['it throws null', 'throw null;', ['cannot be loaded', 'null', 'expected a module']],
    ['it is no JavaScript', 'this is no JavaScript', ['cannot be loaded', 'expected a module']],
    [
      'it imports what is not there',
      "import './not-there.mjs';",
      ['cannot be loaded', 'not-there.mjs', 'expected a module'],
    ],
    ['it exports nothing', '', ['it exports nothing', 'expected a System']],
    ['it exports something else', 'export const paxos = 1;', ['it exports paxos', 'expected a System']],
    ['it exports a number', 'export default 5;', ['5', 'expected object', 'expected a System']],
    [
      'it exports a function',
      'export default () => 5;',
      ['Function', 'expected object', 'expected a System'],
    ],
    ['no name', module({ system: 'name: undefined' }), ['name', 'nothing', 'expected string']],
    ['no covers', module({ system: 'covers: undefined' }), ['covers', 'nothing', 'expected array']],
    ['no actors', module({ system: 'actors: []' }), ['actors', '[]', 'expected at least one actor']],
    ['actors that are none', module({ system: 'actors: [5]' }), ['actors[0]', '5', 'expected object']],
    [
      'an actor named twice',
      module({ system: 'actors: [actor, actor]' }),
      ['actors[1].name', '"a"', 'expected a name that no other actor has'],
    ],
    ['an actor without a name', module({ actor: "name: ''" }), ['actors[0].name', '""', 'expected a name']],
    [
      'an actor without transition',
      module({ actor: 'transition: undefined' }),
      ['actors[0].transition', 'nothing', 'expected a function'],
    ],
    [
      'internal that is no function',
      module({ actor: "internal: ['go']" }),
      ['actors[0].internal', '["go"]', 'expected a function'],
    ],
    [
      'an initial state that is no JSON',
      module({ actor: 'initial: new Map()' }),
      ['initial state of a', 'not a JSON value', 'Map'],
    ],
    [
      'a property of no kind',
      module({ property: "kind: 'hope'" }),
      ['properties[0].kind', '"hope"', 'expected', 'requirement', 'lemma'],
    ],
    [
      'clauses that are no list',
      module({ property: 'clauses: 5' }),
      ['properties[0].clauses', '5', 'expected array'],
    ],
    [
      'a fact about nobody',
      module({ property: `clauses: [{ facts: [{ ...${fact}, of: ['b'] }], check: () => undefined }]` }),
      ['fact "f"', '"b"'],
    ],
    ['two properties of one name', module({ system: 'properties: [property, property]' }), ['"p"']],
    ['readings that are no list', module({ system: 'readings: 5' }), ['readings', '5', 'expected array']],
    [
      'a budget that is a text',
      module({ system: "crashes: { budget: 'two' }" }),
      ['crashes.budget', '"two"', 'expected'],
    ],
    [
      'a crash of nobody',
      module({ system: "crashes: { budget: 1, groups: [['b']] }" }),
      ['crash group', '"b"'],
    ],
    ['rules that are a number', module({ system: 'rules: 5' }), ['rules', '5', 'expected array']],
    [
      'a transition that throws',
      module({ actor: "transition: () => { throw new Error('boom\\n  at once'); }" }),
      ['a throws on "go" in state 0', 'boom at once'],
    ],
    [
      'a transition that answers nothing',
      module({ actor: 'transition: () => undefined' }),
      ['a answers "go" in state 0', 'expected { rule, state, send }'],
    ],
    [
      'a transition that writes to its state',
      module({
        actor:
          "initial: { n: 0 }, internal: () => ['go'], transition: (state) => { state.n = 1; return { rule: 'go', state, send: [] }; }",
      }),
      ['a throws on "go" in state {"n":0}', /read.?only/],
    ],
    [
      'a forged sender',
      module({ actor: "transition: (state) => ({ rule: 'go', state, send: [{ from: 'b', to: ['a'] }] })" }),
      ['a sends', '"b"', '{"from":"b","to":["a"]}'],
    ],
    [
      'a message to nobody',
      module({ actor: "transition: (state) => ({ rule: 'go', state, send: [{ from: 'a', to: ['b'] }] })" }),
      ['a message of a', '"b"'],
    ],
    [
      'internal that throws',
      module({ actor: "internal: () => { throw new Error('boom'); }" }),
      ['internal steps of a in state 0', 'boom'],
    ],
    [
      'a property that throws',
      module({ property: "step: () => { throw new Error('boom\\n  at once'); }" }),
      ['boom at once'],
    ],
    [
      'a clause that throws',
      module({ property: `clauses: [{ facts: [${fact}], check: () => { throw new Error('boom'); } }]` }),
      ['boom'],
    ],
    [
      'a view that throws',
      module({
        property: `clauses: [{ facts: [{ ...${fact}, view: () => { throw new Error('boom'); } }], check: () => undefined }]`,
      }),
      ['boom'],
    ],
    ['tell that throws', module({ system: "tell: () => { throw new Error('boom'); }" }), ['boom']],
    ['show that throws', module({ system: "show: () => { throw new Error('boom'); }" }), ['boom']],
    ['a property that throws what is no error', module({ property: 'step: () => { throw 7; }' }), ['7']],
  ])('%s', async (_, content, words) => {
    const file = temporaryFile('own.mjs', content);
    await refused(['check', file], [`${file}: `, ...words]);
  });

  test('the line of the module is named, where no rule tells the place', async () => {
    const content = module({ system: "\n\n  tell: () => { throw new Error('boom'); }" });
    const line = content.split('\n').findIndex((each) => each.includes('boom')) + 1;
    const ended = await spawnSynod(['check', temporaryFile('own.mjs', content)]);
    expectWords(refusal(ended), [`line ${line}`, 'boom', 'expected functions that do not throw']);
  });

  test('bounds and mutants are not for modules', async () => {
    const file = temporaryFile('own.mjs', module({}));
    await refused(['check', file, '--acceptors', '3'], ['--acceptors', '3', `${file} is a module`]);
    await refused(
      ['check', file, '--mutant', 'own-value'],
      ['--mutant', '"own-value"', `${file} is a module`],
    );
    await refused(
      ['check', file, '--symmetry', 'on'],
      [`${file}: `, 'no symmetries', 'expected --symmetry off'],
    );
    await refused(['check', file, '--property', 'q'], ['--property', '"q"', 'expected one of p']);
  });
});

describe('a diagram that cannot be written', () => {
  /** A configuration that runs for hours: a refusal comes before the run, or the test does not end. */
  const endless = ['check', '--acceptors', '5', '--proposers', '3', '--ballots', '3', '--crashes', '3'];

  test('a missing folder, a folder, no name: refused before the run', async () => {
    const folder = temporaryFolder();
    const missing = join(folder, 'missing/story.mmd');
    await refused(
      [...endless, '--diagram', missing],
      [missing, 'ENOENT', 'expected a file name in a folder that exists'],
    );
    await refused([...endless, '--diagram', folder], [folder, 'EISDIR', 'expected a file name']);
    await refused([...endless, '--diagram', ''], ['""', 'expected a file name']);
    const file = join(folder, 'file');
    writeFileSync(file, 'as it was');
    await refused([...endless, '--diagram', join(file, 'story.mmd')], ['ENOTDIR', 'expected a file name']);
    expect(readdirSync(folder)).toEqual(['file']);
  });

  test('what fails after the run leaves no partial file, and the report is printed', async () => {
    const folder = temporaryFolder();
    // The name fits into the folder, and that of the partial file beside it does not.
    const path = join(folder, 'n'.repeat(253));
    const ended = await synod('check', '--mutant', 'default-value', '--diagram', path, '--json');
    expect(ended.status).toBe(2);
    expect(reportIn(ended)).toMatchObject({ verdict: 'violated' });
    expect(ended.stderr).toMatch(/^synod: .*ENAMETOOLONG.*\n$/);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('what is there is replaced as a whole', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'story.mmd');
    writeFileSync(path, 'x'.repeat(100_000));
    expect(await synod('check', '--mutant', 'default-value', '--diagram', path)).toMatchObject({
      status: 1,
      stderr: '',
    });
    expect(readFileSync(path, 'utf8')).toMatch(/^sequenceDiagram\n[^x]*$/);
    expect(readdirSync(folder)).toEqual(['story.mmd']);
  });
});

describe('a replay', () => {
  let good: Report & { counterexample: Counterexample };

  beforeAll(async () => {
    const { counterexample, ...report } = reportIn(
      await synod('check', '--mutant', 'promise-not-durable', '--json'),
    );
    if (!counterexample) throw new Error('there is no counterexample');
    good = { ...report, counterexample };
  });

  type Change = (story: Counterexample) => Counterexample;
  const replayed = async (content: unknown) => await synod('replay', temporaryFile('found.json', content));
  const stepChanged =
    (at: number, change: Partial<Counterexample['steps'][number]>): Change =>
    (story) => ({
      ...story,
      steps: story.steps.map((step, index) => (index === at ? { ...step, ...change } : step)),
    });
  /** The steps after a change, counted anew, so that nothing is wrong but the steps. */
  const counted = (story: Counterexample, steps: Counterexample['steps']): Counterexample => ({
    ...story,
    length: steps.length,
    steps: steps.map((step, at) => ({ ...step, number: at + 1 })),
  });

  test('of the report as it is confirms the violation', async () => {
    expect(await replayed(good)).toMatchObject({ status: 1, stderr: '' });
  });

  test.each<[string, (report: typeof good) => unknown, Words]>([
    ['not JSON', () => 'replay me', ['not JSON']],
    ['not an object', () => [], ['[]', 'expected object']],
    ['no report', () => ({ hello: 'world' }), ['format', 'nothing', 'expected one of']],
    [
      'no counterexample',
      ({ counterexample, ...report }) => report,
      ['counterexample', 'nothing', 'expected object'],
    ],
    [
      'steps that are no list',
      (report) => ({ ...report, counterexample: { ...report.counterexample, steps: 3 } }),
      ['counterexample.steps', '3', 'expected array'],
    ],
    [
      'a step of no kind',
      (report) => ({ ...report, counterexample: { ...report.counterexample, steps: [{}] } }),
      ['counterexample.steps[0].number', 'nothing', 'expected number'],
    ],
    [
      'an unknown system',
      (report) => ({ ...report, system: 'paxus' }),
      ['system', '"paxus"', 'expected', 'paxos'],
    ],
    [
      'an unknown mutant',
      (report) => ({ ...report, mutant: 'nobody' }),
      ['mutant', '"nobody"', 'expected', 'own-value'],
    ],
    [
      'a bad configuration',
      (report) => ({ ...report, configuration: { acceptors: 0 } }),
      ['configuration.acceptors', '0', 'expected at least 1'],
    ],
    [
      'a stranger in the configuration',
      (report) => ({ ...report, configuration: { colour: 'red' } }),
      ['configuration', '"colour"', 'not a known name'],
    ],
    [
      'a module that is a number',
      (report) => ({ ...report, configuration: { module: 5 } }),
      ['configuration.module', '5', 'expected the path of a module'],
    ],
    [
      'a module that is gone',
      (report) => ({ ...report, configuration: { module: './gone.mjs' } }),
      ['./gone.mjs', 'no such file'],
    ],
    [
      'the sound system',
      (report) => ({ ...report, mutant: null }),
      ['counterexample.steps[6]', 'expected', 'which is what the function does'],
    ],
    [
      'another format',
      (report) => ({ ...report, format: 'synod-report/2' }),
      ['format', '"synod-report/2"', 'expected one of'],
    ],
    [
      'another mutant',
      (report) => ({ ...report, mutant: 'own-value' }),
      ['counterexample.steps[', 'expected'],
    ],
    [
      'too few acceptors for the steps',
      (report) => ({ ...report, configuration: { ...report.configuration, proposers: 1 } }),
      ['counterexample.steps[1]', 'expected a step that is enabled there'],
    ],
  ])('of %s', async (_, change, words) => {
    const content = change(good);
    const file = temporaryFile('found.json', content);
    const place = String(words[0]).startsWith('./') ? '' : `${file}: `;
    await refused(['replay', file], [place, ...words]);
  });

  const changes: [string, Change, Words][] = [
    [
      'an unknown property',
      (story) => ({ ...story, property: 'truth' }),
      ['property', '"truth"', 'expected a property of paxos'],
    ],
    [
      'a property that is not violated',
      (story) => ({ ...story, property: 'validity' }),
      ['validity is not violated after 9 steps', 'expected'],
    ],
    [
      'the last step removed',
      (story) => counted(story, story.steps.slice(0, -1)),
      ['is not violated after 8 steps', 'expected'],
    ],
    [
      'the first step removed',
      (story) => counted(story, story.steps.slice(1)),
      ['steps[1]', 'expected a step that is enabled there'],
    ],
    [
      'the crash removed',
      (story) =>
        counted(
          story,
          story.steps.filter(({ rule }) => rule !== 'crash'),
        ),
      ['steps[6]', 'expected'],
    ],
    [
      'a step of the middle removed, uncounted',
      (story) => ({ ...story, steps: story.steps.filter((_, at) => at !== 4) }),
      ['length', '9', 'expected 8'],
    ],
    ['no steps', (story) => counted(story, []), ['is not violated after 0 steps', 'expected']],
    [
      'two steps in the other order',
      (story) =>
        counted(story, [2, 0, 1].flatMap((at) => story.steps[at] ?? []).concat(story.steps.slice(3))),
      ['steps[0]', 'expected a step that is enabled there'],
    ],
    ['another length', (story) => ({ ...story, length: 8 }), ['length', '8', 'expected 9']],
    ['a wrong number', stepChanged(2, { number: 7 }), ['steps[2].number', '7', 'expected 3']],
    ['another actor', stepChanged(2, { actor: 'a9' }), ['steps[2]', 'expected a step that is enabled there']],
    [
      'another role',
      stepChanged(2, { role: 'learner' }),
      ['steps[2].role', '"learner"', 'expected "acceptor"'],
    ],
    ['a wrong rule', stepChanged(2, { rule: '2b' }), ['steps[2].rule', '"2b"', 'expected "1b"']],
    ['no rule', stepChanged(2, { rule: null }), ['steps[2].rule', 'null', 'expected "1b"']],
    [
      'another event',
      stepChanged(0, { event: { type: 'start', value: 'v2' } }),
      ['steps[0]', 'expected a step that is enabled there'],
    ],
    [
      'an event that is null',
      stepChanged(0, { event: null }),
      ['steps[0]', 'expected a step that is enabled there'],
    ],
    ['another message', stepChanged(2, { message: null }), ['steps[2].message', 'null', 'expected {']],
    ['nothing sent', stepChanged(2, { sent: [] }), ['steps[2].sent', '[]', 'expected [{']],
    [
      'another change',
      stepChanged(2, { changed: [{ actor: 'a1', field: 'promised', to: 5 }] }),
      ['steps[2].changed', '5', 'expected [{'],
    ],
    ['no change', stepChanged(2, { changed: [] }), ['steps[2].changed', '[]', 'expected [{']],
  ];

  test.each(changes)('of a counterexample with %s', async (_, change, words) => {
    const file = temporaryFile('found.json', { ...good, counterexample: change(good.counterexample) });
    await refused(['replay', file], [`${file}: counterexample`, ...words]);
  });

  test('words of the file are not repeated: they are told anew', async () => {
    const told = stepChanged(0, { text: 'p1 sings' })({
      ...good.counterexample,
      facts: 'all is well',
      statement: 'Nothing.',
    });
    const { stdout } = await replayed({ ...good, counterexample: told });
    expect(stdout).toBe((await replayed(good)).stdout);
    expect(stdout).not.toMatch(/sings|all is well|Nothing\./);
  });

  test('a run that is longer than need be replays, and is not called the shortest', async () => {
    const { steps } = good.counterexample;
    // The same prepare request once more: nothing comes of it.
    const again = { ...(steps[2] as (typeof steps)[number]), rule: null, sent: [], changed: [] };
    const longer = counted(good.counterexample, [...steps.slice(0, 3), again, ...steps.slice(3)]);
    const ended = await replayed({ ...good, counterexample: longer });
    expect(ended.status).toBe(1);
    expect(ended.stdout).toMatch(/agreement is violated in 10 steps\./);
    expect(ended.stdout).not.toMatch(/shorter|shortest/);
  });
});

describe('files as they may be', () => {
  const words = [
    '',
    'a1',
    'paxos',
    'own-value',
    'agreement',
    'all',
    '__proto__',
    '-',
    '\n',
    '\u001b[31m',
    '\ud800',
  ];
  const anything = fc.oneof(
    fc.constantFrom<unknown>(null, true, 0, 1, 2, -1, 1.5, 1e21, [], {}, [[]], ...words),
    fc.jsonValue({ maxDepth: 2 }),
  );

  /** The paths of all parts of a JSON value. */
  function paths(value: unknown, path: readonly string[] = []): (readonly string[])[] {
    if (typeof value !== 'object' || value === null) return [path];
    return [path, ...Object.entries(value).flatMap(([key, part]) => paths(part, [...path, key]))];
  }

  type Edit =
    | { readonly kind: 'replace'; readonly at: number; readonly by: unknown }
    | { readonly kind: 'remove' | 'repeat'; readonly at: number }
    | { readonly kind: 'swap'; readonly at: number; readonly with: number };
  const edit: fc.Arbitrary<Edit> = fc.oneof(
    fc.record({ kind: fc.constant('replace' as const), at: fc.nat(), by: anything }),
    fc.record({ kind: fc.constantFrom('remove' as const, 'repeat' as const), at: fc.nat() }),
    fc.record({ kind: fc.constant('swap' as const), at: fc.nat(), with: fc.nat() }),
  );

  function edited(original: unknown, edits: readonly Edit[]): unknown {
    const root = { it: structuredClone(original) } as Record<string, unknown>;
    for (const each of edits) {
      const all = paths(root['it'], ['it']);
      const holder = (at: number) => {
        const path = all[at % all.length] ?? ['it'];
        const parent = path
          .slice(0, -1)
          .reduce<unknown>((part, key) => (part as Record<string, unknown>)[key], root);
        return { parent: parent as Record<string, unknown>, key: path[path.length - 1] as string };
      };
      const { parent, key } = holder(each.at);
      if (each.kind === 'replace') parent[key] = each.by;
      else if (each.kind === 'swap') {
        const other = holder(each.with);
        const [one, two] = [structuredClone(parent[key]), structuredClone(other.parent[other.key])];
        other.parent[other.key] = one;
        parent[key] = two;
      } else if (Array.isArray(parent)) {
        if (each.kind === 'remove') parent.splice(Number(key), 1);
        else parent.splice(Number(key), 0, structuredClone(parent[Number(key)]));
      } else if (each.kind === 'remove') delete parent[key];
    }
    return root['it'];
  }

  /** Whatever came of it, it came in an orderly way: a verdict with a report, or a refusal on one line. */
  function expectOrder(ended: Awaited<ReturnType<typeof synod>>): void {
    if (ended.status === 2) refusal(ended);
    else
      expect({ ...ended, known: [0, 1, 3].includes(ended.status ?? -1) }).toMatchObject({
        known: true,
        stderr: '',
      });
  }

  test('--config: a verdict, or one line', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'options.json');
    const original = {
      system: 'paxos',
      acceptors: 2,
      proposers: 2,
      learners: 1,
      ballots: [1, 1],
      values: 2,
      crashes: 0,
      learning: 'all',
      nacks: false,
      quorums: { phase1: [['a1', 'a2']], phase2: [['a1'], ['a2']] },
      property: ['agreement'],
      maxStates: 300,
    };
    const statuses: (number | null)[] = [];
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 2 }), async (edits) => {
        const content = edited(original, edits);
        // Bounds of which a test can wait for the end, and files that stay in the folder.
        fc.pre(!('diagram' in Object(content)));
        writeFileSync(file, JSON.stringify(content) ?? '');
        const ended = await synod('check', '--config', file, '--max-states', '300', '--time-limit', '5');
        statuses.push(ended.status);
        expectOrder(ended);
      }),
      { numRuns: 150 },
    );
    expect(statuses).toContain(2);
    expect(statuses.some((status) => status !== 2)).toBe(true);
  });

  test('replay: what was changed replays as it stands, or is refused on one line', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'found.json');
    const report = reportIn(await synod('check', '--mutant', 'own-value', '--json'));
    const { system, configuration, mutant, counterexample } = report;
    const original = { system, configuration, mutant, counterexample };
    let refusedOnes = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 2 }), async (edits) => {
        const content = edited(original, edits);
        writeFileSync(file, JSON.stringify(content) ?? '');
        const ended = await synod('replay', file);
        expectOrder(ended);
        expect(ended.status).toBeOneOf([1, 2]);
        if (ended.status === 2) refusedOnes += 1;
        else expect(essence(content)).toEqual(essence(original));
      }),
      { numRuns: 250 },
    );
    expect(refusedOnes).toBeGreaterThan(100);
  });

  const sorted = (values: readonly unknown[]) => values.map(canonical).sort();

  /** What a replay depends on: all but words. The configuration is another affair, since a larger one has the same run. */
  function essence(content: unknown) {
    const { system, mutant, counterexample } = content as Report;
    const { property, length, steps } = counterexample as Counterexample;
    return {
      system,
      mutant,
      property,
      length,
      steps: steps.map(({ text, ...step }) => ({
        ...step,
        sent: sorted(step.sent),
        changed: sorted(step.changed),
      })),
    };
  }

  test('a file that is cut short anywhere is not replayed', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'found.json');
    const text = (await synod('check', '--mutant', 'default-value', '--json')).stdout.trimEnd();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: text.length - 1 }), async (length) => {
        writeFileSync(file, text.slice(0, length));
        expectWords(refusal(await synod('replay', file)), [`${file}: not JSON`]);
      }),
      { numRuns: 50 },
    );
  });
});

test('a defect is not taken for a verdict, nor for bad input', async () => {
  const { checkOptions } = await import('../../src/cli/options.ts');
  const option = checkOptions.find(({ long }) => long === '--property');
  const parse = option?.parseArg;
  expect(option).toBeDefined();
  try {
    option?.argParser(() => {
      throw new TypeError('a mistake of ours');
    });
    const { status, stdout, stderr } = await synod('check', '--property', 'agreement');
    expect({ status, stdout }).toEqual({ status: 70, stdout: '' });
    expect(stderr).toMatch(
      /^synod: this is a defect of synod, and no verdict; .*\nTypeError: a mistake of ours\n {4}at /,
    );
  } finally {
    if (parse) option?.argParser(parse as never);
  }
  expect(new InputError('x')).toBeInstanceOf(Error);
});
