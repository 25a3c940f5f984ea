/** A set of whole numbers below a bound, a bit for each. */
export class Bits {
  private readonly words: Int32Array;

  constructor(bound: number) {
    this.words = new Int32Array(Math.ceil(bound / 32));
  }

  /** Bytes held. */
  get bytes(): number {
    return this.words.byteLength;
  }

  has(number: number): boolean {
    return (((this.words[number >>> 5] as number) >>> (number & 31)) & 1) === 1;
  }

  add(number: number): void {
    this.words[number >>> 5] = (this.words[number >>> 5] as number) | (1 << (number & 31));
  }

  clear(): void {
    this.words.fill(0);
  }
}
