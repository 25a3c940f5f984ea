/**
 * `--diagram`: a counterexample as a Mermaid sequence diagram. It is read by a grammar of our own: that part of Mermaid's which we
 * write. (Mermaid's parser is not a dependency: with what it needs of a browser it is 170 MB. What the grammar takes and refuses
 * was once held against it, version 11.)
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Counterexample } from '../../model-check/index.ts';
import { mutants } from '../../spec/mutants/index.ts';
import { mermaid } from '../../src/cli/diagram.ts';
import { type AnySystem, buildSystem } from '../../src/systems.ts';
import { reportIn, root, synod, temporaryFolder } from './run.ts';

type Line =
  | { readonly kind: 'arrow'; readonly from: string; readonly to: string; readonly text: string }
  | { readonly kind: 'note'; readonly over: readonly string[]; readonly text: string };

interface Diagram {
  /** By the names that are shown. */
  readonly participants: readonly string[];
  readonly lines: readonly Line[];
}

const name = '[A-Za-z][A-Za-z0-9_]*';
/** A text: without line break, semicolon, tag or directive, and with `#` only as the start of an entity such as `#59;`. */
const text = '(?:[^\\n;#<>%]|%(?!%)|#\\d+;)*';
const ownWords = ['end', 'loop', 'alt', 'note', 'participant', 'actor', 'activate', 'title', 'box', 'links'];

/** Reads a diagram; throws if it is not of the grammar. */
function read(source: string): Diagram {
  const lines = source.split('\n');
  if (lines.shift() !== 'sequenceDiagram') throw new Error('expected the header sequenceDiagram');
  if (lines.shift() !== '  autonumber') throw new Error('expected autonumber');
  if (lines.pop() !== '') throw new Error('expected a line break at the end');
  const shownAs = new Map<string, string>();
  while (lines[0]?.startsWith('  participant ')) {
    const [id = '', , alias] = match(
      new RegExp(`^ {2}participant (${name})( as (${text}))?$`),
      lines.shift(),
    );
    if (shownAs.has(id) || ownWords.includes(id.toLowerCase()))
      throw new Error(`${id}: expected another name`);
    shownAs.set(id, alias === undefined ? id : shown(alias));
  }
  const lane = (id: string) => {
    const known = shownAs.get(id);
    if (known === undefined) throw new Error(`${id}: expected a participant`);
    return known;
  };
  return { participants: [...shownAs.values()], lines: lines.map((each) => line(each, lane)) };
}

function line(source: string, lane: (id: string) => string): Line {
  if (source.startsWith('  Note over ')) {
    const [over = '', said] = match(new RegExp(`^ {2}Note over (${name}(?:,${name})?): (${text})$`), source);
    return { kind: 'note', over: over.split(',').map(lane), text: shown(said) };
  }
  const [from = '', to = '', said] = match(new RegExp(`^ {2}(${name})->>(${name}): (${text})$`), source);
  return { kind: 'arrow', from: lane(from), to: lane(to), text: shown(said) };
}

function match(pattern: RegExp, source: string | undefined): string[] {
  const found = source?.match(pattern);
  if (!found) throw new Error(`${source}: expected ${pattern}`);
  return found.slice(1);
}

const shown = (said = '') => said.replace(/#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));

const senderOf = (step: Counterexample['steps'][number]) => (step.message as { from: string } | null)?.from;

function expectToTell(diagram: Diagram, { steps, property, facts }: Counterexample, system: AnySystem): void {
  const involved = new Set(steps.flatMap((step) => [step.actor, senderOf(step) ?? step.actor]));
  // One participant for each actor involved, once, in the order of the system.
  expect(diagram.participants).toEqual(
    system.actors.map((actor) => actor.name).filter((each) => involved.has(each)),
  );
  // Every receipt is an arrow with what is received, every other step a note; in the order of the steps.
  const arrows = diagram.lines.filter((each) => each.kind === 'arrow');
  expect(arrows).toEqual(
    steps
      .filter(({ message }) => message !== null)
      .map((step) => ({
        kind: 'arrow',
        from: senderOf(step),
        to: step.actor,
        text: system.show?.(step.message) ?? JSON.stringify(step.message),
      })),
  );
  const notes = diagram.lines.filter((each) => each.kind === 'note');
  const end = notes.pop();
  expect(notes).toEqual(
    steps
      .filter(({ message, changed }) => message === null || changed.length > 0)
      .map((step) => ({ kind: 'note', over: [step.actor], text: step.text })),
  );
  // The end, over everybody.
  const { participants } = diagram;
  expect(diagram.lines.at(-1)).toBe(end);
  expect(end).toEqual({
    kind: 'note',
    over: [...new Set([participants[0], participants.at(-1)])],
    text: `${property} is violated: ${facts}`,
  });
}

const quick = mutants.filter(({ harmless, smallest }) => !harmless && (smallest.acceptors ?? 3) <= 2);

describe('the diagram', () => {
  test.each(quick)('of $name tells its counterexample', async ({ name: mutant, smallest }) => {
    const path = join(temporaryFolder(), 'story.mmd');
    const { counterexample } = reportIn(
      await synod('check', '--mutant', mutant, '--diagram', path, '--json'),
    );
    const { system } = buildSystem({ system: 'paxos', configuration: smallest, mutant }, String);
    expectToTell(read(readFileSync(path, 'utf8')), counterexample as Counterexample, system);
  });

  test('of a system without words of its own has its messages as JSON', async () => {
    const path = join(temporaryFolder(), 'story.mmd');
    await synod('check', join(root, 'test/cli/fixtures/token-kept.ts'), '--diagram', path);
    expect(readFileSync(path, 'utf8')).toBe(
      [
        'sequenceDiagram',
        '  autonumber',
        '  participant north',
        '  participant east',
        '  Note over north: member north: pass on "pass"',
        '  north->>east: {"from":"north","to":["east"],"turn":1}',
        '  Note over east: member east: take on {"message":{"from":"north","to":["east"],"turn":1},"type":"receive"}',
        '  Note over north,east: one-holder is violated: north and east hold it',
        '',
      ].join('\n'),
    );
  });

  /** A story of one step, of an actor with such a name, who says such a thing. */
  const story = (actor: string, said: string): [Counterexample, AnySystem] => {
    const message = { from: actor, to: [actor], said };
    const step = {
      number: 1,
      actor,
      role: 'r',
      rule: 'say',
      event: { type: 'receive', message },
      message,
      sent: [],
      changed: [],
    };
    const changed = [{ actor, field: 'f', to: 1 }];
    const told: Counterexample = {
      property: 'p',
      statement: 's',
      length: 1,
      steps: [{ ...step, changed, text: said }],
      facts: said,
    };
    const system = {
      name: 's',
      covers: [],
      actors: [{ name: actor }],
      properties: [],
      show: (value: unknown) => (value as typeof message).said,
    };
    return [told, system as unknown as AnySystem];
  };

  test.each([
    ['a semicolon', 'one; two', 'one; two'],
    ['a number sign', 'issue #12; and #', 'issue #12; and #'],
    ['line breaks', 'one\ntwo\r\nthree', 'one two three'],
    ['tags', 'a <b> c', 'a <b> c'],
    ['directives and comments', '%%{init: {}}%% 5 % %% x', '%%{init: {}}%% 5 % %% x'],
    ['nothing', '', ''],
  ])('shows %s', (_, said, expected) => {
    const [told, system] = story('a1', said);
    const { lines } = read(mermaid(told, system));
    expect(lines.map((each) => each.text)).toEqual([expected, expected, `p is violated: ${expected}`]);
  });

  test.each(['a1', 'node 1', 'a-b', 'end', 'Loop', 'a:b', 'a,b', 'über', 'a->>b', 'lane1', '7', ''])(
    'shows an actor named %j under that name',
    (actor) => {
      const { participants, lines } = read(mermaid(...story(actor, 'hello')));
      expect(participants).toEqual([actor]);
      expect(lines).toEqual([
        { kind: 'arrow', from: actor, to: actor, text: 'hello' },
        { kind: 'note', over: [actor], text: 'hello' },
        { kind: 'note', over: [actor], text: 'p is violated: hello' },
      ]);
    },
  );

  test('the grammar refuses what Mermaid would not read', () => {
    const good = 'sequenceDiagram\n  autonumber\n  participant a1\n  a1->>a1: hello\n';
    expect(read(good).lines).toHaveLength(1);
    for (const bad of [
      good.replace('sequenceDiagram', 'sequence'),
      good.replace('hello', 'one; two'),
      good.replace('hello', 'issue #12'),
      good.replace('hello', 'a <b>'),
      good.replaceAll('a1', 'end'),
      good.replace('a1->>', 'a2->>'),
      good.replace('->>', '=>'),
      good.replace('a1->>', 'a 1->>'),
      `${good}hello\n`,
    ]) {
      expect(() => read(bad)).toThrow(/expected/);
    }
  });
});
