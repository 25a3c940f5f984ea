import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Progress, Report } from '../../model-check/index.ts';
import { workerFile } from '../workers/file.ts';
import type { SuiteEntry } from './entries.ts';

/** What a worker is asked. */
export type Question = { readonly entry: SuiteEntry };

/** What a worker says. */
export type Answer =
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'report'; readonly report: Report }
  | { readonly kind: 'error'; readonly message: string };

/** Runs entries on worker threads, one for each core, in order; each report is passed on as it comes. */
export async function runEntries(
  entries: readonly SuiteEntry[],
  signal: AbortSignal,
  hear: (entry: SuiteEntry, answer: Answer) => void,
): Promise<void> {
  const queue = [...entries];
  const threads = Math.max(1, Math.min(availableParallelism(), entries.length));
  await Promise.all(Array.from({ length: threads }, () => runThread(queue, signal, hear)));
}

async function runThread(
  queue: SuiteEntry[],
  signal: AbortSignal,
  hear: (entry: SuiteEntry, answer: Answer) => void,
): Promise<void> {
  const worker = new Worker(workerFile(import.meta.url, 'worker'));
  try {
    for (let entry = queue.shift(); entry && !signal.aborted; entry = queue.shift()) {
      await runOne(worker, entry, signal, hear);
    }
  } finally {
    await worker.terminate();
  }
}

function runOne(
  worker: Worker,
  entry: SuiteEntry,
  signal: AbortSignal,
  hear: (entry: SuiteEntry, answer: Answer) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const ended = (code: number) => reject(new Error(`a worker thread ended by itself with code ${code}`));
    const done = () => {
      worker.off('error', reject).off('exit', ended).off('message', heard);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const heard = (answer: Answer) => {
      hear(entry, answer);
      if (answer.kind !== 'progress') done();
    };
    signal.addEventListener('abort', done);
    worker.on('error', reject).on('exit', ended).on('message', heard);
    worker.postMessage({ entry } satisfies Question);
  });
}
