import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { workerFile } from '../workers/file.ts';
import { killGroup } from './kill.ts';

/** A line of the child's output, numbered from 1 in each run of it. */
export interface Line {
  readonly number: number;
  readonly text: string;
}

/** What came of asking: as many lines as were asked for, or fewer and what went wrong. The child has then been killed. */
export interface Said {
  readonly lines: readonly Line[];
  readonly problem?: { readonly kind: 'death' | 'hang' | 'garbage'; readonly text: string } | undefined;
}

/** What the worker thread is asked. */
export interface Ask {
  readonly lines: readonly string[];
  /** Whether to begin with a new process. */
  readonly fresh: boolean;
}

/** What the worker thread is told at its start. */
export interface Setting {
  readonly command: string;
  /** Seconds in which an answer must come. */
  readonly patience: number;
  readonly port: MessagePort;
  /** The number of times that it has answered; the process group of the child, 0 if none; lines heard so far. */
  readonly turns: Int32Array<SharedArrayBuffer>;
}

/** Milliseconds between two looks at whether a worker thread that does not answer is still getting lines. */
const GRACE = 30_000;

/**
 * A program that answers lines with lines, asked synchronously: transition functions are. It runs in a shell, in a process
 * group of its own, and is killed with this process.
 */
export class Child {
  private readonly worker: Worker;
  private readonly port: MessagePort;
  private readonly turns = new Int32Array(new SharedArrayBuffer(12));
  private readonly patience: number;
  private readonly kill = () => {
    const group = Atomics.exchange(this.turns, 1, 0);
    if (group !== 0) killGroup(group);
  };

  /** @param patience seconds in which each answer must come */
  constructor(command: string, patience: number) {
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    this.patience = patience;
    const setting: Setting = { command, patience, port: port2, turns: this.turns };
    this.worker = new Worker(workerFile(import.meta.url, 'child-worker'), {
      workerData: setting,
      transferList: [port2],
    });
    this.worker.unref();
    this.worker.on('error', () => {});
    process.on('exit', this.kill);
  }

  /** Sends lines, and waits for one line in answer to each. After a problem, only a new process can answer. */
  ask(lines: readonly string[], fresh = false): Said {
    const turn = Atomics.load(this.turns, 0);
    this.port.postMessage({ lines, fresh } satisfies Ask);
    for (let heard = -1; Atomics.load(this.turns, 0) === turn; ) {
      const limit = this.patience * 1000 + GRACE;
      if (Atomics.wait(this.turns, 0, turn, limit) !== 'timed-out') continue;
      const now = Atomics.load(this.turns, 2);
      if (now === heard) throw new Error('the thread that speaks with a foreign role does not answer');
      heard = now;
    }
    return receiveMessageOnPort(this.port)?.message as Said;
  }

  /** Ends the child and its thread. */
  async stop(): Promise<void> {
    this.kill();
    process.off('exit', this.kill);
    this.port.close();
    await this.worker.terminate();
  }
}
