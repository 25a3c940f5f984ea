/** What is used of WebAssembly, which is not in the language's own library of types. */
export interface Memory {
  readonly buffer: SharedArrayBuffer;
}
/** A compiled module. Threads that have it share its machine code. */
export type Prepared = object;
interface Platform {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => Prepared;
  readonly Memory: new (pages: { initial: number; maximum: number; shared: boolean }) => Memory;
  readonly Instance: new (
    module: Prepared,
    imports: { env: { memory: Memory; grow?: (segment: number) => boolean; table?: Table } },
  ) => { readonly exports: object };
  readonly Table: new (elements: { initial: number; element: 'anyfunc' }) => Table;
}
interface Table {
  set(at: number, entry: unknown): void;
}
interface Global {
  value: number;
}

type Numbers<Name extends string> = Readonly<Record<Name, Global>>;

/** The names of what is laid out for an instance, by others and elsewhere. */
export const SETTINGS = [
  ...(['gather', 'gatherSize', 'gathers', 'enabled'] as const),
  ...([
    'readings',
    'readingCount',
    'noted',
    'crashes',
    'crashCount',
    'crashField',
    'budget',
    'unions',
    'lookCount',
    'looks',
  ] as const),
  ...(['to', 'dues', 'known', 'knownMask', 'recalled', 'recalledMask'] as const),
  ...(['order', 'renamed', 'images', 'origins', 'heads', 'headCount', 'headSize', 'race'] as const),
] as const;

/** What the files of `assembly/` export: where they have things, and, to be set, where others were laid out for them. */
export interface Exports
  extends Numbers<(typeof SETTINGS)[number]>,
    Numbers<'BASE' | 'END' | 'SCALE' | 'SHIFT' | 'ROOM'>,
    Numbers<'BATCH' | 'BATCHED' | 'HASHES' | 'SOURCE' | 'WINDOW' | 'FOUND' | 'DUE' | 'TABLES'>,
    Numbers<'batched' | 'found' | 'due' | 'seen' | 'represented' | 'asks' | 'mine'>,
    Numbers<'BLOCK' | 'MOST' | 'REGION' | 'STATES' | 'COUNT' | 'SEEN' | 'LEFT' | 'LOOKED' | 'STOOD'>,
    Numbers<'HOLES' | 'SUCCESSORS' | 'LOOKS'> {
  expand(at: number, end: number): number;
  accept(count: number): void;
  into(at: number, beside: number): void;
  flush(): void;
  enter(low: number, high: number, number: number, steps: number): number;
  rehash(from: number, fromEnd: number, to: number, toEnd: number, scale: number, shift: number): void;
  expandBlock(records: number, count: number, region: number, room: number): void;
  hashBlock(region: number): void;
  addBlock(region: number, marks: number, segment: number, width: number): number;
  putDown(region: number, marks: number, owners: number, stride: number, found: number): void;
}

/** The kernel, and the whole of its memory. */
export interface Instance {
  readonly words: Int32Array<SharedArrayBuffer>;
  readonly memory: Memory;
  readonly exports: Exports;
  /** From now on it gathers with this module. */
  gather(code: Uint8Array<ArrayBuffer>): void;
}

/** Where `gather` is in the table of functions. */
const GATHER = 1;
const PAGE = 1 << 16;

/**
 * A memory of at most so many bytes: a page that was never written costs nothing. null where the platform does not allow it, or has not even
 * the least that is of use. It is one that several threads may share also where there is but one: of another kind the platform would take all
 * bytes to be in use, and collect garbage in haste.
 */
export function memoryOf(most: number, least: number): Memory | null {
  for (let bytes = most; bytes >= least; bytes /= 2) {
    try {
      const pages = Math.floor(bytes / PAGE);
      return new (platform().Memory)({ initial: pages, maximum: pages, shared: true });
    } catch {
      // Less, perhaps.
    }
  }
  return null;
}

/** A module, given in base 64, ready for instances of it in any thread. null where the platform does not allow it (a page's content security policy, say). */
export function prepared(code: string): Prepared | null {
  try {
    return new (platform().Module)(Uint8Array.from(atob(code), (letter) => letter.charCodeAt(0)));
  } catch {
    return null;
  }
}

/** An instance of the kernel on a memory; null where the platform does not allow it. */
export function instantiated(
  module: Prepared,
  memory: Memory,
  grow: (segment: number) => boolean,
): Instance | null {
  try {
    const { Module, Instance, Table } = platform();
    const table = new Table({ initial: GATHER + 1, element: 'anyfunc' });
    const { exports } = new Instance(module, { env: { memory, grow, table } });
    const gather = (bytes: Uint8Array<ArrayBuffer>) => {
      const part = new Instance(new Module(bytes), { env: { memory } }).exports as { gather: unknown };
      table.set(GATHER, part.gather);
    };
    return { words: new Int32Array(memory.buffer), memory, exports: exports as Exports, gather };
  } catch {
    return null;
  }
}

function platform(): Platform {
  return (globalThis as unknown as { WebAssembly: Platform }).WebAssembly;
}
