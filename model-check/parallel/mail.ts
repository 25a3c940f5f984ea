import type { Shape } from '../finder.ts';
import type { Handshake } from '../kernel/hand.ts';
import { Board } from './board.ts';
import type { ExchangeArrays } from './exchange.ts';
import type { SharedChunk } from './shared-log.ts';

/** What a worker must be told of a system to explore it: nothing of what its functions say. */
export interface Outline {
  readonly shape: Shape;
  /** The readings; their views are columns, by number. */
  readonly readings: readonly {
    readonly actor: number;
    readonly of: readonly number[];
    readonly views: readonly number[];
    readonly when: number;
    readonly open: number;
  }[];
  /** By symmetry that is made use of, and by field: the field that its renamed value comes from. */
  readonly symmetries: readonly Int32Array[] | null;
  /** The number of a global state's fields; actors first, the number of crashes last. */
  readonly fields: number;
}

/** What the main thread sends to a worker. */
export type Mail =
  | { readonly kind: 'run'; readonly outline: Outline }
  | { readonly kind: 'layout'; readonly needed: readonly number[] }
  | { readonly kind: 'exchange'; readonly arrays: ExchangeArrays }
  /** States that the worker owns from now on, packed one after the other. */
  | { readonly kind: 'states'; readonly states: Int32Array }
  | { readonly kind: 'chunk'; readonly chunk: SharedChunk }
  /** A kernel explores, with the thread's help. */
  | { readonly kind: 'kernel'; readonly handshake: Handshake }
  /** The run is over: what it held is given up. */
  | { readonly kind: 'over' };

/** The memory that a crew's threads share. */
export interface CrewMemory {
  /** The board's words. */
  readonly words: Int32Array;
  /** By worker, where its questions and their answers lie. */
  readonly desks: readonly Int32Array[];
}

/** Worker threads, as the main thread has them: each runs `work` (worker.ts) on this memory. */
export interface Crew extends CrewMemory {
  post(worker: number, mail: Mail): void;
}

/** Words of a desk: 1 MiB. */
const DESK = 1 << 18;

/** The memory of a crew of so many workers, besides the main thread. */
export function crewMemory(workers: number): CrewMemory {
  const shared = (words: number) => new Int32Array(new SharedArrayBuffer(4 * words));
  return {
    words: shared(Board.words(workers)),
    desks: Array.from({ length: workers }, () => shared(DESK)),
  };
}
