#!/usr/bin/env node
import { failed, main } from './program.ts';

// A reader that has seen enough (`synod list | head`) ends the command, quietly and as it would end others.
// One that has no room must not end it as a violation would.
process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
  if (code === 'EPIPE') process.exit(141);
  process.stderr.write(`synod: standard output: cannot be written (${code}): expected a place with room\n`);
  process.exit(2);
});
// Where nothing can be told, the exit status still can.
process.stderr.on('error', () => {});

// Node would end with 1, which is what a violation ends with.
process.on('uncaughtException', (error) => process.exit(failed(error)));

process.exitCode = await main(process.argv.slice(2));
