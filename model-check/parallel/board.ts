/** What the main thread orders all threads to do; each does its part and says so. */
export const Order = {
  /** Read the mail: nothing else. */
  none: 0,
  /** Expand blocks of states, and lay their successors before the threads that own them. */
  expand: 1,
  /** Add the successors that one owns to one's states. */
  add: 2,
  /** Append the new ones of the blocks that one expanded to the log, and look at them. */
  append: 3,
  /** Pack one's states anew. */
  repack: 4,
} as const;
export type Order = (typeof Order)[keyof typeof Order];

/** What a worker asks the main thread, which alone knows the system. Each with up to three numbers. */
export const Question = {
  /** The list of an offer's steps: the offer, the local state, the outbox. */
  offer: 0,
  /** The list of a reading's steps: the reading; the state's fields. */
  reading: 1,
  /** The crash of a group's member: the group, the way, the member; the state's fields. */
  crash: 2,
  /** Whether an actor's last write may be lost: the actor, the local state. */
  losable: 3,
  /** What a symmetry makes of a field's value: the symmetry, the field, the value. */
  rename: 4,
  /** The look at what either of two looks is at. */
  both: 5,
  /** What a look sees: the look. */
  look: 6,
  /** How many local states each actor has, and what channels there are from a number on. */
  news: 7,
  /** A column's values, from a number on: the column. */
  column: 8,
  /** To look at states: how many; for each the look, then the fields. */
  evaluate: 9,
} as const;
export type Question = (typeof Question)[keyof typeof Question];

/** The words of the board, before those of each worker. */
const Word = {
  order: 0,
  /** Counts the orders. */
  orders: 1,
  /** Workers that have yet to do the present order. */
  busy: 2,
  /** Rung by workers: the main thread waits for it. */
  bell: 3,
  /** Questions that are open. */
  questions: 4,
  failed: 5,
  /** The next block to be expanded, and how many there are; the first that could not be. */
  block: 6,
  blocks: 7,
  unfinished: 8,
  /** Whether a field had too little room. */
  narrow: 9,
  /** The first state of the round, and the one after its last. */
  first: 10,
  end: 11,
  /** The number of local states of all actors. */
  locals: 12,
  /** Workers that listen. */
  listening: 13,
  /** Whether the run is given up, because something has failed in the main thread. */
  abandoned: 14,
  /** States of the round that lie ready to be expanded. */
  ready: 15,
} as const;
export type Word = keyof typeof Word;

const SHARED = 16;
/** Words of a worker: its question, then the numbers of it, then how much mail it has been sent, then the bytes it holds (in KiB). */
const OWN = 8;
const [ASKED, NUMBERS, MAIL, BYTES] = [0, 1, 4, 5];
const NO_QUESTION = -1;

/** Turns of a loop before a thread goes to sleep. */
export const PATIENCE = 10_000;
/** Milliseconds after which a thread that has heard nothing looks again. */
const DOZE = 1000;

/** Thrown in a worker whose question is not answered any more. */
export class Abandoned extends Error {}

/**
 * The words that the main thread and its workers share, and how they wait for one another. A worker's *desk* is where its
 * questions and their answers lie.
 */
export class Board {
  static words(workers: number): number {
    return SHARED + OWN * workers;
  }

  readonly words: Int32Array;
  readonly desks: readonly Int32Array[];

  constructor(words: Int32Array, desks: readonly Int32Array[]) {
    this.words = words;
    this.desks = desks;
  }

  get(word: Word): number {
    return Atomics.load(this.words, Word[word]);
  }

  set(word: Word, value: number): void {
    Atomics.store(this.words, Word[word], value);
  }

  /** Takes the next block; at least `blocks` if there is none. */
  claim(): number {
    return Atomics.add(this.words, Word.block, 1);
  }

  /** Notes that a block could not be expanded. */
  giveUp(block: number): void {
    const { words } = this;
    for (let least = Atomics.load(words, Word.unfinished); block < least; ) {
      const now = Atomics.compareExchange(words, Word.unfinished, least, block);
      if (now === least) return;
      least = now;
    }
  }

  // The main thread.

  /** Tells all workers to do something. */
  order(order: Order): void {
    const { words } = this;
    this.set('order', order);
    this.set('busy', this.desks.length);
    Atomics.add(words, Word.orders, 1);
    Atomics.notify(words, Word.orders);
  }

  /** Waits until the workers have done what they were told, answering them in the meantime. */
  settle(answer: () => void): void {
    const { words } = this;
    for (let turn = 0; ; turn++) {
      const bell = Atomics.load(words, Word.bell);
      answer();
      if (this.get('failed') !== 0) throw new Error(this.failure());
      if (this.get('busy') === 0) return;
      if (turn < PATIENCE) continue;
      Atomics.wait(words, Word.bell, bell, DOZE);
      turn = 0;
    }
  }

  /** Answers the open questions: `answer` reads the numbers, and what else lies on the desk, and lays the answer there. */
  answer(answer: (question: Question, numbers: Int32Array, desk: Int32Array) => void): void {
    if (this.get('questions') === 0) return;
    for (let worker = 0; worker < this.desks.length; worker++) {
      const own = SHARED + OWN * worker;
      const question = Atomics.load(this.words, own + ASKED);
      if (question === NO_QUESTION) continue;
      const numbers = this.words.subarray(own + NUMBERS, own + NUMBERS + 3);
      answer(question as Question, numbers, this.desks[worker] as Int32Array);
      Atomics.sub(this.words, Word.questions, 1);
      Atomics.store(this.words, own + ASKED, NO_QUESTION);
      Atomics.notify(this.words, own + ASKED);
    }
  }

  /** Gives up the present order: questions are answered no more. Returns when the workers have noticed. */
  abandon(): void {
    if (this.get('failed') !== 0) return;
    this.set('abandoned', 1);
    this.settle(() => this.answer(() => {}));
    this.set('abandoned', 0);
  }

  /** Counts what is sent to a worker. */
  mailed(worker: number): void {
    Atomics.add(this.words, SHARED + OWN * worker + MAIL, 1);
  }

  /** Bytes held by the workers. */
  get bytes(): number {
    return this.desks.reduce(
      (sum, _, worker) => sum + Atomics.load(this.words, SHARED + OWN * worker + BYTES) * 1024,
      0,
    );
  }

  // A worker.

  /** A worker begins to listen; returns the number of the last order before. */
  enter(worker: number): number {
    Atomics.store(this.words, SHARED + OWN * worker + ASKED, NO_QUESTION);
    const orders = this.get('orders');
    Atomics.add(this.words, Word.listening, 1);
    return orders;
  }

  /** Waits for the order after number `last`; returns its number. */
  await(last: number): number {
    const { words } = this;
    for (let turn = 0; ; turn++) {
      const orders = Atomics.load(words, Word.orders);
      if (orders !== last) return orders;
      if (turn >= PATIENCE) Atomics.wait(words, Word.orders, last, DOZE);
    }
  }

  /** How much mail a worker has been sent. */
  mail(worker: number): number {
    return Atomics.load(this.words, SHARED + OWN * worker + MAIL);
  }

  /** Tells the main thread that its order is done, and how many bytes the worker holds. */
  done(worker: number, bytes: number): void {
    Atomics.store(this.words, SHARED + OWN * worker + BYTES, Math.ceil(bytes / 1024));
    Atomics.sub(this.words, Word.busy, 1);
    this.ring();
  }

  /**
   * Asks the main thread, and waits for the answer, which is on the desk then.
   *
   * @throws Abandoned if the run is given up
   */
  ask(worker: number, question: Question, first = 0, second = 0, third = 0): Int32Array {
    const { words } = this;
    const own = SHARED + OWN * worker;
    words[own + NUMBERS] = first;
    words[own + NUMBERS + 1] = second;
    words[own + NUMBERS + 2] = third;
    Atomics.store(words, own + ASKED, question);
    Atomics.add(words, Word.questions, 1);
    this.ring();
    for (let turn = 0; Atomics.load(words, own + ASKED) !== NO_QUESTION; turn++) {
      if (turn >= PATIENCE) Atomics.wait(words, own + ASKED, question, DOZE);
    }
    if (this.get('abandoned') !== 0) throw new Abandoned();
    return this.desks[worker] as Int32Array;
  }

  /** Tells the main thread of an error that ends the run. */
  fail(worker: number, message: string): void {
    const desk = this.desks[worker] as Int32Array;
    const text = message.slice(0, desk.length - 1);
    desk[0] = text.length;
    for (let at = 0; at < text.length; at++) desk[at + 1] = text.charCodeAt(at);
    this.set('failed', worker + 1);
    this.ring();
  }

  private failure(): string {
    const desk = this.desks[this.get('failed') - 1] as Int32Array;
    return `a worker thread failed: ${String.fromCharCode(...desk.subarray(1, 1 + (desk[0] as number)))}`;
  }

  private ring(): void {
    Atomics.add(this.words, Word.bell, 1);
    Atomics.notify(this.words, Word.bell);
  }
}
