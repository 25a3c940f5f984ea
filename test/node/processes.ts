/** Nodes that are processes of their own, and clients that write to them as fast as they are answered. */
import { type ChildProcess, spawn } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { NodeStatus } from '../../src/node/http.ts';
import type { Place } from './machine.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Waits until something holds, looking every 20 ms; at most `limit` ms. */
async function until(holds: () => Promise<boolean>, what: string, limit = 60_000): Promise<void> {
  for (const end = Date.now() + limit; !(await holds()); await sleep(20))
    if (Date.now() > end) throw new Error(`${what}: still not so after ${limit} ms`);
}

export class Processes {
  private readonly where: Place;
  private readonly running = new Map<number, ChildProcess>();

  constructor(where: Place) {
    this.where = where;
  }

  private http(at: number): string {
    return `http://${this.where.configs[at]?.nodes[`n${at + 1}`]?.http}`;
  }

  start(at: number, firstStart = false): void {
    const file = this.where.files[at] as string;
    const args = ['--import', `${root}register.mjs`, `${root}src/cli/main.ts`, 'node', '--config', file];
    const child = spawn(process.execPath, firstStart ? [...args, '--first-start'] : args, {
      stdio: 'ignore',
    });
    this.running.set(at, child);
  }

  kill(at: number, signal: NodeJS.Signals): void {
    this.running.get(at)?.kill(signal);
    this.running.delete(at);
  }

  killAll(): void {
    for (const at of [...this.running.keys()]) this.kill(at, 'SIGKILL');
  }

  async status(at: number): Promise<NodeStatus | undefined> {
    const answer = await fetch(`${this.http(at)}/status`, { signal: AbortSignal.timeout(1000) }).catch(
      () => undefined,
    );
    return (await answer?.json().catch(() => undefined)) as NodeStatus | undefined;
  }

  /** Waits for all that run to follow one leader; returns which it is. */
  async agreed(): Promise<number> {
    let leader = -1;
    await until(async () => {
      const all = await Promise.all([...this.running.keys()].map((at) => this.status(at)));
      const leaders = new Set(all.map((status) => status?.leader ?? null));
      const [one] = leaders;
      if (leaders.size !== 1 || !one) return false;
      leader = Number(one.slice(1)) - 1;
      return this.running.has(leader) && all.some((status) => status?.leads);
    }, 'one leader');
    return leader;
  }
}

/** A client that asks for one thing after the other, by lines. */
export class Line {
  private readonly socket: Socket;
  private answer: ((line: string | undefined) => void) | null = null;
  private text = '';

  constructor(address: string) {
    const [host, port] = address.split(':');
    this.socket = connect(Number(port), host).setNoDelay(true);
    this.socket.on('error', () => {}).on('close', () => this.answer?.(undefined));
    this.socket.on('data', (chunk) => {
      this.text += chunk;
      if (!this.text.endsWith('\r\n')) return;
      const { text } = this;
      this.text = '';
      this.answer?.(text);
    });
  }

  /** The reply as it comes; undefined if the connection has ended, so that the outcome is not known. */
  ask(line: string): Promise<string | undefined> {
    return new Promise((resolve) => {
      this.answer = resolve;
      if (this.socket.destroyed) resolve(undefined);
      else this.socket.write(`${line}\r\n`);
    });
  }

  end(): void {
    this.socket.destroy();
  }
}

/** Writes one key after the other, to whichever node answers, until it is told to stop. */
export class Writer {
  /** The keys whose write was acknowledged, and when, in milliseconds. */
  readonly acknowledged: { readonly key: string; readonly at: number }[] = [];
  private readonly name: string;
  private readonly addresses: readonly string[];
  private stopped = false;
  readonly done: Promise<void>;

  constructor(name: string, addresses: readonly string[], first: number) {
    this.name = name;
    this.addresses = addresses;
    this.done = this.write(first);
  }

  stop(): void {
    this.stopped = true;
  }

  private async write(first: number): Promise<void> {
    let at = first;
    let line = new Line(this.addresses[at % this.addresses.length] as string);
    for (let number = 0; !this.stopped; number++) {
      const key = `${this.name}:${number}`;
      const reply = await line.ask(`SET ${key} ${number}`);
      if (reply === '+OK\r\n') this.acknowledged.push({ key, at: performance.now() });
      if (reply !== undefined) continue;
      line.end();
      await sleep(5);
      line = new Line(this.addresses[++at % this.addresses.length] as string);
    }
    line.end();
  }
}
