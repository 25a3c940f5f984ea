/** Nodes that are processes of their own, and clients that write to them as fast as they are answered. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { NodeStatus } from '../../src/node/http.ts';
import type { StoreReply } from '../../src/node/store/machine.ts';
import type { Place } from './machine.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Waits until something holds, looking every 20 ms; at most `limit` ms: where much else runs, the start of three nodes alone has taken longer than a minute. */
export async function until(
  holds: () => Promise<boolean>,
  what: () => string,
  limit = 300_000,
): Promise<void> {
  for (const end = Date.now() + limit; !(await holds()); await sleep(20))
    if (Date.now() > end) throw new Error(`still not so after ${limit} ms: ${what()}`);
}

export interface HowToRun {
  /** Whether each node records what it does. */
  readonly trace?: boolean;
  /** What runs a node, and its arguments before those of `synod node`. */
  readonly program?: readonly string[];
}

export class Processes {
  private readonly where: Place;
  private readonly how: HowToRun;
  private readonly running = new Map<number, ChildProcess>();

  constructor(where: Place, how: HowToRun = {}) {
    this.where = where;
    this.how = how;
  }

  private http(at: number): string {
    return `http://${this.where.configs[at]?.nodes[`n${at + 1}`]?.http}`;
  }

  private logOf(at: number): string {
    return join(this.where.folder, `n${at + 1}.log`);
  }

  /** What a node has said on standard error. */
  toldBy(at: number): string {
    return readFileSync(this.logOf(at), 'utf8');
  }

  traceOf(at: number): string {
    return join(this.where.folder, `n${at + 1}.trace.jsonl`);
  }

  start(at: number, firstStart = false): void {
    const { program = ['src/cli/main.ts'], trace = false } = this.how;
    const [main, ...first] = program;
    const args = ['--import', `${root}register.mjs`, `${root}${main}`, ...first, 'node'];
    args.push('--config', this.where.files[at] as string);
    if (trace) args.push('--trace', this.traceOf(at));
    if (firstStart) args.push('--first-start');
    const log = openSync(this.logOf(at), 'a');
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', log] });
    closeSync(log);
    this.running.set(at, child);
  }

  /** Waits for a node to end; returns its exit status, or the signal that has ended it. */
  async ended(at: number): Promise<number | NodeJS.Signals> {
    const child = this.running.get(at) as ChildProcess;
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    this.running.delete(at);
    return child.exitCode ?? (child.signalCode as NodeJS.Signals);
  }

  /** Sends a signal to a node that goes on, or is waited for. */
  signal(at: number, signal: NodeJS.Signals): void {
    this.running.get(at)?.kill(signal);
  }

  isRunning(at: number): boolean {
    return this.running.has(at);
  }

  kill(at: number, signal: NodeJS.Signals): void {
    this.running.get(at)?.kill(signal);
    this.running.delete(at);
  }

  /** Kills all, those that stand still too. */
  killAll(): void {
    for (const at of [...this.running.keys()]) this.kill(at, 'SIGKILL');
  }

  async status(at: number): Promise<NodeStatus | undefined> {
    const answer = await fetch(`${this.http(at)}/status`, { signal: AbortSignal.timeout(1000) }).catch(
      () => undefined,
    );
    return (await answer?.json().catch(() => undefined)) as NodeStatus | undefined;
  }

  /** How often a node has been started, as soon as it says so. */
  async starts(at: number): Promise<number> {
    let starts: number | undefined;
    const told = async () => {
      starts = (await this.status(at))?.starts;
      return starts !== undefined;
    };
    await until(told, () => `that n${at + 1} tells how often it has been started`);
    return starts as number;
  }

  /** Waits for all that run to follow one leader; returns which it is. */
  async agreed(): Promise<number> {
    let leader = -1;
    let told = '';
    await until(
      async () => {
        const all = await Promise.all([...this.running.keys()].map((at) => this.status(at)));
        told = JSON.stringify(
          all.map((status) => status && [status.id, status.leader, status.leads, status.promised]),
        );
        const leaders = new Set(all.map((status) => status?.leader ?? null));
        const [one] = leaders;
        if (leaders.size !== 1 || !one) return false;
        leader = Number(one.slice(1)) - 1;
        return this.running.has(leader) && all.some((status) => status?.leads);
      },
      () => `that all nodes follow one leader: ${told}\n${this.lastWords()}`,
    );
    return leader;
  }

  private lastWords(): string {
    const last = (_: string, at: number) =>
      `n${at + 1}: ${this.toldBy(at).trimEnd().split('\n').slice(-5).join('\n    ')}`;
    return this.where.files.map(last).join('\n');
  }
}

/** The reply at the beginning of some text, in version 2 of the protocol, and what comes after it; undefined if it has not all come. */
function firstReply(text: string): readonly [StoreReply, string] | undefined {
  const end = text.indexOf('\r\n');
  if (end < 0) return undefined;
  const [kind, word, rest] = [text[0], text.slice(1, end), text.slice(end + 2)];
  if (kind === '+') return [{ ok: true }, rest];
  if (kind === '-') return [{ error: word }, rest];
  if (kind === ':') return [word, rest];
  if (word === '-1') return [null, rest];
  const length = Number(word);
  if (kind === '$')
    return rest.length < length + 2 ? undefined : [rest.slice(0, length), rest.slice(length + 2)];
  const items: (string | null)[] = [];
  let left = rest;
  while (items.length < length) {
    const item = firstReply(left);
    if (item === undefined) return undefined;
    items.push(item[0] as string | null);
    [, left] = item;
  }
  return [items, left];
}

/** A reply as it comes, as what it says. */
export function saidBy(text: string): StoreReply {
  return (firstReply(text) as readonly [StoreReply, string])[0];
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
      if (firstReply(this.text) === undefined) return;
      const { text } = this;
      this.text = '';
      this.answer?.(text);
    });
  }

  /** Whether there is a connection, as soon as that is known. */
  async connected(): Promise<boolean> {
    if (this.socket.connecting)
      await Promise.race([once(this.socket, 'connect'), once(this.socket, 'close')]).catch(() => {});
    return !this.socket.destroyed;
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
