import type { z } from 'zod';

/** Bad input: one sentence that names the place, the value and what was expected. Exit status 2. */
export class InputError extends Error {
  override name = 'InputError';
}

/** The first problem that Zod found, as one sentence. `place` names where a path of the input came from. */
export function inputError(
  error: z.ZodError,
  input: unknown,
  place: (path: readonly PropertyKey[]) => string,
): InputError {
  const [issue] = error.issues;
  if (!issue) return new InputError(`${place([])}: not as expected`);
  const { path, value, expected } = innermost(issue, input);
  return new InputError(`${place(path)}: ${shortly(value)}: ${expected}`);
}

/** Of a union the branch that came furthest says best what was wrong. */
function innermost(issue: z.core.$ZodIssue, input: unknown) {
  let at: z.core.$ZodIssue = issue;
  let path = [...issue.path];
  while (at.code === 'invalid_union' && at.errors.length > 0) {
    const branches = at.errors.flatMap((issues) => issues.slice(0, 1));
    const deepest = branches.sort((a, b) => rank(b) - rank(a))[0];
    if (!deepest) break;
    path = [...path, ...deepest.path];
    at = deepest;
  }
  if (at.code === 'unrecognized_keys') {
    return { path, value: at.keys.join(', '), expected: 'is not a known name here' };
  }
  const value = at.input ?? valueAt(input, path);
  return { path, value, expected: at.message.replace(/^(Invalid (input|option)|Too (small|big)): /, '') };
}

/** How far a branch of a union came: a wrong type at the top says least. */
function rank(issue: z.core.$ZodIssue): number {
  return issue.path.length * 2 + (issue.code === 'invalid_type' ? 0 : 1);
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    input,
  );
}

/** The value of a JSON text that stands at `place`. @throws InputError if it is none */
export function parseJson(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(`${place}: not JSON: ${(error as Error).message}`);
  }
}

/** A value as an error message shows it: its JSON, cut short. */
export function shortly(value: unknown): string {
  const text = value === undefined ? 'nothing' : (json(value) ?? Object.prototype.toString.call(value));
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function json(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

/** A text as one line, so that an error is one sentence whatever it quotes. */
export function oneLine(text: string): string {
  return text.trim().replaceAll(/\s*[\r\n]\s*/g, ' ');
}

/** What was thrown, in words; anything can be. */
export function thrown(error: unknown): string {
  return error instanceof Error ? error.message : `it throws ${shortly(error)}`;
}
