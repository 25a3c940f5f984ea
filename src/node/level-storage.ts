/**
 * The rows of a node on disk: a write goes into a journal (journal.ts), and from there, together with many others, into LevelDB. LevelDB has checksums, but where it finds
 * one to be wrong it may leave out what it covers and say nothing: after a crash, that is how a half-written end looks. A node that has lost a vote in this way would vote
 * again. So each row has a checksum of its own, a head row has the sum over all rows and the number of the last write that is in them, all later ones have
 * to be in the journal, and a small file beside (marker.ts) has the number of the last write that was on disk.
 */
import { hash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { ClassicLevel } from 'classic-level';
import { z } from 'zod';
import { type Change, NodeId, type Storage, StorageError } from './interfaces.ts';
import { Journal, type JournalRecord } from './journal.ts';
import { Marker } from './marker.ts';

/** The version of the layout described in docs/node.md. */
const FORMAT = 2;
const HEAD = 'head';
const ROW = 'row/';
/** The sum is one of 48 bits, which is exact in a number. */
const SUMS = 2 ** 48;
const CHECK = 12;
const CAPACITY = 8 * 1024 * 1024;
/** So many rows go into the database before anything else gets its turn. */
const ROWS_AT_ONCE = 200;

const Identity = z.object({ format: z.int(), cluster: z.string(), node: NodeId });
const Head = z.strictObject({
  ...Identity.shape,
  write: z.int().min(0),
  rows: z.int().min(0),
  sum: z.int().min(0),
  /** Of the journal. */
  salt: z.string(),
});
type Head = z.infer<typeof Head>;

export interface StoragePlace {
  /** A folder of the node's own. */
  readonly folder: string;
  readonly cluster: string;
  readonly node: NodeId;
  /** Whether it may be that nothing is stored there, since the node has never been started. */
  readonly firstStart: boolean;
  /** The bytes of a file of the journal. */
  readonly capacity?: number;
}

/**
 * Opens the storage of a node.
 *
 * @throws StorageError if it is another node's, of a newer format, open already, damaged, or not there although it should be
 */
export async function openStorage(place: StoragePlace): Promise<LevelStorage> {
  const { folder } = place;
  const identityFile = join(folder, 'identity.json');
  const known = existsSync(identityFile) ? identityOf(identityFile) : null;
  if (known) check(known, place, identityFile);
  else if (!place.firstStart)
    throw new StorageError(
      `${folder} has no data of a node; a node that has lost its data has lost its votes and must not come back under its name (--first-start, if it has never been started)`,
    );
  await mkdir(folder, { recursive: true });
  const db = new ClassicLevel<string, string>(join(folder, 'db'), { createIfMissing: !known });
  await db.open().catch((error: Error & { cause?: Error }) => {
    throw new StorageError(`${join(folder, 'db')}: ${error.cause?.message ?? error.message}`);
  });
  let marker: Marker | undefined;
  let journal: Journal | undefined;
  try {
    const head = await headOf(db, place, known !== null);
    journal = new Journal(folder, place.capacity ?? CAPACITY, head.salt, known !== null);
    if (!known) await writeDurably(identityFile, `${JSON.stringify(identityFor(place))}\n`);
    marker = new Marker(join(folder, 'last-write'));
    const later = laterThan(head, journal, place);
    const last = later.at(-1)?.write ?? head.write;
    if (last < marker.last)
      throw new StorageError(
        `${folder}: the last write found is number ${last}, but number ${marker.last} was on disk: what came after it is damaged or gone`,
      );
    return new LevelStorage(db, journal, marker, head, later);
  } catch (error) {
    await journal?.close();
    marker?.close();
    await db.close();
    throw error;
  }
}

/** What the journal has beyond the database, in order. */
function laterThan({ write }: Head, { found }: Journal, { folder }: StoragePlace): JournalRecord[] {
  const later = found.filter((record) => record.write > write).sort((a, b) => a.write - b.write);
  const gap = later.findIndex((record, at) => record.write !== write + 1 + at);
  if (gap >= 0)
    throw new StorageError(
      `${folder}: write ${later[gap]?.write} is found, and number ${write + 1 + gap} is not: it is damaged or gone`,
    );
  return later;
}

type Level = ClassicLevel<string, string>;

const identityFor = ({ cluster, node }: StoragePlace) => ({ format: FORMAT, cluster, node });

/** The head that is stored; a new one, on disk already, if there is none and need not be. */
async function headOf(db: Level, place: StoragePlace, expected: boolean): Promise<Head> {
  const text = await db.get(HEAD);
  if (text === undefined) {
    if (expected || (await db.keys({ limit: 1 }).all()).length > 0)
      throw new StorageError(`${place.folder}: its data is gone or damaged: there is no row "${HEAD}"`);
    const head: Head = {
      ...identityFor(place),
      write: 0,
      rows: 0,
      sum: 0,
      salt: randomBytes(16).toString('hex'),
    };
    await db.put(HEAD, checked(HEAD, JSON.stringify(head)), { sync: true });
    return head;
  }
  const head = Head.parse(JSON.parse(unchecked(db.location, HEAD, text)));
  check(head, place, db.location);
  return head;
}

function identityOf(file: string): z.infer<typeof Identity> {
  try {
    return Identity.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    throw new StorageError(`${file}: damaged: expected a format, a cluster and a node`);
  }
}

function check(
  { format, cluster, node }: z.infer<typeof Identity>,
  place: StoragePlace,
  where: string,
): void {
  if (format !== FORMAT)
    throw new StorageError(`${where}: format ${format}; this version of synod knows format ${FORMAT}`);
  if (cluster !== place.cluster)
    throw new StorageError(`${where}: data of cluster ${cluster}; expected ${place.cluster}`);
  if (node !== place.node) throw new StorageError(`${where}: data of node ${node}; expected ${place.node}`);
}

export class LevelStorage implements Storage {
  private readonly db: Level;
  private readonly journal: Journal;
  private readonly marker: Marker;
  private readonly where: string;
  /** What the database has. */
  private head: Head;
  /** By key, the checksum of the row in the database. */
  private readonly sums = new Map<string, number>();
  private last: number;
  /** The rows that the present file of the journal has, and the database may not have. */
  private rows = new Map<string, string | null>();
  private moving: Promise<void> | null = null;
  private failure: StorageError | null = null;

  /** @internal Use `openStorage`. */
  constructor(db: Level, journal: Journal, marker: Marker, head: Head, later: readonly JournalRecord[]) {
    this.db = db;
    this.journal = journal;
    this.marker = marker;
    this.head = head;
    this.where = db.location;
    this.last = later.at(-1)?.write ?? head.write;
    for (const { changes } of later) this.note(changes);
  }

  async load(): Promise<ReadonlyMap<string, string>> {
    const rows = new Map<string, string>();
    let sum = 0;
    for await (const [key, text] of this.db.iterator()) {
      if (key === HEAD) continue;
      if (!key.startsWith(ROW))
        throw new StorageError(`${this.where}: an unknown row ${JSON.stringify(key)}`);
      rows.set(key.slice(ROW.length), unchecked(this.where, key, text));
      const own = Number.parseInt(text.slice(0, CHECK), 16);
      this.sums.set(key, own);
      sum = (sum + own) % SUMS;
    }
    if (rows.size !== this.head.rows || sum !== this.head.sum)
      throw new StorageError(
        `${this.where}: ${rows.size} rows with the sum ${sum} are found; write ${this.head.write} has left ${this.head.rows} with the sum ${this.head.sum}: some are damaged or gone`,
      );
    for (const [key, value] of this.rows) value === null ? rows.delete(key) : rows.set(key, value);
    await this.move();
    return rows;
  }

  write(changes: readonly Change[], done: (error?: Error) => void): void {
    this.last++;
    const write = this.last;
    this.note(changes);
    this.journal.append({ write, changes }, (error) => {
      if (error) this.failure ??= new StorageError(`${this.where}: ${error.message}`);
      if (this.failure) {
        done(this.failure);
        return;
      }
      this.marker.note(write);
      if (this.journal.full) this.moving ??= this.turn();
      done();
    });
  }

  async close(): Promise<void> {
    await this.journal.close();
    await this.moving;
    await this.db.close();
    this.marker.close();
  }

  private note(changes: readonly Change[]): void {
    for (const [key, value] of changes) this.rows.set(key, value);
  }

  /** The journal goes on in its other file; when the database has what is in this one, it may turn again. */
  private async turn(): Promise<void> {
    this.journal.turn();
    await this.move().catch((error: Error) => {
      this.failure = new StorageError(`${this.where}: ${error.message}`);
    });
    this.moving = null;
  }

  /** Has the database take over, all at once, what has been written by now. */
  private async move(): Promise<void> {
    const [moved, write] = [this.rows, this.last];
    if (write === this.head.write) return;
    this.rows = new Map();
    let { rows, sum } = this.head;
    let taken = 0;
    const batch = this.db.batch();
    for (const [name, value] of moved) {
      const key = ROW + name;
      const old = this.sums.get(key);
      if (old !== undefined) sum = (sum - old + SUMS) % SUMS;
      rows += (value === null ? 0 : 1) - (old === undefined ? 0 : 1);
      if (value === null) {
        this.sums.delete(key);
        batch.del(key);
      } else {
        const text = checked(key, value);
        const own = Number.parseInt(text.slice(0, CHECK), 16);
        this.sums.set(key, own);
        sum = (sum + own) % SUMS;
        batch.put(key, text);
      }
      taken++;
      if (taken % ROWS_AT_ONCE === 0) await setImmediate();
    }
    const head = { ...this.head, write, rows, sum };
    await batch.put(HEAD, checked(HEAD, JSON.stringify(head))).write({ sync: true });
    this.head = head;
  }
}

/** A value with its checksum before it, which is over the key as well. */
function checked(key: string, value: string): string {
  return hash('sha256', `${key}\0${value}`, 'hex').slice(0, CHECK) + value;
}

function unchecked(where: string, key: string, text: string): string {
  const value = text.slice(CHECK);
  if (checked(key, value) !== text)
    throw new StorageError(`${where}: the row ${JSON.stringify(key)} is damaged: its checksum is wrong`);
  return value;
}

async function writeDurably(file: string, text: string): Promise<void> {
  const handle = await open(file, 'w');
  await handle.writeFile(text);
  await handle.sync();
  await handle.close();
}
