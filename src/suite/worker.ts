/** A worker thread of the suite: checks one entry at a time. */
import { parentPort } from 'node:worker_threads';
import { check, type Report } from '../../model-check/index.ts';
import { buildSystem } from '../systems.ts';
import type { SuiteEntry } from './entries.ts';
import type { Answer, Question } from './pool.ts';

const say = (answer: Answer) => parentPort?.postMessage(answer);

async function checkEntry(entry: SuiteEntry): Promise<Report> {
  const { system, configuration } = buildSystem(entry, (path) => `suite: ${path.map(String).join('.')}`);
  return await check(system, {
    configuration: configuration as Report['configuration'],
    mutant: entry.mutant,
    symmetry: entry.symmetry ?? false,
    onProgress: (progress) => say({ kind: 'progress', progress }),
  });
}

parentPort?.on('message', ({ entry }: Question) => {
  checkEntry(entry)
    .then((report) => say({ kind: 'report', report }))
    .catch((error: Error) => say({ kind: 'error', message: error.message }));
});
