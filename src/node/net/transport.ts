/**
 * The network between nodes, over TCP. Each node calls every other and sends on that connection; it receives on those by which it is called. A connection that ends is made
 * again, ever less often as long as that fails, and at once if the other calls. What cannot be sent is lost, as what is on the way when a connection ends.
 */
import { connect as connectTcp, createServer, type Server, type Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { z } from 'zod';
import type { LogMessage } from '../../../spec/log/message.ts';
import { type Addresses, addressOf, type NodeId, type Transport } from '../interfaces.ts';
import { type FrameError, FrameReader, frameOf } from './frames.ts';
import {
  type Agreed,
  Hello,
  nonce,
  PROTOCOL,
  Proof,
  proofOf,
  Seal,
  sameProof,
  Welcome,
} from './handshake.ts';
import { NodeMessage } from './messages.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Certificates in PEM: one's own with its key, and those of whoever signs the nodes' certificates. */
export interface Tls {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

export interface TransportOptions {
  readonly self: NodeId;
  readonly cluster: string;
  /** What the nodes of the cluster know, and nobody else. */
  readonly key: string;
  readonly listen: Address;
  /** Where the nodes are of which no log has said it. */
  readonly peers: Readonly<Record<NodeId, Address>>;
  /** If set, both sides show certificates; the handshake comes on top. */
  readonly tls?: Tls;
  /** Is told what happens to connections, for the log. */
  readonly tell?: (what: string, details: Readonly<Record<string, unknown>>) => void;
}

/** The longest frame before the other side is known, and after, in bytes. */
const FIRST_FRAMES = 4096;
export const LONGEST_FRAME = 64 * 1024 * 1024;
/** What may wait to be sent to one peer, in bytes. */
const WAITING = LONGEST_FRAME + 1024 * 1024;
const HANDSHAKE = 5000;
/** How many may be in a handshake at once. */
const STRANGERS = 64;
const BACK_OFF = { first: 50, most: 2000 };
/** How often whoever is called shows that it is there, by an empty frame; and for how long it may not before it is called again. */
const PULSE = { every: 500, missing: 3000 };
const EMPTY = frameOf(Buffer.alloc(0));

const Frame = z.array(NodeMessage).max(100_000);
type Receive = Parameters<Transport['start']>[0];

/** Begins to listen; rejects if it cannot. */
export async function openTransport(options: TransportOptions): Promise<TcpTransport> {
  const transport = new TcpTransport(options);
  await transport.listen();
  return transport;
}

export class TcpTransport implements Transport {
  /** Messages sent, received and lost because a peer could not be reached or was too slow. */
  readonly counts = { sent: 0, received: 0, lost: 0 };
  private readonly options: TransportOptions;
  private readonly server: Server;
  private readonly links = new Map<NodeId, Link>();
  private readonly callers = new Set<Socket>();
  /** By peer, the connection by which it has called last. */
  private readonly known = new Map<NodeId, Socket>();
  private strangers = 0;
  private receive: Receive | null = null;
  private lost: (peer: NodeId) => void = () => {};

  /** @internal Use `openTransport`. */
  constructor(options: TransportOptions) {
    this.options = options;
    const { tls, peers } = options;
    const take = (socket: Socket) => this.answer(socket);
    this.server = tls
      ? createTlsServer({ ...tls, requestCert: true, rejectUnauthorized: true }, take)
      : createServer(take);
    for (const [id, address] of Object.entries(peers)) this.link(id, address);
  }

  listen(): Promise<void> {
    const { host, port } = this.options.listen;
    return new Promise((resolve, reject) => {
      this.server.once('error', reject).listen(port, host, () => {
        this.server
          .off('error', reject)
          .on('error', (error) => this.tell('listening failed', { error: error.message }));
        resolve();
      });
    });
  }

  start(receive: Receive, lost: (peer: NodeId) => void = () => {}): void {
    this.receive = receive;
    this.lost = lost;
    for (const link of this.links.values()) link.call();
  }

  know(nodes: ReadonlyMap<NodeId, Addresses | null>): void {
    for (const [id, link] of this.links) {
      if (nodes.has(id)) continue;
      link.close();
      this.links.delete(id);
      this.known.get(id)?.destroy();
    }
    for (const [id, told] of nodes) {
      const address = told ? addressOf(told.peer) : this.options.peers[id];
      if (address) this.link(id, address);
    }
  }

  /** Calls a peer from now on, there and nowhere else. */
  private link(id: NodeId, address: Address): void {
    const present = this.links.get(id);
    if (id === this.options.self || present?.isTo(address)) return;
    present?.close();
    const link = new Link(this.options, id, address, this.counts, () => this.ended(id));
    this.links.set(id, link);
    if (this.receive) link.call();
  }

  send(to: NodeId, messages: readonly LogMessage[]): void {
    this.links.get(to)?.send(messages);
  }

  /** The peers to which there is a connection. */
  connected(): NodeId[] {
    return [...this.links].filter(([, link]) => link.open).map(([id]) => id);
  }

  async close(): Promise<void> {
    for (const link of this.links.values()) link.close();
    for (const socket of this.callers) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private tell(what: string, details: Readonly<Record<string, unknown>>): void {
    this.options.tell?.(what, details);
  }

  /** A connection to a peer, or from it, has ended: where a process ends, both do. */
  private ended(peer: NodeId): void {
    if (!this.links.get(peer)?.open && !this.known.has(peer)) this.lost(peer);
  }

  /** Somebody calls. */
  private answer(socket: Socket): void {
    const { remoteAddress: address } = socket;
    this.callers.add(socket);
    socket.on('error', () => {}).on('close', () => this.callers.delete(socket));
    if (this.strangers >= STRANGERS) {
      socket.destroy();
      return;
    }
    this.strangers++;
    let from: NodeId | null = null;
    const settled = once(() => this.strangers--);
    const timer = setTimeout(() => socket.destroy(), HANDSHAKE);
    socket.on('close', () => {
      settled();
      clearTimeout(timer);
    });
    let step = (frame: Buffer): void => {
      const agreed = this.welcome(socket, frame);
      step = (proof) => {
        if (
          !sameProof(
            Proof.parse(JSON.parse(proof.toString())).proof,
            proofOf(this.options.key, 'caller', agreed),
          )
        )
          throw new Error('the caller does not know the key of the cluster');
        settled();
        clearTimeout(timer);
        from = agreed.hello.from;
        this.known.get(from)?.destroy();
        this.known.set(from, socket);
        const pulse = setInterval(() => socket.write(EMPTY), PULSE.every);
        socket.on('close', () => {
          clearInterval(pulse);
          if (this.known.get(agreed.hello.from) !== socket) return;
          this.known.delete(agreed.hello.from);
          this.ended(agreed.hello.from);
        });
        reader.limit = LONGEST_FRAME;
        const seal = new Seal(this.options.key, agreed);
        this.links.get(from)?.callBack();
        step = (sealed) => this.take(agreed.hello.from, seal.open(sealed));
      };
    };
    const reader = new FrameReader(FIRST_FRAMES);
    read(
      socket,
      reader,
      (frame) => step(frame),
      (error) => this.tell('a caller is refused', { address, node: from, reason: error.message }),
    );
  }

  /** Answers the first frame of a caller. */
  private welcome(socket: Socket, frame: Buffer): Agreed {
    const { self, cluster, key } = this.options;
    const refuse = (reason: string): never => {
      socket.end(frameOf(Buffer.from(JSON.stringify({ refused: reason }))));
      throw new Error(reason);
    };
    const hello = Hello.parse(JSON.parse(frame.toString()));
    if (hello.protocol !== PROTOCOL) refuse(`protocol ${hello.protocol}; expected ${PROTOCOL}`);
    if (hello.cluster !== cluster) refuse(`cluster ${hello.cluster}; expected ${cluster}`);
    if (hello.to !== self) refuse(`node ${hello.to} is called; this is ${self}`);
    if (!this.links.has(hello.from)) refuse(`node ${hello.from} is none of the cluster`);
    const agreed = { hello, nonce: nonce() };
    const proof = proofOf(key, 'called', agreed);
    socket.write(frameOf(Buffer.from(JSON.stringify({ nonce: agreed.nonce, proof }))));
    return agreed;
  }

  private take(from: NodeId, body: Buffer | null): void {
    if (body === null) throw new Error('a frame that was changed on the way');
    const messages = Frame.parse(JSON.parse(body.toString()));
    this.counts.received += messages.length;
    this.receive?.(from, messages);
  }
}

/** The connection by which one peer is sent to. */
class Link {
  open = false;
  private readonly options: TransportOptions;
  private readonly peer: NodeId;
  private readonly address: Address;
  private readonly counts: TcpTransport['counts'];
  private readonly ended: () => void;
  private socket: Socket | null = null;
  private seal: Seal | null = null;
  private wait = BACK_OFF.first;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;
  /** Whether it is to call again when the timer ends. */
  private waits = false;

  constructor(
    options: TransportOptions,
    peer: NodeId,
    address: Address,
    counts: TcpTransport['counts'],
    ended: () => void,
  ) {
    this.ended = ended;
    this.options = options;
    this.peer = peer;
    this.address = address;
    this.counts = counts;
  }

  isTo({ host, port }: Address): boolean {
    return this.address.host === host && this.address.port === port;
  }

  /** The peer is there, since it has called: it is called back, however long it has been away. */
  callBack(): void {
    if (!this.waits) return;
    clearTimeout(this.timer);
    this.wait = BACK_OFF.first;
    this.call();
  }

  call(): void {
    this.waits = false;
    const { self, cluster, key, tls, tell } = this.options;
    const { host, port } = this.address;
    const hello: Hello = { protocol: PROTOCOL, cluster, from: self, to: this.peer, nonce: nonce() };
    const greet = () => socket.write(frameOf(Buffer.from(JSON.stringify(hello))));
    // Who is who is told by the handshake, so that a certificate need not name a host.
    const socket: Socket = tls
      ? connectTls({ host, port, ...tls, checkServerIdentity: () => undefined }, greet)
      : connectTcp({ host, port }, greet);
    this.socket = socket;
    socket.setNoDelay(true).on('error', () => {});
    let timer = setTimeout(() => socket.destroy(), HANDSHAKE);
    const watch = () => {
      clearTimeout(timer);
      timer = setTimeout(() => socket.destroy(), PULSE.missing);
    };
    socket.on('close', () => {
      clearTimeout(timer);
      const { open } = this;
      this.open = false;
      this.seal = null;
      if (open) {
        tell?.('the connection to a peer has ended', { peer: this.peer });
        this.ended();
      }
      this.again();
    });
    read(
      socket,
      new FrameReader(FIRST_FRAMES),
      (frame) => {
        if (this.open && frame.length > 0) throw new Error('a frame that nobody has asked for');
        if (this.open) {
          watch();
          return;
        }
        const welcome = Welcome.parse(JSON.parse(frame.toString()));
        if ('refused' in welcome) throw new Error(`refused: ${welcome.refused}`);
        const agreed = { hello, nonce: welcome.nonce };
        if (!sameProof(welcome.proof, proofOf(key, 'called', agreed)))
          throw new Error('the peer does not know the key of the cluster');
        watch();
        socket.write(frameOf(Buffer.from(JSON.stringify({ proof: proofOf(key, 'caller', agreed) }))));
        this.seal = new Seal(key, agreed);
        this.open = true;
        this.wait = BACK_OFF.first;
        tell?.('connected to a peer', { peer: this.peer });
      },
      (error) => tell?.('a peer is not what it should be', { peer: this.peer, reason: error.message }),
    );
  }

  send(messages: readonly LogMessage[]): void {
    const { socket, seal, open } = this;
    const body = open && socket && seal ? Buffer.from(JSON.stringify(messages)) : null;
    if (body && body.length + 64 > LONGEST_FRAME && messages.length > 1) {
      const half = messages.length >> 1;
      this.send(messages.slice(0, half));
      this.send(messages.slice(half));
      return;
    }
    if (
      !body ||
      body.length + 64 > LONGEST_FRAME ||
      (socket as Socket).writableLength + body.length > WAITING
    ) {
      this.counts.lost += messages.length;
      return;
    }
    this.counts.sent += messages.length;
    (socket as Socket).write(frameOf((seal as Seal).close(body)));
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.socket?.destroy();
  }

  private again(): void {
    if (this.closed) return;
    this.waits = true;
    this.timer = setTimeout(() => this.call(), this.wait * (0.5 + Math.random()));
    this.wait = Math.min(BACK_OFF.most, this.wait * 2);
  }
}

/** Hands each frame on; whatever is thrown about one ends the connection. */
function read(
  socket: Socket,
  reader: FrameReader,
  take: (frame: Buffer) => void,
  refused: (error: Error | FrameError) => void,
): void {
  let over = false;
  socket.on('data', (chunk: Buffer) => {
    if (over) return;
    try {
      reader.push(chunk);
      for (let frame = reader.next(); frame; frame = reader.next()) take(frame);
    } catch (error) {
      over = true;
      refused(error instanceof z.ZodError ? new Error(z.prettifyError(error)) : (error as Error));
      socket.destroySoon();
    }
  });
}

function once(call: () => void): () => void {
  let called = false;
  return () => {
    if (!called) call();
    called = true;
  };
}
