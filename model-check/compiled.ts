/**
 * A function made from text, for the few loops in which most of the time of a run goes: unrolled, with shifts, masks and
 * offsets written out as constants, they are several times as fast as when these are looked up.
 *
 * @param body made from integers of our own only, never from a system's text
 * @returns null where the platform does not allow it (a page's content security policy, say)
 */
export function compiled<F>(parameters: readonly string[], body: string): F | null {
  try {
    return new Function(...parameters, `'use strict';\n${body}`) as F;
  } catch {
    return null;
  }
}
