/** What is to happen in a simulation, as data: what clients ask, and what goes wrong. Made from the seed; a shrunk plan has less of both. */
import type { NodeId } from '../node/interfaces.ts';
import type { StoreCommand } from '../node/store/machine.ts';
import { Chance } from './chance.ts';

/** What a client asks next, `pause` milliseconds after the answer before, of the first of the nodes from the `first`th on that is up. */
export interface Asked {
  readonly client: string;
  readonly pause: number;
  readonly first: number;
  readonly command: StoreCommand;
}

interface During {
  /** Milliseconds since the beginning, and how long it lasts. */
  readonly at: number;
  readonly lasts: number;
}

/** A node; or whichever leads when it begins, if any does. */
export type Target = NodeId | 'leader';

/** What goes wrong, and when. */
export type Fault =
  /**
   * After `at`, at the `io`th time that the first of the nodes sends, begins a write or ends one, they die, all at once; they are started again
   * `lasts` later. Of what was written and not synced, the first `keeps` is on disk, a part of a write perhaps; if all of it, power has not
   * failed. If `damages`, the first one's disk has lost something that was synced.
   */
  | (During & {
      readonly type: 'crash';
      readonly nodes: readonly Target[];
      readonly io: number;
      readonly keeps: number;
      readonly damages: boolean;
    })
  /** The node stands still. */
  | (During & { readonly type: 'pause'; readonly node: Target })
  /** Nothing gets from some nodes to the others, or from these to them, or neither; but for one of the others, perhaps, with whom all is well. */
  | (During & {
      readonly type: 'partition';
      readonly side: readonly Target[];
      readonly spared: NodeId | null;
      readonly ways: 'out' | 'in' | 'both';
    })
  /** Of what is sent, a part is lost, or comes twice, or takes up to so many milliseconds longer. */
  | (During & { readonly type: 'loss' | 'duplication'; readonly rate: number })
  | (During & { readonly type: 'delay'; readonly most: number })
  /** The node's disk has room left for such a part of a write only (for all of it, if it cannot be synced); or each sync takes so many milliseconds. */
  | (During & { readonly type: 'disk-full'; readonly node: Target; readonly fits: number })
  | (During & { readonly type: 'slow-disk'; readonly node: Target; readonly sync: number })
  /** The node's clock goes so many times as fast as it should. */
  | (During & { readonly type: 'drift'; readonly node: Target; readonly rate: number });

/** From some time on somebody asks, until it is so or is given up, for these nodes to vote. */
export interface Moved {
  readonly at: number;
  readonly voters: readonly NodeId[];
}

export interface Plan {
  readonly seed: number;
  /** The nodes that vote at first; and others, that may come to. */
  readonly nodes: readonly NodeId[];
  readonly spare: readonly NodeId[];
  readonly moves: readonly Moved[];
  /** How long a sync takes, in milliseconds, on a disk that is not slow. */
  readonly sync: number;
  readonly asked: readonly Asked[];
  readonly faults: readonly Fault[];
}

/** The times of faults lie in this many milliseconds. */
const BUSY = 2000;
const CLIENTS = 6;
const KEYS = ['x', 'y'] as const;
const COUNTER = 'n';
/** How many nodes more there are where it changes who votes, and how often it does at most. */
const SPARE = 2;
const MOVES = 5;

/** The plan of a seed. In every other one it changes who votes. */
export function planOf(
  seed: number,
  { nodes: size = seed % 4 === 0 ? 5 : 3, operations }: { nodes?: number | undefined; operations: number },
): Plan {
  const all = Array.from({ length: size + (seed % 2) * SPARE }, (_, at) => `n${at + 1}`);
  const [nodes, spare] = [all.slice(0, size), all.slice(size)];
  const chance = new Chance(seed, 1);
  const clients = Array.from({ length: CLIENTS }, (_, at) => clientBy(chance, `c${at + 1}`, all.length));
  const asked = Array.from({ length: operations }, (_, at) => clients[at % CLIENTS]!(`v${at}`, operations));
  const sync = chance.oneOf([0.5, 2, 10]);
  // Disks that are damaged and those that leave might be a majority.
  const faults = faultsBy(new Chance(seed, 2), all).map((fault) =>
    spare.length > 0 && fault.type === 'crash' ? { ...fault, damages: false } : fault,
  );
  const moves = spare.length > 0 ? movesBy(new Chance(seed, 4), all, size) : [];
  return { seed, nodes, spare, moves, sync, asked, faults };
}

/** Who votes next: one more or less; or any nodes, so that perhaps no majority of those before meets one of these. */
function movesBy(chance: Chance, all: readonly NodeId[], size: number): Moved[] {
  let voters = all.slice(0, size);
  return Array.from({ length: 1 + chance.below(MOVES) }, () => {
    const one = chance.oneOf(all);
    const without = voters.filter((node) => node !== one);
    if (chance.happens(0.5)) voters = shuffled(chance, all).slice(0, 1 + chance.below(size));
    else if (without.length < voters.length && without.length > 0) voters = without;
    else voters = [...without, one];
    return { at: chance.between(0, BUSY), voters: [...voters].sort() };
  }).sort((a, b) => a.at - b.at);
}

function shuffled(chance: Chance, nodes: readonly NodeId[]): NodeId[] {
  const rest = [...nodes];
  return nodes.map(() => rest.splice(chance.below(rest.length), 1)[0]!);
}

/** A client and its habits: how often it reads, and whether it keeps to one node. Gives what it asks next. */
function clientBy(chance: Chance, client: string, size: number) {
  const reads = chance.oneOf([0.1, 0.4, 0.9]);
  const home = chance.happens(0.5) ? chance.below(size) : null;
  return (value: string, operations: number): Asked => ({
    client,
    pause: chance.between(0, (2 * BUSY * CLIENTS) / operations),
    first: home ?? chance.below(size),
    command: chance.happens(reads) ? readBy(chance) : writeBy(chance, value),
  });
}

function readBy(chance: Chance): StoreCommand {
  return chance.happens(0.6)
    ? { op: 'mget', keys: [...KEYS, COUNTER] }
    : { op: 'get', key: chance.oneOf([...KEYS, COUNTER]) };
}

/** Values are different, so that a read says who has written what it reads. */
function writeBy(chance: Chance, value: string): StoreCommand {
  const [key, other] = [chance.oneOf(KEYS), chance.oneOf(KEYS)];
  const kind = chance.below(7);
  if (kind < 3) return { op: 'set', key, value };
  if (kind < 4) return { op: 'set', key, value, if: chance.oneOf(['absent', 'present'] as const) };
  if (kind < 6) return { op: 'incr', key: COUNTER };
  return {
    op: 'mset',
    pairs: [
      [key, value],
      [other, value],
    ],
  };
}

/** Kinds of faults, the more often named the more of them. */
const KINDS: readonly Fault['type'][] = [
  ...(['crash', 'crash', 'crash', 'partition', 'partition', 'partition', 'pause', 'loss', 'loss'] as const),
  ...(['duplication', 'delay', 'delay', 'disk-full', 'slow-disk', 'slow-disk', 'drift'] as const),
];

/** Each seed has faults of some kinds only, so that some runs have much of one kind. A minority of disks at most is damaged. */
function faultsBy(chance: Chance, nodes: readonly NodeId[]): Fault[] {
  const kinds = KINDS.filter(() => chance.happens(0.4));
  const count = kinds.length === 0 ? 0 : chance.below(20);
  const faults = Array.from({ length: count }, () => {
    const during = { at: chance.between(0, BUSY), lasts: chance.between(10, BUSY / 2) };
    return MAKERS[chance.oneOf(kinds)](chance, during, nodes);
  });
  const mayBeDamaged = nodes.slice((nodes.length + 1) / 2);
  return faults.map((fault) =>
    fault.type === 'crash' && !mayBeDamaged.includes(fault.nodes[0]!) ? { ...fault, damages: false } : fault,
  );
}

function targetBy(chance: Chance, nodes: readonly NodeId[]): Target {
  return chance.happens(0.5) ? 'leader' : chance.oneOf(nodes);
}

const MAKERS: Record<Fault['type'], (chance: Chance, during: During, nodes: readonly NodeId[]) => Fault> = {
  crash: (chance, during, nodes) => ({
    type: 'crash',
    ...during,
    nodes: [targetBy(chance, nodes), ...(chance.happens(0.25) ? nodes : [])],
    io: 1 + chance.below(8),
    keeps: chance.oneOf([0, 0, 1, chance.unit()]),
    damages: chance.happens(0.4),
  }),
  pause: (chance, during, nodes) => ({ type: 'pause', ...during, node: targetBy(chance, nodes) }),
  partition: (chance, during, nodes) => ({
    type: 'partition',
    ...during,
    side: Array.from({ length: 1 + chance.below(Math.max(1, (nodes.length - 1) >> 1)) }, () =>
      targetBy(chance, nodes),
    ),
    spared: chance.happens(0.2) ? chance.oneOf(nodes) : null,
    ways: chance.oneOf(['out', 'in', 'both', 'both', 'both']),
  }),
  loss: (chance, during) => ({ type: 'loss', ...during, rate: chance.between(0.05, 0.6) }),
  duplication: (chance, during) => ({ type: 'duplication', ...during, rate: chance.between(0.05, 0.8) }),
  delay: (chance, during) => ({ type: 'delay', ...during, most: chance.between(5, 400) }),
  'disk-full': (chance, during, nodes) => ({
    type: 'disk-full',
    ...during,
    node: targetBy(chance, nodes),
    fits: chance.oneOf([0, 1, chance.unit()]),
  }),
  'slow-disk': (chance, during, nodes) => ({
    type: 'slow-disk',
    ...during,
    node: targetBy(chance, nodes),
    sync: chance.between(5, 150),
  }),
  drift: (chance, during, nodes) => ({
    type: 'drift',
    ...during,
    node: targetBy(chance, nodes),
    rate: chance.between(0.2, 4),
  }),
};
