import type { LogMessage } from '../../spec/log/message.ts';
import type { NodeId, World } from '../node/interfaces.ts';
import { StorageError } from '../node/interfaces.ts';
import { type NodeOptions, type Runtime, startNode } from '../node/runtime.ts';
import { Chance } from './chance.ts';
import { Disk } from './disk.ts';
import type { Count } from './effects.ts';
import type { Scheduler } from './scheduler.ts';

/** When a storage says that a write is on disk: when it is; at once, while it is yet to be; or without its ever being. */
export type Syncing = 'right' | 'late' | 'never';

/** What a host has to do with the rest of a simulation. */
export interface Surroundings {
  readonly scheduler: Scheduler;
  readonly seed: number;
  readonly syncing: Syncing;
  /** How long a sync takes, in milliseconds, on a disk that is not slow. */
  readonly sync: number;
  /** With what a node is started, each time. */
  options(node: NodeId): Omit<NodeOptions, 'id' | 'failed'>;
  send(from: NodeId, to: NodeId, messages: readonly LogMessage[]): void;
  /** Something has happened that belongs to the trace. */
  note(what: string, ...of: readonly (string | number)[]): void;
  /** What goes wrong has come to something. */
  readonly count: Count;
  /** The node has died; who waited for it waits in vain. */
  died(node: NodeId): void;
  /** Its code has thrown something that it must not throw. */
  defect(node: NodeId, error: unknown): void;
}

/** A machine with a disk, on which a node runs, dies and is started again. */
export class Host {
  readonly id: NodeId;
  readonly disk = new Disk();
  private readonly around: Surroundings;
  /** Counts the lives of the node: what an earlier one has set going comes to nothing. */
  private life = 0;
  private up = false;
  runtime: Runtime | null = null;
  /** Whether its disk is damaged, so that it is not started any more. */
  refused = false;
  /** How fast its clock goes, and until when it stands still. */
  rate = 1;
  private pausedUntil = 0;
  private dying: { io: number; readonly crash: () => void } | null = null;
  private receive: ((from: NodeId, messages: readonly LogMessage[]) => void) | null = null;
  private lost: ((peer: NodeId) => void) | null = null;

  constructor(id: NodeId, around: Surroundings) {
    this.id = id;
    this.around = around;
    this.disk.latency = around.sync;
  }

  /** Starts the node, unless it runs. Ends when it is known whether it has read its disk; it goes on by itself from there. */
  start(): void {
    if (this.up || this.refused) return;
    this.up = true;
    this.life += 1;
    const { life } = this;
    this.around.note('start', this.id);
    const failed = (error: Error) => this.failed(life, error);
    startNode({ ...this.around.options(this.id), id: this.id, failed }, this.world(life)).then(
      (runtime) => {
        if (this.life === life && this.up) this.runtime = runtime;
      },
      (error: unknown) => this.failed(life, error),
    );
  }

  /** Whether it is reading its disk. */
  get starting(): boolean {
    return this.up && this.runtime === null;
  }

  /** Has `crash` called in place of the `io`th of the next times that the node sends, or begins or ends a write. */
  crashAt(io: number, crash: () => void): void {
    if (this.up) this.dying = { io, crash };
  }

  /** The node dies. Of what is not synced, the first part is left on its disk; see there. */
  crash(keeps: number): void {
    if (!this.up) return;
    this.die('crash');
    const { lost, torn } = this.disk.crash(keeps);
    this.around.count('crashes');
    this.around.count('unsynced', lost);
    this.around.count('torn', torn);
  }

  pause(until: number): void {
    this.pausedUntil = Math.max(this.pausedUntil, until);
  }

  /** Nothing goes wrong with it any more. */
  heal(): void {
    this.pausedUntil = 0;
    this.dying = null;
    this.rate = 1;
    this.disk.full = null;
    this.disk.latency = this.around.sync;
  }

  /** Something comes from outside, which the node sees when it does not stand still. */
  enter(call: () => void): void {
    this.within(this.life, call);
  }

  take(from: NodeId, text: string): void {
    this.enter(() => this.receive?.(from, JSON.parse(text)));
  }

  /** Its connections to another node have ended. */
  lose(peer: NodeId): void {
    this.enter(() => this.lost?.(peer));
  }

  /** The same, in a moment. */
  loseSoon(peer: NodeId): void {
    this.around.scheduler.at(this.around.scheduler.now + 1, () => this.lose(peer));
  }

  private isAlive(life: number): boolean {
    return this.up && this.life === life;
  }

  private within(life: number, call: () => void): void {
    if (!this.isAlive(life)) return;
    const { scheduler, count } = this.around;
    if (scheduler.now < this.pausedUntil) {
      count('waited');
      scheduler.at(this.pausedUntil, () => this.within(life, call));
      return;
    }
    try {
      call();
    } catch (error) {
      this.around.defect(this.id, error);
    }
  }

  /** The node is about to do something that can be seen from outside. Returns whether it lives to do it. */
  private lives(life: number): boolean {
    if (!this.isAlive(life)) return false;
    if (!this.dying) return true;
    this.dying.io -= 1;
    if (this.dying.io > 0) return true;
    this.dying.crash();
    return this.isAlive(life);
  }

  private die(how: string): void {
    this.around.note(how, this.id);
    this.up = false;
    this.dying = null;
    this.runtime = null;
    this.receive = null;
    this.lost = null;
    this.around.died(this.id);
  }

  private failed(life: number, error: unknown): void {
    if (!this.isAlive(life)) return;
    if (!(error instanceof StorageError)) {
      this.around.defect(this.id, error);
      return;
    }
    this.die('stop');
    this.refused = / damaged$/.test(error.message);
    if (this.refused) this.around.count('refused');
    else this.around.scheduler.at(this.around.scheduler.now + 100, () => this.start());
  }

  private world(life: number): World {
    const { scheduler, seed, sync, syncing, count } = this.around;
    const chance = new Chance(seed, 1000 * Number(this.id.slice(1)) + this.life);
    const { disk } = this;
    const later = (milliseconds: number, call: () => void) =>
      scheduler.at(scheduler.now + milliseconds, () => this.within(life, call));
    let [time, read] = [chance.between(0, 1e6), scheduler.now];
    const now = () => {
      time += (scheduler.now - read) * this.rate;
      read = scheduler.now;
      return time;
    };
    return {
      random: () => chance.unit(),
      clock: {
        now,
        after: (milliseconds, call) => {
          let cancelled = false;
          if (this.rate !== 1) count('drifted');
          later(milliseconds / this.rate, () => cancelled || call());
          return () => {
            cancelled = true;
          };
        },
      },
      transport: {
        start: (receive, lost) => {
          this.receive = receive;
          this.lost = lost;
        },
        know: () => {},
        send: (to, messages) => {
          if (this.lives(life)) this.around.send(this.id, to, messages);
        },
      },
      storage: {
        load: async () => disk.load(),
        close: async () => {},
        write: (changes, done) => {
          if (!this.lives(life)) return;
          const end = disk.append(changes);
          this.around.note('write', this.id, JSON.stringify(changes));
          if (disk.latency > sync) count('slow');
          if (end === null) {
            count('full');
            later(disk.latency, () => done(new StorageError('no space is left')));
            return;
          }
          if (syncing === 'late') later(0, done);
          later(disk.latency, () => {
            if (!this.lives(life)) return;
            if (syncing !== 'never') disk.keep(end);
            if (syncing !== 'late') done();
          });
        },
      },
    };
  }
}
