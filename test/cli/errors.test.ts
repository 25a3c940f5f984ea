/** Bad input on the command line and in files of bounds: exit status 2, and one line on standard error that names the place, the value and what was expected. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/input-error.ts';
import { reportIn, spawnSynod, synod, temporaryFile, temporaryFolder } from './run.ts';
import { refused, type Words } from './words.ts';

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
