import { z } from 'zod';
import { findMutant, systems } from '../../../src/systems.ts';

/** A bound that a form asks for: one of some words, yes or no, or a text, which may be a number or a list of numbers. */
export interface Field {
  readonly name: string;
  readonly kind: 'choice' | 'switch' | 'text' | 'numbers';
  readonly options: readonly string[];
  /** What it is if nobody says anything: of a text that may be left out, the empty one. */
  readonly standard: string | boolean;
}

/** The bounds of a system that a form can ask for, with their values, those of the broken rule if there is one. Quorums it cannot. */
export function fieldsOf(system: string, mutant: string): Field[] {
  const { configuration } = systems.find(({ name }) => name === system) ?? {};
  if (!configuration) return [];
  const standards: Record<string, unknown> = {
    ...configuration.parse({}),
    ...findMutant(system, mutant)?.smallest,
  };
  return Object.entries(configuration.shape).flatMap(([name, schema]): Field[] => {
    const inner =
      schema instanceof z.ZodDefault || schema instanceof z.ZodOptional ? schema.unwrap() : schema;
    const value = standards[name];
    if (inner instanceof z.ZodObject || name === 'allowDisjointQuorums') return [];
    if (inner instanceof z.ZodBoolean)
      return [{ name, kind: 'switch', options: [], standard: value === true }];
    const standard = value === undefined ? '' : String(value);
    if (inner instanceof z.ZodEnum)
      return [{ name, kind: 'choice', options: inner.options.map(String), standard }];
    return [{ name, kind: inner instanceof z.ZodString ? 'text' : 'numbers', options: [], standard }];
  });
}

/** The configuration that a form says: what differs from the standard. What is no number is left to be refused. */
export function configurationOf(
  fields: readonly Field[],
  values: Readonly<Record<string, string | boolean>>,
): Record<string, unknown> {
  const changed = fields.flatMap(({ name, kind, standard }) => {
    const value = values[name] ?? standard;
    if (value === standard) return [];
    return [[name, kind === 'numbers' ? numbersIn(String(value)) : value] as const];
  });
  return Object.fromEntries(changed);
}

function numbersIn(text: string): number | number[] | undefined {
  const parts = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  return parts.length === 1 ? parts[0] : parts;
}
