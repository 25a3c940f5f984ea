import { createHash } from 'node:crypto';
import type { PaxosConfiguration } from '../../spec/index.ts';
import type { VectorLine, VectorManifest } from './format.ts';
import { machinesOf } from './machine.ts';
import { suiteOf, type Vector } from './suite.ts';

/** The files of the vectors of a configuration, by name, and their manifest. */
export async function vectorFiles(
  configuration: PaxosConfiguration,
): Promise<{ readonly manifest: VectorManifest; readonly files: ReadonlyMap<string, string> }> {
  const files = new Map<string, string>();
  const entries: VectorManifest['files'] = [];
  for (const machine of await machinesOf(configuration)) {
    const { self } = machine;
    const { vectors, states, questions, suffixes } = suiteOf(machine);
    const file = `${self.role}-${self.id}.jsonl`;
    const text = vectors.map((vector) => `${JSON.stringify(lineOf(vector))}\n`).join('');
    files.set(file, text);
    const steps = vectors.reduce((sum, vector) => sum + vector.steps.length, 0);
    entries.push({
      file,
      self,
      vectors: vectors.length,
      steps,
      states,
      questions,
      suffixes,
      sha256: digest(text),
    });
  }
  const all = digest(entries.map(({ sha256 }) => `${sha256}\n`).join(''));
  const manifest: VectorManifest = {
    format: 'synod-vectors/1',
    configuration,
    extraStates: 0,
    files: entries,
    digest: all,
  };
  return { manifest, files };
}

function lineOf({ reached, steps }: Vector): VectorLine {
  return {
    reached,
    steps: steps.map(({ input, send }) =>
      input === 'restart' ? { type: 'restart', send: [] } : { type: 'step', event: input, send: [...send] },
    ),
  };
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
