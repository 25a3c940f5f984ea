import { createHash } from 'node:crypto';
import { type Change, StorageError } from '../node/interfaces.ts';

const sumOf = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16);

/**
 * A disk with one file on it, to which records are appended: it outlives the node. What has been appended is on disk for certain only when it has
 * been synced, or is found there after power has failed; until then, power that fails may leave any part of it, from its beginning. (What is behind a
 * record that was cut off is no record.)
 */
export class Disk {
  private records: string[] = [];
  private synced = 0;
  /** How much of a record still finds room: all of it (null), or only such a part, so that the write fails. */
  full: number | null = null;
  /** How long a sync takes, in milliseconds. */
  latency = 0;

  /** Appends a record. Returns how much has to be synced for it to be on disk to stay; null if it could not be written as it should be. */
  append(changes: readonly Change[]): number | null {
    const text = JSON.stringify(changes);
    const record = `${sumOf(text)} ${text}`;
    this.records.push(this.full === null ? record : record.slice(0, record.length * this.full));
    return this.full === null ? this.records.length : null;
  }

  /** So many records are on disk to stay. */
  keep(records: number): void {
    this.synced = Math.max(this.synced, records);
  }

  /**
   * The node dies, and power fails: of what is not synced, the first part is left. If that is all, the node alone has died, and what was loose still is.
   * Returns how many records are lost, and of these how many were torn.
   */
  crash(keeps: number): { lost: number; torn: number } {
    if (keeps === 1) return { lost: 0, torn: 0 };
    const loose = this.records.splice(this.synced);
    const kept = keeps * loose.length;
    this.records.push(...loose.slice(0, kept));
    this.synced = this.records.length;
    const torn = loose[Math.floor(kept)];
    const isTorn = torn !== undefined && kept % 1 > 0;
    if (isTorn) this.records.push(torn.slice(0, torn.length * (kept % 1)));
    return { lost: loose.length - Math.floor(kept), torn: isTorn ? 1 : 0 };
  }

  /** There is another in its place, with nothing on it. */
  replace(): void {
    this.records = [];
    this.synced = 0;
  }

  /** Something that was synced is lost. */
  damage(): void {
    const at = this.synced >> 1;
    const record = this.records[at];
    if (record !== undefined && at < this.synced) this.records[at] = record.slice(1);
  }

  /**
   * What is on it. What was cut off is gone, for nobody was told that it was there.
   *
   * @throws StorageError if something is missing that was synced
   */
  load(): Map<string, string> {
    const rows = new Map<string, string>();
    for (const [at, record] of this.records.entries()) {
      const text = record.slice(17);
      if (record.slice(0, 16) !== sumOf(text)) {
        if (at < this.synced) throw new StorageError(`record ${at + 1} is damaged`);
        this.records.splice(at);
        break;
      }
      for (const [key, value] of JSON.parse(text) as Change[]) {
        if (value === null) rows.delete(key);
        else rows.set(key, value);
      }
    }
    return rows;
  }
}
