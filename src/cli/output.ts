import type { Report, SimulationReport } from '../../model-check/index.ts';
import { itfOf } from '../itf.ts';
import type { AnySystem } from '../systems.ts';
import { mermaid } from './diagram.ts';
import { append, writeIfAny, writeWhole } from './files.ts';
import { casesOf, junitFile, titleOf } from './junit.ts';
import { markdown } from './markdown.ts';
import { printReport } from './print.ts';
import { printSimulation } from './print-simulation.ts';
import type { RunOptions } from './request.ts';

/** Exit statuses by verdict. */
export const STATUS: Readonly<Record<Report['verdict'], number>> = { holds: 0, violated: 1, incomplete: 3 };

/** Says what a check came to, and writes what was asked for. Returns the exit status. */
export function outputReport(report: Report, system: AnySystem, run: RunOptions): number {
  return output(report, printReport, system, run);
}

/** The same of random walks. */
export function outputSimulation(report: SimulationReport, system: AnySystem, run: RunOptions): number {
  return output(report, printSimulation, system, run);
}

function output<R extends Report | SimulationReport>(
  report: R,
  print: (report: R, system: AnySystem) => string,
  system: AnySystem,
  { json, diagram, itf, junit, markdown: summary }: RunOptions,
): number {
  process.stdout.write(`${json ? JSON.stringify(report) : print(report, system)}\n`);
  if (diagram !== undefined) writeDiagram(diagram, report, system);
  if (itf !== undefined) writeItf(itf, report, system);
  if (junit !== undefined)
    writeWhole(junit, junitFile(titleOf(report), report.seconds, casesOf(report, system)));
  if (summary !== undefined) append(summary, markdown(report, system, print(report, system)));
  return STATUS[report.verdict];
}

function writeDiagram(
  path: string,
  { counterexample }: Pick<Report, 'counterexample'>,
  system: AnySystem,
): void {
  writeIfAny(path, counterexample && mermaid(counterexample, system), 'counterexample to draw');
}

function writeItf(path: string, { counterexample }: Pick<Report, 'counterexample'>, system: AnySystem): void {
  const text =
    counterexample &&
    `${JSON.stringify(itfOf(system, counterexample.steps, `violates ${counterexample.property}`))}\n`;
  writeIfAny(path, text, 'counterexample to write');
}
