import { spawnSync } from 'node:child_process';

/** Whether a program is here that some tests need. */
export function has(program: string): boolean {
  return spawnSync(program, ['--version']).status === 0;
}
