/**
 * Chance, the same each time: Philox4x32-10, a counter-based generator. Its output is a keyed mixing of a counter, so that
 * the numbers of stream `s` are those of the counters that contain `s`: streams need no states derived from one another, and
 * cannot overlap. (Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3. SC 2011.)
 */

const ROUNDS = 10;
const MULTIPLIERS = [0xd2511f53, 0xcd9e8d57] as const;
/** What the key grows by from round to round. */
const WEYL = [0x9e3779b9, 0xbb67ae85] as const;

/** The upper 32 bits of the product of two unsigned integers of 32 bits. */
function upper(a: number, b: number): number {
  const [ah, al, bh, bl] = [a >>> 16, a & 0xffff, b >>> 16, b & 0xffff];
  const low = ah * bl + ((al * bl) >>> 16);
  const high = al * bh + (low & 0xffff);
  return (ah * bh + (low >>> 16) + (high >>> 16)) >>> 0;
}

/** Mixes the four words of `block`, a counter, in place, by a key of two words. */
export function philox(block: Uint32Array, key: readonly [number, number]): void {
  let [c0, c1, c2, c3] = block as unknown as [number, number, number, number];
  let [k0, k1] = key;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = upper(MULTIPLIERS[0], c0);
    const high1 = upper(MULTIPLIERS[1], c2);
    const low0 = Math.imul(MULTIPLIERS[0], c0) >>> 0;
    const low1 = Math.imul(MULTIPLIERS[1], c2) >>> 0;
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0;
    k0 = (k0 + WEYL[0]) >>> 0;
    k1 = (k1 + WEYL[1]) >>> 0;
  }
  block[0] = c0;
  block[1] = c1;
  block[2] = c2;
  block[3] = c3;
}

/** The lower and the upper 32 bits of a whole number. */
function words(whole: number): readonly [number, number] {
  return [whole >>> 0, Math.floor(whole / 2 ** 32) >>> 0];
}

/** One stream of chance: stream `stream` of a seed. */
export class RandomStream {
  private readonly key: readonly [number, number];
  private readonly stream: readonly [number, number];
  private readonly block = new Uint32Array(4);
  private blocks = 0;
  private used = 4;

  /** Both are whole numbers from 0 to 2^53 - 1. */
  constructor(seed: number, stream: number) {
    this.key = words(seed);
    this.stream = words(stream);
  }

  /** A whole number from 0 to `count` - 1, each as likely as the others; `count` is 1 to 2^32. */
  below(count: number): number {
    // What is left over above the greatest multiple of `count` would favour the small ones.
    const end = 2 ** 32 - (2 ** 32 % count);
    for (;;) {
      const word = this.next();
      if (word < end) return word % count;
    }
  }

  /** A whole number from 0 to 2^32 - 1. */
  private next(): number {
    if (this.used === 4) {
      this.block.set([...words(this.blocks), ...this.stream]);
      philox(this.block, this.key);
      this.blocks += 1;
      this.used = 0;
    }
    return this.block[this.used++] as number;
  }
}
