/** Frames: four bytes with the length of what follows, the most significant first, then so many bytes. */

const HEADER = 4;

/** Bytes that are no frames, or a frame that is too long. */
export class FrameError extends Error {
  override name = 'FrameError';
}

/** Bytes as a frame. */
export function frameOf(body: Buffer): Buffer {
  const header = Buffer.alloc(HEADER);
  header.writeUInt32BE(body.length);
  return Buffer.concat([header, body]);
}

/** Takes bytes as they come, and gives the frames that are complete. It keeps no more than one frame that is not. */
export class FrameReader {
  /** The longest frame, in bytes; it may be changed on the way. */
  limit: number;
  private chunks: Buffer[] = [];
  private length = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  push(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.length += chunk.length;
  }

  /**
   * The next frame, if it is complete.
   *
   * @throws FrameError if one begins that is longer than the limit: nothing more can be read then
   */
  next(): Buffer | undefined {
    if (this.length < HEADER) return undefined;
    if ((this.chunks[0] as Buffer).length < HEADER) this.join();
    const body = (this.chunks[0] as Buffer).readUInt32BE();
    if (body > this.limit) throw new FrameError(`a frame of ${body} bytes; expected at most ${this.limit}`);
    if (this.length < HEADER + body) return undefined;
    const all = this.join();
    const rest = all.subarray(HEADER + body);
    this.chunks = rest.length > 0 ? [rest] : [];
    this.length = rest.length;
    return all.subarray(HEADER, HEADER + body);
  }

  private join(): Buffer {
    const all = this.chunks.length === 1 ? (this.chunks[0] as Buffer) : Buffer.concat(this.chunks);
    this.chunks = [all];
    return all;
  }
}
