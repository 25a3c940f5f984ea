import { setTimeout } from 'node:timers/promises';
import type { Crew } from '../model-check/index.ts';
import { Board } from '../model-check/parallel/board.ts';

/** Waits until all threads of a crew listen. */
export async function listening({ words, desks }: Crew): Promise<void> {
  const board = new Board(words, desks);
  while (board.get('listening') < desks.length) await setTimeout(5);
}
