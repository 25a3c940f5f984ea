/** What an unfinished run is made of, so that it can be saved and gone on with: docs/decisions/0008 says why so. */
import { z } from 'zod';
import { Explorer } from './explorer.ts';
import { heard } from './heard.ts';
import { Journal, Kind } from './journal.ts';
import { Layout } from './layout.ts';
import { StateLog } from './state-log.ts';
import { StateSet } from './state-set.ts';
import type { Envelope, System } from './system.ts';
import { SystemError } from './terms.ts';

const count = z.int().min(0);
const words = z.array(z.int());

/** The part of a checkpoint that is not words. */
export const Position = z.strictObject({
  /** Of all the runs so far. */
  seconds: z.number().min(0),
  symmetry: z.boolean(),
  /** The names of the properties that are checked, if not all are. */
  properties: z.array(z.string()).optional(),
  /** Distinct states, and how many of them were expanded. */
  states: count,
  cursor: count,
  /** Where the levels begin in the order of the states, and where the last one ends. */
  levels: z.array(count).min(2),
  transitions: count,
  represented: count,
  /** The number of steps to the first finding, of each property and situation of which there is one. */
  found: z.record(z.string(), count),
  /** Bits that each field of a packed state needed when they were last packed. */
  needed: words,
  /** The sizes of the segments of the set of states. */
  shape: z.strictObject({ scale: words, shift: words }),
  /** Words in the journal; answers that it heard, and their digest. */
  journal: count,
  answers: count,
  digest: words,
});
export type Position = z.infer<typeof Position>;

/** A run between two slices of work. */
export interface Checkpoint {
  readonly position: Position;
  /** The number of words in `pieces`. */
  readonly words: number;
  /** The journal, the states, and the records of those that are not expanded. A piece is good until the next is asked for. */
  pieces(): Iterable<Int32Array>;
}

/** A checkpoint as it is read again. */
export interface SavedRun {
  readonly position: Position;
  /** Fills an array with the next words. */
  read(into: Int32Array): void;
}

/** What is asked today is not answered as it was when a checkpoint was made. */
export class ChangedSystem extends Error {
  override name = 'ChangedSystem';
}

/** States read at a time. */
const PIECE = 1 << 14;

/** An explorer that a checkpoint can be made of. */
export function recorded<S, M extends Envelope, E>(
  system: System<S, M, E>,
  symmetric: boolean,
): Explorer<S, M, E> {
  const journal = new Journal();
  return new Explorer(heard(system, journal), symmetric, false, journal);
}

/** The checkpoint of an explorer, between two calls of `run`. It is not a copy: save it before the explorer goes on. */
export function checkpoint<S, M extends Envelope, E>(
  explorer: Explorer<S, M, E>,
  seconds: number,
  properties: readonly string[] | undefined,
): Checkpoint {
  const { states, log, layout, claims, cursor } = explorer;
  const journal = journalOf(explorer);
  // What is to be always reachable is decided at the end, and anew.
  const settled = [...claims.properties, ...claims.situations].filter(
    (claim) => claim.depth !== -1 && !claims.goals.has(claim),
  );
  return {
    position: {
      seconds,
      symmetry: explorer.symmetry !== null,
      ...(properties === undefined ? {} : { properties: [...properties] }),
      states: states.size,
      cursor,
      levels: [...explorer.levels],
      transitions: explorer.transitions,
      represented: explorer.represented,
      found: Object.fromEntries(settled.map(({ name, depth }) => [name, depth])),
      needed: [...layout.needed],
      shape: states.shape,
      journal: journal.entries.length,
      answers: journal.answers,
      digest: journal.digest,
    },
    words: journal.entries.length + states.size * layout.words + (states.size - cursor) * log.record,
    *pieces() {
      yield journal.entries.data.subarray(0, journal.entries.length);
      yield* states.pieces();
      yield* log.records(cursor);
    },
  };
}

/**
 * The explorer of a saved run, as it was. All that was asked of the system is asked again, in the order in which it was, and
 * must be answered as it was: states that were found by one specification say nothing of another.
 *
 * @throws ChangedSystem if it is not
 */
export function resumed<S, M extends Envelope, E>(
  system: System<S, M, E>,
  { position, read }: SavedRun,
): Explorer<S, M, E> {
  const entries = new Int32Array(position.journal);
  read(entries);
  const explorer = recorded(system, position.symmetry);
  const journal = journalOf(explorer);
  if (position.needed.length !== explorer.initial.length) throw new ChangedSystem();
  let compared = 0;
  for (let at = 0; at < entries.length; at += 2 + (entries[at + 1] as number)) {
    again(explorer, entries.subarray(at, at + 2 + (entries[at + 1] as number)));
    for (; compared < journal.entries.length; compared++)
      if (journal.entries.data[compared] !== entries[compared]) throw new ChangedSystem();
  }
  const answered = [journal.entries.length, journal.answers, ...journal.digest];
  const expected = [entries.length, position.answers, ...position.digest];
  if (answered.join() !== expected.join()) throw new ChangedSystem();
  for (const claim of [...explorer.claims.properties, ...explorer.claims.situations])
    claim.depth = position.found[claim.name] ?? -1;
  const layout = new Layout(position.needed);
  explorer.goOn(position, layout, readStates(layout, position, read), readLog(layout, position, read));
  return explorer;
}

function journalOf<S, M extends Envelope, E>({ tabulation: { journal } }: Explorer<S, M, E>): Journal {
  if (!journal) throw new Error('expected an explorer that keeps a journal');
  return journal;
}

/** Does again what an entry of a journal tells of. */
function again<S, M extends Envelope, E>(explorer: Explorer<S, M, E>, entry: Int32Array): void {
  const { steps, observers, claims, tabulation } = explorer;
  const [kind = -1, , first = 0, second = 0, third = 0] = entry;
  const fields = explorer.initial.length;
  const state = (from: number) => {
    const locals = entry.slice(2 + from, 2 + from + fields);
    const known = (field: number) =>
      field < tabulation.actors.length
        ? tabulation.localsOf(field)
        : observers[field - tabulation.actors.length]?.records.values.length;
    if (locals.some((value, field) => value >= (known(field) ?? Infinity))) throw new ChangedSystem();
    return locals;
  };
  switch (kind) {
    case Kind.find:
      steps.finder.find(state(0), 0);
      break;
    case Kind.crash:
      steps.finder.crashed(first, second === 0 ? 0 : 1, state(2));
      break;
    case Kind.observe:
      if (!observers[first]?.knows(second, third)) throw new ChangedSystem();
      observers[first].afterLabel(second, third);
      break;
    default:
      claims.evaluateAgain([...entry.subarray(2 + fields)], state(0));
  }
}

function readStates(layout: Layout, { states, shape }: Position, read: SavedRun['read']): StateSet {
  const set = StateSet.shaped(layout.words, shape);
  const fresh = new Int32Array(PIECE);
  inPieces(states, layout.words, read, (piece, size) => {
    if (set.addAll(piece, size, fresh) !== size) throw new SystemError('a checkpoint holds a state twice');
  });
  return set;
}

function readLog(layout: Layout, { states, cursor }: Position, read: SavedRun['read']): StateLog {
  const log = StateLog.from(layout.words, cursor);
  inPieces(states - cursor, log.record, read, (piece, size) => {
    for (let at = 0; at < size; at++)
      log.append(piece, at * log.record, piece[(at + 1) * log.record - 1] as number);
  });
  return log;
}

/** Reads so many records of so many words. */
function inPieces(
  records: number,
  size: number,
  read: SavedRun['read'],
  take: (piece: Int32Array, records: number) => void,
): void {
  const room = new Int32Array(Math.min(PIECE, records) * size);
  for (let left = records; left > 0; left -= PIECE) {
    const piece = room.subarray(0, Math.min(left, PIECE) * size);
    read(piece);
    take(piece, piece.length / size);
  }
}
