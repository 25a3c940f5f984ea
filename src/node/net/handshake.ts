/**
 * How two nodes make sure of each other. Whoever calls says who it is and whom it calls, of which cluster, and sends a nonce; the other answers with a nonce of its own and a
 * proof that it knows the cluster's key; then the caller proves the same. The key itself is not sent. All that follows is sealed with a key made of
 * both nonces, frame by frame, so that nobody in between can change, leave out, repeat or add a frame. It can be read on the way, unless TLS is used as well.
 */
import { createHmac, createSecretKey, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { NodeId } from '../interfaces.ts';

/** The version of what nodes say to each other. */
export const PROTOCOL = 1;

const hex = z.string().regex(/^[0-9a-f]{64}$/);
/** The first frame of the one who calls. */
export const Hello = z.strictObject({
  protocol: z.int(),
  cluster: z.string(),
  from: NodeId,
  to: NodeId,
  nonce: hex,
});
export type Hello = z.infer<typeof Hello>;
/** The answer, or why there is none. */
export const Welcome = z.union([
  z.strictObject({ nonce: hex, proof: hex }),
  z.strictObject({ refused: z.string() }),
]);
/** The last frame of the handshake. */
export const Proof = z.strictObject({ proof: hex });

export const nonce = () => randomBytes(32).toString('hex');

/** What both sides know at the end of a handshake. */
export interface Agreed {
  readonly hello: Hello;
  readonly nonce: string;
}

/** A proof that one knows the cluster's key, for this handshake and in this part. */
export function proofOf(key: string, part: 'caller' | 'called', { hello, nonce: answer }: Agreed): string {
  return mac(
    key,
    part,
    JSON.stringify([hello.protocol, hello.cluster, hello.from, hello.to, hello.nonce, answer]),
  );
}

export function sameProof(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

/** A sum of what is said, which only who knows the key can make. */
export function mac(key: string, ...parts: readonly string[]): string {
  const sum = createHmac('sha256', key);
  for (const part of parts) sum.update(part).update('\0');
  return sum.digest('hex');
}

const SEAL = 16;

/** Seals frames, or opens those that the other side has sealed, in their order. */
export class Seal {
  private readonly key: KeyObject;
  private count = 0;

  constructor(key: string, agreed: Agreed) {
    const secret = proofOf(key, 'caller', { ...agreed, nonce: `session ${agreed.nonce}` });
    this.key = createSecretKey(secret, 'utf8');
  }

  private sum(body: Buffer): Buffer {
    return createHmac('sha256', this.key)
      .update(`${this.count++}\0`)
      .update(body)
      .digest()
      .subarray(0, SEAL);
  }

  close(body: Buffer): Buffer {
    return Buffer.concat([this.sum(body), body]);
  }

  /** The body; null if it is not the next that was sealed. */
  open(sealed: Buffer): Buffer | null {
    const body = sealed.subarray(SEAL);
    const sum = this.sum(body);
    return sealed.length >= SEAL && timingSafeEqual(sum, sealed.subarray(0, SEAL)) ? body : null;
  }
}
