/** Clients that write one key after the other, and how long each write takes. */

export const VALUE = 'x'.repeat(100);

/** One client of a system. */
export interface Client {
  /** Writes; whether that was acknowledged. */
  put(key: string): Promise<boolean>;
  end(): void;
}

/** Has so many clients write for so long; returns how many milliseconds each write took. */
export async function latencies(
  clients: number,
  milliseconds: number,
  open: () => Client,
): Promise<number[]> {
  const taken: number[] = [];
  const deadline = performance.now() + milliseconds;
  await Promise.all(
    Array.from({ length: clients }, async (_, at) => {
      const client = open();
      for (let number = 0; performance.now() < deadline; number++) {
        const began = performance.now();
        if (!(await client.put(`k${at}:${number % 1000}`))) throw new Error('a write is refused');
        taken.push(performance.now() - began);
      }
      client.end();
    }),
  );
  return taken;
}

/** The value below which a share of the values is. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
