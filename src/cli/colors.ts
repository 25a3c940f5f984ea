import picocolors from 'picocolors';

/**
 * Whether escape codes may be written to a stream: to a terminal that takes them, unless `NO_COLOR` is set; elsewhere only if
 * `FORCE_COLOR` asks for it. (picocolors by itself also writes them to files and pipes where `CI` is set.)
 */
function takesColors({ isTTY }: NodeJS.WriteStream): boolean {
  const { NO_COLOR: never, FORCE_COLOR: always, TERM: terminal } = process.env;
  if (never) return false;
  return always ? always !== '0' : isTTY === true && terminal !== 'dumb';
}

/** For standard output. */
export const colors = picocolors.createColors(takesColors(process.stdout));

/** For standard error. */
export const errorColors = picocolors.createColors(takesColors(process.stderr));
