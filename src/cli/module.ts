import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { SystemError } from '../../model-check/index.ts';
import { InputError, inputError, thrown } from '../input-error.ts';
import type { AnySystem } from '../systems.ts';
import { placeIn } from './files.ts';

/** Whether a system is named by the path of a module. */
export function isModulePath(name: string): boolean {
  return /[\\/]/.test(name) || /\.[cm]?[jt]s$/.test(name);
}

/** What a system must have, as far as it can be told without asking its functions. */
const called = z.string().min(1, { error: 'expected a name' });
const method = z.custom<unknown>((value) => typeof value === 'function', { error: 'expected a function' });
const Fact = z.looseObject({ name: called, of: z.array(z.string()), view: method, combine: method });
const Predicate = z.looseObject({ facts: z.array(Fact), holds: method });
const LooksLikeSystem = z.looseObject({
  name: called,
  covers: z.array(z.string()),
  actors: z
    .array(
      z.looseObject({
        name: called,
        role: z.string(),
        transition: method,
        internal: method.optional(),
        restart: method.optional(),
      }),
    )
    .min(1, { error: 'expected at least one actor' })
    .check(({ value, issues }) => {
      value.forEach(({ name }, at) => {
        if (value.findIndex((other) => other.name === name) === at) return;
        issues.push({
          code: 'custom',
          path: [at, 'name'],
          input: name,
          message: 'expected a name that no other actor has',
        });
      });
    }),
  readings: z
    .array(
      z.looseObject({
        name: called,
        actor: z.string(),
        of: z.array(z.string()),
        view: method,
        events: method,
      }),
    )
    .optional(),
  observers: z.array(z.looseObject({ name: called, label: method, observe: method })).optional(),
  crashes: z
    .looseObject({ budget: z.int().min(0), groups: z.array(z.array(z.string())).optional() })
    .optional(),
  properties: z
    .array(
      z.looseObject({
        name: called,
        kind: z.enum(['requirement', 'lemma']),
        statement: z.string(),
        clauses: z.array(z.looseObject({ facts: z.array(Fact), check: method })).optional(),
        step: method.optional(),
        alwaysReachable: Predicate.extend({ unless: Predicate.optional() }).optional(),
      }),
    )
    .min(1, { error: 'expected at least one property' }),
  situations: z
    .array(
      z.looseObject({
        name: called,
        statement: z.string(),
        notApplicable: z.string().optional(),
        state: Predicate.optional(),
        step: method.optional(),
      }),
    )
    .optional(),
  rules: z.array(z.string()).optional(),
  idleRules: z.record(z.string(), z.string()).optional(),
  tell: method.optional(),
  show: method.optional(),
});

/** Loads a user's own system: the default export of a module, or its export `system`. */
export async function loadModule(path: string): Promise<AnySystem> {
  const file = resolve(path);
  if (!existsSync(file))
    throw new InputError(`${path}: no such file: expected a module that exports a system`);
  const exported = await importModule(path, file);
  const system = exported['default'] ?? exported['system'];
  if (system === undefined || system === null) {
    const exports = Object.keys(exported).join(', ') || 'nothing';
    throw new InputError(
      `${path}: it exports ${exports}: expected a System (see synod/model-check) as its default export`,
    );
  }
  const parsed = LooksLikeSystem.safeParse(system);
  if (!parsed.success) {
    throw new InputError(
      `${inputError(parsed.error, system, placeIn(path)).message}; expected a System (see synod/model-check)`,
    );
  }
  return system as AnySystem;
}

async function importModule(path: string, file: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  } catch (error) {
    if (codeOf(error) === 'ERR_UNKNOWN_FILE_EXTENSION') {
      throw new InputError(
        `${path}: Node ${process.versions.node} does not load TypeScript: expected a .js or .mjs module, or Node 22.18 or newer`,
      );
    }
    throw new InputError(
      `${path}: cannot be loaded: ${thrown(error)}: expected a module that exports a system`,
    );
  }
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

/** Runs what calls the functions of a system. What a user's own module throws there is its fault, and is told as such. */
export async function blaming<T>(name: string, run: () => Promise<T> | T): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!isModulePath(name)) throw error;
    if (error instanceof SystemError) throw new InputError(`${name}: ${error.message}`);
    const line = lineIn(resolve(name), error);
    if (error instanceof InputError || (error instanceof Error && line === undefined)) throw error;
    throw new InputError(
      `${name}${line === undefined ? '' : `: line ${line}`}: ${thrown(error)}: expected functions that do not throw`,
    );
  }
}

/** The line of a file in which an error was thrown, or through which it came. */
function lineIn(file: string, error: unknown): string | undefined {
  const frames = error instanceof Error ? (error.stack ?? '').split('\n') : [];
  const frame = frames.find((each) => each.includes(file) || each.includes(pathToFileURL(file).href));
  return frame?.match(/:(\d+):\d+\)?$/)?.[1];
}
