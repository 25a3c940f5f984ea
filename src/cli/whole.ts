import { InputError, shortly } from '../input-error.ts';

/** A whole number on the command line. @throws InputError if it is none, or outside of these bounds */
export function whole(option: string, text: string, least: number, most: number): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new InputError(`${option}: ${shortly(text)}: expected a whole number from ${least} to ${most}`);
}
