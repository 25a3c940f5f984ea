import { spawnSync } from 'node:child_process';

/** Whether a program is here that some tests need. */
export function has(program: string, says = '--version'): boolean {
  return spawnSync(program, [says]).status === 0;
}
