import { canonical } from './canonical.ts';
import { IntArray } from './int-array.ts';

/** What was done when something was asked for the first time. */
export const Kind = {
  /** The steps of a global state were looked for. Values: the state's fields. */
  find: 0,
  /** A group crashed. Values: the group, the way, then the state's fields. */
  crash: 1,
  /** An observer noticed something. Values: the observer, its record, the label. */
  observe: 2,
  /** Claims were looked at. Values: the state's fields, then the groups of claims. */
  look: 3,
} as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

/**
 * What the tables of a run were asked in which order, and a digest of what the system's functions answered. The tables are
 * filled on demand, and number what they hold in the order of asking; so whoever does the entries of a journal again, in
 * their order, has the same tables with the same numbers, made by the functions themselves (docs/decisions/0008).
 */
export class Journal {
  /** Each entry: its kind, the number of its values, its values. */
  readonly entries = new IntArray();
  /** How often functions of the system have answered. */
  answers = 0;
  private last = 0;
  private high = 0x9e3779b1 | 0;
  private low = 0x85ebca6b | 0;

  /** Two words that depend on every answer and on their order. */
  get digest(): [number, number] {
    return [this.high, this.low];
  }

  get bytes(): number {
    return this.entries.data.byteLength;
  }

  /** Notes what is about to be done, unless it is what was noted last. */
  note(kind: Kind, values: readonly number[] | Int32Array, more: ArrayLike<number> = []): void {
    const { entries } = this;
    const count = values.length + more.length;
    if (this.isLast(kind, values, more)) return;
    this.last = entries.length;
    entries.push(kind);
    entries.push(count);
    for (const value of values) entries.push(value);
    for (let at = 0; at < more.length; at++) entries.push(more[at] as number);
  }

  /** Hears an answer, which is passed on as it is. */
  hear<T>(answer: T): T {
    this.answers += 1;
    const text = textOf(answer);
    let { high, low } = this;
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      high = Math.imul(high ^ unit, 0x9e3779b1);
      low = Math.imul(low ^ unit, 0x5f356495);
    }
    // Each answer ends in a mixing of the lanes, so that answers that are joined or parted elsewhere differ.
    this.high = Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ (low >>> 13);
    this.low = Math.imul(low ^ (low >>> 13), 0xc2b2ae35) ^ (this.high >>> 16);
    return answer;
  }

  private isLast(kind: Kind, values: ArrayLike<number>, more: ArrayLike<number>): boolean {
    const { data, length } = this.entries;
    const { last } = this;
    if (length === 0 || data[last] !== kind || data[last + 1] !== values.length + more.length) return false;
    for (let at = 0; at < values.length; at++) if (data[last + 2 + at] !== values[at]) return false;
    const rest = last + 2 + values.length;
    for (let at = 0; at < more.length; at++) if (data[rest + at] !== more[at]) return false;
    return true;
  }
}

/** What is no JSON value is refused by those who asked, in their own words. */
function textOf(answer: unknown): string {
  try {
    return answer === undefined ? '' : canonical(answer);
  } catch {
    return '?';
  }
}
