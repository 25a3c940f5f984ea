/**
 * The rows of a node on disk, in LevelDB. LevelDB has checksums, but where it finds one to be wrong it may leave out what it covers and say nothing: after a crash, that is
 * how a half-written end looks. A node that has lost a vote in this way would vote again. So each row has a checksum of its own, a head
 * row has the sum over all rows and the number of the write, and a small file beside has the number of the last write that was on disk.
 */
import { hash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { z } from 'zod';
import { type Change, NodeId, type Storage, StorageError } from './interfaces.ts';

/** The version of the layout described in docs/node.md. */
const FORMAT = 1;
const HEAD = 'head';
const ROW = 'row/';
/** The sum is one of 48 bits, which is exact in a number. */
const SUMS = 2 ** 48;
const CHECK = 12;

const Identity = z.object({ format: z.int(), cluster: z.string(), node: NodeId });
const Head = z.strictObject({
  ...Identity.shape,
  write: z.int().min(0),
  rows: z.int().min(0),
  sum: z.int().min(0),
});
type Head = z.infer<typeof Head>;

export interface StoragePlace {
  /** A folder of the node's own. */
  readonly folder: string;
  readonly cluster: string;
  readonly node: NodeId;
  /** Whether it may be that nothing is stored there, since the node has never been started. */
  readonly firstStart: boolean;
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
  try {
    const head = await headOf(db, place, known !== null);
    if (!known) await writeDurably(identityFile, `${JSON.stringify(identityFor(place))}\n`);
    marker = await Marker.open(join(folder, 'last-write'));
    if (head.write < marker.last)
      throw new StorageError(
        `${db.location}: the last write found is number ${head.write}, but number ${marker.last} was on disk: what came after it is damaged or gone`,
      );
    return new LevelStorage(db, head, marker);
  } catch (error) {
    await marker?.close();
    await db.close();
    throw error;
  }
}

type Level = ClassicLevel<string, string>;

const identityFor = ({ cluster, node }: StoragePlace) => ({ format: FORMAT, cluster, node });

/** The head that is stored; a new one, on disk already, if there is none and need not be. */
async function headOf(db: Level, place: StoragePlace, expected: boolean): Promise<Head> {
  const text = await db.get(HEAD);
  if (text === undefined) {
    if (expected || (await db.keys({ limit: 1 }).all()).length > 0)
      throw new StorageError(`${place.folder}: its data is gone or damaged: there is no row "${HEAD}"`);
    const head: Head = { ...identityFor(place), write: 0, rows: 0, sum: 0 };
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
  if (format > FORMAT)
    throw new StorageError(
      `${where}: format ${format} is newer than ${FORMAT}, the newest that this version of synod knows`,
    );
  if (cluster !== place.cluster)
    throw new StorageError(`${where}: data of cluster ${cluster}; expected ${place.cluster}`);
  if (node !== place.node) throw new StorageError(`${where}: data of node ${node}; expected ${place.node}`);
}

export class LevelStorage implements Storage {
  private readonly db: Level;
  private readonly marker: Marker;
  private readonly where: string;
  private head: Head;
  /** By key, the checksum of the row. */
  private readonly sums = new Map<string, number>();

  /** @internal Use `openStorage`. */
  constructor(db: Level, head: Head, marker: Marker) {
    this.db = db;
    this.head = head;
    this.marker = marker;
    this.where = db.location;
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
    return rows;
  }

  write(changes: readonly Change[], done: (error?: Error) => void): void {
    let { rows, sum } = this.head;
    const batch = changes.map(([name, value]) => {
      const key = ROW + name;
      const old = this.sums.get(key);
      if (old !== undefined) sum = (sum - old + SUMS) % SUMS;
      rows += (value === null ? 0 : 1) - (old === undefined ? 0 : 1);
      if (value === null) {
        this.sums.delete(key);
        return { type: 'del' as const, key };
      }
      const text = checked(key, value);
      const own = Number.parseInt(text.slice(0, CHECK), 16);
      this.sums.set(key, own);
      sum = (sum + own) % SUMS;
      return { type: 'put' as const, key, value: text };
    });
    this.head = { ...this.head, write: this.head.write + 1, rows, sum };
    const { write } = this.head;
    const head = { type: 'put' as const, key: HEAD, value: checked(HEAD, JSON.stringify(this.head)) };
    this.db.batch([...batch, head], { sync: true }).then(
      () => {
        this.marker.note(write);
        done();
      },
      (error: Error) => done(new StorageError(`${this.where}: ${error.message}`)),
    );
  }

  async close(): Promise<void> {
    await this.db.close();
    await this.marker.close();
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

/**
 * The file with the number of the last write that was on disk. It is not synced itself: after the loss of power it may name an older one, but never one that was not on disk;
 * after the loss of the process alone it is exact.
 */
class Marker {
  private readonly handle: FileHandle;
  readonly last: number;
  private due = 0;
  private writing: Promise<void> | null = null;

  private constructor(handle: FileHandle, last: number) {
    this.handle = handle;
    this.last = last;
  }

  static async open(file: string): Promise<Marker> {
    const handle = await open(file, existsSync(file) ? 'r+' : 'w+');
    const text = (await handle.readFile('utf8')).replaceAll('\0', '');
    if (text !== '' && !/^\d{16}\n$/.test(text)) {
      await handle.close();
      throw new StorageError(`${file}: damaged: expected the number of a write`);
    }
    return new Marker(handle, Number(text));
  }

  note(write: number): void {
    this.due = write;
    this.writing ??= this.writeDue();
  }

  private async writeDue(): Promise<void> {
    for (let written = 0; written < this.due; ) {
      written = this.due;
      await this.handle.write(`${String(written).padStart(16, '0')}\n`, 0).catch(() => {
        // It is a second opinion; the first is the database.
      });
    }
    this.writing = null;
  }

  async close(): Promise<void> {
    await this.writing;
    await this.handle.close();
  }
}
