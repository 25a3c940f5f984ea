import { type Board, PATIENCE } from '../parallel/board.ts';
import { SEGMENTS } from '../state-set.ts';
import { Blocks, type Terms } from './blocks.ts';
import { type Exports, type Instance, instantiated, type Memory, type Prepared } from './instance.ts';
import { Stripes } from './stripes.ts';

/** What a thread must be told of a kernel to lend it a hand. */
export interface Handshake extends Terms {
  readonly module: Prepared;
  readonly memory: Memory;
}

/** Milliseconds after which a thread that waits looks whether another has failed. */
const DOZE = 100;

/**
 * The part of one thread in a round. All threads expand blocks, whoever comes first; then each adds, in the order of the blocks, the successors
 * that lie in its own segments of the set; and those that all have gone through are put down, by whoever comes first.
 */
export class Hand {
  /** The place among the threads; the main thread's is 0. */
  readonly number: number;
  private readonly instance: Instance;
  private readonly exports: Exports;
  private readonly blocks: Blocks;
  private readonly board: Board;

  constructor(instance: Instance, blocks: Blocks, board: Board, number: number) {
    this.instance = instance;
    this.exports = instance.exports;
    this.blocks = blocks;
    this.board = board;
    this.number = number;
  }

  /** A hand that has an instance of its own. */
  static lent({ module, memory, ...terms }: Handshake, board: Board, number: number): Hand {
    let stripes: Stripes | undefined;
    const instance = instantiated(module, memory, (segment) => stripes?.grow(segment) ?? false);
    if (!instance) throw new Error('no instance of the kernel is to be had in a thread');
    const blocks = new Blocks(instance, terms);
    stripes = new Stripes(instance, blocks.end, terms.threads, number);
    instance.exports.mine.value = terms.tables * number;
    return new Hand(instance, blocks, board, number);
  }

  /** Hears where the tables lie. */
  adopt(): void {
    const { exports, instance } = this;
    const { gather, gatherSize, gathers } = exports;
    const before = gathers.value;
    this.blocks.adopt(exports);
    if (gathers.value !== before)
      instance.gather(new Uint8Array(instance.memory.buffer, gather.value, gatherSize.value).slice());
    const { enabled, noted, recalled, race, mine } = exports;
    for (const own of [enabled, noted, recalled, race]) own.value += mine.value;
  }

  /** Expands blocks as long as there are any. */
  expand(): void {
    while (this.expandNext());
  }

  /** Expands the next block; false if there is none. */
  expandNext(): boolean {
    const { blocks, board, exports } = this;
    const block = board.claim();
    if (block >= board.get('unfinished')) return false;
    const from = block * blocks.size;
    const count = Math.min(blocks.size, board.get('end') - from);
    if (!this.await(() => board.get('ready') >= from + count)) return false;
    exports.expandBlock(blocks.records(from, count).byteOffset, count, blocks.region(block), blocks.room);
    blocks.finish(block);
    return true;
  }

  /** Its part of what comes after all is expanded. */
  place(): void {
    this.add();
    this.append();
  }

  /** Adds the successors that lie in the thread's own segments. */
  add(): void {
    const { blocks, board, exports, number } = this;
    const [from, end] = [number, number + 1].map((at) => Math.floor((at * SEGMENTS) / blocks.threads)) as [
      number,
      number,
    ];
    const count = board.get('unfinished');
    for (let block = 0; block < count; block++) {
      const marks = blocks.marked(block, number);
      blocks.setFresh(block, number, exports.addBlock(blocks.region(block), marks, from, end - from));
    }
  }

  /** Puts down the new ones among the successors of some blocks, as soon as all threads have added theirs. */
  append(): void {
    const { blocks, board, exports } = this;
    const { threads, markStride } = blocks;
    const count = board.get('unfinished');
    let [base, counted] = [0, 0];
    for (let block = board.claim(); block < count; block = board.claim()) {
      for (let owner = 0; owner < threads; owner++)
        if (!this.await((milliseconds) => blocks.hasAdded(block, owner, milliseconds))) return;
      while (counted < block) base += blocks.freshOf(counted++);
      const found = blocks.found(base, blocks.freshOf(block)).byteOffset;
      exports.putDown(blocks.region(block), blocks.marked(block, 0), threads, markStride, found);
    }
  }

  /** Waits for what others do; false if it is given up. `done` may take so many milliseconds to find out. */
  await(done: (milliseconds: number) => boolean): boolean {
    const { board } = this;
    for (let turn = 0; turn < PATIENCE; turn++) if (done(0)) return true;
    while (!done(DOZE)) if (board.get('failed') !== 0 || board.get('abandoned') !== 0) return false;
    return true;
  }
}
