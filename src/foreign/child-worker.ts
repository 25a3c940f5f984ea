/** A worker thread that owns a child process, so that the thread that asks it can wait for the answer without returning. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { workerData } from 'node:worker_threads';
import type { Ask, Line, Said, Setting } from './child.ts';
import { killGroup } from './kill.ts';

/** Bytes in a line at most: more is not read. */
const LONGEST = 1 << 20;
/** Characters of its standard error that are remembered, to tell what it said last. */
const LAST_WORDS = 500;

const { command, patience, port, turns } = workerData as Setting;

/** One run of the child. */
class Run {
  private readonly child: ChildProcessWithoutNullStreams;
  private rest: Buffer[] = [];
  private restBytes = 0;
  private lines = 0;
  private lastWords = '';
  private waiting = 0;
  private heard: Line[] = [];
  private timer: NodeJS.Timeout | undefined;
  /** Said when nothing was asked: told when something is asked next. */
  private stray: Line | undefined;
  ended: Said['problem'];

  constructor() {
    // A process group of its own, so that what it starts ends with it.
    this.child = spawn(command, { shell: true, detached: process.platform !== 'win32' });
    turns[1] = this.child.pid ?? 0;
    this.child.stdin.on('error', () => {});
    this.child.stdout.on('data', (chunk: Buffer) => this.hear(chunk));
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.lastWords = (this.lastWords + text).slice(-LAST_WORDS);
    });
    this.child.on('error', (error) => this.end('death', `cannot be started: ${error.message}`));
    this.child.on('close', (status, signal) => {
      const how = signal === null ? `exit status ${status}` : signal;
      const words = this.lastWords.trim();
      this.end('death', `ends (${how})${words === '' ? '' : `; its last words: ${words}`}`);
    });
  }

  ask(lines: readonly string[]): void {
    this.heard = [];
    this.waiting = lines.length;
    if (this.stray)
      this.end('garbage', `says on line ${this.stray.number} of its output what it was not asked`);
    else if (this.ended) this.answer();
    else this.tell(lines);
  }

  private tell(lines: readonly string[]): void {
    this.child.stdin.write(lines.map((line) => `${line}\n`).join(''));
    this.wait();
  }

  kill(): void {
    clearTimeout(this.timer);
    const { pid } = this.child;
    if (pid !== undefined && this.child.exitCode === null) killGroup(pid);
  }

  private wait(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(
      () => this.end('hang', `gives no answer within ${patience} s (does it flush its output?)`),
      patience * 1000,
    );
  }

  private hear(chunk: Buffer): void {
    let from = 0;
    for (let at = chunk.indexOf(10); at !== -1 && !this.ended; at = chunk.indexOf(10, from)) {
      this.hearLine(Buffer.concat([...this.rest, chunk.subarray(from, at)]));
      this.rest = [];
      this.restBytes = 0;
      from = at + 1;
    }
    if (this.ended) return;
    this.rest.push(chunk.subarray(from));
    this.restBytes += chunk.length - from;
    if (this.restBytes > LONGEST) this.endTooLong(this.lines + 1);
  }

  private endTooLong(number: number): void {
    this.end('garbage', `answers on line ${number} of its output with more than ${LONGEST} bytes`);
  }

  private hearLine(bytes: Buffer): void {
    this.lines += 1;
    if (bytes.length > LONGEST) {
      this.endTooLong(this.lines);
      return;
    }
    let text: string;
    try {
      text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      this.end('garbage', `answers on line ${this.lines} of its output what is not UTF-8`);
      return;
    }
    const line = { number: this.lines, text };
    if (this.waiting === this.heard.length) {
      this.stray ??= line;
      return;
    }
    this.heard.push(line);
    Atomics.add(turns, 2, 1);
    if (this.heard.length < this.waiting) {
      this.wait();
    } else {
      clearTimeout(this.timer);
      this.answer();
    }
  }

  /** The first thing that goes wrong is what is told. */
  private end(kind: 'death' | 'hang' | 'garbage', text: string): void {
    if (this.ended) return;
    this.ended = { kind, text };
    this.kill();
    if (this.waiting > this.heard.length) this.answer();
  }

  private answer(): void {
    const problem = this.heard.length < this.waiting ? this.ended : undefined;
    port.postMessage({ lines: this.heard, ...(problem ? { problem } : {}) } satisfies Said);
    this.waiting = 0;
    this.heard = [];
    Atomics.add(turns, 0, 1);
    Atomics.notify(turns, 0);
  }
}

let run: Run | undefined;

port.on('message', ({ lines, fresh }: Ask) => {
  if (fresh || !run) {
    run?.kill();
    run = new Run();
  }
  run.ask(lines);
});
