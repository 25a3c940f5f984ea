import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { budget } from '../budget.ts';
import { synod } from '../cli/run.ts';

const page = readFileSync(new URL('../../docs/how-far.md', import.meta.url), 'utf8');
/** The rows of its table: what is checked, how many states there are, and how many of them were explored. */
const rows = [...page.matchAll(/^\| `([^`]+)`[^|]*\| ([\d,]+) \| ([\d,]+) \|/gm)].map(
  ([, bounds = '', states = '', explored = '']) => ({ bounds, states, explored }),
);
/** The largest take a minute, and a gigabyte. */
const most = budget({ ci: 2e7, night: Infinity });

describe('what the page says was explored to the end', () => {
  test('are rows of a table', () => {
    expect(rows.length).toBeGreaterThan(10);
  });

  test.each(rows.filter(({ explored }) => Number(explored.replaceAll(',', '')) < most))(
    '$bounds',
    async ({ bounds, states, explored }) => {
      const { status, stdout } = await synod('check', ...bounds.split(' '));
      expect(status).toBe(0);
      expect(stdout).toContain(`\n${explored} distinct states`);
      if (states !== explored) expect(stdout).toContain(`: ${states} states in all\n`);
    },
  );
});
