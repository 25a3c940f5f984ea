import { KERNEL } from './module.ts';

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

/** What `assembly/kernel.ts` exports, with its descriptions: addresses, of what it lays out itself and of what is laid out for it. */
export interface Exports
  extends Readonly<
      Record<'BASE' | 'END' | 'SCALE' | 'SHIFT' | 'ROOM' | 'BATCHED' | 'ASLEEP' | 'LOOKS' | 'SOURCE', Global>
    >,
    Readonly<Record<'FOUND' | 'DUE' | 'TABLES' | 'WINDOW', Global>>,
    Readonly<Record<'fields' | 'fieldCount' | 'offers' | 'offerCount' | 'internals' | 'readings', Global>>,
    Readonly<Record<'readingCount' | 'transitions' | 'lists' | 'known' | 'knownMask' | 'entryWords', Global>>,
    Readonly<Record<'key' | 'looks' | 'recalled' | 'recalledMask' | 'recalledWords', Global>>,
    Readonly<Record<'batched' | 'found' | 'due' | 'seen', Global>> {
  expand(at: number, end: number): number;
  flush(): void;
  enter(list: number): number;
  rehash(from: number, fromEnd: number, to: number, toEnd: number, scale: number, shift: number): void;
}

/** The kernel, and the whole of its memory. */
export interface Instance {
  readonly words: Int32Array<ArrayBuffer>;
  readonly exports: Exports;
}

const PAGE = 1 << 16;

/**
 * An instance of the kernel with a memory of at most so many bytes: a page that was never written costs nothing. null where
 * the platform does not allow it (a page's content security policy, say), or has not even the least that is of use.
 */
export function instantiated(
  most: number,
  least: number,
  grow: (segment: number) => boolean,
): Instance | null {
  const platform = (globalThis as { WebAssembly?: Platform }).WebAssembly;
  if (!platform) return null;
  for (let bytes = most; bytes >= least; bytes /= 2) {
    try {
      const pages = Math.floor(bytes / PAGE);
      const memory = new platform.Memory({ initial: pages, maximum: pages });
      const code = Uint8Array.from(atob(KERNEL), (letter) => letter.charCodeAt(0));
      const { exports } = new platform.Instance(new platform.Module(code), { env: { memory, grow } });
      return { words: new Int32Array(memory.buffer), exports };
    } catch {
      // Less, perhaps.
    }
  }
  return null;
}
