import { MessageChannel, Worker } from 'node:worker_threads';
import { type Crew, crewMemory } from '../../model-check/index.ts';
import { workerFile } from './file.ts';

/** Worker threads that help with checks, one after the other. They must be dismissed in the end. */
export interface HiredCrew extends Crew {
  dismiss(): Promise<void>;
}

/** Runs something by so many threads, of which this one is one: with a crew of the others, if there are any. */
export async function withCrew<T>(threads: number, run: (crew: Crew | undefined) => Promise<T>): Promise<T> {
  const crew = threads > 1 ? hireCrew(threads - 1) : undefined;
  try {
    return await run(crew);
  } finally {
    await crew?.dismiss();
  }
}

/** @param size threads besides this one, at least 1 */
export function hireCrew(size: number): HiredCrew {
  const memory = crewMemory(size);
  const hired = memory.desks.map((_, worker) => {
    const { port1, port2 } = new MessageChannel();
    const thread = new Worker(workerFile(import.meta.url, 'worker'), {
      workerData: { post: { ...memory, worker }, port: port2 },
      transferList: [port2],
    });
    port1.unref();
    thread.unref();
    return { thread, port: port1 };
  });
  return {
    ...memory,
    post: (worker, mail) => hired[worker]?.port.postMessage(mail),
    dismiss: async () => {
      await Promise.all(hired.map(({ thread }) => thread.terminate()));
    },
  };
}
