/** Clients of nodes on this machine, and the history of what they ask and are answered. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { HistoryLine } from '../../src/history/format.ts';
import { asKeyValue, asReply } from '../../src/history/store.ts';
import type { StoreCommand } from '../../src/node/store/machine.ts';
import { Chance } from '../../src/simulation/chance.ts';
import { Line, saidBy } from './processes.ts';

/** After so many milliseconds a client waits no longer. */
const PATIENCE = 1000;
/** After so many milliseconds other keys are used, so that each key has a short history. */
const EPOCH = 250;

export class Recording {
  readonly history: HistoryLine[] = [];
  readonly addresses: readonly string[];
  private readonly seed: number;
  private readonly began = performance.now();
  private readonly clients: Promise<void>[] = [];
  private stopped = false;

  constructor(addresses: readonly string[], seed: number) {
    this.addresses = addresses;
    this.seed = seed;
  }

  private get time(): number {
    return performance.now() - this.began;
  }

  /** Clients begin to ask, each of its own node first, and of the next when that does not answer. */
  begin(clients: number): void {
    for (let at = 0; at < clients; at++)
      this.clients.push(this.run(`c${at + 1}`, at, new Chance(this.seed, at)));
  }

  /** They stop when they are answered. */
  async end(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.clients);
  }

  /** Every key that is told of is read through every node: what was acknowledged must be there. */
  async readAll(): Promise<void> {
    for (const [node, address] of this.addresses.entries()) {
      const line = new Line(address);
      for (let epoch = 0; epoch * EPOCH <= this.time; epoch++)
        if (
          (await this.ask(`reader of n${node + 1}`, line, { op: 'mget', keys: keysIn(epoch) })) !== 'return'
        )
          throw new Error(`n${node + 1} does not answer a read`);
      line.end();
    }
  }

  /** Asks once, and says how that has ended. */
  async ask(client: string, line: Line, command: StoreCommand): Promise<HistoryLine['type']> {
    const note = (line: HistoryLine) => {
      this.history.push(line);
      return line.type;
    };
    note({ type: 'invoke', client, time: this.time, command: asKeyValue(command) });
    const patience = new AbortController();
    const text = await Promise.race([
      line.ask(wordsOf(command)),
      sleep(PATIENCE, undefined, { signal: patience.signal }).catch(() => undefined),
    ]);
    patience.abort();
    const { time } = this;
    if (text === undefined || text.startsWith('-UNKNOWN ')) return note({ type: 'unknown', client, time });
    if (text.startsWith('-TRYAGAIN ')) return note({ type: 'fail', client, time });
    return note({ type: 'return', client, time, reply: asReply(command, saidBy(text)) });
  }

  private async run(client: string, first: number, chance: Chance): Promise<void> {
    let at = first;
    let line: Line | null = null;
    for (let number = 0; !this.stopped; number++) {
      line ??= new Line(this.addresses[at % this.addresses.length] as string);
      const command = commandBy(chance, keysIn(Math.floor(this.time / EPOCH)), `${client}-${number}`);
      if (!(await line.connected()) || (await this.ask(client, line, command)) === 'unknown') {
        line.end();
        line = null;
        at += 1;
      }
      await sleep(chance.between(1, 30));
    }
    line?.end();
  }
}

type Keys = readonly [text: string, other: string, counter: string];
const keysIn = (epoch: number): Keys => [`${epoch}:x`, `${epoch}:y`, `${epoch}:n`];

/** Values are different, so that a read says who has written what it reads. */
function commandBy(chance: Chance, keys: Keys, value: string): StoreCommand {
  const [x, y, n] = keys;
  const key = chance.oneOf([x, y]);
  const kind = chance.below(8);
  if (kind < 2) return { op: 'mget', keys };
  if (kind < 3) return { op: 'get', key };
  if (kind < 4) return { op: 'set', key, value };
  if (kind < 5) return { op: 'set', key, value, if: chance.oneOf(['absent', 'present'] as const) };
  if (kind < 7) return { op: 'incr', key: n };
  return {
    op: 'mset',
    pairs: [
      [x, value],
      [y, value],
    ],
  };
}

/** A command as a line of the Redis protocol. */
function wordsOf(command: StoreCommand): string {
  switch (command.op) {
    case 'set': {
      const condition = command.if === undefined ? '' : command.if === 'absent' ? ' NX' : ' XX';
      return `SET ${command.key} ${command.value}${condition}`;
    }
    case 'mset':
      return `MSET ${command.pairs.flat().join(' ')}`;
    case 'get':
    case 'incr':
      return `${command.op} ${command.key}`;
    default:
      return `${command.op} ${command.keys.join(' ')}`;
  }
}
