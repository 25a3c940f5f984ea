/** A text that is read as JSON only if nothing of it is lost by that. */
export type Read = { readonly value: unknown } | { readonly problem: string };

/** Levels of nesting at most: what walks through a value does so by recursion. */
const DEEPEST = 100;

/** Strings, which are skipped, and numbers. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/**
 * Reads one line of JSON. Refused is also what JavaScript would read as something else, so that two texts that differ could
 * become one value: numbers that it rounds, names that occur twice in an object; and what is nested too deeply.
 */
export function readExactly(text: string): Read {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { problem: `is not JSON (${(error as Error).message.replaceAll(/\s+/g, ' ')})` };
  }
  for (const [token] of text.matchAll(TOKENS)) {
    if (!token.startsWith('"') && decimal(token) !== decimal(String(Number(token))))
      return { problem: `has the number ${token}, which JavaScript rounds; expected it as text` };
  }
  const [names, deepest] = membersIn(value, 0);
  if (deepest > DEEPEST) return { problem: `is nested more than ${DEEPEST} levels deep` };
  if (names !== colonsIn(text)) return { problem: 'has an object with one name twice' };
  return { value };
}

/** A number in one way of writing: sign, digits without zeros at either end, and exponent. */
function decimal(token: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(token) ?? [];
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return `${sign}0`;
  return `${sign}${significant}e${Number(exponent) - fraction.length + (digits.length - significant.length)}`;
}

/** How many members the objects of a value have in all, and how deeply it is nested; it is not looked at deeper than is allowed. */
function membersIn(value: unknown, depth: number): [number, number] {
  if (typeof value !== 'object' || value === null || depth > DEEPEST) return [0, depth];
  const items = Object.values(value);
  let [members, deepest] = [Array.isArray(value) ? 0 : items.length, depth];
  for (const item of items) {
    const [inside, reached] = membersIn(item, depth + 1);
    members += inside;
    deepest = Math.max(deepest, reached);
  }
  return [members, deepest];
}

/** How many members the text of a JSON value writes: the colons outside of strings. */
function colonsIn(text: string): number {
  return text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '').split(':').length - 1;
}
