/** Results in the forms that continuous integration reads: JUnit's, and Markdown. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { junitFile, type TestCase } from '../../src/cli/junit.ts';
import { has } from '../programs.ts';
import { refusal, synod, temporaryFile, temporaryFolder } from './run.ts';

const count = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].length;

/** Runs a check with a file of test results; returns those, and the exit status. */
async function tested(...args: string[]): Promise<{ xml: string; status: number | null }> {
  const path = join(temporaryFolder(), 'junit.xml');
  const { status } = await synod('check', ...args, '--quiet', '--junit', path);
  return { xml: readFileSync(path, 'utf8'), status };
}

describe('--junit', () => {
  test('what holds has a test for each property, one for the end, and none that failed', async () => {
    const { xml, status } = await tested('paxos', '--acceptors', '1', '--learners', '1');
    expect(status).toBe(0);
    expect(count(xml, /<testcase /g)).toBe(15);
    expect(xml).toContain('failures="0" errors="0" skipped="0"');
    expect(xml).toMatch(/<testcase classname="paxos" name="agreement" time="0.000"\/>/);
    expect(xml).toMatch(/name="explored to the end" time="\d+\.\d{3}"\/>/);
  });

  test('what is violated fails, with the counterexample; the rest is not said to have passed', async () => {
    const { xml, status } = await tested('paxos', '--mutant', 'own-value');
    expect(status).toBe(1);
    expect(xml).toMatch(
      /name="agreement" time="0.000"><failure message="violated: Only a single value is chosen\.">agreement is violated in 8 steps\./,
    );
    expect(xml).toContain('=&gt; (1.p1, v1) and (1.p2, v2) are both chosen</failure>');
    expect(xml).toMatch(
      /name="validity" time="0.000"><skipped message="neither shown to hold nor violated">/,
    );
    expect(xml).toMatch(
      /name="explored to the end" .*><skipped message="what is violated ends the exploration">/,
    );
    expect(count(xml, /<testcase [^>]*\/>/g)).toBe(0);
  });

  test('what is incomplete is an error, and no property has passed', async () => {
    const { xml, status } = await tested('paxos', '--max-states', '100');
    expect(status).toBe(3);
    expect(xml).toMatch(/<error message="incomplete: ended by the bound of 100 states">/);
    expect(count(xml, /<testcase [^>]*\/>/g)).toBe(0);
  });

  test('random walks are never more than incomplete', async () => {
    const { xml, status } = await tested('paxos', '--simulate', '--walks', '20');
    expect(status).toBe(3);
    expect(xml).toContain('<error message="incomplete: random walks show no more">');
  });

  test('refuses a file that cannot be written, before anything is explored', async () => {
    expect(refusal(await synod('check', '--junit', '/no/such/folder/junit.xml'))).toMatch(
      /^\/no\/such\/folder\/junit\.xml: cannot be written \(ENOENT\)/,
    );
  });
});

/** Texts that are not as they are in XML: markup, controls, half a character, ends of lines. */
const awkward = ['<a & "b">', 'tab\t, bell\u0007, \ud800 alone', 'é 😀 ]]>', 'line\nbreak'];

describe.skipIf(!has('python3'))('read by a parser of XML', () => {
  test('every text comes back, but for what no XML may contain', () => {
    const cases: TestCase[] = awkward.map((text) => ({
      of: text,
      name: text,
      ended: { as: 'failure', message: text, text },
    }));
    const script = `import sys, json, xml.etree.ElementTree as E
t = E.parse(sys.stdin.buffer).getroot()
print(json.dumps([[c.get("name"), c[0].get("message"), c[0].text] for c in t.iter("testcase")]))`;
    const { stdout, stderr } = spawnSync('python3', ['-c', script], {
      input: junitFile('a & b', 1, cases),
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    const legal = (text: string) => text.replace('\u0007', '?').replace('\ud800', '?');
    // An attribute's white space is made spaces of by every parser.
    const inAttribute = (text: string) => legal(text).replace(/[\t\n]/g, ' ');
    expect(JSON.parse(stdout)).toEqual(
      awkward.map((text) => [inAttribute(text), inAttribute(text), legal(text)]),
    );
  });
});

describe('--markdown', () => {
  test('is added to what is there: verdict, properties, diagram, and all that is printed', async () => {
    const path = temporaryFile('summary.md', '# Before\n');
    const { stdout } = await synod('check', 'paxos', '--mutant', 'own-value', '--markdown', path);
    await synod('check', 'paxos', '--acceptors', '1', '--quiet', '--markdown', path);
    const text = readFileSync(path, 'utf8');
    expect(text).toMatch(/^# Before\n### ❌ violated: paxos with the mutant own-value acceptors 1, /);
    expect(text).toContain('| ❌ | agreement | Only a single value is chosen. |\n');
    expect(text).toContain('```mermaid\nsequenceDiagram\n');
    expect(text).toContain(`\`\`\`text\n${stdout}\`\`\`\n`);
    expect(text).toMatch(/\n### ✅ holds: paxos acceptors 1, /);
  });
});
