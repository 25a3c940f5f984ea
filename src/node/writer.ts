import type { LogMessage } from '../../spec/log/message.ts';
import type { Clock, Storage } from './interfaces.ts';
import type { Recorder } from './recorder.ts';
import type { HostedRoles } from './roles.ts';
import { changesBetween, type Durable } from './rows.ts';
import type { StoredMachine } from './store/machine.ts';

/** What a writer writes, where, and to whom it tells that. */
interface Writes {
  readonly roles: HostedRoles;
  readonly machine: StoredMachine<Durable['replica']['machine']>;
  /** How often the node has been started, this time included. */
  readonly starts: number;
  readonly storage: Storage;
  readonly clock: Clock;
  readonly recorder?: Recorder | undefined;
  /** A write is on disk: these messages have waited for it. */
  readonly written: (released: readonly LogMessage[]) => void;
  readonly failed: (error: Error) => void;
}

/**
 * Writes what of the roles' states must survive a crash, one write at a time: what changes meanwhile is a part of the next, so that one serves many. What
 * the roles have sent on the strength of it is held back until it is on disk.
 */
export class Writer {
  /** What is on disk; null before the first write. */
  stored: Durable | null;
  /** Writes since the node was started. */
  count = 0;
  private readonly writes: Writes;
  private writing = false;
  private stopped = false;
  private wroteAt = 0;

  constructor(writes: Writes, stored: Durable | null) {
    this.writes = writes;
    this.stored = stored;
  }

  /** Writes that the node has been started once more. */
  begin(done: (error?: Error) => void): void {
    this.put(done);
  }

  /** Begins a write of all that is not on disk, unless one is under way, or nothing waits for it: then it may as well be a part of the next. */
  write(): void {
    this.writeIf((role) => role.urgent);
  }

  /** The same for what nothing waits for, if there has been no write for so many milliseconds: as long as there are, it goes with these. */
  writeRest(pause: number): void {
    const rests = this.writes.clock.now() - this.wroteAt >= pause;
    this.writeIf((role) => role.urgent || (rests && role.dirty));
  }

  /** No write is begun from now on, and of one that is under way nobody is told. */
  stop(): void {
    this.stopped = true;
  }

  private writeIf(due: (role: HostedRoles['all'][number]) => boolean): void {
    const { roles, clock, written, failed } = this.writes;
    if (this.writing || this.stopped || !roles.all.some(due)) return;
    this.writing = true;
    this.wroteAt = clock.now();
    const held = roles.all.map((role) => role.writing());
    this.put((error) => {
      this.writing = false;
      if (this.stopped) return;
      if (error) failed(error);
      else written(held.flatMap((release) => release()));
    });
  }

  private put(done: (error?: Error) => void): void {
    const { roles, machine, starts, storage, recorder } = this.writes;
    const durable = roles.durable(starts);
    storage.write(changesBetween(machine, this.stored, durable), (error) => {
      if (!error && !this.stopped) {
        this.stored = durable;
        this.count++;
        recorder?.wrote(durable);
      }
      done(error);
    });
  }
}
