/** An Int32Array that grows at its end. */
export class IntArray {
  data = new Int32Array(64);
  length = 0;

  push(value: number): number {
    if (this.length === this.data.length) this.grow(this.length + 1);
    this.data[this.length] = value;
    return this.length++;
  }

  /** Puts a value at an index, which may lie beyond the end: what is between is 0. */
  put(index: number, value: number): void {
    if (index >= this.data.length) this.grow(index + 1);
    this.data[index] = value;
    if (index >= this.length) this.length = index + 1;
  }

  private grow(atLeast: number): void {
    const grown = new Int32Array(Math.max(this.data.length * 2, atLeast));
    grown.set(this.data);
    this.data = grown;
  }
}

/** The power of two that has room for a number of things, and for some more. */
export function roomFor(count: number): number {
  return 1 << Math.ceil(Math.log2(count * 1.25 + 2));
}

/** How many of so many things to take at a time, at most `most`: each time as many, but for rounding. */
export function evenly(count: number, most: number): number {
  return Math.ceil(count / Math.max(1, Math.ceil(count / most)));
}

/** The numbers from 0 on, so many of them. */
export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, at) => at);
}
