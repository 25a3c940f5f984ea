import type { Progress } from '../../../model-check/index.ts';
import type { Answer } from '../site/answer.ts';
import type { Question } from '../site/command.ts';

/** To the worker. */
export type Asked = Question | 'stop';

/** From the worker. */
export type Told = { readonly progress: Progress } | { readonly found: Answer } | { readonly wrong: string };

export interface Asking {
  /** Ends the check: the answer says how far it came. */
  readonly stop: () => void;
  /** Ends it at once, without an answer. */
  readonly forget: () => void;
}

/** Asks the checker, in a worker of its own; `hear` is told how it goes, and at last the answer or what is wrong. */
export function ask(question: Question, hear: (told: Told) => void): Asking {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  const send = (asked: Asked) => worker.postMessage(asked);
  worker.onmessage = ({ data }: MessageEvent<Told>) => {
    if (!('progress' in data)) worker.terminate();
    hear(data);
  };
  worker.onerror = ({ message }) => {
    worker.terminate();
    hear({ wrong: message || 'the checker could not be loaded' });
  };
  // What Vue hands out are proxies, which do not go through a message.
  send(JSON.parse(JSON.stringify(question)));
  return { stop: () => send('stop'), forget: () => worker.terminate() };
}
