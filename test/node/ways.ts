/** The ways between nodes that are processes of their own: each through a proxy, where what is sent can be held up. */
import { writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { addressOf } from '../../src/node/interfaces.ts';
import type { Place } from './machine.ts';

/** What one node sends to another goes over connections that it has made: this one way. */
class Way {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private held = false;
  /** What was to get through and did not: by socket, what it has read since the way was cut, and to whom that goes. */
  private readonly heldUp = new Map<Socket, () => void>();

  constructor(port: number, to: { readonly host: string; readonly port: number }) {
    this.server = createServer((socket) => this.pass(socket, connect(to))).listen(port, '127.0.0.1');
  }

  private pass(from: Socket, to: Socket): void {
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      this.sockets.add(one);
      one
        .on('data', (chunk) => {
          if (this.held) this.holdUp(one, () => void other.write(chunk));
          else other.write(chunk);
        })
        .on('error', () => {})
        .on('close', () => {
          this.sockets.delete(one);
          this.heldUp.delete(one);
          other.destroy();
        });
    }
  }

  /** What comes next is not even read. */
  private holdUp(socket: Socket, pass: () => void): void {
    this.heldUp.set(socket, pass);
    socket.pause();
  }

  /** Nothing gets through from now on, though it can be sent. */
  cut(): void {
    this.held = true;
  }

  /** Whether it is cut, and something has come that does not get through. */
  get holdsUp(): boolean {
    return this.held && this.heldUp.size > 0;
  }

  /** What was held up gets through late, or never. */
  join(late: boolean): void {
    this.held = false;
    for (const pass of this.heldUp.values()) if (late) pass();
    this.heldUp.clear();
    for (const socket of this.sockets) late ? socket.resume() : socket.destroy();
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }
}

/** What gets nowhere: what a node sends, what is sent to it, or both. */
export type Direction = 'out' | 'in' | 'both';

export class Ways {
  private readonly ways = new Map<string, Way>();
  private readonly size: number;

  /** Puts itself between the nodes of a cluster that is not started yet, and has as many spare ports as there are ways. */
  constructor({ configs, files, spare }: Place) {
    this.size = configs.length;
    const ports = [...spare];
    for (const [from, config] of configs.entries()) {
      const nodes = Object.entries(config.nodes).map(([id, addresses], to) => {
        if (to === from) return [id, addresses];
        const port = ports.shift() as number;
        this.ways.set(`${from} ${to}`, new Way(port, addressOf(addresses.peer)));
        return [id, { ...addresses, peer: `127.0.0.1:${port}` }];
      });
      writeFileSync(files[from] as string, JSON.stringify({ ...config, nodes: Object.fromEntries(nodes) }));
    }
  }

  /** Cuts nodes off from the others. */
  cut(side: readonly number[], direction: Direction): void {
    for (const here of side)
      for (let there = 0; there < this.size; there++) {
        if (side.includes(there)) continue;
        if (direction !== 'in') this.ways.get(`${here} ${there}`)?.cut();
        if (direction !== 'out') this.ways.get(`${there} ${here}`)?.cut();
      }
  }

  /** Whether something that a node has sent does not get through. */
  get holdUp(): boolean {
    return [...this.ways.values()].some((way) => way.holdsUp);
  }

  /** Joins all again; what was held up comes late, or never. */
  join(late = false): void {
    for (const way of this.ways.values()) way.join(late);
  }

  close(): void {
    for (const way of this.ways.values()) way.close();
  }
}
