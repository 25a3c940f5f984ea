/** The hash of two words. (`kernel/assembly/set.ts` has the same.) */
export function hashOf(a: number, b: number): number {
  let h = Math.imul(a ^ (a >>> 15), 0x85ebca6b) ^ Math.imul(b ^ (b >>> 13), 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 16), 0x27d4eb2f);
  return Math.imul(h ^ (h >>> 15), 0x9e3779b1);
}
