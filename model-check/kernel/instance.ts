/** What is used of WebAssembly, which is not in the language's own library of types. */
interface Memory {
  readonly buffer: ArrayBuffer;
}
interface Platform {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Memory: new (pages: { initial: number; maximum: number }) => Memory;
  readonly Instance: new (
    module: object,
    imports: { env: { memory: Memory; grow: (segment: number) => boolean } },
  ) => { readonly exports: Exports };
}
interface Global {
  value: number;
}

type Numbers<Name extends string> = Readonly<Record<Name, Global>>;

/** What `assembly/kernel.ts` exports, and describes: where it has things, and, to be set, where others were laid out for it. */
export interface Exports
  extends Numbers<'BASE' | 'END' | 'SCALE' | 'SHIFT' | 'ROOM'>,
    Numbers<'BATCHED' | 'SOURCE' | 'WINDOW' | 'FOUND' | 'DUE' | 'TABLES'>,
    Numbers<
      | 'fields'
      | 'fieldCount'
      | 'offers'
      | 'offerCount'
      | 'internals'
      | 'enabled'
      | 'readings'
      | 'readingCount'
    >,
    Numbers<'crashes' | 'crashCount' | 'crashField' | 'budget' | 'unions' | 'lookCount' | 'looks'>,
    Numbers<'to' | 'dues' | 'known' | 'knownMask' | 'entryWords' | 'key'>,
    Numbers<'recalled' | 'recalledMask' | 'recalledWords' | 'batched' | 'found' | 'due' | 'seen'> {
  expand(at: number, end: number): number;
  flush(): void;
  enter(steps: number): number;
  rehash(from: number, fromEnd: number, to: number, toEnd: number, scale: number, shift: number): void;
}

/** The kernel, and the whole of its memory. */
export interface Instance {
  readonly words: Int32Array<ArrayBuffer>;
  readonly exports: Exports;
}

const PAGE = 1 << 16;

/**
 * An instance of the kernel, whose compiled module is given in base 64, with a memory of at most so many bytes: a page that was never written costs nothing. null where
 * the platform does not allow it (a page's content security policy, say), or has not even the least that is of use.
 */
export function instantiated(
  code: string,
  most: number,
  least: number,
  grow: (segment: number) => boolean,
): Instance | null {
  const platform = (globalThis as unknown as { WebAssembly?: Platform }).WebAssembly;
  if (!platform) return null;
  for (let bytes = most; bytes >= least; bytes /= 2) {
    try {
      const pages = Math.floor(bytes / PAGE);
      const memory = new platform.Memory({ initial: pages, maximum: pages });
      const module = new platform.Module(Uint8Array.from(atob(code), (letter) => letter.charCodeAt(0)));
      const { exports } = new platform.Instance(module, { env: { memory, grow } });
      return { words: new Int32Array(memory.buffer), exports };
    } catch {
      // Less, perhaps.
    }
  }
  return null;
}
