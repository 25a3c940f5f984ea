/** What the one line says that refuses an input: the place, the value, and what was expected. */
import { expect } from 'vitest';
import { refusal, synod } from './run.ts';

/** Words that must stand in the line, in this order. */
export type Words = readonly (string | RegExp)[];

/** Says that a line has these words. */
export function expectWords(line: string, words: Words): void {
  let at = 0;
  for (const word of words) {
    const rest = line.slice(at);
    const found = typeof word === 'string' ? rest.indexOf(word) : rest.search(word);
    expect({ line, word: String(word), found: found >= 0 }).toMatchObject({ found: true });
    at += found + (typeof word === 'string' ? word.length : (rest.match(word)?.[0].length ?? 0));
  }
}

/** Says that a command was refused with these words. */
export async function refused(args: readonly string[], words: Words): Promise<void> {
  expectWords(refusal(await synod(...args)), words);
}
