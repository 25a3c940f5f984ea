import type { Progress } from '../../model-check/index.ts';
import { digits } from './print.ts';

/** Shows progress on standard error, on one line, if that is a terminal. */
export function progressLine(quiet: boolean): {
  show(progress: Progress): void;
  note(text: string): void;
  end(): void;
} {
  const out = process.stderr;
  const silent = quiet || !out.isTTY;
  const write = (text: string) => {
    if (!silent) out.write(`\r\x1b[2K${text.slice(0, (out.columns || 80) - 1)}`);
  };
  return {
    show: ({ states, depth, frontier, seconds, statesPerSecond }) =>
      write(
        `${digits(states)} states, depth ${depth}, frontier ${digits(frontier)}, ` +
          `${digits(statesPerSecond)} a second, ${Math.round(seconds)} s`,
      ),
    note: write,
    end: () => write(''),
  };
}
