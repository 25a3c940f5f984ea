/** Files of options and counterexamples with anything in them: a verdict, or a refusal on one line. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Counterexample, canonical, type Report } from '../../model-check/index.ts';
import { refusal, reportIn, synod, temporaryFolder } from './run.ts';
import { expectWords } from './words.ts';

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
