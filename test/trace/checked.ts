import { type AnySystem, buildSystem } from '../../src/systems.ts';
import type { TraceBounds } from '../../src/trace/bounds.ts';
import { TraceChecker } from '../../src/trace/check.ts';
import type { TraceHeader, TraceLine } from '../../src/trace/format.ts';
import { playersOf } from '../../src/trace/players.ts';
import { lineFrom, openTrace } from '../../src/trace/read.ts';
import { TraceReport } from '../../src/trace/report.ts';

/** Checks lines as a file of them would be. */
export function checked(
  header: TraceHeader,
  told: readonly unknown[],
  bounds: Partial<TraceBounds> = {},
): TraceReport {
  const players = playersOf(header);
  const checker = new TraceChecker(players, bounds);
  const ordinals = new Map<string, number>();
  told.forEach((value, at) => {
    const place = `line ${at + 2}`;
    const line: TraceLine = lineFrom(JSON.parse(JSON.stringify(value)), place, players);
    const ordinal = ordinals.get(line.actor) ?? 0;
    ordinals.set(line.actor, ordinal + 1);
    checker.feed({ number: at + 2, place, ordinal, told: line });
  });
  return TraceReport.parse(checker.finish());
}

/** Checks files, one for each process. */
export async function checkedFiles(paths: readonly string[]): Promise<TraceReport> {
  const { players, lines } = await openTrace(paths);
  const checker = new TraceChecker(players);
  for await (const line of lines) checker.feed(line);
  return TraceReport.parse(checker.finish());
}

/** A system in a configuration, or a mutant of it. */
export function systemOf(
  system: string,
  configuration: Record<string, unknown>,
  mutant: string | null = null,
): AnySystem {
  return buildSystem({ system, configuration, mutant, demonstration: false }, String).system;
}
