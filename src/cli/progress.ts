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
    show: (progress) => write(told(progress)),
    note: write,
    end: () => write(''),
  };
}

/** How far a run has come, and what is left where that can be told: first what must not be cut off at the end of a line. */
export function told(progress: Progress): string {
  const { states, depth, frontier, seconds, statesPerSecond } = progress;
  return (
    `${digits(states)} states, depth ${depth}, frontier ${digits(frontier)}, ${Math.round(seconds)} s` +
    `${left(progress)}, ${digits(statesPerSecond)} a second`
  );
}

function left({ expected, states, frontier, seconds }: Progress): string {
  if (!expected) return '';
  const done = states - frontier;
  const [least, most] = [expected.least, expected.most].map((all) => ((all - done) * seconds) / done);
  if (least === undefined || most === undefined) return '';
  const unit =
    most < 120 ? ([1, 's'] as const) : most < 7200 ? ([60, 'min'] as const) : ([3600, 'h'] as const);
  const [from, to] = [Math.floor(least / unit[0]), Math.ceil(most / unit[0])];
  return `, perhaps ${from} to ${to} ${unit[1]} left`;
}
