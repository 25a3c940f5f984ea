#!/usr/bin/env node
import { main } from './program.ts';

// A reader that has seen enough (`synod list | head`) ends the command, quietly and as it would end others.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(141);
});

process.exitCode = await main(process.argv.slice(2));
