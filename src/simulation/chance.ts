import { RandomStream } from '../../model-check/random.ts';

/** Whatever is left to chance, from one seed: a stream of its own for each purpose, so that what one draws changes nothing of the others. */
export class Chance {
  private readonly stream: RandomStream;

  constructor(seed: number, stream: number) {
    this.stream = new RandomStream(seed, stream);
  }

  /** A whole number from 0 to `count` - 1. */
  below(count: number): number {
    return this.stream.below(count);
  }

  /** From 0 up to, but not, 1. */
  unit(): number {
    return this.below(2 ** 32) / 2 ** 32;
  }

  /** From `least` up to `most`, to a thousandth: milliseconds. */
  between(least: number, most: number): number {
    return least + this.below(Math.round((most - least) * 1000) + 1) / 1000;
  }

  happens(probability: number): boolean {
    return this.unit() < probability;
  }

  oneOf<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }
}
