/** States in a block: what a thread expands at a time. */
export const BLOCK = 256;
/** Blocks in a round, for each thread. */
export const BLOCKS = 64;

/** Bit of a record's look that says that the state is new. */
export const NEW = 0x80000000 | 0;

/** What else there is to a record than its packed state: the sources that sleep, the look that is due, the size of the orbit. */
export const Extra = { asleep: 0, look: 1, orbit: 2, successor: 3 } as const;

/**
 * What is known of a block, before what is known of its records for each owner: who expanded it, where the owners of its
 * records begin and end, how many transitions it has, where its new states begin in the log, and how many they stand for.
 */
const Field = { thread: 0, from: 1, to: 2, transitions: 3, base: 4, represented: 5 } as const;
const FIELDS = 6;
/** For each owner: its records begin and end, and how many are new. */
const PER_OWNER = 3;

/** The arrays of an exchange, as they are sent to workers. */
export interface ExchangeArrays {
  readonly threads: number;
  readonly words: number;
  readonly extra: number;
  readonly room: number;
  /** By thread and owner. */
  readonly states: readonly (readonly Int32Array[])[];
  readonly extras: readonly (readonly Int32Array[])[];
  /** By thread: the owners of its records, in their order. */
  readonly owners: readonly Uint8Array[];
  readonly blocks: Int32Array;
}

const shared = (words: number) => new Int32Array(new SharedArrayBuffer(4 * words));

/** Room for `room` records of each thread. What is not written to takes no memory. */
export function exchangeArrays(
  threads: number,
  words: number,
  symmetric: boolean,
  room: number,
): ExchangeArrays {
  const extra = symmetric ? Extra.successor + words : Extra.successor;
  const each = Array.from({ length: threads });
  return {
    threads,
    words,
    extra,
    room,
    states: each.map(() => each.map(() => shared(room * words))),
    extras: each.map(() => each.map(() => shared(room * extra))),
    owners: each.map(() => new Uint8Array(new SharedArrayBuffer(room))),
    blocks: shared(BLOCKS * threads * (FIELDS + PER_OWNER * threads)),
  };
}

/**
 * Where the successors of a round lie: for each thread that makes them and each that owns them a run of records, in the
 * order in which they are made; and a table of what each block has made.
 */
export class Exchange {
  readonly arrays: ExchangeArrays;
  private readonly stride: number;

  constructor(arrays: ExchangeArrays) {
    this.arrays = arrays;
    this.stride = FIELDS + PER_OWNER * arrays.threads;
  }

  get(block: number, field: keyof typeof Field): number {
    return this.arrays.blocks[block * this.stride + Field[field]] as number;
  }

  set(block: number, field: keyof typeof Field, value: number): void {
    this.arrays.blocks[block * this.stride + Field[field]] = value;
  }

  /** Where a block's records for an owner begin (0) and end (1), and how many of them are new (2). */
  of(block: number, owner: number, which: 0 | 1 | 2): number {
    return this.arrays.blocks[block * this.stride + FIELDS + PER_OWNER * owner + which] as number;
  }

  setOf(block: number, owner: number, which: 0 | 1 | 2, value: number): void {
    this.arrays.blocks[block * this.stride + FIELDS + PER_OWNER * owner + which] = value;
  }

  /** How many new states a block has led to. */
  fresh(block: number): number {
    let sum = 0;
    for (let owner = 0; owner < this.arrays.threads; owner++) sum += this.of(block, owner, 2);
    return sum;
  }
}

/** The part of a state's key that is a field's: the key is their sum, whatever the packing. */
export function keyOf(field: number, value: number): number {
  const mixed = Math.imul((value + 1) ^ (field << 24), 0x85ebca6b);
  return Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35) ^ (mixed >>> 13);
}

/** The thread that owns a state of that key: it alone looks it up. */
export function ownerOf(key: number, threads: number): number {
  return ((Math.imul(key ^ (key >>> 15), 0x2c1b3c6d) >>> 24) * threads) >>> 8;
}

/** The key of a state. */
export function stateKey(fields: Int32Array): number {
  let key = 0;
  for (let field = 0; field < fields.length; field++) key = (key + keyOf(field, fields[field] as number)) | 0;
  return key;
}
