/** Requests of the Redis protocol: arrays of bulk strings, or lines. Bytes become characters, one to one. */

export interface RequestLimits {
  /** Arguments of one request, its name among them. */
  readonly arguments: number;
  /** Bytes of one argument. */
  readonly argument: number;
  /** Bytes of all arguments of a request. */
  readonly request: number;
}

export const LIMITS: RequestLimits = { arguments: 16_384, argument: 2 ** 20, request: 8 * 2 ** 20 };

/** The longest line: a request as text, or a length. */
const LINE = 16_384;
const CR = 13;
const LF = 10;

/** Bytes that are no request. Nothing that comes after them can be understood. */
export class ProtocolError extends Error {
  override name = 'ProtocolError';
}

/** Takes bytes as they come, and gives the requests that are complete. What it keeps is bounded by the limits. */
export class RequestReader {
  private readonly limits: RequestLimits;
  private chunks: Buffer[] = [];
  private length = 0;
  /** So many bytes are needed to go on. */
  private needed = 1;
  private bytes: Buffer = Buffer.alloc(0);
  private at = 0;
  /** Of the request that has begun: how many arguments are missing, those that are there, their bytes, and the length of the next, if it is known. */
  private missing = 0;
  private found: string[] = [];
  private size = 0;
  private next: number | null = null;

  constructor(limits: RequestLimits = LIMITS) {
    this.limits = limits;
  }

  push(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.length += chunk.length;
  }

  /** How many bytes have come that belong to no request given so far. */
  get waiting(): number {
    return this.length + this.bytes.length - this.at;
  }

  /**
   * The next request, if it is complete: its name and its arguments.
   *
   * @throws ProtocolError if there can be none
   */
  read(): string[] | undefined {
    if (this.waiting < this.needed) return undefined;
    this.join();
    while (this.missing > 0 || this.begin()) {
      if (this.missing === 0) return this.complete();
      while (this.missing > 0) if (!this.argument()) return undefined;
      return this.complete();
    }
    return undefined;
  }

  private join(): void {
    if (this.chunks.length === 0) return;
    const rest = this.bytes.subarray(this.at);
    this.bytes =
      rest.length === 0 && this.chunks.length === 1
        ? (this.chunks[0] as Buffer)
        : Buffer.concat([rest, ...this.chunks]);
    this.at = 0;
    this.chunks = [];
    this.length = 0;
  }

  /** The first line of a request; false if it is not there yet. Empty ones are passed over. */
  private begin(): boolean {
    for (let line = this.line(); line !== undefined; line = this.line()) {
      if (line.startsWith('*')) {
        const count = this.number(line.slice(1), 'multibulk length', this.limits.arguments);
        this.missing = count;
        if (count > 0) return true;
      } else {
        this.found = line.split(/[ \t]+/).filter((word) => word !== '');
        if (this.found.length > 0) return true;
      }
    }
    return false;
  }

  private argument(): boolean {
    if (this.next === null) {
      const line = this.line();
      if (line === undefined) return false;
      if (!line.startsWith('$')) throw new ProtocolError(`expected '$', got '${line.slice(0, 1)}'`);
      this.next = this.number(line.slice(1), 'bulk length', this.limits.argument);
      this.size += this.next;
      if (this.size > this.limits.request)
        throw new ProtocolError(`a request of more than ${this.limits.request} bytes`);
    }
    const end = this.at + this.next;
    if (this.bytes.length < end + 2) {
      this.needed = this.next + 2;
      return false;
    }
    if (this.bytes[end] !== CR || this.bytes[end + 1] !== LF)
      throw new ProtocolError('expected a line to end after a bulk string');
    this.found.push(this.bytes.toString('latin1', this.at, end));
    this.at = end + 2;
    this.next = null;
    this.needed = 1;
    this.missing--;
    return true;
  }

  private complete(): string[] {
    const { found } = this;
    this.found = [];
    this.size = 0;
    return found;
  }

  /** The next line, without its end; undefined if it is not there yet. */
  private line(): string | undefined {
    const end = this.bytes.indexOf(LF, this.at);
    if ((end < 0 ? this.bytes.length : end) - this.at > LINE)
      throw new ProtocolError('too big inline request');
    if (end < 0) {
      this.needed = this.bytes.length - this.at + 1;
      return undefined;
    }
    const line = this.bytes.toString(
      'latin1',
      this.at,
      this.bytes[end - 1] === CR && end > this.at ? end - 1 : end,
    );
    this.at = end + 1;
    this.needed = 1;
    return line;
  }

  private number(text: string, what: string, most: number): number {
    if (what === 'multibulk length' && text === '-1') return 0;
    if (!/^\d{1,9}$/.test(text) || Number(text) > most) throw new ProtocolError(`invalid ${what}`);
    return Number(text);
  }
}
