/** The checker in a thread of its own. One worker does one check. */
import { answer } from '../site/answer.ts';
import type { Asked, Told } from './mail.ts';

const stop = new AbortController();
const tell = (told: Told) => self.postMessage(told);

self.onmessage = async ({ data }: MessageEvent<Asked>) => {
  if (data === 'stop') return stop.abort();
  try {
    const found = await answer(data, {
      signal: stop.signal,
      maxMemory: 2 ** 30,
      onProgress: (progress) => tell({ progress }),
    });
    tell({ found });
  } catch (error) {
    tell({ wrong: error instanceof Error ? error.message : String(error) });
  }
};
