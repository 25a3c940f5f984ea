/** What an instance of the kernel does by itself, in a memory that another shares. */
import { SUCCESSOR } from '../../model-check/kernel/blocks.ts';
import {
  type Instance,
  instantiated,
  type Memory,
  memoryOf,
  prepared,
} from '../../model-check/kernel/instance.ts';

/** Bytes of memory, and how far from the first instance the second has what is its own. */
const MOST = 2 ** 25;
const MINE = 2 ** 24;
/** Where there is nothing but what the tests put there. */
export const FREE = 2 ** 20;

/** An instance of a kernel, given in base 64, on a memory; on one of its own if none is given. */
export function instanceOf(code: string, memory: Memory | null = memoryOf(MOST, MOST)): Instance {
  const module = prepared(code);
  const instance = module && memory && instantiated(module, memory, () => false);
  if (!instance) throw new Error('no instance of the kernel is to be had');
  return instance;
}

/** Puts down the new states and looks of a block; answers how many looks these are. */
function putDown({ words, exports }: Instance, count: number): number {
  const [region, marks, found, looks, recalled] = [FREE, 2 * FREE, 3 * FREE, 4 * FREE, 5 * FREE];
  const at = ({ value }: { readonly value: number }) => (region + value) >>> 2;
  words[at(exports.COUNT)] = count;
  words.fill(-1, marks >>> 2, (marks >>> 2) + 128);
  // Look 1, which sees nothing, is due at each of them.
  for (let successor = 0; successor < count; successor++)
    words[at(exports.SUCCESSORS) + SUCCESSOR * successor + 3] = 1;
  exports.looks.value = looks;
  exports.recalled.value = recalled;
  exports.putDown(region, marks, 1, 0, found);
  return words[at(exports.LOOKED)] as number;
}

/**
 * Has an instance make a segment larger and put down what is new, where another has been before it. Answers how many members were moved
 * and how many looks put down, and whether it wrote where the other has what is its own.
 */
export function beside(code: string) {
  const first = instanceOf(code);
  const second = instanceOf(code, first.memory);
  second.exports.mine.value = MINE;
  const own = first.words.subarray(0, first.exports.TABLES.value >>> 2);
  const before = own.slice();
  const [from, to] = [6 * FREE, 7 * FREE];
  for (let slot = 0; slot < 1024; slot += 2) first.words[(from >>> 2) + slot] = 0x80000000 | slot;
  second.exports.rehash(from, from + 4096, to, to + 8192, 16, 20);
  const moved = first.words.subarray(to >>> 2, (to + 8192) >>> 2).filter((word) => word !== 0).length;
  const looks = putDown(second, 100);
  return { moved, looks, intrudes: own.some((word, at) => word !== before[at]) };
}
