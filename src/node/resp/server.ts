/** Serves clients by the Redis protocol. Of each connection it takes so many requests at a time as make one batch, and reads on when these are answered and the answers are taken. */
import { createServer, type Socket, type Server as TcpServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Answer } from '../gateway.ts';
import type { Address, Tls } from '../net/transport.ts';
import type { StoreCommand } from '../store/machine.ts';
import { Refused, told } from './commands.ts';
import { ProtocolError, RequestReader } from './reader.ts';
import { failure, type Protocol } from './reply.ts';
import { type Server, Session, type Understood } from './session.ts';

export interface ClientServerOptions extends Server {
  readonly listen: Address;
  readonly tls?: Pick<Tls, 'cert' | 'key'>;
  readonly execute: (commands: readonly StoreCommand[], done: (answer: Answer) => void) => void;
  /** How many connections there may be. */
  readonly connections?: number;
}

/** Requests of one connection that are carried out together. */
const PIPELINE = 256;

/** Begins to listen; rejects if it cannot. */
export async function serveClients(options: ClientServerOptions): Promise<ClientServer> {
  const server = new ClientServer(options);
  await server.listen();
  return server;
}

export class ClientServer {
  readonly counts = { connections: 0, requests: 0, refused: 0 };
  private readonly options: ClientServerOptions;
  private readonly server: TcpServer;
  private readonly sockets = new Set<Socket>();
  private ids = 0;

  /** @internal Use `serveClients`. */
  constructor(options: ClientServerOptions) {
    this.options = options;
    const take = (socket: Socket) => this.accept(socket);
    this.server = options.tls ? createTlsServer(options.tls, take) : createServer({ noDelay: true }, take);
  }

  listen(): Promise<void> {
    const { host, port } = this.options.listen;
    return new Promise((resolve, reject) => {
      this.server.once('error', reject).listen(port, host, () => {
        this.server.off('error', reject).on('error', () => {});
        resolve();
      });
    });
  }

  /** Connections that are open. */
  get open(): number {
    return this.sockets.size;
  }

  /** Takes no more connections, and ends those that there are as soon as what they have been sent is on its way. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const socket of this.sockets) socket.destroySoon();
    await closed;
  }

  private accept(socket: Socket): void {
    if (this.sockets.size >= (this.options.connections ?? 10_000)) {
      socket.on('error', () => {}).end(failure('ERR max number of clients reached'));
      return;
    }
    this.counts.connections++;
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    new Connection(socket, new Session(this.options, ++this.ids), this.options.execute, this.counts);
  }
}

/** A request, with the protocol in which it is to be answered. */
type Asked = Understood & { readonly protocol: Protocol };

class Connection {
  private readonly socket: Socket;
  private readonly session: Session;
  private readonly execute: ClientServerOptions['execute'];
  private readonly counts: ClientServer['counts'];
  private readonly reader = new RequestReader();
  private busy = false;
  private over = false;

  constructor(
    socket: Socket,
    session: Session,
    execute: ClientServerOptions['execute'],
    counts: ClientServer['counts'],
  ) {
    this.socket = socket;
    this.session = session;
    this.execute = execute;
    this.counts = counts;
    socket
      .on('error', () => {})
      .on('data', (chunk: Buffer) => {
        this.reader.push(chunk);
        if (this.busy || socket.writableNeedDrain) socket.pause();
        else this.proceed();
      });
    socket.on('drain', () => this.proceed());
  }

  /** Takes the requests that have come, unless others are being carried out or their answers are not taken. */
  private proceed(): void {
    while (!this.busy && !this.over && !this.socket.writableNeedDrain) {
      const asked = this.take();
      if (asked.length === 0) break;
      const commands = asked.flatMap((each) => ('command' in each ? [each.command] : []));
      if (commands.length === 0) this.answer(asked, { replies: [] });
      else {
        this.busy = true;
        this.execute(commands, (answer) => {
          this.busy = false;
          this.answer(asked, answer);
          this.proceed();
        });
      }
    }
    // One that sends nothing more until it is answered need not be stopped.
    if (!this.busy && !this.socket.writableNeedDrain && this.socket.isPaused()) this.socket.resume();
  }

  private take(): Asked[] {
    const asked: Asked[] = [];
    while (asked.length < PIPELINE && !this.over) {
      let words: string[] | undefined;
      try {
        words = this.reader.read();
        if (words === undefined) break;
        const understood = this.session.understand(words);
        asked.push({ ...understood, protocol: this.session.protocol });
        this.over = 'quits' in understood;
      } catch (error) {
        if (!(error instanceof Refused || error instanceof ProtocolError)) throw error;
        this.over = error instanceof ProtocolError;
        const text = this.over ? `ERR Protocol error: ${error.message}` : error.message;
        this.counts.refused++;
        asked.push({ reply: failure(text), protocol: this.session.protocol });
      }
    }
    this.counts.requests += asked.length;
    return asked;
  }

  private answer(asked: readonly Asked[], answer: Answer): void {
    let at = 0;
    const replies = asked.map((each) => {
      if ('reply' in each) return each.reply;
      if ('replies' in answer) return told(each.command, answer.replies[at++] ?? null, each.protocol);
      if ('refused' in answer) return failure(`TRYAGAIN nothing was done: ${answer.refused}`);
      return failure(`UNKNOWN ${answer.unknown}`);
    });
    if (this.socket.writable) this.socket.write(replies.join(''), 'latin1');
    if (this.over) this.socket.destroySoon();
  }
}
