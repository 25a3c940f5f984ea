import type { Question } from '../../../src/explorer/question.ts';
import type { Asked, Told } from './mail.ts';

export interface Asking {
  /** Ends the check: the answer says how far it came. */
  readonly stop: () => void;
  /** Ends it at once, without an answer. */
  readonly forget: () => void;
}

/** Asks the checker, in a worker of its own; `hear` is told how it goes, and at last the answer or what is wrong. */
export function ask(question: Question, hear: (told: Told) => void): Asking {
  let worker: Worker | undefined;
  let isStopped = false;
  let isForgotten = false;
  const begin = async () => {
    // Kept in the page once it is there, so that later checks need no network.
    const { default: Checker } = await import('./worker.ts?worker&inline');
    if (isForgotten) return;
    const checker = new Checker();
    worker = checker;
    checker.onmessage = ({ data }: MessageEvent<Told>) => {
      if (!('progress' in data)) checker.terminate();
      hear(data);
    };
    checker.onerror = ({ message }) => {
      checker.terminate();
      hear({ wrong: message || 'the checker could not be started' });
    };
    // What Vue hands out are proxies, which do not go through a message.
    checker.postMessage(JSON.parse(JSON.stringify(question)));
    if (isStopped) checker.postMessage('stop' satisfies Asked);
  };
  begin().catch((error) => hear({ wrong: `the checker could not be loaded: ${error}` }));
  return {
    stop: () => {
      isStopped = true;
      worker?.postMessage('stop' satisfies Asked);
    },
    forget: () => {
      isForgotten = true;
      worker?.terminate();
    },
  };
}
