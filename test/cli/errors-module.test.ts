/** A bad module of a user's own: exit status 2, and one line that names the place, the value and what was expected. */
import { describe, expect, test } from 'vitest';
import { refusal, reportIn, spawnSynod, synod, temporaryFile } from './run.ts';
import { expectWords, refused, type Words } from './words.ts';

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

  test.each(["setTimeout(() => { throw new Error('late'); })", "Promise.reject(new Error('late'))"])(
    'what it throws later is not taken for a verdict: %s',
    async (late) => {
      const file = temporaryFile('late.mjs', `${late};\n${module({ property: 'step: () => undefined' })}`);
      const { status, stderr } = await spawnSynod(['check', file]);
      expect(stderr).toMatch(/^synod: this is a defect of synod, and no verdict; .*\nError: late\n/);
      expect(status).toBe(70);
    },
  );

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
    [
      'no properties',
      module({ system: 'properties: []' }),
      ['properties', '[]', 'expected at least one property'],
    ],
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
